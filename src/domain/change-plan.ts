import { type Change, changeName } from './change.ts';
import { type LearnedDurations, learnedOf, nothingLearned, usualDuration } from './learned.ts';
import type { Effort } from './list-schedule.ts';
import { deploymentPlan } from './plan.ts';
import type { Policy } from './policy.ts';

/** Where a change stands in its train's plan. */
export interface PlannedChange {
  readonly change: Change;
  /** Changes of this plan that must be deployed before it; none of its own unit. */
  readonly before: readonly Change[];
  /** 0, 1, …: the earliest wave in which it can start. */
  readonly wave: number;
  /** 0, 1, …: order of starting when there are more changes than hands. */
  readonly position: number;
  /** Seconds from the beginning until it is expected to start, if everything starts as it can. */
  readonly startSeconds: number;
  /** Number of one change of its dependency cycle, its own when it is in none: such changes go together. */
  readonly unit: number;
}

export interface ChangePlan {
  readonly planned: readonly PlannedChange[];
  /** Services that depend on each other in a circle. */
  readonly cycles: readonly (readonly string[])[];
  readonly makespanSeconds: number;
}

/** The order of a train's changes: a service after those that it depends on, and its own changes one after another. */
export const planChanges = (
  changes: readonly Change[],
  policy: Policy,
  effort: Effort = 'thorough',
  learned: LearnedDurations = nothingLearned,
): ChangePlan => {
  const byName = new Map(changes.map((change) => [changeName(change.id), change]));
  const ofService = new Map<string, Change[]>();
  for (const change of [...changes].sort((a, b) => a.id - b.id))
    ofService.set(change.service, [...(ofService.get(change.service) ?? []), change]);
  const plan = deploymentPlan(
    changes.map((change) => {
      const service = policy.services.get(change.service);
      const rule = service && policy.plans.get(service.plan);
      return {
        service: changeName(change.id),
        dependsOn: needs(change, ofService, policy).map((other) => changeName(other.id)),
        seconds: rule === undefined ? 0 : usualDuration(rule, learnedOf(learned, change, rule)) / 1_000,
        ...(rule?.claims === undefined ? {} : { claims: rule.claims }),
      };
    }),
    policy.concurrency,
    policy.resources,
    effort,
  );
  const unitOf = new Map<string, number>();
  for (const cycle of plan.cycles) {
    const unit = Math.min(...cycle.map((name) => byName.get(name)?.id ?? Number.POSITIVE_INFINITY));
    for (const name of cycle) unitOf.set(name, unit);
  }
  const waveOf = new Map(plan.waves.flatMap((wave, index) => wave.map((name) => [name, index] as const)));
  const unit = (change: Change): number => unitOf.get(changeName(change.id)) ?? change.id;
  const planned = plan.order.flatMap((name, position): PlannedChange[] => {
    const change = byName.get(name);
    if (change === undefined) return [];
    const before = needs(change, ofService, policy).filter((other) => unit(other) !== unit(change));
    return [
      {
        change,
        before,
        wave: waveOf.get(name) ?? 0,
        position,
        startSeconds: plan.starts[position] ?? 0,
        unit: unit(change),
      },
    ];
  });
  return {
    planned,
    cycles: plan.cycles.map((cycle) => cycle.map((name) => byName.get(name)?.service ?? name)),
    makespanSeconds: plan.makespanSeconds,
  };
};

const needs = (
  change: Change,
  ofService: ReadonlyMap<string, readonly Change[]>,
  policy: Policy,
): readonly Change[] => {
  const services = policy.services.get(change.service)?.dependsOn ?? [];
  const others = services
    .filter((name) => name !== change.service)
    .flatMap((name) => ofService.get(name) ?? []);
  const earlier = (ofService.get(change.service) ?? []).filter((other) => other.id < change.id);
  const named = new Set(change.after ?? []);
  // Rare, and looking for them goes through all changes.
  const awaited =
    named.size === 0 ? [] : [...ofService.values()].flat().filter((other) => named.has(other.id));
  return [...new Set([...others, ...earlier, ...awaited])];
};
