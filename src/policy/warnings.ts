import { standingOf } from '../domain/approval.ts';
import { assertNever } from '../domain/assert-never.ts';
import { expectedDuration } from '../domain/phases.ts';
import { deploymentPlan } from '../domain/plan.ts';
import type { PersonId, PlanRule, Policy, RoleName, SeatRule } from '../domain/policy.ts';
import { formatDuration } from '../domain/time.ts';
import { policyTimeWarnings, type TimeWarning } from '../domain/time-warnings.ts';
import type { Finding } from './fault.ts';
import { oncallWarnings } from './oncall-warnings.ts';

/** What is allowed and probably not meant. `now` begins the two years whose changes of the clocks are looked at. */
export const warningsOf = (policy: Policy, now: Date): readonly Finding[] => [
  ...approvalWarnings(policy, now),
  ...roleWarnings(policy),
  ...serviceWarnings(policy),
  ...planWarnings(policy),
  ...sideWarnings(policy),
  ...oncallWarnings(policy, now),
  ...policyTimeWarnings(policy, now, 2).map(timeWarning),
];

const approvalWarnings = (policy: Policy, now: Date): readonly Finding[] =>
  [...policy.approvals].flatMap(([type, rule]): readonly Finding[] => {
    const short = rule.flatMap((seat, i): readonly Finding[] => {
      const { length } = policy.roles.get(seat.role) ?? [];
      // Who is in a user group is not known here.
      if (policy.slackGroups?.some(({ role }) => role === seat.role)) return [];
      const path = ['approvals', type, i, seat.role];
      if (length === 0)
        return [{ path, at: 'key', message: `${kindOf(type)}: nobody can fill the seat of ${seat.role}` }];
      if (length >= seat.count) return [];
      const asked = `${seat.count} of ${seat.role}, and there ${length === 1 ? 'is' : 'are'} ${length}`;
      return [{ path, at: 'value', message: `${kindOf(type)}: the rule asks for ${asked}` }];
    });
    if (short.length > 0) return short;
    return crowded(policy, type, rule, now);
  });

/** L6: a person fills one seat, so roles that share their people may be too few together. */
const crowded = (policy: Policy, type: string, rule: readonly SeatRule[], now: Date): readonly Finding[] => {
  const rules: readonly (readonly [string, readonly SeatRule[]])[] =
    type === 'late' || type === 'veryLate'
      ? ['normal', 'content', 'standard']
          .map(
            (of) =>
              [
                of,
                [
                  ...(policy.approvals.get(of) ?? []),
                  ...(type === 'late' ? [] : (policy.approvals.get('late') ?? [])),
                ],
              ] as const,
          )
          // What is short of people without these seats has a warning of its own.
          .filter(([, own]) => rule.length > 0 && unfilledBy(policy, own, now).length === 0)
          .map(([of, own]) => [`a ${kinds[type]} ${of} change`, [...own, ...rule]])
      : [[kindOf(type), rule]];
  return rules.flatMap(([name, seats]): readonly Finding[] => {
    const missing = unfilledBy(policy, seats, now);
    if (missing.length === 0) return [];
    const message = `${name}: ${missing.join(', ')} cannot be filled, as each seat needs another person`;
    return [{ path: ['approvals', type], at: 'key', message }];
  });
};

/** The seats that stay empty when everybody signs. */
const unfilledBy = (policy: Policy, rule: readonly SeatRule[], now: Date): readonly RoleName[] => {
  const fingerprint = { artifact: '', plan: '', window: '', records: '', rule: '' };
  const signers = new Set(rule.flatMap(({ role }) => membersOf(policy, role)));
  const decisions = [...signers].map((person) => ({
    id: person,
    person,
    kind: 'approve' as const,
    fingerprint,
    decidedAt: now,
  }));
  return standingOf({ rule, roles: policy.roles, requester: '', fingerprint, decisions }).missing;
};

const membersOf = (policy: Policy, role: RoleName): readonly PersonId[] => policy.roles.get(role) ?? [];

const kinds = { late: 'late', veryLate: 'very late' } as const;

