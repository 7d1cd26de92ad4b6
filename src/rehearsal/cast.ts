import type { PersonId, Policy, Requirement, RoleName } from '../domain/policy.ts';
import type { Train } from '../domain/train.ts';

/** Who plays what, found in any policy. */

/** Different people for all seats of the type, none of them the requester; undefined when there are not enough. */
export const signersFor = (
  policy: Policy,
  type: string,
  requester: PersonId,
): readonly PersonId[] | undefined => {
  const seats = (policy.approvals.get(type) ?? []).flatMap(({ role, count }) =>
    Array.from({ length: count }, () => membersOf(policy, [role])),
  );
  const fill = (left: typeof seats, taken: readonly PersonId[]): readonly PersonId[] | undefined => {
    const [seat, ...rest] = left;
    if (seat === undefined) return taken;
    for (const person of seat)
      if (person !== requester && !taken.includes(person)) {
        const all = fill(rest, [...taken, person]);
        if (all !== undefined) return all;
      }
    return undefined;
  };
  return fill(seats, []);
};

export const membersOf = (policy: Policy, roles: readonly RoleName[]): readonly PersonId[] => [
  ...new Set(roles.flatMap((role) => policy.roles.get(role) ?? [])),
];

export const requirementsOf = (train: Train): readonly Requirement[] =>
  train.cutoffs.flatMap((c) => c.requires);

/** Somebody whose change of the service others can complete: an owner if possible. */
export const requesterFor = (
  policy: Policy,
  train: Train,
  service: string,
  type: string,
): PersonId | undefined => {
  const { owners = [], businessOwner } = policy.services.get(service) ?? {};
  const candidates = [
    ...owners,
    ...(businessOwner === undefined ? [] : [businessOwner]),
    ...policy.people.keys(),
  ];
  return candidates.find(
    (person) =>
      signersFor(policy, type, person) !== undefined &&
      requirementsOf(train).every(
        (requirement) =>
          requirement.kind !== 'sign-off' || membersOf(policy, [requirement.role]).some((p) => p !== person),
      ),
  );
};

/** Which service has which fate. */
export interface Fates {
  readonly makesIt?: string;
  readonly fails?: string;
  /** Depends on the one that fails. */
  readonly held?: string;
  readonly misses?: string;
  readonly late?: string;
  readonly standard?: string;
  readonly content?: string;
}

/** The fates that matter most come first where there are few services. */
export const castServices = (policy: Policy): Fates => {
  const names = [...policy.services.keys()];
  const needs = (name: string): readonly string[] =>
    (policy.services.get(name)?.dependsOn ?? []).filter((other) => other !== name);
  const edges = names
    .flatMap((held) => needs(held).map((fails) => ({ held, fails })))
    // One of a circle is deployed with the others: nothing would be held.
    .filter(({ held, fails }) => !needs(fails).includes(held));
  const reach = (from: readonly string[]): ReadonlySet<string> => {
    const reached = new Set(from);
    // Grows while it is walked.
    for (const name of reached)
      for (const other of names) if (needs(other).includes(name)) reached.add(other);
    return reached;
  };
  // The pair that leaves the most others untouched: what depends on the two would be held as well.
  const [edge] =
    names.length < 3 ? [] : edges.toSorted((a, b) => reach([a.fails]).size - reach([b.fails]).size);
  const touched = edge === undefined ? new Set<string>() : reach([edge.fails]);
  const left = names.filter((name) => name !== edge?.fails && name !== edge?.held);
  const queue = [...left.filter((name) => !touched.has(name)), ...left.filter((name) => touched.has(name))];
  const take = (isWanted = true): string | undefined => (isWanted ? queue.shift() : undefined);
  const makesIt = take();
  const fails = edge?.fails ?? take();
  const misses = take();
  const standard = take(policy.approvals.has('standard'));
  const content = take(policy.approvals.has('content'));
  const late = take();
  return Object.fromEntries(
    Object.entries({ makesIt, fails, held: edge?.held, misses, standard, content, late }).filter(
      ([, service]) => service !== undefined,
    ),
  );
};
