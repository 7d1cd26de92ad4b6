import { changeName } from '../domain/change.ts';
import type { Policy } from '../domain/policy.ts';
import { endExceptions } from '../store/exceptions.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { owe } from './owe.ts';

/** It goes to production as an exception: that is counted, and owed for (L11). Nothing for a change in time. */
export const useException = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  change: number,
): Promise<void> => {
  const subject = changeName(change);
  for (const { kind, service, person } of await endExceptions(tx.db, [subject], 'used', tx.cause.at))
    if (kind === 'late') await owe(tx, context, policy, { kind: 'review', subject, service, owner: person });
};
