import type { Deployment, StepRun } from './deployment.ts';
import { lastOf } from './next-move.ts';
import { nextCheck } from './phases.ts';
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
 * Whether the deployment is expected to run beyond the instant, by what its steps and bakes were planned to take. Nobody
 * knows when a step ends that takes longer than that. A phase that waits to be promoted has an end of its own.
 */
export const runsBeyond = (
  { plan, state }: Pick<Deployment, 'plan' | 'state'>,
  runs: readonly StepRun[],
  now: Date,
  closes: Date,
): boolean => {
  if (state !== 'running' && state !== 'baking') return false;
  let left = 0;
  for (const [index, { expected, part, check, phase = 0 }] of plan.steps.entries()) {
    if (part === 'refresh') continue;
    const run = lastOf(runs, index, 'do');
    const rule = check === true ? plan.phases?.[phase] : undefined;
    const bakesFrom = lastOf(runs, index - 1, 'do')?.finishedAt ?? undefined;
    if (rule !== undefined && (bakesFrom === undefined || nextCheck(rule, bakesFrom, run) !== undefined)) {
      const baked = bakesFrom === undefined ? 0 : now.getTime() - bakesFrom.getTime();
      left += Math.max(0, rule.bake - baked) + expected;
      continue;
    }
    if (run?.state === 'succeeded') continue;
    const elapsed = run === undefined ? 0 : now.getTime() - run.startedAt.getTime();
    if (elapsed > expected) return true;
    left += expected - elapsed;
  }
  return now.getTime() + left > closes.getTime();
};
