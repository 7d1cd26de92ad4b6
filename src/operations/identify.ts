import type { PersonId, Policy } from '../domain/policy.ts';
import type { PlatformName } from './context.ts';

/** Whom the policy in force knows by a platform's immutable id (L7); the console names people as the policy does. */
export const identify = (
  policy: Policy,
  { platform, id }: { readonly platform: PlatformName; readonly id: string },
): PersonId | undefined =>
  platform === 'console'
    ? policy.people.get(id)?.id
    : [...policy.people.values()].find((person) => person[platform] === id)?.id;
