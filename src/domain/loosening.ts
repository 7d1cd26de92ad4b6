import type { Policy, RoleName, SeatRule } from './policy.ts';
import { requirementName } from './requirement.ts';

/** A rule that asks for less than before, and whose seats have to agree to that: those of the rule as it was. */
export interface Loosening {
  /** As the policy writes it: `approvals.normal`, `trains.weekly.cutoffs.in-test`. */
  readonly rule: string;
  /** What it asks for no more. */
  readonly without: readonly string[];
  readonly seats: readonly SeatRule[];
}

/**
 * Every rule of approval that the new policy loosens. Who has which role is not one of them: people come and go, and
 * what they may sign stays. A rule that never asked for a signature has none to give.
 */
export const loosenings = (from: Policy, to: Policy): readonly Loosening[] =>
  [
    ...ofApprovals(from, to),
    ...ofDuties(from, to),
    ...ofRequirements(from, to),
    ...ofBuilders(from, to),
    ...ofSystems(from, to),
  ].filter(({ seats }) => seats.length > 0);

/** All seats that are asked for together: the most of each role. */
export const seatsFor = (loosened: readonly Loosening[]): readonly SeatRule[] => {
  const counts = new Map<RoleName, number>();
  for (const { seats } of loosened)
    for (const { role, count } of seats) counts.set(role, Math.max(count, counts.get(role) ?? 0));
  return [...counts].map(([role, count]) => ({ role, count }));
};

const ofApprovals = (from: Policy, to: Policy): readonly Loosening[] =>
  [...from.approvals].flatMap(([type, seats]) => {
    const left = to.approvals.get(type) ?? [];
    const without = seats.flatMap(({ role, count }) => {
      const less = count - (left.find((seat) => seat.role === role)?.count ?? 0);
      return less > 0 ? [`${role}: ${less}`] : [];
    });
    return without.length === 0 ? [] : [{ rule: `approvals.${type}`, without, seats }];
  });

const ofDuties = (from: Policy, to: Policy): readonly Loosening[] => [
  ...lost(from.vetoes, to.vetoes).map((role) => ({
    rule: 'vetoes',
    without: [role],
    seats: [{ role, count: 1 }],
  })),
  ...loosened('separation', lost(from.separation, to.separation), usual(from)),
];

const ofRequirements = (from: Policy, to: Policy): readonly Loosening[] => [
  ...[...from.trains].flatMap(([name, train]) =>
    train.cutoffs.flatMap((cutoff) => {
      const asked =
        to.trains.get(name)?.cutoffs.flatMap(({ requires }) => requires.map(requirementName)) ?? [];
      // Asked by another cutoff of the train it is asked still.
      const without = to.trains.has(name) ? lost(cutoff.requires.map(requirementName), asked) : [];
      return loosened(`trains.${name}.cutoffs.${cutoff.name}.requires`, without, usual(from));
    }),
  ),
  ...loosened(
    'emergency.requires',
    lost(from.emergencyRequires.map(requirementName), to.emergencyRequires.map(requirementName)),
    from.approvals.get('emergency') ?? [],
  ),
];

const ofBuilders = (from: Policy, to: Policy): readonly Loosening[] => {
  const open = from.trustedBuilders.length > 0 && to.trustedBuilders.length === 0;
  const more = from.trustedBuilders.length === 0 ? [] : lost(to.trustedBuilders, from.trustedBuilders);
  const without = open ? ['any trust at all'] : more.map((builder) => `distrust of ${builder}`);
  const believed = (builder: string): boolean => open || to.trustedBuilders.includes(builder);
  return [
    ...loosened('builders.trusted', without, usual(from)),
    ...loosened('builders.keys', lost(signing(from), signing(to)).filter(believed), usual(from)),
    ...loosened(
      'builders.secrets',
      lost([...from.builderSecrets.keys()], [...to.builderSecrets.keys()]).filter(believed),
      usual(from),
    ),
  ];
};

/** What is asked no more where tickets stand, or calls another state ready; and whose events may name a builder now. */
const ofSystems = (from: Policy, to: Policy): readonly Loosening[] => {
  const believes = ({ events }: Policy): readonly string[] =>
    events.flatMap(({ source, type, fields }) =>
      fields.builder === undefined ? [] : [`${source} ${type} as ${fields.builder}`],
    );
  return [
    ...from.trackers.flatMap((tracker) => {
      const other = to.trackers.find(({ name }) => name === tracker.name);
      const without = [
        ...lost(tracker.records, other?.records ?? []),
        ...lost(other?.ready ?? [], tracker.ready).map((state) => `that ${state} is not ready`),
      ];
      return loosened(`trackers.${tracker.name}`, without, usual(from));
    }),
    ...loosened(
      'events',
      lost(believes(to), believes(from)).map((event) => `distrust of ${event}`),
      usual(from),
    ),
  ];
};

/** Builders whose provenance has to be signed, by a key or an identity. */
const signing = (policy: Policy): readonly string[] => [
  ...policy.builderKeys.keys(),
  ...policy.builderIdentities.keys(),
];

const usual = (policy: Policy): readonly SeatRule[] => policy.approvals.get('normal') ?? [];

const loosened = (
  rule: string,
  without: readonly string[],
  seats: readonly SeatRule[],
): readonly Loosening[] => (without.length === 0 ? [] : [{ rule, without, seats }]);

const lost = (before: readonly string[], after: readonly string[]): readonly string[] =>
  before.filter((one) => !after.includes(one));
