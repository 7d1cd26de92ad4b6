import { describe, expect, it } from 'vitest';
import { rememberGroups, withGroups } from '../../src/domain/group-roles.ts';
import { policyOf } from '../support/shop.ts';

const policy = policyOf(`
organization: Shop
timezone: Etc/UTC
people:
  quinn: { slack: U01QUINN }
  olga: { slack: U02OLGA }
  dana: {}
roles: { qa: [dana, slackGroup: S01QA] }
services: { api: {} }
trains:
  weekly:
    cutoffs: { in-test: { at: Wednesday 12:00, requires: [build] } }
    windows: [{ name: night, opens: Saturday 22:00, lasts: 4h }]
`);

describe('a role that a user group fills', () => {
  it('has the group’s members whom the policy knows, beside those it names', () => {
    const members = withGroups(policy, () => ['U02OLGA', 'U99', 'U01QUINN']).roles.get('qa');
    expect(members).toEqual(['dana', 'quinn', 'olga']);
  });

  it('L1: fails shut: has nobody of the group while Slack does not say who is in it', () => {
    expect(withGroups(policy, () => undefined).roles.get('qa')).toEqual(['dana']);
  });

  it('is the same policy as long as nothing changed', () => {
    const apply = rememberGroups();
    let members: readonly string[] | undefined = ['U01QUINN'];
    const first = apply(policy, () => members);
    expect(apply(policy, () => members && [...members])).toBe(first);
    members = undefined;
    expect(apply(policy, () => members).roles.get('qa')).toEqual(['dana']);
  });
});
