import { describe, expect, it } from 'vitest';
import { rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { openDesk } from '../support/desk.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';
import { states, undone } from './nights.ts';

const deployed = async (...services: readonly string[]) => {
  const world = await createWorld({
    policy: shop({ services: ['light: { owners: [dev], dependsOn: [db], withoutDependency: degrade }'] }),
  });
  const names = await world.toGo(...services);
  await world.advance(week48.opens);
  expect(new Set(await states(world, ...names))).toEqual(new Set(['succeeded']));
  return { world, names, before: world.ledger().length };
};
const back = (world: World, deployment: string, more = {}) =>
  rollBackDeployment(world.context, world.cause('omar'), { deployment, ...more });

describe('a rollback', () => {
  it('L9: takes along what depends on it, in reverse order of dependencies; what can do without stays', async () => {
    const { world, names, before } = await deployed('db', 'api', 'web', 'alone', 'light');
    const [db = ''] = names;
    const desk = openDesk(world.context);
    const card = await desk.say('omar', `deploy status ${db}`);
    const button = card.card.buttons.find(({ verb }) => verb === 'deploy rollback');
    expect(button?.confirm).toContain('before it api and web');
    world.clock.set(new Date('2026-12-02T12:00:00Z'));
    await desk.press('omar', card, 'deploy rollback');
    await world.pump();
    expect(await states(world, ...names)).toEqual([
      'rolled-back',
      'rolled-back',
      'rolled-back',
      'succeeded',
      'succeeded',
    ]);
    expect(world.ledger().slice(before)).toEqual([...undone('web'), ...undone('api'), ...undone('db')]);
    expect((await world.deployment(names[2] ?? '')).reason).toBe('goes with db');
    // Bytes that were rolled back do not board again until somebody says why.
    const again = world.submit('dev', 'api');
    expect(await refusalOf(again)).toMatchObject({
      code: 'rolled-back-before',
      facts: { deployment: 'DEP-3' },
    });
  });

  it('is carried on by another instance in the same order, when the one that began it is gone', async () => {
    const { world, names, before } = await deployed('db', 'api', 'web');
    await back(world, names[0] ?? '');
    world.bell.rings.splice(0);
    await world.context.presence.close();
    const other = await world.instance();
    const { sweep } = await import('../../src/operations/sweep.ts');
    for (let look = 0; look < 4; look += 1) {
      await sweep(other);
      await world.pump(other);
    }
    expect(await states(world, ...names)).toEqual(['rolled-back', 'rolled-back', 'rolled-back']);
    expect(world.ledger().slice(before)).toEqual([...undone('web'), ...undone('api'), ...undone('db')]);
  });

  it('is not blocked by a dependent that cannot be undone', async () => {
    const { world, names, before } = await deployed('db', 'api');
    world.behave('api', 'back', 'exit 1');
    await back(world, names[0] ?? '');
    await world.pump();
    expect(await states(world, ...names)).toEqual(['rolled-back', 'failed']);
    expect(world.ledger().slice(before)).toEqual(['api back', ...undone('db')]);
  });

  it('can be of one deployment alone', async () => {
    const { world, names, before } = await deployed('db', 'api');
    const desk = openDesk(world.context);
    await desk.press('omar', await desk.say('omar', `deploy status ${names[0]}`), 'deploy rollback', 'alone');
    await world.pump();
    expect(await states(world, ...names)).toEqual(['rolled-back', 'succeeded']);
    expect(world.ledger().slice(before)).toEqual(undone('db'));
  });
});
