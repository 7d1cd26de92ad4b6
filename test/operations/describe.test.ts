import { describe, expect, it } from 'vitest';
import { describeChange } from '../../src/operations/describe.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';

describe('what a change lacks', () => {
  it('L14: shows the signatures that the gate will ask for, although no cutoff of the policy does', async () => {
    const text = shop().replace('records, approvals]', 'records]');
    const world = await createWorld({ policy: text });
    const name = await world.submit('dana', 'api');
    const { stages } = await describeChange(world.context, name, new Date(week48.monday));
    const seats = stages.map(({ cutoff, excuses }) => [
      cutoff,
      excuses.filter((excuse) => excuse.code === 'seat-empty').map((excuse) => excuse.facts['role']),
    ]);
    expect(seats).toEqual([
      ['in-test', []],
      ['ready-for-production', ['operations', 'release-manager']],
    ]);
  });
});
