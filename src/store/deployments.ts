import { type Kysely, type Selectable, sql } from 'kysely';
import type { Deployment, DeploymentState, Hold, Sides } from '../domain/deployment.ts';
import type { PlanRule } from '../domain/policy.ts';
import type { Database } from './schema.ts';

const toDeployment = (row: Selectable<Database['deployment']>): Deployment => ({
  id: row.id,
  change: row.change,
  train: row.train,
  service: row.service,
  artifact: row.artifact,
  plan: row.plan,
  wave: row.wave,
  position: row.position,
  unit: row.unit,
  state: row.state,
  hold: row.hold,
  fence: row.fence,
  runner: row.runner,
  windowOpens: row.window_opens,
  undoAttempt: row.undo_attempt,
  promoted: row.promoted,
  sides: row.sides,
  keptUntil: row.kept_until,
  reason: row.reason,
  queuedAt: row.queued_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
});

/** What occupies a service. */
const live = ['running', 'baking', 'baked', 'refreshing', 'undoing', 'asking'] as const;
/** Its change is in production. */
const deployed = ['succeeded', 'refreshing'] as const;

export interface NewDeployment {
  readonly change: number;
  readonly train: string;
  readonly service: string;
  readonly artifact: string;
  readonly plan: PlanRule;
  readonly wave: number;
  readonly position: number;
  readonly unit: number;
  readonly queuedAt: Date;
}

