import type { PersonId, Policy, RoleName } from './policy.ts';

/**
 * The policy with the members of user groups in the roles that they fill. Fails shut: a group whose members are not
 * known right now fills nothing, so that nobody signs by a membership that may be over.
 */
export const withGroups = (
  policy: Policy,
  membersOf: (group: string) => readonly string[] | undefined,
): Policy => {
  if (policy.slackGroups === undefined) return policy;
  const roles = new Map<RoleName, readonly PersonId[]>(policy.roles);
  for (const { role, group } of policy.slackGroups) {
    const members = new Set(membersOf(group) ?? []);
    const people = [...policy.people.values()].filter(
      ({ slack }) => slack !== undefined && members.has(slack),
    );
    roles.set(role, [...new Set([...(roles.get(role) ?? []), ...people.map(({ id }) => id)])]);
  }
  return { ...policy, roles };
};

/** The same policy object as long as nothing changed: what is worked out from it is remembered by it. */
export const rememberGroups = (): ((
  policy: Policy,
  membersOf: (group: string) => readonly string[] | undefined,
) => Policy) => {
  let last: { readonly policy: Policy; readonly seen: string; readonly result: Policy } | undefined;
  return (policy, membersOf) => {
    const seen = JSON.stringify(policy.slackGroups?.map(({ group }) => membersOf(group) ?? null) ?? []);
    if (last?.policy !== policy || last.seen !== seen)
      last = { policy, seen, result: withGroups(policy, membersOf) };
    return last.result;
  };
};