const kindOf = (type: string): string =>
  `${type === 'emergency' ? 'an' : 'a'} ${type === 'veryLate' ? kinds.veryLate : type} change`;

const roleWarnings = (policy: Policy): readonly Finding[] => {
  const empty = (role: RoleName): boolean => membersOf(policy, role).length === 0;
  const signOffs = [...policy.trains.values()].flatMap((train) =>
    train.cutoffs.flatMap((cutoff) =>
      cutoff.requires.flatMap((requirement, i): readonly Finding[] =>
        requirement.kind === 'sign-off' && empty(requirement.role)
          ? [
              {
                path: ['trains', train.name, 'cutoffs', cutoff.name, 'requires', i],
                message: `nobody can sign off: the role ${requirement.role} has no people`,
              },
            ]
          : [],
      ),
    ),
  );
  const managers: readonly Finding[] = policy.releaseManagers.every(empty)
    ? [
        {
          path: ['releaseManagers'],
          message: `nobody can give a go: ${policy.releaseManagers.join(', ')} has no people`,
        },
      ]
    : [];
  return [...signOffs, ...managers];
};

const serviceWarnings = (policy: Policy): readonly Finding[] => {
  const services = [...policy.services.values()];
  const unowned = services
    .filter(({ owners }) => owners.length === 0)
    .map(({ name }): Finding => ({ path: ['services', name], at: 'key', message: 'has no owners' }));
  const items = services.map(({ name, dependsOn }) => ({ service: name, dependsOn, seconds: 0 }));
  const circles = deploymentPlan(items, 1).cycles.map((cycle): Finding => {
    const names = cycle.length > 10 ? [...cycle.slice(0, 10), `${cycle.length - 10} more`] : cycle;
    const message = `${names.join(', ')} depend on each other in a circle; they are deployed together`;
    return { path: ['services', cycle[0] ?? '', 'dependsOn'], at: 'key', message };
  });
  return [...unowned, ...circles];
};

const planWarnings = (policy: Policy): readonly Finding[] => {
  const longest = Math.max(
    0,
    ...[...policy.trains.values()].flatMap(({ windows }) => windows.map(({ lasts }) => lasts)),
  );
  const windows = [...policy.trains.values()].flatMap((train): readonly Finding[] =>
    train.windows.length > 0
      ? []
      : [
          {
            path: ['trains', train.name, 'windows'],
            message: 'without a window nothing on this train is ever deployed',
          },
        ],
  );
  const long = [...policy.plans.values()]
    .filter((plan) => longest > 0 && needed(plan) > longest)
    .map(
      (plan): Finding => ({
        path: ['plans', plan.name],
        at: 'key',
        message: `needs ${formatDuration(needed(plan))} with its reserve, and the longest window lasts ${formatDuration(longest)}`,
      }),
    );
  return [...windows, ...long];
};

const needed = (plan: PlanRule): number => expectedDuration(plan) + plan.reserve;

/** Nothing keeps such a plan from altering the side that customers are on. */
const sideWarnings = (policy: Policy): readonly Finding[] =>
  [...policy.plans.values()]
    .filter(({ strategy, sides }) => strategy === 'parallel-production' && sides === undefined)
    .map(({ name }) => ({
      path: ['plans', name],
      at: 'key',
      message: 'does not say how the live side is known (sides), so nothing keeps it from altering it',
    }));

const timeWarning = ({ path, code, facts }: TimeWarning): Finding => ({
  path: path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
  message: timeText(code, facts),
});

const timeText = (code: TimeWarning['code'], facts: TimeWarning['facts']): string => {
  const times = facts.times.join(', ');
  switch (code) {
    case 'time-in-gap':
      return `the clocks in ${facts.zone} skip this time (${times}); ${facts.taken} holds instead`;
    case 'time-ambiguous':
      return `the clocks in ${facts.zone} show this time twice (${times}); ${facts.taken} is taken`;
    case 'windows-overlap':
      return `${facts.window} opens while ${facts.other} is open (${times})`;
    case 'cancels-nothing':
      return `${facts.window} would not open on ${times} anyway`;
    default:
      return assertNever(code);
  }
};
