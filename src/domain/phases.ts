import type { StepRun } from './deployment.ts';
import type { PhaseRule, PlanRule, StepRule } from './policy.ts';

/** When the phase's next health check is due; undefined: it has baked, and the check at its end was the last one. */
export const nextCheck = (phase: PhaseRule, bakesFrom: Date, last: StepRun | undefined): Date | undefined => {
  const end = bakesFrom.getTime() + phase.bake;
  if (last === undefined) return new Date(Math.min(bakesFrom.getTime() + phase.every, end));
  if (last.startedAt.getTime() >= end) return undefined;
  return new Date(Math.min((last.finishedAt ?? last.startedAt).getTime() + phase.every, end));
};

/** Milliseconds of the steps alone: no baking, and nothing that is done to the old side afterwards. */
export const workDuration = ({ steps }: PlanRule, fromPhase = 0): number =>
  steps.filter((step) => isWork(step) && (step.phase ?? 0) >= fromPhase).reduce(byExpected, 0);

/** Milliseconds of baking, with the health check that ends each. */
export const bakeDuration = ({ phases = [], steps }: PlanRule, fromPhase = 0): number =>
  phases.slice(fromPhase).reduce((sum, { bake }) => sum + bake, 0) +
  steps.filter(({ check, phase = 0 }) => check === true && phase >= fromPhase).reduce(byExpected, 0);

/** Milliseconds that the plan is expected to take, from one of its phases on. */
export const expectedDuration = (plan: PlanRule, fromPhase = 0): number =>
  workDuration(plan, fromPhase) + bakeDuration(plan, fromPhase);

const isWork = ({ check, part }: StepRule): boolean => check !== true && part !== 'refresh';

const byExpected = (sum: number, { expected }: StepRule): number => sum + expected;
