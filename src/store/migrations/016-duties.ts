import { type Kysely, sql } from 'kysely';

/** Who gave the go, whose role a decision was made with, and who stands in for whoever is away. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`alter table train add column go_by text`.execute(db);
  await sql`alter table change add column go_by text`.execute(db);
  await sql`alter table decision add column on_behalf_of text`.execute(db);
  await sql`alter table roster_change add column stand_in text,
    add constraint stand_in_is_another check (stand_in <> person)`.execute(db);
};
