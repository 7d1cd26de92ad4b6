import { changeName } from '../domain/change.ts';
import { isBetween } from '../domain/deployment.ts';
import { liveDeployments, lockDeployment } from '../store/deployments.ts';
import type { Cause, Tx } from '../store/store.ts';
import { lockTrain, openTrains, updateTrain } from '../store/trains.ts';
import type { Context } from './context.ts';
import { personNamed, requireRole } from './find.ts';
import { redraw } from './outgoing.ts';
import { halt, steerers } from './steer-deployment.ts';
import { wake } from './wake.ts';

/**
 * The emergency stop: every train is paused, and every deployment that runs, on whatever train, is stopped and undone.
 * What waits for an answer goes on waiting, and what is being undone goes on: neither changes production any further.
 * Asked for again it finds nothing left to do.
 */
export const stopEverything = (context: Context, cause: Cause, order: { readonly reason?: string } = {}) =>
  context.store.transaction(cause, async (tx) => {
    personNamed(context.policy(), cause.actor);
    requireRole(context.policy(), cause.actor, steerers(context), 'stop');
    const reason = order.reason ?? `everything was stopped by ${cause.actor}`;
    const trains = await openTrains(tx.db);
    for (const { id } of trains) {
      const state = await lockTrain(tx.db, id, 'update');
      if (!state || state.paused) continue;
      await updateTrain(tx.db, id, { paused: true });
      tx.record({ kind: 'paused', train: id, facts: { person: cause.actor, reason } });
    }
    const stopped = await haltRunning(tx, context, reason);
    await redraw(tx, context, [...trains.map(({ id }) => id), ...stopped]);
    await wake(tx, context);
  });

/** Of one train or of all. Returns what shows something else now. */
export const haltRunning = async (
  tx: Tx,
  context: Context,
  reason: string,
  train?: string,
): Promise<readonly string[]> => {
  const names: string[] = [];
  for (const { id } of await liveDeployments(tx.db)) {
    const deployment = await lockDeployment(tx.db, id);
    if (deployment === undefined || (train !== undefined && deployment.train !== train)) continue;
    if (deployment.state !== 'running' && !isBetween(deployment.state)) continue;
    // At the end of a window a phase may stay, if its plan says so; an emergency stop spares nothing.
    if (train !== undefined && isBetween(deployment.state) && deployment.plan.unpromoted === 'keep') continue;
    await halt(tx, context, deployment, reason);
    names.push(changeName(deployment.change));
    const key = `halt-${deployment.fence}`;
    tx.afterCommit(() => context.bell.ring('run-deployment', { id }, { key }));
  }
  return names;
};
