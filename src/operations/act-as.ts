import type { PersonId, Policy, RoleName } from '../domain/policy.ts';
import { refuse, role } from '../domain/refusal.ts';
import { standInsAt } from '../store/roster.ts';
import type { Tx } from '../store/store.ts';

/**
 * Whose role of these somebody acts with: an own one, or that of somebody who is away and has named them as the
 * stand-in. Refuses `not-your-role`.
 */
export const actAs = async (
  tx: Tx,
  policy: Policy,
  roles: readonly RoleName[],
  what: string,
): Promise<PersonId> => {
  const { actor, at } = tx.cause;
  const has = (person: PersonId): boolean => roles.some((name) => policy.roles.get(name)?.includes(person));
  if (has(actor)) return actor;
  const absent = (await standInsAt(tx.db, at)).find(
    ({ person, insteadOf }) => person === actor && has(insteadOf),
  );
  return (
    absent?.insteadOf ?? refuse({ code: 'not-your-role', facts: { what, roles }, movers: roles.map(role) })
  );
};
