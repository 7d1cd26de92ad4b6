import type { Target, TierRule } from '../domain/oncall.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { isQualified } from '../domain/qualification.ts';
import { escalationFor, hoursOf, rosterOf } from '../domain/roster.ts';
import { onCallAt, type Roster, type Shift, shiftsBetween } from '../domain/schedule.ts';
import {
  addDays,
  day,
  formatLocal,
  hour,
  type Interval,
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
    ...planned.flatMap((one) => uncovered(policy, one)),
    ...unreachable(policy),
    ...planned.flatMap((one) => outOfReach(policy, one)),
    ...planned.flatMap(({ roster }) => sleepless(policy, roster, now)),
    ...planned.flatMap((one) => unfair(policy, one, now)),
    ...emptyTargets(policy),
    ...[...policy.oncall.tiers.values()].flatMap((tier) => unqualified(policy, tier, planned)),
  ];
};

interface Planned {
  readonly roster: Roster;
  readonly shifts: readonly Shift[];
}

const uncovered = (policy: Policy, { roster, shifts }: Planned): readonly Finding[] =>
  missing(
    policy,
    roster.schedule.name,
    'nobody is on call',
    shifts.filter(({ person }) => person === undefined),
  );

const outOfReach = (policy: Policy, { roster, shifts }: Planned): readonly Finding[] =>
  missing(
    policy,
    roster.schedule.name,
    'nobody who can be reached is on call',
    shifts.filter(({ person }) => person !== undefined && !canBeReached(policy, person)),
  );

/** How many hours of the quarter, and the first of them. */
const missing = (
  policy: Policy,
  schedule: string,
  what: string,
  gaps: readonly Interval[],
): readonly Finding[] => {
  const lack = hoursMissing(policy, gaps);
  return lack === undefined
    ? []
    : [{ path: ['oncall', 'schedules', schedule], at: 'key', message: `${what} for ${lack}` }];
};

const hoursMissing = ({ timezone }: Policy, gaps: readonly Interval[]): string | undefined => {
  const [first] = gaps;
  if (first === undefined) return undefined;
  const hours = gaps.reduce((sum, { from, until }) => sum + (until.getTime() - from.getTime()) / hour, 0);
  const local = (at: Date): string => formatLocal(at, timezone);
  return `${Math.round(hours)} hours of the coming 13 weeks, first from ${local(first.from)} to ${local(first.until)}`;
};

const canBeReached = (policy: Policy, id: PersonId): boolean => {
  const person = policy.people.get(id);
  return (
    person !== undefined &&
    [person.slack, person.teams, person.phone, person.email, person.webhook, person.pagerduty].some(
      (address) => address !== undefined,
    )
  );
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
    if (!policy.people.has(id) || canBeReached(policy, id)) return [];
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

/** Of the hours of a rotation, somebody has many more than the others: absences and overrides add up. */
const unfair = (policy: Policy, { roster, shifts }: Planned, now: Date): readonly Finding[] =>
  roster.schedule.layers.flatMap(({ name, rotation }): readonly Finding[] => {
    const { people, unit, every } = rotation;
    if (people.length < 2) return [];
    // Whole rounds, so that nobody has more only because the quarter ends.
    const rounds = 4 * people.length * every * (unit === 'week' ? week : day);
    const span = Math.min(Math.max(ahead, rounds), 52 * week);
    const seen =
      span === ahead ? shifts : shiftsBetween(roster, { from: now, until: new Date(now.getTime() + span) });
    const hours = hoursOf(
      seen.filter(
        ({ reason }) => (reason.kind === 'turn' || reason.kind === 'stands-in') && reason.layer === name,
      ),
    );
    const mean = [...hours.values()].reduce((sum, own) => sum + own, 0) / people.length;
    const [most] = hours;
    if (most === undefined || most[1] <= policy.oncall.fairness * mean) return [];
    return [
      {
        path: ['oncall', 'schedules', roster.schedule.name],
        at: 'key',
        message: `${most[0]} is on call for ${Math.round(most[1])} hours of ${name} in the coming ${Math.round(span / week)} weeks, and the average of its people is ${Math.round(mean)}`,
      },
    ];
  });

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
  const lack = hoursMissing(policy, hoursUnqualified(policy, tier, first, shifts));
  return [
    ...(lack === undefined
      ? []
      : [{ path: at, at: 'key' as const, message: `nobody who is qualified is paged first for ${lack}` }]),
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

/** When nobody of those who are paged first, all together, is qualified; neighbouring pieces as one. */
const hoursUnqualified = (
  policy: Policy,
  tier: TierRule,
  targets: readonly Target[],
  shifts: readonly Shift[],
): readonly Interval[] => {
  if (shifts.length === 0) return [];
  const always = targets.flatMap(({ kind, name }) =>
    kind === 'person' ? [name] : kind === 'role' ? (policy.roles.get(name) ?? []) : [],
  );
  const edges = shifts.flatMap(({ from, until }) => [
    from.getTime(),
    until.getTime(),
    ...midnights(policy, { from, until }),
  ]);
  const sorted = [...new Set(edges)].sort((a, b) => a - b);
  const gaps: Interval[] = [];
  for (const [i, edge] of sorted.slice(0, -1).entries()) {
    const from = new Date(edge);
    const until = new Date(sorted[i + 1] ?? edge);
    const oncall = shifts.flatMap((shift) =>
      shift.person !== undefined && shift.from <= from && from < shift.until ? [shift.person] : [],
    );
    // Where nobody is on call, that is told by itself.
    if (oncall.length + always.length === 0) continue;
    if ([...always, ...oncall].some((person) => isQualified(policy, tier, person, from))) continue;
    const before = gaps.at(-1);
    if (before?.until.getTime() === edge) gaps.splice(-1, 1, { from: before.from, until });
    else gaps.push({ from, until });
  }
  return gaps;
};

/** Of Saturdays and Mondays: where a weekend begins and ends. */
const midnights = ({ timezone }: Policy, { from, until }: Interval): readonly number[] => {
  const dates: number[] = [];
  const last = localDateOf(until, timezone);
  for (let date = localDateOf(from, timezone); date <= last; date = addDays(date, 1)) {
    const at = resolveLocal(`${date} 00:00`, timezone).at;
    if ((weekdayOf(date) === 6 || weekdayOf(date) === 1) && from < at && at < until) dates.push(at.getTime());
  }
  return dates;
};

const touchesWeekend = ({ timezone }: Policy, { from, until }: Shift): boolean => {
  if (until.getTime() - from.getTime() >= 5 * day) return true;
  const last = localDateOf(new Date(until.getTime() - 1), timezone);
  for (let date = localDateOf(from, timezone); date <= last; date = addDays(date, 1))
    if (weekdayOf(date) >= 6) return true;
  return false;
};
