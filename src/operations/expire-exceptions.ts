import { changeName } from '../domain/change.ts';
import { endExceptions } from '../store/exceptions.ts';
import type { Tx } from '../store/store.ts';

/** What was asked for and never used ends with the train, a move or a withdrawal. */
export const expireExceptions = async (
  tx: Tx,
  changes: readonly { readonly id: number }[],
): Promise<void> => {
  const subjects = changes.map(({ id }) => changeName(id));
  for (const { subject, service, train, reason } of await endExceptions(
    tx.db,
    subjects,
    'expired',
    tx.cause.at,
  ))
    tx.record({ kind: 'exception-expired', train, change: subject, service, facts: { reason } });
};
