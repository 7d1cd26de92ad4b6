import { describe, expect, it } from 'vitest';
import { rescindDecision, vetoChange } from '../../src/operations/decide-change.ts';
import { resolveStep, rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';
import { began, holdOf, states, steps, undone } from './nights.ts';

describe('the night of a window', () => {
  it('deploys in the order of dependencies, step by step, from the opening on', async () => {
    const world = await createWorld();
    const names = await world.toGo('web', 'db', 'api');
    await world.advance('2026-11-28T21:57:00Z');
    await world.advance(new Date(new Date(week48.opens).getTime() - 1), true);
    expect(world.ledger()).toEqual([]);
    await world.advance(week48.opens);
    expect(world.ledger()).toEqual([...steps('db'), ...steps('api'), ...steps('web')]);
    expect(await states(world, ...names)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect((await world.change(names[0] ?? '')).state).toBe('deployed');
    await world.advance(week48.closes);
    expect((await world.change(names[0] ?? '')).train).toBe(week48.train);
    expect((await world.audit('window-opened')).map(({ at }) => at)).toEqual([week48.opens]);
    expect((await world.audit('window-closed')).map(({ at }) => at)).toEqual([week48.closes]);
  });

  it('runs no more at a time than the policy has hands for', async () => {
    const services = Array.from({ length: 9 }, (_, i) => `s${i}: {}`);
    const world = await createWorld({ policy: shop({ services, concurrency: 2 }) });
    await world.toGo(...services.map((line) => line.slice(0, 2)));
    await world.advance(week48.opens);
    let running = 0;
    let most = 0;
    for (const { kind } of await world.audit()) {
      if (kind === 'deployment-started') running += 1;
      if (kind === 'deployment-finished') running -= 1;
      most = Math.max(most, running);
    }
    expect([running, most, world.ledger().length]).toEqual([0, 2, 27]);
  });

  it('a failure is undone in reverse, what is half done included, and holds what depends on it', async () => {
    const world = await createWorld();
    const [db = '', api = '', web = '', alone = ''] = await world.toGo('db', 'api', 'web', 'alone');
    world.behave('api', 'switch', 'echo no room >&2; exit 3');
    await world.advance(week48.opens);
    expect(await states(world, db, api, web, alone)).toEqual([
      'succeeded',
      'rolled-back',
      'queued',
      'succeeded',
    ]);
    expect(world.ledger().filter((line) => line.startsWith('api'))).toEqual([
      ...steps('api'),
      ...undone('api'),
    ]);
    expect(await world.deployment(web)).toMatchObject({
      hold: { code: 'dependency-failed', facts: { services: ['api'] } },
    });
    expect((await world.change(api)).state).toBe('rolled-back');
    expect((await world.notices()).filter(({ kind }) => kind === 'deployment-failed')).toMatchObject([
      { change: api, outcome: 'rolled-back', reason: 'switch: exit code 3', held: ['web'] },
    ]);
    expect((await world.notices()).find((n) => n.kind === 'deployment-failed')).toMatchObject({
      tail: expect.stringContaining('no room'),
    });
    await world.advance(week48.closes);
    expect(await world.change(web)).toMatchObject({ train: week48.next, state: 'boarded', go: null });
    expect((await world.audit('moved')).at(-1)).toMatchObject({
      change: web,
      facts: { from: week48.train, excuses: [{ code: 'dependency-failed' }] },
    });
    expect(await states(world, web)).toEqual(['cancelled']);
  });

  it('holds are told once, however often the sweep looks', async () => {
    const world = await createWorld();
    const [db = '', , web = ''] = await world.toGo('db', 'api', 'web');
    await vetoChange(world.context, world.cause('omar'), { change: db, reason: 'not tonight' });
    await world.advance(week48.opens);
    // Both learn of it in the same look, not one a minute.
    expect(await holdOf(world, web)).toBe('dependency-held');
    const version = async () =>
      (await world.database.pool.query(`select version from card where subject = $1`, [web])).rows;
    const before = await version();
    await world.advance('2026-11-28T22:05:00Z', true);
    expect(await world.audit('held')).toHaveLength(3);
    expect(await version()).toEqual(before);
  });

  it('an undo that fails leaves the deployment failed, and says which; a person may order it again (L9)', async () => {
    const world = await createWorld();
    const [alone = ''] = await world.toGo('alone');
    world.behave('alone', 'switch', 'exit 1');
    world.behave('alone', 'back', 'exit 1');
    await world.advance(week48.opens);
    expect(await world.deployment(alone)).toMatchObject({
      state: 'failed',
      reason: 'switch: exit code 1; undo of switch failed',
    });
    expect(world.ledger()).toEqual([...steps('alone'), 'alone back']);
    const again = () => rollBackDeployment(world.context, world.cause('omar'), { deployment: alone });
    await again();
    await world.pump();
    expect(await states(world, alone)).toEqual(['failed']);
    world.behave('alone', 'back', '');
    await again();
    await world.pump();
    expect(await states(world, alone)).toEqual(['rolled-back']);
    expect(world.ledger()).toEqual([...steps('alone'), 'alone back', 'alone back', ...undone('alone')]);
  });

  it('a step that takes longer than its timeout is killed, and counts as failed', async () => {
    const world = await createWorld({
      policy: shop({ switchTimeout: '1s' }).replace('expected: 5s', 'expected: 1s'),
    });
    const [alone = ''] = await world.toGo('alone');
    world.behave('alone', 'switch', 'sleep 600');
    const night = world.advance(week48.opens);
    await began(world, 'alone switch');
    world.clock.advance(1_000);
    await night;
    expect(await world.deployment(alone)).toMatchObject({ state: 'rolled-back', reason: 'switch: timeout' });
  });

  it('a dependency cycle goes together and is undone together', async () => {
    const world = await createWorld();
    const [left = '', right = ''] = await world.toGo('left', 'right');
    world.behave('right', 'check', 'exit 1');
    await world.advance(week48.opens);
    expect(await states(world, left, right)).toEqual(['rolled-back', 'rolled-back']);
    expect(world.ledger().filter((line) => line.startsWith('left'))).toEqual([
      ...steps('left'),
      ...undone('left'),
    ]);
  });

  it('a cycle of which one is held waits as a whole; so does one that finds room for only a part', async () => {
    const world = await createWorld();
    const [left = '', right = ''] = await world.toGo('left', 'right');
    await vetoChange(world.context, world.cause('omar'), { change: right, reason: 'no' });
    await world.advance(week48.opens);
    expect(await states(world, left, right)).toEqual(['queued', 'queued']);
    await rescindDecision(world.context, world.cause('omar'), { change: right });
    await world.sweep();
    await world.pump();
    expect(await states(world, left, right)).toEqual(['succeeded', 'succeeded']);

    const narrow = await createWorld({ policy: shop({ capacity: 1 }) });
    const pair = await narrow.toGo('left', 'right');
    await narrow.advance(week48.opens);
    expect(await states(narrow, ...pair)).toEqual(['queued', 'queued']);
    expect(await holdOf(narrow, pair[0] ?? '')).toBe('window-full');
  });

  it('a sibling that waits for an answer is undone once it has one', async () => {
    const world = await createWorld();
    const [left = '', right = ''] = await world.toGo('left', 'right');
    world.behave('left', 'switch', 'kill -9 $PPID');
    world.behave('right', 'switch', 'exit 1');
    await world.advance(week48.opens);
    expect(await states(world, left, right)).toEqual(['asking', 'rolled-back']);
    await resolveStep(world.context, world.cause('omar'), { deployment: left, outcome: 'succeeded' });
    await world.pump();
    expect(await states(world, left, right)).toEqual(['rolled-back', 'rolled-back']);
  });
});
