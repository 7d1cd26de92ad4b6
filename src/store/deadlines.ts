import { type Kysely, type Selectable, sql } from 'kysely';
import type { Deadline } from '../domain/deadline.ts';
import type { Database } from './schema.ts';

export interface DeadlineRow {
  readonly id: number;
  readonly deadline: Deadline;
  readonly dueAt: Date;
  readonly doneAt: Date | null;
}

const toRow = (row: Selectable<Database['deadline']>): DeadlineRow => ({
  id: row.id,
  deadline: row.subject,
  dueAt: row.due_at,
  doneAt: row.done_at,
});

/** Writes a deadline or moves an open one; one that is done stays done. Undefined when there is nothing to ring. */
export const armDeadline = async (
  db: Kysely<Database>,
  key: string,
  deadline: Deadline,
  dueAt: Date,
): Promise<DeadlineRow | undefined> => {
  const row = await db
    .insertInto('deadline')
    .values({ key, kind: deadline.kind, subject: JSON.stringify(deadline), due_at: dueAt })
    .onConflict((on) => on.column('key').doUpdateSet({ due_at: dueAt }).where('deadline.done_at', 'is', null))
    .returningAll()
    .executeTakeFirst();
  return row && toRow(row);
};

/** Drops what the train no longer has: a cancelled window, a reminder that left the policy. */
export const disarmOthers = async (
  db: Kysely<Database>,
  train: string,
  keys: readonly string[],
): Promise<void> => {
  await db
    .deleteFrom('deadline')
    .where(sql<boolean>`subject->>'train' = ${train}`)
    .where('done_at', 'is', null)
    .where(sql<boolean>`not (key = any(${keys}::text[]))`)
    .execute();
};

export const findDeadline = async (db: Kysely<Database>, id: number): Promise<DeadlineRow | undefined> => {
  const row = await db.selectFrom('deadline').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRow(row);
};

/** Held until the transaction ends, so that a deadline is done once however often it rings. */
export const lockDeadline = async (db: Kysely<Database>, id: number): Promise<DeadlineRow | undefined> => {
  const row = await db.selectFrom('deadline').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row && toRow(row);
};

export const finishDeadline = async (db: Kysely<Database>, id: number, at: Date): Promise<void> => {
  await db.updateTable('deadline').set({ done_at: at }).where('id', '=', id).execute();
};

/** Not done, due before the instant, in order. */
export const openDeadlines = async (db: Kysely<Database>, before: Date): Promise<readonly DeadlineRow[]> =>
  (
    await db
      .selectFrom('deadline')
      .selectAll()
      .where('done_at', 'is', null)
      .where('due_at', '<=', before)
      .orderBy('due_at')
      .orderBy('id')
      .execute()
  ).map(toRow);
