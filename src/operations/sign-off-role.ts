import { changeName } from '../domain/change.ts';
import type { PersonId, RoleName } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import type { Context } from './context.ts';
import { changeNamed, trainNamed } from './find.ts';

/**
 * As which role a person signs a change off when none was named: the only one that its train asks for and the person
 * has. Refuses `role-missing` when there is a choice. Whether the person may is decided by the signing itself.
 */
export const signOffRole = async (context: Context, name: string, person: PersonId): Promise<RoleName> => {
  const policy = context.policy();
  const change = await changeNamed({ db: context.store.db }, name, 'read');
  const asked = [
    ...new Set(
      trainNamed(policy, change.train).cutoffs.flatMap(({ requires }) =>
        requires.flatMap((requirement) => (requirement.kind === 'sign-off' ? [requirement.role] : [])),
      ),
    ),
  ];
  const own = asked.filter((role) => policy.roles.get(role)?.includes(person));
  const [only, ...others] = own.length > 0 ? own : asked;
  if (only !== undefined && others.length === 0) return only;
  const subject = changeName(change.id);
  return refuse({
    code: only === undefined ? 'no-sign-off-asked' : 'role-missing',
    facts: { change: subject, roles: own.length > 0 ? own : asked },
    ...(only === undefined ? {} : { next: `change sign-off ${subject} ${only}` }),
  });
};

export const isRole = (context: Context, word: string): boolean => context.policy().roles.has(word);
