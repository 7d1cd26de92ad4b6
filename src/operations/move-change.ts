import { type Change, changeName } from '../domain/change.ts';
import { refuse } from '../domain/refusal.ts';
import { firstCutoff } from '../domain/train.ts';
import { updateChange } from '../store/changes.ts';
import { cancelQueued } from '../store/deployments.ts';
import type { Cause, Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { expireExceptions } from './expire-exceptions.ts';
import { changeNamed, personNamed, requireBoarded, requireRole, trainNamed } from './find.ts';
import { leaveTrain, trainAfter } from './leave-train.ts';
import { redraw } from './outgoing.ts';
import { endSignersPage } from './page-signers.ts';
import { board } from './submit-change.ts';
import { wake } from './wake.ts';

/** To a train that can still be boarded; without one named, to the next. Its requester or a release manager may. */
export const moveChange = (
  context: Context,
  cause: Cause,
  move: { readonly change: string; readonly to?: string; readonly reason?: string },
): Promise<{ readonly to: string }> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const change = requireBoarded(await changeToMove(tx, context, move.change, 'move'));
    if (change.type === 'emergency')
      refuse({ code: 'on-no-train', facts: { change: changeName(change.id) } });
    const from = trainNamed(policy, change.train);
    const to =
      move.to === undefined
        ? await trainAfter(tx, context, policy, from)
        : await exactly(tx, context, move.to);
    if (to.id === from.id)
      refuse({ code: 'already-on-train', facts: { change: changeName(change.id), train: to.id } });
    const excuse = {
      code: 'moved-by-hand' as const,
      facts: { by: cause.actor, reason: move.reason ?? '' },
      movers: [],
    };
    await leaveTrain(tx, context, policy, to.id, [{ change, excuses: [excuse] }]);
    await redraw(tx, context, [changeName(change.id), from.id, to.id]);
    await wake(tx, context);
    return { to: to.id };
  });

export const withdrawChange = (
  context: Context,
  cause: Cause,
  withdrawal: { readonly change: string; readonly reason?: string },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const change = requireBoarded(await changeToMove(tx, context, withdrawal.change, 'withdraw'));
    const name = changeName(change.id);
    await updateChange(tx.db, change.id, { state: 'withdrawn' });
    await cancelQueued(tx.db, [change.id], cause.at);
    await expireExceptions(tx, [change]);
    await endSignersPage(tx, context, change);
    tx.record({
      kind: 'withdrawn',
      train: change.train,
      change: name,
      service: change.service,
      facts: withdrawal.reason === undefined ? {} : { reason: withdrawal.reason },
    });
    await redraw(tx, context, [name, change.train]);
    await wake(tx, context);
  });

/** For its requester, its owners and the release managers; held until the transaction ends. */
export const changeToMove = async (tx: Tx, context: Context, name: string, what: string): Promise<Change> => {
  const policy = context.policy();
  const person = personNamed(policy, tx.cause.actor).id;
  const change = await changeNamed(tx, name);
  const owners = policy.services.get(change.service)?.owners ?? [];
  if (person !== change.requester && !owners.includes(person))
    requireRole(policy, person, policy.releaseManagers, what);
  return change;
};

const exactly = async (tx: Tx, context: Context, id: string) => {
  const policy = context.policy();
  const wanted = trainNamed(policy, id);
  const boarded = await board(tx, context, policy, wanted.rule, wanted);
  if (boarded.id === wanted.id) return wanted;
  const cutoff = firstCutoff(wanted);
  return refuse({
    code: 'cutoff-closed',
    facts: { train: wanted.id, cutoff: cutoff.name, at: cutoff.at.toISOString(), next: boarded.id },
  });
};
