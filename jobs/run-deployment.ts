import type { Context } from '../src/operations/context.ts';
import { runDeployment } from '../src/operations/run-deployment.ts';

export const runDeploymentJob =
  (context: Context) =>
  ({ id }: { readonly id: number }, { signal }: { readonly signal: AbortSignal }): Promise<void> =>
    runDeployment(context, id, signal);

/**
 * Its worker is gone and the queue will not run it again (L2): whoever comes next asks what became of the step. Under
 * another bell than the lost one, whose lock may still hang. One that ran into a fault is left to the next sweep, so
 * that a deployment that always fails to run does not do so without a pause.
 */
export const runDeploymentLost =
  (context: Context) =>
  async ({ id }: { readonly id: number }, reason: 'worker-died' | 'attempts-exhausted'): Promise<void> => {
    if (reason === 'worker-died')
      await context.bell.ring('run-deployment', { id }, { key: `lost-${context.clock.now().getTime()}` });
  };
