import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** New ones are waited for from now on; those that are no longer asked for are forgotten, and named. */
export const keepHeartbeats = async (
  db: Kysely<Database>,
  wanted: readonly { readonly name: string; readonly dueAt: Date }[],
): Promise<readonly string[]> => {
  const names = wanted.map(({ name }) => name);
  const gone = await db
    .deleteFrom('heartbeat')
    .where(sql<boolean>`not (name = any(${names}::text[]))`)
    .returning('name')
    .execute();
  if (wanted.length > 0)
    await db
      .insertInto('heartbeat')
      .values(wanted.map(({ name, dueAt }) => ({ name, due_at: dueAt })))
      .onConflict((on) => on.column('name').doNothing())
      .execute();
  return gone.map(({ name }) => name);
};

/** A call that was overtaken by a later one changes nothing. */
export const saveCall = async (
  db: Kysely<Database>,
  { name, at, dueAt }: { readonly name: string; readonly at: Date; readonly dueAt: Date },
): Promise<void> => {
  await db
    .insertInto('heartbeat')
    .values({ name, called_at: at, due_at: dueAt })
    .onConflict((on) =>
      on
        .column('name')
        .doUpdateSet({ called_at: at, due_at: dueAt, missed_at: null })
        .where((row) =>
          row.or([row('heartbeat.called_at', 'is', null), row('heartbeat.called_at', '<=', at)]),
        ),
    )
    .execute();
};

export const overdueHeartbeats = async (db: Kysely<Database>, now: Date): Promise<readonly string[]> =>
  (await db.selectFrom('heartbeat').select('name').where('due_at', '<=', now).orderBy('name').execute()).map(
    ({ name }) => name,
  );

/** The next silence is told after `dueAt`. Undefined when it has called meanwhile, or another has seen it. */
export const markMissed = async (
  db: Kysely<Database>,
  { name, at, dueAt }: { readonly name: string; readonly at: Date; readonly dueAt: Date },
): Promise<{ readonly calledAt: Date | null } | undefined> => {
  const row = await db
    .updateTable('heartbeat')
    .set({ missed_at: at, due_at: dueAt })
    .where('name', '=', name)
    .where('due_at', '<=', at)
    .returning('called_at')
    .executeTakeFirst();
  return row && { calledAt: row.called_at };
};
