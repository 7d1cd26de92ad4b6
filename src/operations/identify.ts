import type { PersonId, Policy } from '../domain/policy.ts';
import type { PlatformName } from './context.ts';

export interface Known {
  readonly platform: PlatformName;
  readonly id: string;
  /** As the platform's roster has it. */
  readonly email?: string;
}

/**
 * Whom the policy in force knows by a platform's immutable id (L7); the console names people as the policy does. An
 * address of the roster speaks for people only to whom the policy gives no id of that platform.
 */
export const identify = (policy: Policy, { platform, id, email }: Known): PersonId | undefined => {
  if (platform === 'console') return policy.people.get(id)?.id;
  const people = [...policy.people.values()];
  const byId = people.find((person) => person[platform] === id);
  if (byId !== undefined || email === undefined) return byId?.id;
  const byAddress = people.filter(
    (person) => person[platform] === undefined && person.email?.toLowerCase() === email.toLowerCase(),
  );
  return byAddress.length === 1 ? byAddress[0]?.id : undefined;
};

/** Whether an address could make a stranger known. */
export const wantsEmail = (policy: Policy, { platform, id }: Known): boolean =>
  platform !== 'console' &&
  identify(policy, { platform, id }) === undefined &&
  [...policy.people.values()].some((person) => person[platform] === undefined && person.email !== undefined);

/** Whose telephone it is; nobody's when two people share it. */
export const identifyPhone = (policy: Policy, phone: string): PersonId | undefined => {
  const owners = [...policy.people.values()].filter((person) => person.phone === phone);
  return owners.length === 1 ? owners[0]?.id : undefined;
};
