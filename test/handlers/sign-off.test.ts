import { expect, test } from 'vitest';
import { openDesk } from '../support/desk.ts';
import { shop } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';

const setUp = async (requires: string) => {
  const world = await createWorld({
    policy: shop({ roles: { qa: '[quinn, mira]' } }).replace('sign-off:qa', requires),
  });
  await world.build('api', '1.0.0');
  await world.submit('dana', 'api');
  const { say } = openDesk(world.context);
  const signed = async () => (await world.audit('evidence')).at(-1)?.facts?.['role'];
  const refused = async () => (await world.audit('refused')).at(-1)?.outcome;
  return { say, signed, refused };
};

test('a sign-off is given as the only role that the train asks for and the person has', async () => {
  const { say, signed, refused } = await setUp('sign-off:qa, sign-off:marketing');
  await say('quinn', 'change sign-off 1 works');
  expect(await signed()).toBe('qa');
  await say('omar', 'change sign-off 1');
  expect(await signed()).toBe('marketing');
  const both = await say('mira', 'change sign-off 1');
  expect(await refused()).toBe('role-missing');
  expect(both.text).toMatch(/change sign-off CHG-1/);
  await say('mira', 'change sign-off 1 marketing');
  expect(await signed()).toBe('marketing');
});

test('a train that asks for no sign-off says so', async () => {
  const { say, refused } = await setUp('build');
  await say('quinn', 'change sign-off 1');
  expect(await refused()).toBe('no-sign-off-asked');
});
