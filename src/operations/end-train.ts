import { changeName } from '../domain/change.ts';
import { trainById } from '../domain/train.ts';
import { listChanges, moveChanges } from '../store/changes.ts';
import type { Tx } from '../store/store.ts';
import { lockTrain, updateTrain } from '../store/trains.ts';
import { armTrain, upcoming } from './arm-timetable.ts';
import { closeCutoffs } from './close-cutoff.ts';
import type { Context } from './context.ts';
import { leaveTrain, trainAfter } from './leave-train.ts';
import { redraw } from './outgoing.ts';
import { board } from './submit-change.ts';
import { judgeTrain } from './train-situation.ts';

/** The train's last window is over: what was not deployed goes on to the next train, with what kept it. */
export const endTrain = async (tx: Tx, context: Context, trainId: string): Promise<void> => {
  // After an outage the cutoffs may be overdue too: their verdicts come first.
  await closeCutoffs(tx, context, trainId, tx.cause.at);
  const state = await lockTrain(tx.db, trainId, 'update');
  if (!state || state.endedAt !== null) return;
  const policy = context.policy();
  const train = trainById(policy, trainId);
  const aboard = await listChanges(tx.db, { train: trainId, states: ['boarded'], lock: true });
  const [left, emergencies] = [
    aboard.filter(({ type }) => type !== 'emergency'),
    aboard.filter(({ type }) => type === 'emergency').map(({ id }) => id),
  ];
  const excuses = train ? await judgeTrain(tx, policy, train, tx.cause.at) : new Map();
  await updateTrain(tx.db, trainId, { endedAt: tx.cause.at });
  tx.record({ kind: 'train-ended', train: trainId, facts: { left: left.map((c) => changeName(c.id)) } });
  const names = left.map((change) => changeName(change.id));
  let to = '';
  if (aboard.length > 0) {
    to = (train ? await trainAfter(tx, context, policy, train) : await board(tx, context, policy)).id;
    // Written down with another train from now on; nothing else changes for them.
    await moveChanges(tx.db, emergencies, to);
    await leaveTrain(
      tx,
      context,
      policy,
      to,
      left.map((change) => ({ change, excuses: excuses.get(change.id) ?? [] })),
    );
  }
  for (const next of upcoming(policy, tx.cause.at)) await armTrain(tx, context, next);
  await redraw(tx, context, [...names, trainId, ...(to === '' ? [] : [to])]);
};
