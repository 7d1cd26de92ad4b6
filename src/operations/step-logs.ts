import type { Direction, StepState } from '../domain/deployment.ts';
import type { DeploymentView } from '../domain/view.ts';
import type { Context } from './context.ts';
import { executorOf } from './executor-of.ts';

/** What one run of one step printed. */
export interface StepLog {
  readonly step: string;
  readonly direction: Direction;
  readonly attempt: number;
  readonly state: StepState;
  /** Plain text; says where something is missing. */
  readonly output: string;
  /** `end`: the last lines that were stored; it ran on another machine or in another system, or its files are gone. */
  readonly place: 'whole' | 'end';
}

/** In the order in which they ran, one at a time: each is read when it is asked for. */
export async function* stepLogs(
  context: Pick<Context, 'executors'>,
  { deployment, runs }: DeploymentView,
): AsyncGenerator<StepLog> {
  for (const { step, direction, attempt, state, handle, tail } of runs) {
    const whole = await executorOf(context.executors, handle).output?.(handle);
    yield {
      step: deployment.plan.steps[step]?.name ?? `step ${step + 1}`,
      direction,
      attempt,
      state,
      output: whole ?? tail,
      place: whole === undefined ? 'end' : 'whole',
    };
  }
}
