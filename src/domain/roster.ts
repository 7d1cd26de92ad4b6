import type { EscalationRule } from './oncall.ts';
import type { PersonId, Policy, ServiceName } from './policy.ts';
import type { Absence, Override, Roster, Shift } from './schedule.ts';
import { hour, resolveLocal } from './time.ts';

/** The schedule with all that stands in the policy, and with what people have arranged in chat, which is on top. */
export const rosterOf = (
  policy: Policy,
  name: string,
  arranged: { readonly overrides?: readonly Override[]; readonly absences?: readonly Absence[] } = {},
): Roster | undefined => {
  const schedule = policy.oncall.schedules.get(name);
  if (schedule === undefined) return undefined;
  const instants = ({ from, until }: { readonly from: string; readonly until: string }) => ({
    from: resolveLocal(from, policy.timezone).at,
    until: resolveLocal(until, policy.timezone, 'end').at,
  });
  return {
    schedule,
    overrides: [
      ...policy.oncall.overrides.map((rule) => ({
        schedule: rule.schedule,
        person: rule.person,
        ...instants(rule),
      })),
      ...(arranged.overrides ?? []),
    ],
    absences: [
      ...policy.oncall.absences.map((rule) => ({ person: rule.person, ...instants(rule) })),
      ...(arranged.absences ?? []),
    ],
  };
};

/** Whom a page of the service goes to; without a service, or with one that says nothing, the default. */
export const escalationFor = (
  { services, oncall }: Pick<Policy, 'services' | 'oncall'>,
  service: ServiceName | undefined,
): EscalationRule | undefined => {
  const known = service === undefined ? undefined : services.get(service);
  const tier = known?.tier === undefined ? undefined : oncall.tiers.get(known.tier);
  const named = known?.escalation ?? tier?.escalation ?? 'default';
  return oncall.escalations.get(named) ?? [...oncall.escalations.values()][0];
};

/** Hours on call of each person, the most first. */
export const hoursOf = (shifts: readonly Shift[]): ReadonlyMap<PersonId, number> => {
  const hours = new Map<PersonId, number>();
  for (const { person, from, until } of shifts)
    if (person !== undefined)
      hours.set(person, (hours.get(person) ?? 0) + (until.getTime() - from.getTime()) / hour);
  return new Map([...hours].sort((a, b) => b[1] - a[1]));
};
