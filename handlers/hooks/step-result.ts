import { z } from 'zod';
import type { Context } from '../../src/operations/context.ts';
import { recordStepResult } from '../../src/operations/record-step-result.ts';

const Body = z.strictObject({
  state: z.enum(['succeeded', 'failed'], { error: 'must be succeeded or failed' }),
  output: z.string().max(100_000).prefault(''),
});

/** A step that a webhook was asked for has ended. The path's token is ours: it names the one run that it is good for. */
export const stepResult = {
  path: '/hooks/steps/:token',
  scheme: 'step-token',
  parse: (json: unknown, run: string) => {
    const { data, error } = Body.safeParse(json);
    if (data === undefined)
      return {
        ok: false as const,
        faults: error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
      };
    const act = (context: Context, receivedAt: Date): Promise<void> =>
      recordStepResult(context, { actor: 'system:hook', at: receivedAt }, { run, ...data });
    return { ok: true as const, value: act };
  },
} as const;
