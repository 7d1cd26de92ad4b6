import { type Kysely, type Selectable, sql } from 'kysely';
import type { Obligation } from '../domain/obligation.ts';
import type { Database } from './schema.ts';

const toObligation = (row: Selectable<Database['obligation']>): Obligation => ({
  id: row.id,
  kind: row.kind,
  subject: row.subject,
  requirement: row.requirement,
  service: row.service,
  team: row.team,
  owner: row.owner,
  contacts: row.contacts,
  createdAt: row.created_at,
  dueAt: row.due_at,
  settledAt: row.settled_at,
  settledBy: row.settled_by,
  note: row.note,
});

export type NewObligation = Pick<
  Obligation,
  'kind' | 'subject' | 'requirement' | 'service' | 'team' | 'owner' | 'createdAt' | 'dueAt'
>;

/** Undefined when the same is owed already, settled or not. */
export const insertObligation = async (
  db: Kysely<Database>,
  { createdAt, dueAt, ...columns }: NewObligation,
): Promise<Obligation | undefined> => {
  const row = await db
    .insertInto('obligation')
    .values({ ...columns, created_at: createdAt, due_at: dueAt })
    .onConflict((on) => on.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toObligation(row);
};

/** Held until the transaction ends: who settles and who reminds wait for each other. */
export const lockObligation = async (db: Kysely<Database>, id: number): Promise<Obligation | undefined> => {
  const row = await db
    .selectFrom('obligation')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toObligation(row);
};

export const findObligation = async (db: Kysely<Database>, id: number): Promise<Obligation | undefined> => {
  const row = await db.selectFrom('obligation').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toObligation(row);
};

/** Open ones, the most urgent first; of one team, or of all. */
export const openObligations = async (
  db: Kysely<Database>,
  filter: { readonly team?: string; readonly subject?: string } = {},
): Promise<readonly Obligation[]> => {
  let query = db
    .selectFrom('obligation')
    .selectAll()
    .where('settled_at', 'is', null)
    .orderBy('due_at')
    .orderBy('id');
  if (filter.team !== undefined) query = query.where('team', '=', filter.team);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  return (await query.execute()).map(toObligation);
};

export const updateObligation = async (
  db: Kysely<Database>,
  id: number,
  to: { readonly owner?: string; readonly contacts?: number },
): Promise<void> => {
  await db.updateTable('obligation').set(to).where('id', '=', id).execute();
};

export const settleObligation = async (
  db: Kysely<Database>,
  id: number,
  by: string,
  at: Date,
  note: string,
): Promise<void> => {
  await db
    .updateTable('obligation')
    .set({ settled_at: at, settled_by: by, note })
    .where('id', '=', id)
    .execute();
};

/** False when the team has one for the train. */
export const insertPass = async (
  db: Kysely<Database>,
  pass: {
    readonly team: string;
    readonly train: string;
    readonly person: string;
    readonly reason: string;
    readonly at: Date;
  },
): Promise<boolean> => {
  const row = await db
    .insertInto('boarding_pass')
    .values(pass)
    .onConflict((on) => on.doNothing())
    .returning('team')
    .executeTakeFirst();
  return row !== undefined;
};

export const hasPass = async (db: Kysely<Database>, team: string, train: string): Promise<boolean> =>
  (await sql`select from boarding_pass where team = ${team} and train = ${train}`.execute(db)).rows.length >
  0;

/** Settled ones too. */
export const obligationsOf = async (
  db: Kysely<Database>,
  subjects: readonly string[],
): Promise<readonly Obligation[]> => {
  const rows = await db
    .selectFrom('obligation')
    .selectAll()
    .where(sql<boolean>`subject = any(${subjects}::text[])`)
    .orderBy('id')
    .execute();
  return rows.map(toObligation);
};
