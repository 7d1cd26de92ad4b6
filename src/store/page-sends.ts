import { type Kysely, type Selectable, sql } from 'kysely';
import type { Send } from '../domain/send.ts';
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
});

export interface NewSend extends Omit<Send, 'id' | 'attempts'> {
  readonly dueAt: Date;
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
      sends.map(({ page, level, kind, person, way, address, dueAt }) => ({
        page,
        level,
        kind,
        person,
        way,
        address: JSON.stringify(address),
        due_at: dueAt,
      })),
    )
    .onConflict((on) => on.columns(['page', 'level', 'person', 'way']).doNothing())
    .returning(['id', 'due_at'])
    .execute();
  return rows.map((row) => ({ id: row.id, dueAt: row.due_at }));
};

/**
 * Takes one send if its time has come, nobody is at it, and the page still wants it: looked at again in the very
 * statement that lets it go, so that nothing leaves after an answer. The claim is a lease in the server's own time: a
 * sender that died is waited for that long, then another sends (at least once, rarely twice).
 */
export const claimSend = async (db: Kysely<Database>, id: number, now: Date): Promise<Send | undefined> => {
  const rows = await sql<Selectable<Database['page_send']>>`
    update page_send as s set state = 'sending', attempts = attempts + 1,
      claimed_until = clock_timestamp() + interval '30 seconds'
    from page as p
    where s.id = ${id} and p.id = s.page and s.state in ('waiting', 'sending') and s.due_at <= ${now}
      and (s.claimed_until is null or s.claimed_until <= clock_timestamp())
      and (case s.kind
        when 'page' then p.state = 'open'
        when 'reminder' then p.state = 'acknowledged' and p.owner = s.person
        else p.state in ('open', 'acknowledged') and exists (
          select from page_helper as h where h.page = p.id and h.person = s.person and h.came_at is null)
      end)
    returning s.*`.execute(db);
  const row = rows.rows[0];
  return row && toSend(row);
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
    update page_send set due_at = least(due_at, ${now})
    where id = (select id from page_send where page = ${page} and level = ${level} and person = ${person}
      and state = 'waiting' and attempts = 0 order by due_at, id limit 1 for update)
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

export interface Told {
  readonly person: string;
  readonly way: Send['way'];
  readonly state: 'waiting' | 'sending' | 'sent' | 'failed' | 'cancelled';
  readonly at: Date;
}

/** Who was told how, in order. */
export const toldOf = async (db: Kysely<Database>, page: number): Promise<readonly Told[]> => {
  const rows = await db.selectFrom('page_send').selectAll().where('page', '=', page).orderBy('id').execute();
  return rows.map((row) => ({
    person: row.person,
    way: row.way,
    state: row.state,
    at: row.sent_at ?? row.due_at,
  }));
};
