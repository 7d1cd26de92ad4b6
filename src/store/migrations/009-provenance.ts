import { type Kysely, sql } from 'kysely';

/** Why a build does not count though its builder is trusted; a build that counts has none. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`alter table evidence add column doubt text`.execute(db);
};
