import { type Kysely, type Selectable, sql } from 'kysely';
import type { Direction, StepRun, StepState } from '../domain/deployment.ts';
import type { Database } from './schema.ts';

const toRun = (row: Selectable<Database['step_run']>): StepRun => ({
  id: row.id,
  step: row.step,
  direction: row.direction,
  attempt: row.attempt,
  fence: row.fence,
  state: row.state,
  handle: row.handle,
  exitCode: row.exit_code,
  tail: row.tail,
  reason: row.reason,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  ...(row.stop_asked_at === null ? {} : { stopAsked: true }),
});

export const stepRunsOf = async (db: Kysely<Database>, deployment: number): Promise<readonly StepRun[]> =>
  (
    await db.selectFrom('step_run').selectAll().where('deployment', '=', deployment).orderBy('id').execute()
  ).map(toRun);

export const stepRunsOfAll = async (
  db: Kysely<Database>,
  deployments: readonly number[],
): Promise<ReadonlyMap<number, readonly StepRun[]>> => {
  const runs = new Map<number, StepRun[]>(deployments.map((id) => [id, []]));
  if (deployments.length === 0) return runs;
  const rows = await db
    .selectFrom('step_run')
    .selectAll()
    .where(sql<boolean>`deployment = any(${deployments}::int[])`)
    .orderBy('id')
    .execute();
  for (const row of rows) runs.get(row.deployment)?.push(toRun(row));
  return runs;
};

export const insertStepRun = async (
  db: Kysely<Database>,
  run: {
    readonly deployment: number;
    readonly step: number;
    readonly direction: Direction;
    readonly attempt: number;
    readonly fence: number;
    readonly handle: Readonly<Record<string, string>>;
    readonly startedAt: Date;
  },
): Promise<StepRun> => {
  const { startedAt, handle, ...columns } = run;
  const row = await db
    .insertInto('step_run')
    .values({ ...columns, state: 'running', handle: JSON.stringify(handle), started_at: startedAt })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toRun(row);
};

export const finishStepRun = async (
  db: Kysely<Database>,
  id: number,
  to: {
    readonly state: Exclude<StepState, 'running'>;
    readonly exitCode: number | null;
    readonly tail: string;
    readonly reason: string | null;
    readonly finishedAt: Date;
  },
): Promise<void> => {
  await db
    .updateTable('step_run')
    .set({
      state: to.state,
      exit_code: to.exitCode,
      tail: to.tail,
      reason: to.reason,
      finished_at: to.finishedAt,
    })
    .where('id', '=', id)
    .execute();
};

/** Durable, so that whoever holds the run acts on it, now or after a crash. Of what runs no more it changes nothing. */
export const askToStop = async (db: Kysely<Database>, deployment: number, at: Date): Promise<void> => {
  await db
    .updateTable('step_run')
    .set({ stop_asked_at: at })
    .where('deployment', '=', deployment)
    .where('state', '=', 'running')
    .where('stop_asked_at', 'is', null)
    .execute();
};

export const isStopAsked = async (db: Kysely<Database>, id: number): Promise<boolean> => {
  const row = await db.selectFrom('step_run').select('stop_asked_at').where('id', '=', id).executeTakeFirst();
  return row !== undefined && row.stop_asked_at !== null;
};

/** The executor is certain that it never began: as if it had not been asked for. */
export const removeStepRun = async (db: Kysely<Database>, id: number): Promise<void> => {
  await db.deleteFrom('step_run').where('id', '=', id).execute();
};
