import type { PersonId, Policy, RoleName } from './policy.ts';

/** Whose move it is: a person, any member of a role, or a system (`ci`, `clock`). */
export type Mover =
  | { readonly kind: 'person'; readonly person: PersonId }
  | { readonly kind: 'role'; readonly role: RoleName }
  | { readonly kind: 'system'; readonly system: string };

/**
 * An expected no (L14): what was refused (`code`), the facts, whose move it is, what to do next and by when.
 * Wording is made from the code and the facts in `cards/refusal-card`; nothing else reads text.
 */
export interface Refusal {
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
  readonly movers?: readonly Mover[];
  /** A chat command that resolves it, e.g. `change rescind CHG-3`. */
  readonly next?: string;
  readonly by?: Date;
}

/** Thrown by operations to end their transaction; caught only where requests are answered and jobs are framed. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.name = 'Refused';
    this.refusal = refusal;
  }
}

export const refuse = (refusal: Refusal): never => {
  throw new Refused(refusal);
};

export const person = (id: PersonId): Mover => ({ kind: 'person', person: id });
export const role = (name: RoleName): Mover => ({ kind: 'role', role: name });
export const system = (name: string): Mover => ({ kind: 'system', system: name });

/** The role when all its members can act or nobody can at all, or else just those people who can: the others have done theirs. */
export const asking = (
  policy: Pick<Policy, 'roles'>,
  name: RoleName,
  able: readonly PersonId[],
): readonly Mover[] => {
  const members = policy.roles.get(name) ?? [];
  return able.length === 0 || members.every((member) => able.includes(member))
    ? [role(name)]
    : able.map(person);
};
