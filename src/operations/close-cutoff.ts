import { asOf, excusesFor } from '../domain/case.ts';
import { type Change, changeName } from '../domain/change.ts';
import type { Policy } from '../domain/policy.ts';
import { requirementName } from '../domain/requirement.ts';
import { type RunSheet, runSheet, sheetLine } from '../domain/run-sheet.ts';
import { requiredAt, type Train, trainById } from '../domain/train.ts';
import { type Named, withWaits } from '../domain/waits.ts';
import { loadCases } from '../store/cases.ts';
import { listChanges } from '../store/changes.ts';
import { learnedDurations } from '../store/durations.ts';
import { artifactsBefore } from '../store/evidence.ts';
import { awaitCutoff } from '../store/presence.ts';
import type { Tx } from '../store/store.ts';
import { type CutoffState, closeCutoffRow, cutoffsOf, lockTrain } from '../store/trains.ts';
import type { Context } from './context.ts';
import { leaveTrain, trainAfter } from './leave-train.ts';
import { channel, redraw, tell } from './outgoing.ts';

/** Closes the cutoff; after an outage, those of the train that were due before it as well, in their order. */
export const closeCutoff = async (tx: Tx, context: Context, trainId: string, name: string): Promise<void> => {
  const mine = (await cutoffsOf(tx.db, trainId)).find((cutoff) => cutoff.name === name);
  if (mine) await closeCutoffs(tx, context, trainId, mine.at);
};

/** Closes all cutoffs of the train that were due by then and are open still, in their order. */
export const closeCutoffs = async (tx: Tx, context: Context, trainId: string, until: Date): Promise<void> => {
  const due = (await cutoffsOf(tx.db, trainId)).filter(
    ({ at, closedAt }) => closedAt === null && at <= until,
  );
  // All before the train is locked: a request that they wait for may itself wait for the train.
  for (const { name } of due) await awaitCutoff(tx.db, cutoffId(trainId, name));
  const state = await lockTrain(tx.db, trainId, 'update');
  const train = trainById(context.policy(), trainId);
  if (!state || !train) return;
  for (const { name } of due) await close(tx, context, train, name);
};

/**
 * Judges every change of the train by what had arrived before the cutoff's instant, whenever that is done (L3): what
 * is ready stays, what is not moves to the next train with the reason. The verdict is written once and stands.
 */
const close = async (tx: Tx, context: Context, train: Train, name: string): Promise<void> => {
  const policy = context.policy();
  const trainId = train.id;
  const cutoffs = await cutoffsOf(tx.db, trainId);
  const mine = cutoffs.find((cutoff) => cutoff.name === name);
  if (!mine || mine.closedAt !== null) return;
  const rule = train.cutoffs.find((cutoff) => cutoff.name === name);
  if (!rule) return;

  // Locked: nobody withdraws or moves one between its verdict and what follows from it.
  const aboard = await listChanges(tx.db, { train: trainId, states: ['boarded'], lock: true });
  // What came aboard late after the instant is not this cutoff's to judge.
  const changes = aboard.filter(
    ({ late, type }) => type !== 'emergency' && (late === undefined || new Date(late.at) < mine.at),
  );
  const judged = await carryingThen(tx, policy, changes, mine.at);
  const papers = (await loadCases(tx.db, judged)).map((subject) => ({
    change: subject.change,
    excuses: excusesFor(asOf(subject, mine.at), requiredAt(train, name), train, policy),
  }));
  const isLast = train.cutoffs.at(-1)?.name === name;
  const verdicts = isLast ? withWaits(papers, await named(tx, judged), train, policy) : papers;
  const ready = verdicts.filter(({ excuses }) => excuses.length === 0).map(({ change }) => change);
  const missed = verdicts.filter(({ excuses }) => excuses.length > 0);
  const to = missed.length > 0 ? (await trainAfter(tx, context, policy, train)).id : '';
  const moved = missed.map(({ change, excuses }) => ({ ...sheetLine(change), to, excuses }));
  const learned = await learnedDurations(
    tx.db,
    ready.map((change) => change.service),
  );
  const sheet = runSheet(
    policy,
    train,
    { ...rule, at: mine.at },
    ready,
    moved,
    previousSheet(cutoffs, mine),
    learned,
  );
  if (!(await closeCutoffRow(tx.db, trainId, name, mine.at, sheet))) return;

  tx.record({
    kind: 'cutoff-closed',
    train: trainId,
    facts: {
      cutoff: name,
      at: mine.at.toISOString(),
      ready: ready.map((c) => changeName(c.id)),
      requires: rule.requires.map(requirementName),
    },
  });
  if (missed.length > 0) await leaveTrain(tx, context, policy, to, missed);
  tx.record({
    kind: 'run-sheet',
    train: trainId,
    facts: { cutoff: name, ready: ready.length, moved: moved.length },
  });
  await tell(tx, context, [
    { to: channel(context, policy, 'releases'), notice: { kind: 'run-sheet', train: trainId, cutoff: name } },
  ]);
  await redraw(tx, context, [
    ...verdicts.map(({ change }) => changeName(change.id)),
    trainId,
    ...(to === '' ? [] : [to]),
  ]);
};

/** The changes with the bytes that they had then: a rebuild that arrived later says nothing about this cutoff. */
const carryingThen = async (
  tx: Tx,
  policy: Policy,
  changes: readonly Change[],
  before: Date,
): Promise<readonly Change[]> => {
  const rebuilt = await artifactsBefore(
    tx.db,
    changes.map((change) => change.id),
    before,
    policy.trustedBuilders,
  );
  return changes.map((change) => {
    const artifact = rebuilt.get(change.id);
    return artifact === undefined ? change : { ...change, artifact };
  });
};

/** What the changes come after, on whatever train. */
const named = async (tx: Tx, changes: readonly Change[]): Promise<Named> => {
  const ids = changes.flatMap(({ after = [] }) => after);
  const others = ids.length === 0 ? [] : await listChanges(tx.db, { ids });
  return new Map(others.map((other) => [other.id, other]));
};

const previousSheet = (cutoffs: readonly CutoffState[], mine: CutoffState): RunSheet | undefined =>
  cutoffs.filter((cutoff) => cutoff.at < mine.at).at(-1)?.sheet ?? undefined;

export const cutoffId = (train: string, name: string): string => `${train}/${name}`;
