import { refuse } from '../domain/refusal.ts';
import { createStepCalls, isAwaited, lockCall } from '../store/step-calls.ts';
import type { Cause } from '../store/store.ts';
import type { Context } from './context.ts';

export { runOfToken } from '../domain/step-token.ts';

export interface StepResult {
  /** Name of the run, from a token of ours. */
  readonly run: string;
  readonly state: 'succeeded' | 'failed';
  readonly output: string;
}

/**
 * A system says how a step ended that it was asked for. Only the run that is awaited takes a result, and only once: the
 * same again changes nothing; another one, or one for a run that was stopped or never asked for, is refused.
 */
export const recordStepResult = (context: Context, cause: Cause, result: StepResult): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const { run, state, output } = result;
    const facts = await lockCall(tx.db, run);
    if (facts?.ended === state) return;
    if (
      facts === undefined ||
      facts.ended !== undefined ||
      facts.declined !== undefined ||
      !(await isAwaited(tx.db, run))
    )
      return refuse({ code: 'step-not-awaited', facts: { run } });
    await createStepCalls(tx.db).note(run, {
      ended: state,
      tail: output.replaceAll('\0', '\uFFFD').slice(-8_192),
      ...(state === 'failed' ? { reason: 'it says that it failed' } : {}),
    });
  });
