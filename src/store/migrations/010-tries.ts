import { type Kysely, sql } from 'kysely';

/** How often a copy of a card was tried since it was last drawn: only what may have been posted is looked for. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`alter table card_post add column tries integer not null default 0`.execute(db);
};