/** Undefined when the change already has a live deployment. */
export const insertDeployment = async (
  db: Kysely<Database>,
  deployment: NewDeployment,
): Promise<Deployment | undefined> => {
  const { queuedAt, plan, ...columns } = deployment;
  const row = await db
    .insertInto('deployment')
    .values({ ...columns, plan: JSON.stringify(plan), queued_at: queuedAt })
    .onConflict((on) =>
      on
        .column('change')
        .where((eb) => eb.or([eb('state', '=', 'queued'), eb('state', 'in', live)]))
        .doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
  return row && toDeployment(row);
};

/** A train's deployments in the order of their plan, the cancelled ones left out. */
export const deploymentsOf = async (db: Kysely<Database>, train: string): Promise<readonly Deployment[]> =>
  (
    await db
      .selectFrom('deployment')
      .selectAll()
      .where('train', '=', train)
      .where('state', '!=', 'cancelled')
      .orderBy('position')
      .orderBy('id')
      .execute()
  ).map(toDeployment);

export const findDeployment = async (db: Kysely<Database>, id: number): Promise<Deployment | undefined> => {
  const row = await db.selectFrom('deployment').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toDeployment(row);
};

export const lockDeployment = async (db: Kysely<Database>, id: number): Promise<Deployment | undefined> => {
  const row = await db
    .selectFrom('deployment')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toDeployment(row);
};

/** The newest deployment of a change, whatever became of it. */
export const deploymentOfChange = async (
  db: Kysely<Database>,
  change: number,
): Promise<Deployment | undefined> => {
  const row = await db
    .selectFrom('deployment')
    .selectAll()
    .where('change', '=', change)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toDeployment(row);
};

/** The newest deployment of each of these changes that was not taken off the list. */
export const deploymentsOfChanges = async (
  db: Kysely<Database>,
  changes: readonly number[],
): Promise<ReadonlyMap<number, Deployment>> => {
  if (changes.length === 0) return new Map();
  const rows = await db
    .selectFrom('deployment')
    .selectAll()
    .where(sql<boolean>`change = any(${changes}::int[])`)
    .where('state', '!=', 'cancelled')
    .orderBy('id')
    .execute();
  return new Map(rows.map((row) => [row.change, toDeployment(row)]));
};

/** Trains that have planned deployments that have not started: of these changes, or any. */
export const trainsWaiting = async (
  db: Kysely<Database>,
  changes?: readonly number[],
): Promise<readonly string[]> => {
  if (changes?.length === 0) return [];
  const waiting = db.selectFrom('deployment').select('train').distinct().where('state', '=', 'queued');
  const rows = await (changes === undefined
    ? waiting
    : waiting.where(sql<boolean>`change = any(${changes}::int[])`)
  ).execute();
  return rows.map(({ train }) => train);
};

/** At work, between two phases or waiting for an answer, anywhere: what occupies a service or a slot. */
export const liveDeployments = async (db: Kysely<Database>): Promise<readonly Deployment[]> =>
  (await db.selectFrom('deployment').selectAll().where('state', 'in', live).orderBy('id').execute()).map(
    toDeployment,
  );

/**
 * Of all trains one at a time is judged by what runs everywhere: without it two could take the last hand, or the last of
 * a resource, at the same moment. Taken after the train's own lock and held until the transaction ends; the number is
 * any constant of our own.
 */
export const lockGate = async (db: Kysely<Database>): Promise<void> => {
  await sql`select pg_advisory_xact_lock(1365724738)`.execute(db);
};

/** What came over this one in production since: a deployment of the same service that started later and is not undone. */
export const deployedOver = async (
  db: Kysely<Database>,
  { id, service, startedAt }: Deployment,
): Promise<Deployment | undefined> => {
  const row = await db
    .selectFrom('deployment')
    .selectAll()
    .where('service', '=', service)
    .where('state', 'in', [...live, 'succeeded', 'failed'])
    .where(sql<boolean>`(started_at, id) > (${startedAt}, ${id})`)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toDeployment(row);
};

/**
 * Which of these bytes were rolled back when they were last in production, by `service artifact`: the number of that
 * deployment. Bytes that went well afterwards are forgiven.
 */
export const rolledBackArtifacts = async (
  db: Kysely<Database>,
  artifacts: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  if (artifacts.length === 0) return new Map();
  const rows = await db
    .selectFrom('deployment')
    .select(['id', 'service', 'artifact', 'state'])
    .where(sql<boolean>`artifact = any(${artifacts}::text[])`)
    .where('state', 'in', ['rolled-back', ...deployed])
    .orderBy('id')
    .execute();
  const last = new Map(rows.map((row) => [`${row.service} ${row.artifact}`, row]));
  return new Map(
    [...last].flatMap(([key, { id, state }]) => (state === 'rolled-back' ? [[key, id] as const] : [])),
  );
};

/** What the service ran before: the artifact of its last successful deployment other than this one. */
export const previousArtifact = async (
  db: Kysely<Database>,
  service: string,
  except: number,
): Promise<string | undefined> => {
  const row = await db
    .selectFrom('deployment')
    .select('artifact')
    .where('service', '=', service)
    .where('state', 'in', deployed)
    .where('id', '!=', except)
    .orderBy('finished_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.artifact;
};

export const updateDeployment = async (
  db: Kysely<Database>,
  id: number,
  to: {
    readonly state?: DeploymentState;
    readonly hold?: Hold | null;
    readonly windowOpens?: Date;
    readonly undoAttempt?: number;
    readonly promoted?: number;
    readonly sides?: Sides;
    readonly keptUntil?: Date | null;
    /** Nobody runs it any more. */
    readonly runner?: null;
    readonly reason?: string;
    readonly startedAt?: Date;
    readonly finishedAt?: Date;
  },
): Promise<void> => {
  await db
    .updateTable('deployment')
    .set({
      ...(to.state === undefined ? {} : { state: to.state }),
      ...(to.hold === undefined ? {} : { hold: to.hold === null ? null : JSON.stringify(to.hold) }),
      ...(to.windowOpens === undefined ? {} : { window_opens: to.windowOpens }),
      ...(to.undoAttempt === undefined ? {} : { undo_attempt: to.undoAttempt }),
      ...(to.promoted === undefined ? {} : { promoted: to.promoted }),
      ...(to.sides === undefined ? {} : { sides: JSON.stringify(to.sides) }),
      ...(to.keptUntil === undefined ? {} : { kept_until: to.keptUntil }),
      ...(to.runner === undefined ? {} : { runner: to.runner }),
      ...(to.reason === undefined ? {} : { reason: to.reason }),
      ...(to.startedAt === undefined ? {} : { started_at: to.startedAt }),
      ...(to.finishedAt === undefined ? {} : { finished_at: to.finishedAt }),
    })
    .where('id', '=', id)
    .execute();
};

/** Takes the deployment over: whoever held it before writes nothing any more (L2). Undefined when it is not live. */
export const fenceDeployment = async (
  db: Kysely<Database>,
  id: number,
  runner: string,
): Promise<Deployment | undefined> => {
  const row = await db
    .updateTable('deployment')
    .set((eb) => ({ fence: eb('fence', '+', 1), runner }))
    .where('id', '=', id)
    .where('state', 'in', ['running', 'undoing', 'refreshing'])
    .returningAll()
    .executeTakeFirst();
  return row && toDeployment(row);
};

/** Nobody runs it any more, unless somebody has taken it over meanwhile. */
export const releaseDeployment = async (db: Kysely<Database>, id: number, fence: number): Promise<void> => {
  await db
    .updateTable('deployment')
    .set({ runner: null })
    .where('id', '=', id)
    .where('fence', '=', fence)
    .execute();
};

/** Takes planned deployments of these changes off the list; what has started is left alone. */
export const cancelQueued = async (
  db: Kysely<Database>,
  changes: readonly number[],
  at: Date,
): Promise<void> => {
  if (changes.length === 0) return;
  await db
    .updateTable('deployment')
    .set({ state: 'cancelled', finished_at: at })
    .where('state', '=', 'queued')
    .where(sql<boolean>`change = any(${changes}::int[])`)
    .execute();
};
