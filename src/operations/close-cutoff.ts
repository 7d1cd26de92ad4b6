import { asOf, excusesFor } from '../domain/case.ts';
import { changeName } from '../domain/change.ts';
import { requirementName } from '../domain/requirement.ts';
import { type RunSheet, runSheet, sheetLine } from '../domain/run-sheet.ts';
import { trainById } from '../domain/train.ts';
import { loadCases } from '../store/cases.ts';
import { listChanges } from '../store/changes.ts';
import { awaitCutoff } from '../store/presence.ts';
import type { Tx } from '../store/store.ts';
import { type CutoffState, closeCutoffRow, cutoffsOf, lockTrain } from '../store/trains.ts';
import type { Context } from './context.ts';
import { leaveTrain, trainAfter } from './leave-train.ts';
import { channel, redraw, tell } from './outgoing.ts';

/**
 * Judges every change of the train by what had arrived before the cutoff's instant, whenever that is done (L3): what
 * is ready stays, what is not moves to the next train with the reason. The verdict is written once and stands.
 */
export const closeCutoff = async (tx: Tx, context: Context, trainId: string, name: string): Promise<void> => {
  await awaitCutoff(tx.db, cutoffId(trainId, name));
  const state = await lockTrain(tx.db, trainId, 'update');
  const policy = context.policy();
  const train = trainById(policy, trainId);
  const cutoffs = await cutoffsOf(tx.db, trainId);
  const mine = cutoffs.find((cutoff) => cutoff.name === name);
  if (!state || !train || !mine || mine.closedAt !== null) return;
  // After an outage two cutoffs may be due at once: they close in their order.
  for (const earlier of cutoffs)
    if (earlier.at < mine.at && earlier.closedAt === null)
      await closeCutoff(tx, context, trainId, earlier.name);
  const rule = train.cutoffs.find((cutoff) => cutoff.name === name);
  if (!rule) return;

  const changes = await listChanges(tx.db, { train: trainId, states: ['boarded'] });
  const verdicts = (await loadCases(tx.db, changes)).map((subject) => ({
    change: subject.change,
    excuses: excusesFor(asOf(subject, mine.at), rule.requires, train, policy),
  }));
  const ready = verdicts.filter(({ excuses }) => excuses.length === 0).map(({ change }) => change);
  const missed = verdicts.filter(({ excuses }) => excuses.length > 0);
  const to = missed.length > 0 ? (await trainAfter(tx, context, policy, train)).id : '';
  const moved = missed.map(({ change, excuses }) => ({ ...sheetLine(change), to, excuses }));
  const sheet = runSheet(policy, train, { ...rule, at: mine.at }, ready, moved, previousSheet(cutoffs, mine));
  if (!(await closeCutoffRow(tx.db, trainId, name, tx.cause.at, sheet))) return;

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

const previousSheet = (cutoffs: readonly CutoffState[], mine: CutoffState): RunSheet | undefined =>
  cutoffs.filter((cutoff) => cutoff.at < mine.at).at(-1)?.sheet ?? undefined;

export const cutoffId = (train: string, name: string): string => `${train}/${name}`;
