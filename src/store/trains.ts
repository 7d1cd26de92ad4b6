import { type Kysely, type Selectable, sql } from 'kysely';
import type { Go } from '../domain/change.ts';
import type { PersonId } from '../domain/policy.ts';
import type { RunSheet } from '../domain/run-sheet.ts';
import type { Train } from '../domain/train.ts';
import type { Database } from './schema.ts';

/** What was decided and done about a train; its times are computed from the policy. */
export interface TrainState {
  readonly id: string;
  readonly rule: string;
  readonly go: Go | null;
  readonly goReason: string | null;
  /** Who decided so. Absent: nobody. */
  readonly goBy?: PersonId;
  readonly paused: boolean;
  readonly endedAt: Date | null;
}

const toTrain = (row: Selectable<Database['train']>): TrainState => ({
  id: row.id,
  rule: row.rule,
  go: row.go,
  goReason: row.go_reason,
  ...(row.go_by === null ? {} : { goBy: row.go_by }),
  paused: row.paused,
  endedAt: row.ended_at,
});

/**
 * Writes the train and its cutoffs. Of those that are still open, what the policy moved is moved and what it no longer
 * has is dropped: nothing would ever close it, and the train's gate would stay shut.
 */
export const saveTrain = async (db: Kysely<Database>, train: Train): Promise<void> => {
  await db
    .insertInto('train')
    .values({ id: train.id, rule: train.rule })
    .onConflict((on) => on.column('id').doNothing())
    .execute();
  await db
    .deleteFrom('cutoff')
    .where('train', '=', train.id)
    .where('closed_at', 'is', null)
    .where(sql<boolean>`not (name = any(${train.cutoffs.map(({ name }) => name)}::text[]))`)
    .execute();
  for (const cutoff of train.cutoffs)
    await db
      .insertInto('cutoff')
      .values({ train: train.id, name: cutoff.name, at: cutoff.at })
      .onConflict((on) =>
        on.columns(['train', 'name']).doUpdateSet({ at: cutoff.at }).where('cutoff.closed_at', 'is', null),
      )
      .execute();
};

export const findTrain = async (db: Kysely<Database>, id: string): Promise<TrainState | undefined> => {
  const row = await db.selectFrom('train').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toTrain(row);
};

/** `share`: many boarders at once, none while a cutoff closes; `update`: the closing itself, the deciding, the dispatch. */
export const lockTrain = async (
  db: Kysely<Database>,
  id: string,
  mode: 'share' | 'update',
): Promise<TrainState | undefined> => {
  const query = db.selectFrom('train').selectAll().where('id', '=', id);
  const row = await (mode === 'share' ? query.forShare() : query.forUpdate()).executeTakeFirst();
  return row && toTrain(row);
};

/** Oldest first. */
export const openTrains = async (db: Kysely<Database>): Promise<readonly TrainState[]> =>
  (await db.selectFrom('train').selectAll().where('ended_at', 'is', null).orderBy('id').execute()).map(
    toTrain,
  );

export interface GoDecision {
  readonly go: Go;
  readonly reason: string | null;
  readonly by: PersonId;
}

/** The decision for the whole train. */
export const decideTrainGo = async (
  db: Kysely<Database>,
  id: string,
  decision: GoDecision,
): Promise<void> => {
  const { go, reason, by } = decision;
  await db.updateTable('train').set({ go, go_reason: reason, go_by: by }).where('id', '=', id).execute();
};

export const updateTrain = async (
  db: Kysely<Database>,
  id: string,
  to: {
    readonly paused?: boolean;
    readonly endedAt?: Date;
  },
): Promise<void> => {
  const { endedAt, ...columns } = to;
  await db
    .updateTable('train')
    .set({
      ...columns,
      ...(endedAt === undefined ? {} : { ended_at: endedAt }),
    })
    .where('id', '=', id)
    .execute();
};

export interface CutoffState {
  readonly train: string;
  readonly name: string;
  readonly at: Date;
  readonly closedAt: Date | null;
  readonly sheet: RunSheet | null;
}

/** In order of their instants. */
export const cutoffsOf = async (db: Kysely<Database>, train: string): Promise<readonly CutoffState[]> => {
  const rows = await db.selectFrom('cutoff').selectAll().where('train', '=', train).orderBy('at').execute();
  return rows.map((row) => ({
    train: row.train,
    name: row.name,
    at: row.at,
    closedAt: row.closed_at,
    sheet: row.sheet,
  }));
};

/** False when it was closed before: its verdict stands (L3). */
export const closeCutoffRow = async (
  db: Kysely<Database>,
  train: string,
  name: string,
  at: Date,
  sheet: RunSheet,
): Promise<boolean> => {
  const row = await db
    .updateTable('cutoff')
    .set({ closed_at: at, sheet: JSON.stringify(sheet) })
    .where('train', '=', train)
    .where('name', '=', name)
    .where('closed_at', 'is', null)
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
};

/** Of all trains, in order of their instants. */
export const openCutoffs = async (
  db: Kysely<Database>,
): Promise<readonly { readonly train: string; readonly name: string; readonly at: Date }[]> =>
  db
    .selectFrom('cutoff')
    .select(['train', 'name', 'at'])
    .where('closed_at', 'is', null)
    .orderBy('at')
    .execute();
