import { type Kysely, sql } from 'kysely';

/** Where a chat platform can be written to, and which answers were given: Teams has no such memory of its own. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `create table conversation (
     platform text not null,
     key text not null,
     place jsonb not null,
     dead text,
     primary key (platform, key)
   )`,
  // A message that was answered; late resends of it are not answered again.
  `create table answered (
     id text primary key,
     at timestamptz not null
   )`,
  `create index answered_by_age on answered (at)`,
];
