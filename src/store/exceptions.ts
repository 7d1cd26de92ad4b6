import { type Kysely, type Selectable, sql } from 'kysely';
import type { ExceptionOutcome, ExceptionRecord } from '../domain/exception.ts';
import type { Database } from './schema.ts';

const toException = (row: Selectable<Database['exception']>): ExceptionRecord => ({
  kind: row.kind,
  subject: row.subject,
  train: row.train,
  service: row.service,
  person: row.person,
  team: row.team,
  reason: row.reason,
  askedAt: row.asked_at,
  outcome: row.outcome,
});

export const insertException = async (
  db: Kysely<Database>,
  exception: Omit<ExceptionRecord, 'outcome'>,
): Promise<void> => {
  const { askedAt, ...columns } = exception;
  await db
    .insertInto('exception')
    .values({ ...columns, asked_at: askedAt })
    .execute();
};

/** Those of these subjects that were open; it is told once what became of each. */
export const endExceptions = async (
  db: Kysely<Database>,
  subjects: readonly string[],
  outcome: ExceptionOutcome,
  at: Date,
): Promise<readonly ExceptionRecord[]> => {
  if (subjects.length === 0) return [];
  const rows = await db
    .updateTable('exception')
    .set({ outcome, ended_at: at })
    .where(sql<boolean>`subject = any(${subjects}::text[])`)
    .where('outcome', 'is', null)
    .returningAll()
    .execute();
  return rows.map(toException);
};

/** Oldest first. */
export const exceptionsSince = async (
  db: Kysely<Database>,
  since: Date,
): Promise<readonly ExceptionRecord[]> =>
  (
    await db
      .selectFrom('exception')
      .selectAll()
      .where('asked_at', '>=', since)
      .orderBy('asked_at')
      .orderBy('id')
      .execute()
  ).map(toException);

export const exceptionsOf = async (
  db: Kysely<Database>,
  train: string,
): Promise<readonly ExceptionRecord[]> =>
  (await db.selectFrom('exception').selectAll().where('train', '=', train).orderBy('id').execute()).map(
    toException,
  );
