import type { TierRule } from './oncall.ts';
import type { PersonId, Policy, ServiceName } from './policy.ts';
import { localDateOf, weekdayOf } from './time.ts';

/** Saturday and Sunday on the policy's wall clock. */
export const isWeekend = (at: Date, zone: string): boolean => weekdayOf(localDateOf(at, zone)) >= 6;

/** Whether the person may be paged first for services of the tier at this moment. */
export const isQualified = (policy: Policy, tier: TierRule, person: PersonId, at: Date): boolean => {
  const { levels } = policy.oncall;
  const rank = (level: string | undefined): number => levels.indexOf(level ?? '');
  const senior = tier.level === undefined || rank(policy.people.get(person)?.level) >= rank(tier.level);
  const ofRole =
    tier.weekends === undefined ||
    !isWeekend(at, policy.timezone) ||
    (policy.roles.get(tier.weekends) ?? []).includes(person);
  return senior && ofRole;
};

/** What the service demands of whoever is paged first; undefined when it takes anybody. */
export const qualificationFor = (
  policy: Policy,
  service: ServiceName | null,
  at: Date,
): ((person: PersonId) => boolean) | undefined => {
  const name = service === null ? undefined : policy.services.get(service)?.tier;
  const tier = name === undefined ? undefined : policy.oncall.tiers.get(name);
  return tier === undefined || (tier.level === undefined && tier.weekends === undefined)
    ? undefined
    : (person) => isQualified(policy, tier, person, at);
};
