import { type Change, changeName } from '../domain/change.ts';
import type { Excuse } from '../domain/excuse.ts';
import type { Policy } from '../domain/policy.ts';
import { nextTrain, type Train } from '../domain/train.ts';
import { moveChanges } from '../store/changes.ts';
import { cancelQueued } from '../store/deployments.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { expireExceptions } from './expire-exceptions.ts';
import { direct, tell } from './outgoing.ts';
import { board } from './submit-change.ts';

/** The train after `from` that can still be boarded: there a change that misses `from` goes. */
export const trainAfter = async (tx: Tx, context: Context, policy: Policy, from: Train): Promise<Train> =>
  board(tx, context, policy, from.rule, nextTrain(policy, from.rule, from));

export interface Leaving {
  readonly change: Change;
  readonly excuses: readonly Excuse[];
}

/** Changes leave for another train, with the reason; their requesters are told. In a few statements, however many. */
export const leaveTrain = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  to: string,
  leaving: readonly Leaving[],
): Promise<void> => {
  const ids = leaving.map(({ change }) => change.id);
  await moveChanges(tx.db, ids, to);
  await cancelQueued(tx.db, ids, tx.cause.at);
  await expireExceptions(
    tx,
    leaving.map(({ change }) => change),
  );
  for (const { change, excuses } of leaving)
    tx.record({
      kind: 'moved',
      train: to,
      change: changeName(change.id),
      service: change.service,
      facts: {
        from: change.train,
        excuses: excuses.map((e) => ({ code: e.code, requirement: e.requirement, facts: e.facts })),
      },
    });
  await tell(
    tx,
    context,
    leaving
      .filter(({ change }) => change.requester !== tx.cause.actor)
      .map(({ change, excuses }) => ({
        to: direct(context, policy, change.requester),
        notice: {
          kind: 'moved',
          change: changeName(change.id),
          service: change.service,
          from: change.train,
          to,
          excuses,
        },
      })),
  );
};
