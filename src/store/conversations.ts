import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** What a platform needs to write somewhere, in its own words. */
export type Place = Readonly<Record<string, string>>;

export interface Conversation {
  readonly place: Place;
  /** Why nothing can be sent there; null: it can. */
  readonly dead: string | null;
}

export const findConversation = (
  db: Kysely<Database>,
  platform: string,
  key: string,
): Promise<Conversation | undefined> =>
  db
    .selectFrom('conversation')
    .select(['place', 'dead'])
    .where('platform', '=', platform)
    .where('key', '=', key)
    .executeTakeFirst();

/** The newest place wins, and a dead conversation lives again; nothing is written when nothing is new. */
export const keepConversation = async (
  db: Kysely<Database>,
  platform: string,
  key: string,
  place: Place,
): Promise<'new' | 'changed' | 'known'> => {
  // A row that was inserted and not updated has no xmax.
  const { rows } = await sql<{ fresh: boolean }>`
    insert into conversation as old (platform, key, place) values (${platform}, ${key}, ${JSON.stringify(place)})
    on conflict (platform, key) do update set place = excluded.place, dead = null
      where old.place is distinct from excluded.place or old.dead is not null
    returning (xmax = 0) as fresh`.execute(db);
  const [row] = rows;
  return row === undefined ? 'known' : row.fresh ? 'new' : 'changed';
};

/** Resolves to whether it was alive until now: one of several finders tells of it. */
export const buryConversation = async (
  db: Kysely<Database>,
  platform: string,
  key: string,
  reason: string,
): Promise<boolean> => {
  const { rows } = await sql`
    insert into conversation as old (platform, key, place, dead) values (${platform}, ${key}, '{}', ${reason})
    on conflict (platform, key) do update set dead = excluded.dead where old.dead is null
    returning key`.execute(db);
  return rows.length > 0;
};

/** Whether the answer to this message is the caller's to give: nobody has given it, or begun to. */
export const claimAnswer = async (db: Kysely<Database>, id: string, at: Date): Promise<boolean> => {
  // No platform sends a message again after a day.
  const { rows } = await sql`
    with forgotten as (delete from answered where at < ${at}::timestamptz - interval '1 day')
    insert into answered (id, at) values (${id}, ${at}) on conflict do nothing returning id`.execute(db);
  return rows.length > 0;
};

/** It could not be given after all: a resend may be answered. */
export const releaseAnswer = async (db: Kysely<Database>, id: string): Promise<void> => {
  await db.deleteFrom('answered').where('id', '=', id).execute();
};
