import { type Kysely, type Selectable, sql } from 'kysely';
import { type Send, systemWays } from '../domain/send.ts';
import type { Database } from './schema.ts';

const toSend = (row: Selectable<Database['page_send']>): Send => ({
  id: row.id,
  page: row.page,
  level: row.level,
  kind: row.kind,
  person: row.person,
  way: row.way,
  address: row.address,
  attempts: row.attempts,
  nth: row.nth,
});

export interface NewSend extends Omit<Send, 'id' | 'attempts' | 'nth'> {
  readonly dueAt: Date;
  /** Now, by the clock that `dueAt` is meant on. */
  readonly armedAt: Date;
  readonly nth?: number;
}

export interface ArmedSend {
  readonly id: number;
  readonly dueAt: Date;
}

export const insertSends = async (
  db: Kysely<Database>,
  sends: readonly NewSend[],
): Promise<readonly ArmedSend[]> => {
  if (sends.length === 0) return [];
  const rows = await db
    .insertInto('page_send')
    .values(
      sends.map(({ page, level, kind, person, way, address, dueAt, armedAt, nth = 0 }) => ({
        page,
        level,
        kind,
        person,
        way,
        address: JSON.stringify(address),
        due_at: dueAt,
        armed_at: armedAt,
        nth,
      })),
    )
    .onConflict((on) => on.columns(['page', 'level', 'person', 'way', 'nth']).doNothing())
    .returning(['id', 'due_at'])
    .execute();
  return rows.map((row) => ({ id: row.id, dueAt: row.due_at }));
};

/** Milliseconds for which a send belongs to its sender; longer than any sender takes (`mostMs` of the job). */
const leaseMs = 15_000;

export type Claimed =
  /** `drawn`: the version that the page's card had before; what changes after that is drawn again. */
  | { readonly kind: 'taken'; readonly send: Send; readonly drawn: number }
  /** As much has left to this telephone as may; it is due again then. */
  | { readonly kind: 'limited'; readonly send: Send; readonly dueAt: Date };

/**
 * Takes one send if its time has come, nobody is at it, and the page still wants it: looked at again in the very
 * statement that lets it go, so that nothing leaves after an answer. The claim is a lease in the server's own time: a
 * sender that died is waited for that long, then another sends (at least once, rarely twice). `limits`: the most to one
 * telephone in a quarter of an hour, by way.
 */
export const claimSend = async (
  db: Kysely<Database>,
  id: number,
  now: Date,
  limits: Readonly<Partial<Record<Send['way'], number>>>,
): Promise<Claimed | undefined> => {
  const rows = await sql<Selectable<Database['page_send']> & { readonly drawn: number }>`
    select s.*, coalesce(c.version, 0) as drawn
    from claim_page_send(${id}, ${now}, ${`${leaseMs} milliseconds`}::interval, ${JSON.stringify(limits)}::jsonb) s
    left join card c on c.subject = 'PAGE-' || s.page`.execute(db);
  const row = rows.rows[0];
  if (row === undefined) return undefined;
  return row.state === 'waiting'
    ? { kind: 'limited', send: toSend(row), dueAt: row.due_at }
    : { kind: 'taken', send: toSend(row), drawn: row.drawn };
};

/** Milliseconds until the one who has it, or has what comes before it, must be done; undefined when nobody is at it. */
export const leaseOf = async (db: Kysely<Database>, id: number): Promise<number | undefined> => {
  const rows = await sql<{ ms: number | null }>`
    select extract(epoch from max(o.claimed_until) - clock_timestamp())::float8 * 1000 as ms
    from page_send s join page_send o on o.id = s.id or
      (s.kind = 'update' and o.page = s.page and o.person = s.person and o.way = s.way)
    where s.id = ${id} and s.state in ('waiting', 'sending') and o.claimed_until > clock_timestamp()`.execute(
    db,
  );
  return rows.rows[0]?.ms ?? undefined;
};

export const settleSend = async (
  db: Kysely<Database>,
  id: number,
  to:
    | { readonly state: 'sent'; readonly ref: Readonly<Record<string, string>>; readonly at: Date }
    | { readonly state: 'failed'; readonly reason: string }
    | { readonly state: 'waiting'; readonly dueAt: Date; readonly reason: string },
): Promise<void> => {
  await db
    .updateTable('page_send')
    .set({
      state: to.state,
      claimed_until: null,
      ...(to.state === 'sent' ? { ref: JSON.stringify(to.ref), sent_at: to.at } : { reason: to.reason }),
      ...(to.state === 'waiting' ? { due_at: to.dueAt } : {}),
    })
    .where('id', '=', id)
    // What was cancelled meanwhile stays so, unless it left all the same.
    .where('state', 'in', to.state === 'sent' ? ['sending', 'cancelled'] : ['sending'])
    .execute();
};

