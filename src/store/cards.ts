import { type Kysely, sql } from 'kysely';
import { type Destination, laneOf } from '../domain/notice.ts';
import type { Database } from './schema.ts';

/** Says that what these cards show has changed: every posted copy is due for redrawing. */
export const touchCards = async (db: Kysely<Database>, subjects: readonly string[]): Promise<void> => {
  if (subjects.length === 0) return;
  // Sorted, so that two transactions that touch the same cards never wait for each other in a circle.
  const sorted = [...new Set(subjects)].sort();
  await sql`insert into card (subject) select unnest(${sorted}::text[])
    on conflict (subject) do update set version = card.version + 1`.execute(db);
};

export interface CardCopy {
  readonly destination: Destination;
  readonly lane: string;
  /** Version that the copy shows; 0 when it was never posted. */
  readonly drawn: number;
  readonly ref: Readonly<Record<string, string>> | null;
  /** 1 for the first one since it was drawn. */
  readonly tries: number;
  /** Nobody can make it up. */
  readonly token: string;
}

export const cardVersion = async (db: Kysely<Database>, subject: string): Promise<number | undefined> =>
  (await db.selectFrom('card').select('version').where('subject', '=', subject).executeTakeFirst())?.version;

/** The message of a copy; null: it was never posted. Undefined: there is no copy in that lane. */
export const copyRef = async (
  db: Kysely<Database>,
  subject: string,
  lane: string,
): Promise<CardCopy['ref'] | undefined> =>
  (
    await db
      .selectFrom('card_post')
      .select('ref')
      .where('subject', '=', subject)
      .where('lane', '=', lane)
      .executeTakeFirst()
  )?.ref;

export const addCopies = async (
  db: Kysely<Database>,
  subject: string,
  destinations: readonly Destination[],
): Promise<void> => {
  if (destinations.length === 0) return;
  await db
    .insertInto('card_post')
    .values(destinations.map((to) => ({ subject, lane: laneOf(to), destination: JSON.stringify(to) })))
    .onConflict((on) => on.columns(['subject', 'lane']).doNothing())
    .execute();
};

/** A message that was posted otherwise is a copy of the card from now on; a later one in its place takes over. */
export const trackCopy = async (
  db: Kysely<Database>,
  subject: string,
  to: Destination,
  { drawn, ref }: { readonly drawn: number; readonly ref: Readonly<Record<string, string>> },
): Promise<void> => {
  const shown = { drawn, ref: JSON.stringify(ref) };
  await db
    .insertInto('card_post')
    .values({ subject, lane: laneOf(to), destination: JSON.stringify(to), ...shown })
    .onConflict((on) => on.columns(['subject', 'lane']).doUpdateSet(shown))
    .execute();
};

/**
 * Takes one copy that is older than the card, for this caller alone; undefined when there is none. The claim is a lease
 * in the server's own time; a retry waits by the clock.
 */
export const claimCopy = async (
  db: Kysely<Database>,
  subject: string,
  now: Date,
): Promise<CardCopy | undefined> => {
  const rows = await sql<{
    destination: Destination;
    lane: string;
    drawn: number;
    ref: Record<string, string> | null;
    tries: number;
    token: string;
  }>`
    update card_post set tries = tries + 1, claimed_until = clock_timestamp() + interval '30 seconds'
    where (subject, lane) = (
      select p.subject, p.lane from card_post p join card c using (subject)
      where p.subject = ${subject} and p.drawn < c.version and (p.next_at is null or p.next_at <= ${now}) and (p.claimed_until is null or p.claimed_until <= clock_timestamp())
      order by p.lane limit 1 for update of p skip locked)
    returning destination, lane, drawn, ref, tries, token`.execute(db);
  return rows.rows[0];
};

/**
 * `drawn` is the version that was current before the card was loaded, so that a later change is drawn again. `untried`:
 * its turn had not come.
 */
export const settleCopy = async (
  db: Kysely<Database>,
  subject: string,
  lane: string,
  to:
    | { readonly drawn: number; readonly ref: Readonly<Record<string, string>> }
    | { readonly retryAt: Date; readonly untried?: boolean },
): Promise<void> => {
  await db
    .updateTable('card_post')
    .set(
      'retryAt' in to
        ? {
            next_at: to.retryAt,
            claimed_until: null,
            ...(to.untried === true ? { tries: sql<number>`tries - 1` } : {}),
          }
        : { drawn: to.drawn, ref: JSON.stringify(to.ref), next_at: null, claimed_until: null, tries: 0 },
    )
    .where('subject', '=', subject)
    .where('lane', '=', lane)
    .execute();
};

/** Cards with a copy that is out of date and not being drawn by anyone. */
export const staleCards = async (db: Kysely<Database>, now: Date): Promise<readonly string[]> => {
  const rows = await sql<{ subject: string }>`
    select distinct c.subject from card c left join card_post p using (subject)
    where p.subject is null or (p.drawn < c.version and (p.next_at is null or p.next_at <= ${now}) and (p.claimed_until is null or p.claimed_until <= clock_timestamp()))`.execute(
    db,
  );
  return rows.rows.map((row) => row.subject);
};
