import type { Deployment, StepRun } from './deployment.ts';
import { minute } from './time.ts';

/** What becomes of what still runs when a window ends. */
export type AtEnd = 'finish' | 'roll-back';

/** Milliseconds before the end of a window at which release managers are asked about what will still run. */
export const askBefore = 15 * minute;

/** What a person has said about one window's end; the last one who says something is who counts. */
export interface WindowEnd {
  readonly choice: AtEnd;
  readonly person: string;
  readonly at: Date;
}

/**
 * Whether the deployment is expected to run beyond the instant, by what its steps were planned to take. Nobody knows
 * when a step ends that takes longer than that.
 */
export const runsBeyond = (
  { plan, state }: Pick<Deployment, 'plan' | 'state'>,
  runs: readonly StepRun[],
  now: Date,
  closes: Date,
): boolean => {
  if (state !== 'running') return false;
  let left = 0;
  for (const [index, { expected }] of plan.steps.entries()) {
    const run = runs.find(({ step, direction }) => step === index && direction === 'do');
    if (run?.state === 'succeeded') continue;
    const elapsed = run === undefined ? 0 : now.getTime() - run.startedAt.getTime();
    if (elapsed > expected) return true;
    left += expected - elapsed;
  }
  return now.getTime() + left > closes.getTime();
};
