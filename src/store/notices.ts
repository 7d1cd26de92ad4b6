import { type Kysely, type Selectable, sql } from 'kysely';
import { type Destination, laneOf, type Notice } from '../domain/notice.ts';
import type { Database } from './schema.ts';

export interface NoticeRow {
  readonly id: number;
  readonly lane: string;
  readonly destination: Destination;
  readonly notice: Notice;
  readonly attempts: number;
  readonly createdAt: Date;
  /** Nobody can make it up. */
  readonly token: string;
}

const toRow = (row: Selectable<Database['notice']>): NoticeRow => ({
  id: row.id,
  lane: row.lane,
  destination: row.destination,
  notice: row.content,
  attempts: row.attempts,
  createdAt: row.created_at,
  token: row.token,
});

export const insertNotices = async (
  db: Kysely<Database>,
  notices: readonly { readonly to: Destination; readonly notice: Notice }[],
  at: Date,
): Promise<void> => {
  if (notices.length === 0) return;
  await db
    .insertInto('notice')
    .values(
      notices.map(({ to, notice }) => ({
        lane: laneOf(to),
        destination: JSON.stringify(to),
        content: JSON.stringify(notice),
        next_at: at,
        created_at: at,
      })),
    )
    .execute();
};

/**
 * Takes the lane's first notice if its time has come and nobody is sending it. The order of a lane is kept: a notice
 * that waits for a retry holds the ones behind it. The claim is a lease in the server's own time: a sender that died
 * is waited for that long, then another sends (at least once, rarely twice).
 */
export const claimNotice = async (
  db: Kysely<Database>,
  lane: string,
  now: Date,
): Promise<NoticeRow | undefined> => {
  const rows = await sql<Selectable<Database['notice']>>`
    update notice set state = 'sending', attempts = attempts + 1, claimed_until = clock_timestamp() + interval '30 seconds'
    where id = (select id from notice where lane = ${lane} and state in ('waiting', 'sending') order by id limit 1 for update)
      and next_at <= ${now} and (claimed_until is null or claimed_until <= clock_timestamp())
    returning *`.execute(db);
  const row = rows.rows[0];
  return row && toRow(row);
};

export const settleNotice = async (
  db: Kysely<Database>,
  id: number,
  to:
    | { readonly state: 'sent'; readonly ref: Readonly<Record<string, string>> }
    | { readonly state: 'dead' }
    /** `untried`: its turn had not come. */
    | { readonly state: 'waiting'; readonly nextAt: Date; readonly untried?: boolean },
): Promise<void> => {
  await db
    .updateTable('notice')
    .set({
      state: to.state,
      claimed_until: null,
      ...(to.state === 'sent' ? { ref: JSON.stringify(to.ref) } : {}),
      ...(to.state === 'waiting' ? { next_at: to.nextAt } : {}),
      ...(to.state === 'waiting' && to.untried === true ? { attempts: sql<number>`attempts - 1` } : {}),
    })
    .where('id', '=', id)
    .execute();
};

/** Lanes that have something to send now. */
export const lanesDue = async (db: Kysely<Database>, now: Date): Promise<readonly string[]> => {
  const rows = await sql<{ lane: string }>`
    select distinct lane from notice where state in ('waiting', 'sending') and next_at <= ${now}
      and (claimed_until is null or claimed_until <= clock_timestamp())`.execute(db);
  return rows.rows.map((row) => row.lane);
};
