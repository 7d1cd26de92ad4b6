import { type Kysely, sql } from 'kysely';

/** What the record was, and the decisions that can be replayed; their digests are on the record. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  // The roots of the full subtrees, in hex: the next checkpoint goes on from here.
  `create table checkpoint (
     size bigint primary key,
     roots jsonb not null,
     note text not null,
     at timestamptz not null
   )`,
  `create table judgement (
     deployment integer primary key references deployment,
     inputs text not null,
     digest text not null,
     at timestamptz not null
   )`,
];