/** What a provider reports later: it was accepted, and has not arrived. False when that was known, or never left. */
export const failSend = async (db: Kysely<Database>, id: number, reason: string): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable('page_send')
    .set({ state: 'failed', claimed_until: null, reason })
    .where('id', '=', id)
    .where('state', 'in', ['sending', 'sent'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

export const findSend = async (db: Kysely<Database>, id: number): Promise<Send | undefined> => {
  const row = await db.selectFrom('page_send').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toSend(row);
};

/** What was meant for an earlier step of the page, and asks nobody for the first time. */
export const cancelRepeats = async (db: Kysely<Database>, page: number): Promise<void> => {
  await db
    .updateTable('page_send')
    .set({ state: 'cancelled' })
    .where('page', '=', page)
    .where('state', '=', 'waiting')
    .where((e) => e.or([e('nth', '>', 0), e('kind', 'in', ['reminder', 'update'])]))
    .execute();
};

/** Systems that may have been told of the page. */
export const systemsTold = async (
  db: Kysely<Database>,
  page: number,
): Promise<readonly Pick<Send, 'person' | 'way' | 'address'>[]> =>
  await db
    .selectFrom('page_send')
    .select(['person', 'way', 'address'])
    .distinct()
    .where('page', '=', page)
    .where('kind', 'in', ['page', 'help'])
    .where('way', 'in', [...systemWays])
    .where('left_at', 'is not', null)
    .execute();

/** Nothing more leaves of the page, or nothing more to the one person. */
export const cancelSends = async (db: Kysely<Database>, page: number, person?: string): Promise<void> => {
  let query = db
    .updateTable('page_send')
    .set({ state: 'cancelled' })
    .where('page', '=', page)
    .where('state', 'in', ['waiting', 'sending']);
  if (person !== undefined) query = query.where('person', '=', person);
  await query.execute();
};

/** The person's next way of this page is taken now; undefined when there is none left. */
export const hastenNext = async (
  db: Kysely<Database>,
  { page, level, person }: Pick<Send, 'page' | 'level' | 'person'>,
  now: Date,
): Promise<ArmedSend | undefined> => {
  const rows = await sql<{ id: number; due_at: Date }>`
    update page_send set due_at = ${now}
    where id = (select id from page_send where page = ${page} and level = ${level} and person = ${person}
      and state = 'waiting' and attempts = 0 and nth = 0 and due_at > ${now} order by due_at, id limit 1 for update)
    returning id, due_at`.execute(db);
  const row = rows.rows[0];
  return row && { id: row.id, dueAt: row.due_at };
};

/** Whether anything of this level may have reached somebody, or still may. */
export const hopeOf = async (db: Kysely<Database>, page: number, level: number): Promise<boolean> => {
  const row = await db
    .selectFrom('page_send')
    .select('id')
    .where('page', '=', page)
    .where('level', '=', level)
    .where('state', 'in', ['waiting', 'sending', 'sent'])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
};

/** Waiting and due before the instant, or with a sender that died. */
export const sendsDue = async (db: Kysely<Database>, before: Date): Promise<readonly ArmedSend[]> => {
  const rows = await db
    .selectFrom('page_send')
    .select(['id', 'due_at'])
    .where('state', 'in', ['waiting', 'sending'])
    .where('due_at', '<=', before)
    .orderBy('due_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ id: row.id, dueAt: row.due_at }));
};

/** Timers that a clock in the future has set, as they would be had it been right: `now` is the clock that holds. */
export const mendTimers = async (db: Kysely<Database>, now: Date): Promise<number> => {
  const behind = sql`armed_at > ${now}::timestamptz + interval '10 seconds'`;
  const set = sql`due_at = due_at - (armed_at - ${now}::timestamptz), armed_at = ${now}`;
  const pages = await sql`update page set ${set} where state <> 'resolved' and ${behind}`.execute(db);
  const sends = await sql`update page_send set ${set} where state = 'waiting' and ${behind}`.execute(db);
  return Number((pages.numAffectedRows ?? 0n) + (sends.numAffectedRows ?? 0n));
};

/** Ways of the person that failed when they were used last. */
export const failingWays = async (db: Kysely<Database>, person: string): Promise<readonly Send['way'][]> => {
  const rows = await sql<{ way: Send['way']; state: string }>`
    select distinct on (way) way, state from page_send
    where person = ${person} and state in ('sent', 'failed') order by way, id desc`.execute(db);
  return rows.rows.filter(({ state }) => state === 'failed').map(({ way }) => way);
};

export interface Told {
  readonly person: string;
  readonly way: Send['way'];
  readonly state: 'waiting' | 'sending' | 'sent' | 'failed' | 'cancelled';
  readonly at: Date;
}

/** Who was told how, in order. */
export const toldOf = async (db: Kysely<Database>, page: number): Promise<readonly Told[]> => {
  const rows = await db
    .selectFrom('page_send')
    .selectAll()
    .where('page', '=', page)
    .where('kind', '<>', 'update')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    person: row.person,
    way: row.way,
    state: row.state,
    at: row.sent_at ?? row.due_at,
  }));
};
