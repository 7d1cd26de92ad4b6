import type { Change } from './change.ts';
import { bakeDuration, workDuration } from './phases.ts';
import type { PlanRule } from './policy.ts';

/** Of the last runs of one plan for one service that went well by themselves; milliseconds. */
export interface Learned {
  readonly runs: number;
  readonly p50: number;
  readonly p90: number;
}

/** What is learned of a service and a plan, by `learnedKey`. */
export type LearnedDurations = ReadonlyMap<string, Learned>;

export const nothingLearned: LearnedDurations = new Map();

export const learnedKey = (service: string, plan: string): string => `${service} by ${plan}`;

/** Runs below which the past says nothing. */
const fewest = 3;

export const learnedOf = (
  learned: LearnedDurations,
  { service }: Pick<Change, 'service'>,
  plan: PlanRule,
): Learned | undefined => {
  const known = learned.get(learnedKey(service, plan.name));
  return known === undefined || known.runs < fewest ? undefined : known;
};

/** Milliseconds to plan with: what was declared, or the usual of the past where that is longer. Baking is as declared. */
export const usualDuration = (plan: PlanRule, learned: Learned | undefined): number =>
  bakeDuration(plan) + Math.max(workDuration(plan), learned?.p50 ?? 0);

/** Milliseconds to admit by: what was declared, or what nine of ten past runs took where that is longer. */
export const safeDuration = (plan: PlanRule, learned: Learned | undefined): number =>
  bakeDuration(plan) + Math.max(workDuration(plan), learned?.p90 ?? 0);
