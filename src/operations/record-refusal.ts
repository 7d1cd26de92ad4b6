import { changeName, changeNumber } from '../domain/change.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Cause } from '../store/store.ts';
import type { Context } from './context.ts';

/** What somebody tried and may not, once per request (a repeat throws `Repeated`). */
export const recordRefusal = (
  context: Context,
  { actor, at, request }: Cause,
  attempt: { readonly verb: string; readonly subject?: string; readonly refusal: Refusal },
): Promise<void> => {
  const { verb, subject, refusal } = attempt;
  // The request itself was not acted on: its own id stays free.
  const cause = { actor, at, ...(request === undefined ? {} : { request: `${request}/refused` }) };
  return context.store.transaction(cause, async (tx) => {
    const change = /^chg-/i.test(subject ?? '') ? changeNumber(subject ?? '') : undefined;
    tx.record({
      kind: 'refused',
      outcome: refusal.code,
      ...(change === undefined ? {} : { change: changeName(change) }),
      facts: { verb, subject: subject ?? null, code: refusal.code, person: actor },
    });
  });
};
