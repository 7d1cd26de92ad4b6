import { type Kysely, sql } from 'kysely';

/** What deployments need beyond processes of this machine. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  // A step that another system does. Its row is there before anything is asked of that system; one that says `declined`
  // will never be asked for.
  `create table step_call (
     run text primary key,
     facts jsonb not null default '{}'
   )`,
];
