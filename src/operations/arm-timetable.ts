import { type Deadline, deadlineKey } from '../domain/deadline.ts';
import type { Policy } from '../domain/policy.ts';
import { minute } from '../domain/time.ts';
import { nextTrain, type Train, trainById, trainEnds, trainToBoard } from '../domain/train.ts';
import { askBefore } from '../domain/window-end.ts';
import { disarmOthers } from '../store/deadlines.ts';
import type { Tx } from '../store/store.ts';
import { openTrains, saveTrain } from '../store/trains.ts';
import { armCheckpoint } from './checkpoint-audit.ts';
import { type Context, clockActor } from './context.ts';
import { armDrill } from './drill.ts';
import { armHeartbeats } from './heartbeats.ts';
import { arm } from './outgoing.ts';
import { armShifts } from './shifts.ts';
import { wake } from './wake.ts';

/** What is told at the cutoff's own instant is late (L3), so trackers are asked before it. */
const askAheadMs = minute;

/** Every instant at which something is to be done about a train. Reminders that lie in the past are not made up for. */
export const deadlinesOf = (
  train: Train,
  now: Date,
  /** Whether anybody is asked where records stand. */
  asks = false,
): readonly { readonly deadline: Deadline; readonly at: Date }[] => [
  ...train.cutoffs.flatMap(({ name: cutoff, at, reminders, requires }) => [
    ...reminders
      .filter((reminder) => reminder.at > now)
      .map((reminder) => ({
        deadline: { kind: 'reminder' as const, train: train.id, cutoff, lead: reminder.lead },
        at: reminder.at,
      })),
    ...(asks && requires.some(({ kind }) => kind === 'records') && at.getTime() - askAheadMs > now.getTime()
      ? [
          {
            deadline: { kind: 'records' as const, train: train.id, cutoff },
            at: new Date(at.getTime() - askAheadMs),
          },
        ]
      : []),
    { deadline: { kind: 'cutoff' as const, train: train.id, cutoff }, at },
  ]),
  ...train.windows.flatMap(({ name: window, open }) =>
    open.flatMap(({ from, until }) => [
      { deadline: { kind: 'window-opens' as const, train: train.id, window }, at: from },
      // Of a part that is over, or as short as that, nobody is asked any more.
      ...[new Date(until.getTime() - askBefore)]
        .filter((at) => at > from && now < until)
        .map((at) => ({ deadline: { kind: 'window-ending' as const, train: train.id, window }, at })),
      { deadline: { kind: 'window-closes' as const, train: train.id, window }, at: until },
    ]),
  ),
  { deadline: { kind: 'train-ends' as const, train: train.id }, at: trainEnds(train) },
];

/** Makes a train known and arms all that is due about it; again after the policy has moved something. */
export const armTrain = async (tx: Tx, context: Context, train: Train): Promise<void> => {
  await saveTrain(tx.db, train);
  const due = deadlinesOf(train, tx.cause.at, context.policy().trackers.length > 0);
  for (const { deadline, at } of due) await arm(tx, context, deadline, at);
  await disarmOthers(
    tx.db,
    train.id,
    due.map(({ deadline, at }) => deadlineKey(deadline, at)),
  );
};

/** Arms every train that has not ended, the one to board and the one after it. At boot and when the policy changes. */
export const armTimetable = (context: Context): Promise<readonly string[]> =>
  context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) => {
    const policy = context.policy();
    const known = await openTrains(tx.db);
    const trains = new Map<string, Train>();
    for (const { id } of known) {
      const train = trainById(policy, id);
      if (train) trains.set(id, train);
    }
    for (const train of upcoming(policy, tx.cause.at)) trains.set(train.id, train);
    for (const train of trains.values()) await armTrain(tx, context, train);
    await armCheckpoint(tx, context);
    await armShifts(tx, context, tx.cause.at);
    await armDrill(tx, context);
    await armHeartbeats(tx, context);
    // What the policy says of windows and freezes holds from now on.
    await wake(tx, context);
    return [...trains.keys()];
  });

export const upcoming = (policy: Policy, now: Date): readonly Train[] =>
  [...policy.trains.keys()].flatMap((rule) => {
    const first = trainToBoard(policy, now, rule);
    const second = first && nextTrain(policy, rule, first);
    return [first, second].filter((train) => train !== undefined);
  });
