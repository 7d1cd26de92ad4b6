import { changeNumber } from '../domain/change.ts';
import { trainsWaiting } from '../store/deployments.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';

/**
 * What keeps planned deployments may have passed, or something may keep them now: their trains are looked at as soon as
 * this is committed, and not by the next sweep. `changes` by name; absent: whatever waits, on any train.
 */
export const wake = async (tx: Tx, context: Context, changes?: readonly string[]): Promise<void> => {
  const ids = changes?.flatMap((name) => changeNumber(name) ?? []);
  for (const train of await trainsWaiting(tx.db, ids))
    tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train }));
};
