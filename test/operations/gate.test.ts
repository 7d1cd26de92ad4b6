import { describe, expect, it } from 'vitest';
import { rescindDecision, vetoChange } from '../../src/operations/decide-change.ts';
import { decideGo } from '../../src/operations/decide-go.ts';
import { pauseTrain } from '../../src/operations/steer-deployment.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, digest, refusalOf, type World } from '../support/world.ts';
import { began, holdOf, openGate, states, steps, waits } from './nights.ts';

describe('L1: the gate, end to end', () => {
  const nothingRan = async (world: World) => {
    expect(world.ledger()).toEqual([]);
    expect(await world.audit('deployment-started')).toEqual([]);
  };

  it('no decision: no deployment; with one in the middle of the night it starts', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toMeeting('api');
    await world.advance(week48.opens);
    await nothingRan(world);
    await world.go(api);
    await world.pump();
    expect(await states(world, api)).toEqual(['succeeded']);
  });

  it('a no-go after the go', async () => {
    const world = await createWorld();
    const [api = '', db = ''] = await world.toGo('api', 'db');
    await decideGo(world.context, world.cause('rita'), { go: 'nogo', subject: api, reason: 'flaky' });
    await world.advance(week48.opens);
    expect(world.ledger()).toEqual(steps('db'));
    await world.advance(week48.closes);
    expect((await world.change(api)).train).toBe(week48.next);
    expect((await world.change(db)).train).toBe(week48.train);
    expect((await world.audit('moved')).at(-1)).toMatchObject({
      facts: { excuses: [{ code: 'nogo', facts: { reason: 'flaky' } }] },
    });
  });

  it('L14: a no-go for the whole train says why, on each of its changes', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toMeeting('api');
    const no = { go: 'nogo' as const, subject: week48.train, reason: 'a storm is coming' };
    await decideGo(world.context, world.cause('rita'), no);
    await world.advance(week48.closes);
    expect((await world.audit('moved')).at(-1)).toMatchObject({
      change: api,
      facts: { excuses: [{ code: 'nogo', facts: { reason: 'a storm is coming' } }] },
    });
  });

  it('a veto after the go, until it is rescinded', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toGo('api');
    await vetoChange(world.context, world.cause('omar'), { change: api, reason: 'disk' });
    await world.advance(week48.opens);
    await world.advance('2026-11-28T22:03:00Z', true);
    await nothingRan(world);
    expect(await holdOf(world, api)).toBe('vetoed');
    await rescindDecision(world.context, world.cause('omar'), { change: api });
    await world.advance('2026-11-28T22:04:00Z', true);
    expect(await states(world, api)).toEqual(['succeeded']);
  });

  it('a failed re-verification after the go, until it passes', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toGo('api');
    const verified = (outcome: 'pass' | 'fail') =>
      world.evidence({
        kind: 'verified',
        service: 'api',
        artifact: digest('api', '1.0.0'),
        environment: 'preproduction',
        outcome,
      });
    await verified('fail');
    await world.advance(week48.opens);
    await nothingRan(world);
    expect(await holdOf(world, api)).toBe('verification-failed');
    world.clock.advance(60_000);
    await verified('pass');
    await world.sweep();
    await world.pump();
    expect(await states(world, api)).toEqual(['succeeded']);
  });

  it('a freeze over part of the window, and one over all of it', async () => {
    const part = await createWorld({
      policy: shop({ freezes: ['{ name: sale, from: 2026-11-28 20:00, to: 2026-11-28 23:00 }'] }),
    });
    await part.toGo('api');
    await part.advance('2026-11-28T22:57:00Z');
    await part.advance('2026-11-28T22:59:59Z', true);
    await nothingRan(part);
    await part.advance('2026-11-28T23:00:00Z');
    expect(part.ledger()).toEqual(steps('api'));

    const all = await createWorld({
      policy: shop({ freezes: ['{ name: sale, from: 2026-11-28, to: 2026-11-29 }'] }),
    });
    const [api = ''] = await all.toGo('api');
    await all.advance('2026-11-29T00:00:00Z');
    await all.sweep();
    await all.advance(week48.closes);
    await nothingRan(all);
    expect((await all.change(api)).train).toBe(week48.next);
  });

  it('what does not fit before the end, with the time to undo it', async () => {
    const world = await createWorld({ policy: shop({ expected: '118m' }) });
    const [api = ''] = await world.toGo('api');
    // 118m + 1m + 5s and the undo of 118m + 5s: 3 h 57 min 10 s.
    world.clock.set(new Date('2026-11-28T22:02:51Z'));
    await world.pump();
    await nothingRan(world);
    expect(await world.deployment(api)).toMatchObject({
      hold: { code: 'does-not-fit', facts: { lastSafeStart: '2026-11-28T22:02:50.000Z' } },
    });
    world.clock.set(new Date('2026-11-28T22:02:50Z'));
    await world.sweep();
    await world.pump();
    expect(await states(world, api)).toEqual(['succeeded']);
  });

  it('the capacity of the window', async () => {
    const world = await createWorld({ policy: shop({ capacity: 2 }) });
    const names = await world.toGo('db', 'alone', 'api');
    await world.advance(week48.opens);
    await world.advance('2026-11-28T22:03:00Z', true);
    expect(world.ledger()).toHaveLength(6);
    const held = await Promise.all(names.map((name) => holdOf(world, name)));
    expect(held.filter((code) => code === 'window-full')).toHaveLength(1);
  });

  it('a pause of the train: nothing starts, what runs goes on', async () => {
    const world = await createWorld();
    const [db = '', api = ''] = await world.toGo('db', 'api');
    world.behave('db', 'check', waits);
    const night = world.advance(week48.opens);
    await began(world, 'db check');
    const pause = (paused: boolean) =>
      pauseTrain(world.context, world.cause('omar'), { train: week48.train, paused });
    await pause(true);
    expect(await refusalOf(pause(true))).toMatchObject({ code: 'already-paused' });
    openGate(world);
    await night;
    expect(await states(world, db, api)).toEqual(['succeeded', 'queued']);
    expect(await holdOf(world, api)).toBe('paused');
    await pause(false);
    await world.pump();
    expect(await states(world, api)).toEqual(['succeeded']);
  });

  it('a cutoff that is open, whatever was decided', async () => {
    const world = await createWorld();
    const [api = ''] = await world.toGo('api');
    const third = shop().replace(
      '    windows:',
      '      last-call: { at: Saturday 21:00, reminders: [], requires: [build] }\n    windows:',
    );
    await world.reload(third);
    // Its bell is lost.
    world.bell.rings.splice(0);
    world.clock.set(new Date(week48.opens));
    await world.context.bell.ring('dispatch-deployments', { train: week48.train });
    await world.pump();
    await nothingRan(world);
    expect(await holdOf(world, api)).toBe('cutoff-open');
    await world.sweep();
    await world.pump();
    await world.sweep();
    await world.pump();
    expect(await states(world, api)).toEqual(['succeeded']);
  });

  it('L5: what runs is what was approved: a plan that the policy changed is held until it is signed, then run', async () => {
    const world = await createWorld();
    const [api = '', db = ''] = await world.toGo('api', 'db');
    world.behave('db', 'check', waits);
    const night = world.advance(week48.opens);
    await began(world, 'db check');
    // db has begun: the new plan does not concern it.
    await world.reload(shop({ expected: '3m' }).replace('./step.sh, prepare', './step.sh, unpack'));
    openGate(world);
    await night;
    expect(await states(world, db, api)).toEqual(['succeeded', 'queued']);
    expect(world.ledger()).toEqual(steps('db'));
    expect(await holdOf(world, api)).toBe('approval-void');
    await world.approve('olga', api);
    await world.approve('remy', api);
    await world.sweep();
    await world.pump();
    expect(world.ledger().slice(3)).toEqual(['api unpack', 'api check', 'api switch']);
  });
});
