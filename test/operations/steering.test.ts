import { describe, expect, it } from 'vitest';
import { dispatchDeployments } from '../../src/operations/dispatch-deployments.ts';
import { runDeployment } from '../../src/operations/run-deployment.ts';
import { abortDeployment, resolveStep, rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, refusalOf } from '../support/world.ts';
import { began, holdOf, states, steps, undone } from './nights.ts';

describe('people steer', () => {
  it('L9: a rollback is done outside the window and in a freeze, by operations or release managers', async () => {
    const world = await createWorld({
      policy: shop({ freezes: ['{ name: sale, from: 2026-12-01, to: 2026-12-02 }'] }),
    });
    const [api = ''] = await world.toGo('api');
    await world.advance('2026-12-01T12:00:00Z');
    const order = (person: string) =>
      rollBackDeployment(world.context, world.cause(person), { deployment: api, reason: 'complaints' });
    expect(await refusalOf(order('dana'))).toMatchObject({ code: 'not-your-role' });
    await order('omar');
    await world.pump();
    expect(world.ledger()).toEqual([...steps('api'), ...undone('api')]);
    expect((await world.change(api)).state).toBe('rolled-back');
    expect(await refusalOf(order('omar'))).toMatchObject({ code: 'nothing-to-roll-back' });
  });

  it('L9: also when the version has been submitted again, and when another instance ran it', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toGo('api');
    const other = await world.instance();
    world.clock.set(new Date(week48.opens));
    await world.pump(other);
    await world.submit('dana', 'api');
    await rollBackDeployment(world.context, world.cause('omar'), { deployment: api });
    await world.pump();
    expect(await states(world, api)).toEqual(['rolled-back']);
  });

  it('does not pull a deployment out from under a later one of another train', async () => {
    const world = await createWorld();
    const [first = ''] = await world.toGo('alone');
    await world.advance('2026-11-30T12:00:00Z');
    const second = await world.submit('dana', 'alone', { version: '2.0.0' });
    await world.passInTest(second);
    await world.advance('2026-12-03T12:00:00Z');
    await world.passReady(second);
    await world.advance('2026-12-04T11:00:00Z');
    await world.go(week48.next);
    await world.advance('2026-12-06T12:00:00Z');
    expect(await states(world, second)).toEqual(['succeeded']);
    const back = (deployment: string) =>
      rollBackDeployment(world.context, world.cause('omar'), { deployment });
    expect(await refusalOf(back(first))).toMatchObject({ code: 'deployed-over', facts: { by: 'DEP-2' } });
    await back(second);
    await world.pump();
    await back(first);
    await world.pump();
    expect(await states(world, first, second)).toEqual(['rolled-back', 'rolled-back']);
  });

  it('an abort stops the step that runs and undoes what was done', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toGo('api');
    world.behave('api', 'check', 'sleep 600');
    const night = world.advance(week48.opens);
    await began(world, 'api check');
    await abortDeployment(world.context, world.cause('omar'), { deployment: api, reason: 'smoke' });
    await night;
    expect(await world.deployment(api)).toMatchObject({ state: 'rolled-back', reason: 'smoke' });
    expect(world.ledger()).toEqual(['api prepare', 'api check', 'api clean']);
    expect(
      await refusalOf(abortDeployment(world.context, world.cause('omar'), { deployment: api })),
    ).toMatchObject({
      code: 'not-running',
    });
  });

  it('an abort pressed on another machine waits for nothing: the machine that runs the step stops it', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toGo('api');
    // It takes no notice of being asked politely.
    world.behave('api', 'check', "trap '' TERM; sleep 600 & wait; sleep 600");
    const night = world.advance(week48.opens);
    await began(world, 'api check');
    const cancelled: unknown[] = [];
    const { command } = world.context.executors;
    const elsewhere = await world.instance({
      executors: { command: { ...command, cancel: async (handle) => void cancelled.push(handle) } },
    });
    await abortDeployment(elsewhere, world.cause('omar'), { deployment: api });
    expect([cancelled.length, (await world.deployment(api)).state]).toEqual([0, 'undoing']);
    expect(world.ledger()).toEqual(['api prepare', 'api check']);
    await night;
    expect(await states(world, api)).toEqual(['rolled-back']);
    expect(world.ledger()).toEqual(['api prepare', 'api check', 'api clean']);
  });

  it('L2: what was asked to stop when its instance died is stopped by the next one', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toGo('api');
    world.behave('api', 'check', 'sleep 600');
    const dying = await world.instance();
    world.clock.set(new Date(week48.opens));
    const end = new AbortController();
    await dispatchDeployments(dying, week48.train);
    world.bell.rings.splice(0);
    const first = runDeployment(dying, 1, end.signal);
    await began(world, 'api check');
    await abortDeployment(world.context, world.cause('omar'), { deployment: api });
    world.bell.rings.splice(0);
    end.abort();
    await first;
    await dying.presence.close();
    await world.sweep();
    await world.pump();
    expect(await states(world, api)).toEqual(['rolled-back']);
    expect(world.ledger()).toEqual(['api prepare', 'api check', 'api clean']);
  });

  it('L2: a step of which nobody knows what became is never run again; a person says, and it goes on from there', async () => {
    const world = await createWorld();
    const [api = '', alone = ''] = await world.toGo('api', 'alone');
    for (const service of ['api', 'alone']) world.behave(service, 'check', 'kill -9 $PPID');
    await world.advance(week48.opens);
    expect(await states(world, api, alone)).toEqual(['asking', 'asking']);
    expect((await world.notices()).filter(({ kind }) => kind === 'step-unknown')).toHaveLength(2);
    await world.advance('2026-11-28T22:03:00Z', true);
    const resolve = (deployment: string, outcome: 'succeeded' | 'failed') =>
      resolveStep(world.context, world.cause('omar'), { deployment, outcome });
    await resolve(api, 'succeeded');
    await resolve(alone, 'failed');
    expect(await refusalOf(resolve(api, 'failed'))).toMatchObject({ code: 'nothing-to-resolve' });
    await world.pump();
    expect(await states(world, api, alone)).toEqual(['succeeded', 'rolled-back']);
    expect(world.ledger().filter((line) => line.startsWith('api'))).toEqual(steps('api'));
    expect(world.ledger().filter((line) => line.startsWith('alone'))).toEqual([
      'alone prepare',
      'alone check',
      'alone clean',
    ]);
  });

  it('a deployment that waits for an answer holds its service, but no hand', async () => {
    const world = await createWorld({ policy: shop({ concurrency: 1 }) });
    const [api = '', alone = ''] = await world.toGo('api', 'alone');
    world.behave('alone', 'check', 'kill -9 $PPID');
    await world.advance(week48.opens);
    expect(await states(world, api, alone)).toEqual(['succeeded', 'asking']);
    await world.advance('2026-11-30T12:00:00Z');
    const next = await world.submit('dana', 'alone', { version: '2.0.0' });
    await world.passInTest(next);
    await world.advance('2026-12-03T12:00:00Z');
    await world.passReady(next);
    await world.advance('2026-12-04T11:00:00Z');
    await world.go(week48.next);
    await world.advance('2026-12-05T22:00:00Z');
    expect(await holdOf(world, next)).toBe('service-busy');
    world.behave('alone', 'check', '');
    await resolveStep(world.context, world.cause('omar'), { deployment: alone, outcome: 'succeeded' });
    await world.pump();
    await world.sweep();
    await world.pump();
    expect(await states(world, alone, next)).toEqual(['succeeded', 'succeeded']);
  });
});
