import type { Decision } from './approval.ts';
import type { Change } from './change.ts';
import type { Duty, SeparationRule } from './duty.ts';
import type { Evidence } from './evidence.ts';
import type { PersonId, Policy } from './policy.ts';

/** Who has the second duty cannot have the first one too. That the requester does not approve is law anyway (L6). */
const duties: Readonly<Record<SeparationRule, readonly [Duty, Duty]>> = {
  cannotApproveOwn: ['approver', 'author'],
  approverNotTester: ['approver', 'tester'],
  testerNotAuthor: ['tester', 'author'],
  deployerNotAuthor: ['deployer', 'author'],
  deployerNotApprover: ['deployer', 'approver'],
};

/** What tells who has which duty; without decisions nobody has approved. */
export interface Deeds {
  readonly change: Change;
  readonly evidence: readonly Evidence[];
  readonly decisions?: readonly Decision[];
}

type Rules = Pick<Policy, 'separation' | 'people'>;

/** Who cannot have this duty, and by which rule. */
export const barredFrom = (
  duty: Duty,
  deeds: Deeds,
  policy: Rules,
): ReadonlyMap<PersonId, SeparationRule> => {
  const barred = new Map<PersonId, SeparationRule>();
  for (const rule of policy.separation) {
    const [first, second] = duties[rule];
    if (first === duty) for (const person of holders(second, deeds, policy)) barred.set(person, rule);
  }
  return barred;
};

/** The rule that taking this duty would break, also where it is what the person did before that would count no more. */
export const brokenBy = (
  person: PersonId,
  duty: Duty,
  deeds: Deeds,
  policy: Rules,
): SeparationRule | undefined =>
  policy.separation.find((rule) => {
    const [first, second] = duties[rule];
    const other = first === duty ? second : second === duty ? first : undefined;
    return other !== undefined && holders(other, deeds, policy).includes(person);
  });

const holders = (duty: Duty, deeds: Deeds, policy: Rules): readonly PersonId[] => {
  const { change, evidence, decisions = [] } = deeds;
  const ofItsBytes = evidence.filter((e) => e.artifact !== null && e.artifact === change.artifact);
  switch (duty) {
    case 'author':
      return [
        change.requester,
        ...ofItsBytes.flatMap((e) =>
          e.kind === 'build' ? (e.authors ?? []).flatMap((author) => personCalled(author, policy)) : [],
        ),
      ];
    case 'tester':
      return ofItsBytes.flatMap((e) =>
        (e.kind === 'sign-off' || e.kind === 'verified') && e.outcome === 'pass' && e.person !== null
          ? [e.person]
          : [],
      );
    case 'approver':
      return decisions.flatMap((d) =>
        d.kind === 'approve' && d.rescindedAt === undefined
          ? [d.person, ...(d.onBehalfOf === undefined ? [] : [d.onBehalfOf])]
          : [],
      );
    case 'deployer':
      // Known when it is asked for only: see the gate.
      return [];
  }
};

/** As a build names authors: a person's id of the policy, or an e-mail address. Nobody for somebody unknown. */
const personCalled = (author: string, { people }: Rules): readonly PersonId[] => {
  if (people.has(author)) return [author];
  const address = author.toLowerCase();
  return [...people.values()].filter(({ email }) => email?.toLowerCase() === address).map(({ id }) => id);
};
