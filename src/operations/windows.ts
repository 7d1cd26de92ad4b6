import type { Tx } from '../store/store.ts';
import { lockTrain } from '../store/trains.ts';
import type { Context } from './context.ts';
import { redraw } from './outgoing.ts';
import { haltRunning } from './stop-everything.ts';
import { atEndOf } from './window-end.ts';

/** Production may be changed from now on: whatever may start is started by the dispatch that follows the commit. */
export const openWindow = async (tx: Tx, context: Context, train: string, window: string): Promise<void> => {
  if (!(await lockTrain(tx.db, train, 'update'))) return;
  tx.record({ kind: 'window-opened', train, facts: { window } });
  await redraw(tx, context, [train]);
  tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train }));
};

/** Nothing starts any more; what was admitted fits, with its rollback, and may finish, or is undone, as people or the policy say. */
export const closeWindow = async (tx: Tx, context: Context, train: string, window: string): Promise<void> => {
  if (!(await lockTrain(tx.db, train, 'update'))) return;
  tx.record({ kind: 'window-closed', train, facts: { window } });
  const key = { train, name: window, closes: tx.cause.at };
  const stopped =
    (await atEndOf(tx, context.policy(), key)) === 'roll-back'
      ? await haltRunning(tx, context, `the window ${window} has closed`, train)
      : [];
  await redraw(tx, context, [train, ...stopped]);
  tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train }));
};
