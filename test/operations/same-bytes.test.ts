import { expect, it } from 'vitest';
import { openDesk } from '../support/desk.ts';
import { policyOf, shop, week48 } from '../support/shop.ts';
import { createWorld, digest } from '../support/world.ts';
import { states } from './nights.ts';

const policy = shop().replace(
  'alone: { owners: [dev] }',
  'alone: { owners: [dev], externalConfiguration: [DATABASE_URL] }',
);

it('L4: a change that is set up otherwise in one environment than in the one before is excused, but for what is external', async () => {
  const world = await createWorld({ policy });
  const { say } = openDesk(world.context);
  const alone = await world.submit('dev', 'alone');
  await world.passInTest(alone);
  const artifact = (await world.change(alone)).artifact ?? '';
  const report = (environment: string, kind: 'deployed' | 'verified', configuration: object) =>
    world.evidence({
      kind,
      service: 'alone',
      artifact,
      environment,
      configuration: { ...configuration },
    });
  world.clock.advance(1_000);
  await report('test', 'deployed', { DATABASE_URL: 'test', RETRIES: '3', MODE: 'fast' });
  await world.advance(week48.inTest);
  await world.passReady(alone);
  world.clock.advance(1_000);
  await report('preproduction', 'verified', { DATABASE_URL: 'pre', RETRIES: '5' });
  expect((await say('dev', `change show ${alone}`)).text).toContain(
    'configured otherwise in preproduction than in test: MODE and RETRIES',
  );
  world.clock.advance(1_000);
  await report('preproduction', 'verified', { DATABASE_URL: 'pre', RETRIES: '3', MODE: 'fast' });
  await world.advance(week48.meeting);
  expect((await world.change(alone)).train).toBe(week48.train);
  await world.go(week48.train);

  // Production is asked too, before and after.
  await report('production', 'verified', { RETRIES: '7', MODE: 'fast' });
  await world.advance(week48.opens);
  expect((await world.deployment(alone)).hold).toMatchObject({
    code: 'configuration-differs',
    facts: { environments: ['test', 'production'], settings: ['RETRIES'] },
  });
  world.clock.advance(1_000);
  await report('production', 'verified', { RETRIES: '3', MODE: 'fast' });
  await world.pump();
  expect(await states(world, alone)).toEqual(['succeeded']);
  world.clock.advance(1_000);
  await report('production', 'deployed', { RETRIES: '9', MODE: 'fast' });
  expect((await say('dev', `change show ${alone}`)).text).toContain(
    'configured otherwise in production than in test: RETRIES',
  );
});

it('L4: other bytes of the same version that came to an environment since are an excuse there', async () => {
  const world = await createWorld({ policy });
  const first = digest('first');
  await world.build('alone', '1.0.0', { artifact: first });
  const alone = await world.submit('dev', 'alone', { artifact: first });
  await world.passInTest(alone);
  world.clock.advance(1_000);
  const second = await world.build('alone', '1.0.0', { artifact: digest('second') });
  await world.evidence({ kind: 'deployed', service: 'alone', artifact: second, environment: 'test' });
  await world.advance(week48.inTest);
  expect((await world.audit('moved')).at(-1)?.facts).toMatchObject({
    excuses: [{ code: 'other-bytes', facts: { environment: 'test', artifact: `${second.slice(0, 15)}…` } }],
  });
  expect(policyOf(policy).services.get('alone')?.externalConfiguration).toEqual(['DATABASE_URL']);
});
