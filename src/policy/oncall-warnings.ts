import type { Target, TierRule } from '../domain/oncall.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { escalationFor, rosterOf } from '../domain/roster.ts';
import { onCallAt, type Roster, type Shift, shiftsBetween } from '../domain/schedule.ts';
import {
  addDays,
  day,
  formatLocal,
  hour,
  localDateOf,
  resolveLocal,
  week,
  weekdayOf,
} from '../domain/time.ts';
import type { Finding } from './fault.ts';

/** As far as people plan: a quarter. */
const ahead = 13 * week;

/** Hours on call of the coming quarter without anybody, without anybody who can be reached, or with the wrong one. */
export const oncallWarnings = (policy: Policy, now: Date): readonly Finding[] => {
  const interval = { from: now, until: new Date(now.getTime() + ahead) };
  const rosters = [...policy.oncall.schedules.keys()].flatMap((name) => rosterOf(policy, name) ?? []);
  const planned = rosters.map((roster) => ({ roster, shifts: shiftsBetween(roster, interval) }));
  return [
    ...planned.flatMap(({ roster, shifts }) => uncovered(policy, roster, shifts)),
    ...unreachable(policy),
    ...planned.flatMap(({ roster }) => sleepless(policy, roster, now)),
    ...emptyTargets(policy),
    ...[...policy.oncall.tiers.values()].flatMap((tier) => unqualified(policy, tier, planned)),
  ];
};

interface Planned {
  readonly roster: Roster;
  readonly shifts: readonly Shift[];
}

const uncovered = (policy: Policy, { schedule }: Roster, shifts: readonly Shift[]): readonly Finding[] => {
  const gaps = shifts.filter(({ person }) => person === undefined);
  const [first] = gaps;
  if (first === undefined) return [];
  const hours = gaps.reduce((sum, { from, until }) => sum + (until.getTime() - from.getTime()) / hour, 0);
  const local = (at: Date): string => formatLocal(at, policy.timezone);
  return [
    {
      path: ['oncall', 'schedules', schedule.name],
      at: 'key',
      message: `nobody is on call for ${Math.round(hours)} hours of the coming 13 weeks, first from ${local(first.from)} to ${local(first.until)}`,
    },
  ];
};

const unreachable = (policy: Policy): readonly Finding[] => {
  const named = new Set<PersonId>([
    ...[...policy.oncall.schedules.values()].flatMap(({ layers }) =>
      layers.flatMap(({ rotation }) => rotation.people),
    ),
    ...policy.oncall.overrides.map(({ person }) => person),
    ...targetsOf(policy).flatMap((target) => (target.kind === 'person' ? [target.name] : [])),
  ]);
  return [...named].flatMap((id): readonly Finding[] => {
    const person = policy.people.get(id);
    if (person === undefined || person.slack || person.teams || person.phone || person.email) return [];
    if (person.webhook || person.pagerduty) return [];
    return [
      {
        path: ['people', id],
        at: 'key',
        message: 'is on call and cannot be reached: there is neither slack, teams, email nor phone',
      },
    ];
  });
};

const targetsOf = ({ oncall }: Policy): readonly Target[] => [
  ...[...oncall.escalations.values()].flatMap(({ steps }) => steps.flatMap(({ targets }) => targets)),
  ...oncall.catchAll,
];

const emptyTargets = (policy: Policy): readonly Finding[] =>
  [...policy.oncall.escalations.values()].flatMap(({ name, steps }) =>
    steps.flatMap(({ targets }, i): readonly Finding[] =>
      targets.some((target) => target.kind !== 'role' || (policy.roles.get(target.name) ?? []).length > 0)
        ? []
        : [
            {
              path: ['oncall', 'escalations', name, i, 'page'],
              message: 'nobody has these roles, so the step is passed over',
            },
          ],
    ),
  );

/** At three in the morning everybody who is on call is on call at night. */
const nightHour = '03:00';

const sleepless = (policy: Policy, roster: Roster, now: Date): readonly Finding[] => {
  const { nights } = policy.oncall;
  if (nights === undefined) return [];
  const first = localDateOf(now, policy.timezone);
  let streak: { person: PersonId | undefined; since: string; nights: number } = {
    person: undefined,
    since: first,
    nights: 0,
  };
  const longest = new Map<PersonId, { since: string; nights: number }>();
  for (let n = 0; n < ahead / day; n += 1) {
    const date = addDays(first, n);
    const { person } = onCallAt(roster, resolveLocal(`${date} ${nightHour}`, policy.timezone).at);
    streak =
      person === streak.person
        ? { ...streak, nights: streak.nights + 1 }
        : { person, since: date, nights: 1 };
    if (person !== undefined && streak.nights > (longest.get(person)?.nights ?? 0))
      longest.set(person, streak);
  }
  return [...longest]
    .filter(([, run]) => run.nights > nights)
    .map(
      ([person, run]): Finding => ({
        path: ['oncall', 'schedules', roster.schedule.name],
        at: 'key',
        message: `${person} is on call for ${run.nights} nights in a row from ${run.since}`,
      }),
    );
};

/** What a tier demands of the first responder, held against everybody who will be it. */
const unqualified = (policy: Policy, tier: TierRule, planned: readonly Planned[]): readonly Finding[] => {
  const at = ['oncall', 'tiers', tier.name];
  const { levels } = policy.oncall;
  if (tier.level !== undefined && !levels.includes(tier.level))
    return [{ path: [...at, 'level'], message: `"${tier.level}" is not one of oncall.levels` }];
  const services = [...policy.services.values()].filter((service) => service.tier === tier.name);
  const rules = new Set(services.map(({ name }) => escalationFor(policy, name)));
  const first = [...rules].flatMap((rule) => rule?.steps[0]?.targets ?? []);
  const shifts = first.flatMap((target) =>
    target.kind === 'schedule'
      ? (planned.find(({ roster }) => roster.schedule.name === target.name)?.shifts ?? [])
      : [],
  );
  const rank = (person: PersonId): number => levels.indexOf(policy.people.get(person)?.level ?? '');
  const low = tier.level === undefined ? -1 : levels.indexOf(tier.level);
  const people = new Set([
    ...shifts.flatMap(({ person }) => person ?? []),
    ...first.flatMap((target) => (target.kind === 'person' ? [target.name] : [])),
  ]);
  const junior = [...people].filter((person) => rank(person) < low);
  const strangers =
    tier.weekends === undefined
      ? []
      : [
          ...new Set(
            shifts.filter((shift) => touchesWeekend(policy, shift)).flatMap(({ person }) => person ?? []),
          ),
        ].filter((person) => !(policy.roles.get(tier.weekends ?? '') ?? []).includes(person));
  return [
    ...(junior.length === 0
      ? []
      : [
          {
            path: [...at, 'level'],
            message: `${junior.join(', ')} will be paged first and ${junior.length === 1 ? 'is' : 'are'} not ${tier.level} or above`,
          },
        ]),
    ...(strangers.length === 0
      ? []
      : [
          {
            path: [...at, 'weekends'],
            message: `${strangers.join(', ')} will be paged first at a weekend and ${strangers.length === 1 ? 'is' : 'are'} not of ${tier.weekends}`,
          },
        ]),
  ];
};

const touchesWeekend = ({ timezone }: Policy, { from, until }: Shift): boolean => {
  if (until.getTime() - from.getTime() >= 5 * day) return true;
  const last = localDateOf(new Date(until.getTime() - 1), timezone);
  for (let date = localDateOf(from, timezone); date <= last; date = addDays(date, 1))
    if (weekdayOf(date) >= 6) return true;
  return false;
};
