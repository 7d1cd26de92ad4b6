import { type Kysely, type Selectable, sql } from 'kysely';
import type { Change, ChangeState } from '../domain/change.ts';
import type { Late } from '../domain/late.ts';
import type { ChangeType } from '../domain/policy.ts';
import type { Database } from './schema.ts';
import type { GoDecision } from './trains.ts';

const toChange = (row: Selectable<Database['change']>): Change => ({
  id: row.id,
  service: row.service,
  type: row.type,
  version: row.version,
  artifact: row.artifact,
  train: row.train,
  state: row.state,
  requester: row.requester,
  records: row.records,
  note: row.note,
  ...(row.after.length === 0 ? {} : { after: row.after }),
  ...(row.milestones.length === 0 ? {} : { milestones: row.milestones }),
  ...(row.because === null ? {} : { because: row.because }),
  go: row.go,
  goReason: row.go_reason,
  ...(row.go_by === null ? {} : { goBy: row.go_by }),
  ...(row.late === null ? {} : { late: row.late }),
  submittedAt: row.submitted_at,
});

const undecided = { go: null, go_reason: null, go_by: null } as const;

export interface NewChange {
  readonly service: string;
  readonly type: ChangeType;
  readonly version: string;
  readonly artifact: string | null;
  /** The requester named the bytes: a later build of the version does not replace them. */
  readonly pinned: boolean;
  readonly train: string;
  readonly requester: string;
  readonly records: readonly string[];
  readonly note: string;
  readonly after?: readonly number[];
  readonly milestones?: readonly string[];
  readonly because?: string;
  readonly submittedAt: Date;
}

/** Undefined when a change of this service and version is aboard already. */
export const insertChange = async (db: Kysely<Database>, change: NewChange): Promise<Change | undefined> => {
  const row = await db
    .insertInto('change')
    .values({
      service: change.service,
      type: change.type,
      version: change.version,
      artifact: change.artifact,
      pinned: change.pinned,
      train: change.train,
      requester: change.requester,
      records: JSON.stringify(change.records),
      note: change.note,
      after: JSON.stringify(change.after ?? []),
      milestones: JSON.stringify(change.milestones ?? []),
      because: change.because ?? null,
      submitted_at: change.submittedAt,
    })
    .onConflict((on) => on.columns(['service', 'version']).where('state', '=', 'boarded').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toChange(row);
};

export const findChange = async (db: Kysely<Database>, id: number): Promise<Change | undefined> => {
  const row = await db.selectFrom('change').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toChange(row);
};

/** The change, held until the transaction ends: whoever decides on it waits for whoever decides before. */
export const lockChange = async (db: Kysely<Database>, id: number): Promise<Change | undefined> => {
  const row = await db.selectFrom('change').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row && toChange(row);
};

/** Open changes that wait for the milestone; `lock` holds them until the transaction ends. */
export const changesWaitingFor = async (
  db: Kysely<Database>,
  milestone: string,
  lock: 'lock' | 'read' = 'lock',
): Promise<readonly Change[]> => {
  const waiting = db
    .selectFrom('change')
    .selectAll()
    .where('state', '=', 'boarded')
    .where(sql<boolean>`milestones ? ${milestone}`)
    .orderBy('id');
  return (await (lock === 'lock' ? waiting.forUpdate() : waiting).execute()).map(toChange);
};

export interface ChangeFilter {
  readonly train?: string;
  readonly states?: readonly ChangeState[];
  readonly service?: string;
  readonly requester?: string;
  readonly artifact?: string;
  readonly ids?: readonly number[];
  /** Keeps them as they are until the transaction ends. */
  readonly lock?: boolean;
}

/** In order of their numbers. */
export const listChanges = async (db: Kysely<Database>, filter: ChangeFilter): Promise<readonly Change[]> => {
  let query = db.selectFrom('change').selectAll().orderBy('id');
  if (filter.train !== undefined) query = query.where('train', '=', filter.train);
  if (filter.states !== undefined) query = query.where('state', 'in', filter.states);
  if (filter.service !== undefined) query = query.where('service', '=', filter.service);
  if (filter.requester !== undefined) query = query.where('requester', '=', filter.requester);
  if (filter.artifact !== undefined) query = query.where('artifact', '=', filter.artifact);
  if (filter.ids !== undefined) query = query.where(sql<boolean>`id = any(${filter.ids}::int[])`);
  if (filter.lock === true) query = query.forUpdate();
  return (await query.execute()).map(toChange);
};

export const updateChange = async (
  db: Kysely<Database>,
  id: number,
  to: {
    readonly state?: ChangeState;
    readonly train?: string;
    readonly artifact?: string;
  },
): Promise<void> => {
  await db.updateTable('change').set(to).where('id', '=', id).execute();
};

/** The decision for this change alone. */
export const decideChangeGo = async (
  db: Kysely<Database>,
  id: number,
  decision: GoDecision,
): Promise<void> => {
  const { go, reason, by } = decision;
  await db.updateTable('change').set({ go, go_reason: reason, go_by: by }).where('id', '=', id).execute();
};

/** Back on a train that it missed. A decision of go was about the other train. */
export const boardLate = async (
  db: Kysely<Database>,
  id: number,
  train: string,
  late: Late,
): Promise<void> => {
  await db
    .updateTable('change')
    .set({ train, late: JSON.stringify(late), ...undecided })
    .where('id', '=', id)
    .execute();
};

/**
 * Many at once, for a cutoff or a train's end. A decision of go was about the old train and does not travel, and on the
 * new one nothing is late.
 */
export const moveChanges = async (
  db: Kysely<Database>,
  ids: readonly number[],
  train: string,
): Promise<void> => {
  if (ids.length === 0) return;
  await db
    .updateTable('change')
    .set({ train, ...undecided, late: null })
    .where(sql<boolean>`id = any(${ids}::int[])`)
    .execute();
};

/** Open changes of this version that take whatever its newest build made; held until the transaction ends. */
export const changesOfVersion = async (
  db: Kysely<Database>,
  service: string,
  version: string,
): Promise<readonly Change[]> => {
  const rows = await db
    .selectFrom('change')
    .selectAll()
    .where('service', '=', service)
    .where('version', '=', version)
    .where('state', '=', 'boarded')
    .where('pinned', '=', false)
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(toChange);
};

/** Those that are on the train, and those that the record says were. */
export const changesEverOn = async (db: Kysely<Database>, train: string): Promise<readonly Change[]> => {
  const rows = await db
    .selectFrom('change')
    .selectAll()
    .where((where) =>
      where.or([
        where('train', '=', train),
        sql<boolean>`'CHG-' || id in (select entry::jsonb ->> 'change' from audit
          where entry::jsonb ->> 'train' = ${train} or entry::jsonb -> 'facts' ->> 'from' = ${train})`,
      ]),
    )
    .orderBy('id')
    .execute();
  return rows.map(toChange);
};
