import type { CaseRules } from '../domain/case.ts';
import { rulesFor } from '../domain/case.ts';
import { type Change, changeName, changeNumber } from '../domain/change.ts';
import type { Person, PersonId, Policy, RoleName, Service } from '../domain/policy.ts';
import { refuse, role } from '../domain/refusal.ts';
import { closest } from '../domain/spelling.ts';
import { type Train, trainById } from '../domain/train.ts';
import { findChange, lockChange } from '../store/changes.ts';
import type { Store } from '../store/store.ts';

/** What a name stands for, or the refusal that says what was probably meant. */
export const personNamed = (policy: Policy, id: PersonId): Person =>
  policy.people.get(id) ??
  refuse({ code: 'unknown-person', facts: { person: id, ...meant(id, policy.people.keys()) } });

export const serviceNamed = (policy: Policy, name: string): Service =>
  policy.services.get(name) ??
  refuse({ code: 'unknown-service', facts: { service: name, ...meant(name, policy.services.keys()) } });

export const environmentNamed = (policy: Policy, name: string): string =>
  policy.environments.includes(name)
    ? name
    : refuse({
        code: 'unknown-environment',
        facts: { environment: name, known: policy.environments, ...meant(name, policy.environments) },
      });

/** A service with one platform need not name it; one with several must, or a single report would count for all. */
export const platformNamed = (service: Service, name: string | undefined): string => {
  const [only, ...others] = service.platforms;
  if (name === undefined && only !== undefined && others.length === 0) return only;
  if (name !== undefined && service.platforms.includes(name)) return name;
  return refuse({
    code: 'unknown-platform',
    facts: { service: service.name, platform: name ?? '', known: service.platforms },
  });
};

export const trainNamed = (policy: Policy, id: string): Train =>
  trainById(policy, id) ?? refuse({ code: 'unknown-train', facts: { train: id } });

export const requireRole = (
  policy: Policy,
  person: PersonId,
  roles: readonly RoleName[],
  what: string,
): void => {
  if (roles.some((name) => policy.roles.get(name)?.includes(person))) return;
  refuse({ code: 'not-your-role', facts: { what, roles }, movers: roles.map(role) });
};

export const requiredRules = (change: Change, policy: Policy): CaseRules =>
  rulesFor(change, policy) ??
  refuse({ code: 'service-unknown', facts: { service: change.service, type: change.type } });

/** By its name as typed; `lock` keeps it until the transaction ends. */
export const changeNamed = async (
  tx: Pick<Store, 'db'>,
  name: string,
  lock: 'lock' | 'read' = 'lock',
): Promise<Change> => {
  const id = changeNumber(name) ?? refuse({ code: 'unknown-change', facts: { change: name } });
  const change = await (lock === 'lock' ? lockChange : findChange)(tx.db, id);
  return change ?? refuse({ code: 'unknown-change', facts: { change: changeName(id) } });
};

/** Only a change that is still collecting its papers can be acted on. */
export const requireBoarded = (change: Change): Change =>
  change.state === 'boarded'
    ? change
    : refuse({ code: 'change-not-open', facts: { change: changeName(change.id), state: change.state } });

const meant = (word: string, candidates: Iterable<string>): { readonly meant?: string } => {
  const candidate = closest(word, candidates);
  return candidate === undefined ? {} : { meant: candidate };
};
