import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { openDesk } from '../support/desk.ts';
import { type ShopOptions, shop, week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';
import { began, openGate, states, waits } from './nights.ts';

/** `front` has two sides; which one is live stands in a file, as a load balancer would have it. `page` needs it. */
const parallel = (options: ShopOptions = {}, keep = '8h') =>
  shop({
    ...options,
    services: [
      'front: { owners: [dev], plan: parallel }',
      'page: { owners: [dev], dependsOn: [front], plan: steps }',
    ],
  }).replace(
    '\nconcurrency',
    `
  parallel:
    strategy: parallel-production
    sides:
      names: [blue, green]
      live: { command: [/bin/sh, -c, 'cat "$BEHAVIOUR/front.side"'] }
    keepOldSide: ${keep}
    steps:
      - name: prepare
        part: prepare
        run: { command: [./step.sh, "prepare-{new-side}", "{service}"] }
        undo: { command: [./step.sh, "clean-{new-side}", "{service}"] }
      - { name: smoke, part: verify, run: { command: [./step.sh, "smoke-{new-side}", "{service}"] } }
      - { name: volume, part: verify, run: { command: [./step.sh, "volume-{new-side}", "{service}"] }, expected: 10m }
      - name: switch
        part: switch
        run: { command: [./step.sh, "switch-{new-side}", "{service}"] }
        undo: { command: [./step.sh, "switch-{old-side}", "{service}"] }
      - { name: validate, part: validate, run: { command: [./step.sh, validate, "{service}"] } }
      - name: update
        part: refresh
        run: { command: [./step.sh, "update-{old-side}", "{service}"] }
        undo: { command: [./step.sh, "revert-{old-side}", "{service}"] }
concurrency`,
  );

const begun = async (policy = parallel(), ...services: readonly string[]) => {
  const world = await createWorld({ policy });
  world.behave('front', 'side', 'blue\n');
  for (const side of ['blue', 'green'])
    world.behave('front', `switch-${side}`, `echo ${side} > "$BEHAVIOUR/front.side"`);
  const names = await world.toGo('front', ...services);
  return { world, names, front: names[0] ?? '' };
};

const did = (world: World) =>
  world.ledger().flatMap((line) => (line.startsWith('front ') ? line.slice(6) : []));
const live = (world: World) =>
  readFileSync(join(world.context.stepEnvironment['BEHAVIOUR'] ?? '', 'front.side'), 'utf8').trim();
const toGreen = ['prepare-green', 'smoke-green', 'volume-green', 'switch-green', 'validate'];
const back = (world: World, deployment: string) =>
  rollBackDeployment(world.context, world.cause('omar'), { deployment });

describe('parallel production', () => {
  it('alters the idle side only, switches, keeps the old side as agreed, and then brings it up to date', async () => {
    const { world, names, front } = await begun(parallel(), 'page');
    await world.advance(week48.opens);
    expect(did(world)).toEqual(toGreen);
    // Customers have it: what needs it goes on, and the old side is not waited for.
    expect(await states(world, ...names)).toEqual(['succeeded', 'succeeded']);
    expect(await world.deployment(front)).toMatchObject({
      sides: { new: 'green', old: 'blue' },
      keptUntil: new Date('2026-11-29T06:00:00Z'),
    });
    expect((await world.audit('deployment-started'))[0]?.facts).toMatchObject({
      live: 'blue',
      side: 'green',
    });
    const { text } = await openDesk(world.context).say('omar', `deploy status ${front}`);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'blue stays as it was until Sun 29 Nov 06:00; until then a rollback is a switch back',
    );
    await world.advance('2026-11-29T05:59:59Z');
    expect(did(world)).toEqual(toGreen);
    await world.advance('2026-11-29T06:00:00Z');
    expect(did(world)).toEqual([...toGreen, 'update-blue']);
    expect(await world.deployment(front)).toMatchObject({ state: 'succeeded', keptUntil: null });
    expect(
      (await world.audit('old-side-refreshed')).map(({ outcome, facts }) => [outcome, facts?.['side']]),
    ).toEqual([['succeeded', 'blue']]);
    // The old side has the new bytes by now: it gets the old ones back before customers do.
    await back(world, front);
    await world.pump();
    expect(did(world).slice(toGreen.length + 1)).toEqual(['revert-blue', 'switch-blue', 'clean-green']);
    expect([await states(world, front), live(world)]).toEqual([['rolled-back'], 'blue']);
  });

  it('until then a rollback is a switch back, and nothing is done to the old side any more', async () => {
    const { world, front } = await begun();
    await world.advance('2026-11-29T01:00:00Z');
    await back(world, front);
    await world.pump();
    expect(did(world)).toEqual([...toGreen, 'switch-blue', 'clean-green']);
    await world.advance('2026-11-29T12:00:00Z');
    expect(did(world)).toHaveLength(toGreen.length + 2);
  });

  it('L1: which side is live has to be known: until it is, nothing starts, and then it starts by itself', async () => {
    const { world, front } = await begun();
    await world.advance('2026-11-28T21:59:30Z');
    for (const answer of ['', 'purple\n']) {
      world.behave('front', 'side', answer);
      await world.advance(answer === '' ? week48.opens : '2026-11-28T22:02:00Z', true);
      expect([await states(world, front), did(world)]).toEqual([['queued'], []]);
      expect(await world.deployment(front)).toMatchObject({
        hold: { code: 'live-side-unknown', facts: { reason: expect.stringContaining(`“${answer.trim()}”`) } },
      });
    }
    // The other way round than the last time: the idle side is blue now.
    world.behave('front', 'side', 'green\n');
    await world.advance('2026-11-28T22:04:00Z', true);
    expect(did(world)).toEqual(toGreen.map((step) => step.replace('green', 'blue')));
    expect([await states(world, front), live(world)]).toEqual([['succeeded'], 'blue']);
  });

  it('a deployment that would hit the live side is refused, wherever it is by then, and a person is asked to look', async () => {
    const { world, front } = await begun();
    world.behave('front', 'volume-green', `${waits}`);
    const night = world.advance(week48.opens);
    await began(world, 'front volume-green');
    // Somebody has switched by hand: the prepared side is live now.
    world.behave('front', 'side', 'green\n');
    openGate(world);
    await night;
    expect(did(world)).toEqual(toGreen.slice(0, 3));
    expect(await world.deployment(front)).toMatchObject({
      state: 'failed',
      reason: 'switch: green is live and must not be altered; undo of prepare failed',
    });
    expect(live(world)).toBe('green');
    expect((await world.notices()).find(({ kind }) => kind === 'deployment-failed')).toMatchObject({
      outcome: 'failed',
    });
    // Switched back by hand, the rollback can be ordered again.
    world.behave('front', 'side', 'blue\n');
    await back(world, front);
    await world.pump();
    expect([await states(world, front), did(world).at(-1)]).toEqual([['rolled-back'], 'clean-green']);
  });

  it('what is live and does not validate is switched back', async () => {
    const { world, front } = await begun();
    world.behave('front', 'validate', 'exit 1');
    await world.advance(week48.opens);
    expect(did(world)).toEqual([...toGreen, 'switch-blue', 'clean-green']);
    expect([await states(world, front), live(world)]).toEqual([['rolled-back'], 'blue']);
  });

  it('the old side waits for the end of a freeze, and is left alone when it has become the live one', async () => {
    const freezes = ['{ name: sale, from: 2026-11-29 05:00, to: 2026-11-29 09:00 }'];
    const { world, front } = await begun(parallel({ freezes }));
    await world.advance('2026-11-29T08:59:00Z');
    expect(did(world)).toEqual(toGreen);
    world.behave('front', 'side', 'blue\n');
    await world.advance('2026-11-29T09:00:00Z');
    expect(did(world)).toEqual(toGreen);
    expect(await states(world, front)).toEqual(['succeeded']);
    expect((await world.notices()).find(({ kind }) => kind === 'old-side-failed')).toMatchObject({
      side: 'blue',
      reason: 'update: blue is live and must not be altered',
    });
    expect((await world.change(front)).state).toBe('deployed');
  });

  it('a step for the old side that fails undoes nothing: customers are on the other one', async () => {
    const { world, front } = await begun(parallel({}, '0m'));
    world.behave('front', 'update-blue', 'echo disk full; exit 1');
    await world.advance(week48.opens);
    expect(did(world)).toEqual([...toGreen, 'update-blue']);
    expect(await world.deployment(front)).toMatchObject({ state: 'succeeded', reason: null });
    expect((await world.notices()).find(({ kind }) => kind === 'old-side-failed')).toMatchObject({
      tail: expect.stringContaining('disk full'),
    });
    expect(await world.audit('paged')).toHaveLength(1);
  });

  it('a newer deployment takes the idle side, which nobody brings up to date to something older then', async () => {
    const { world, front } = await begun(parallel({}, '8d'));
    await world.advance('2026-11-30T12:00:00Z');
    const second = await world.submit('dana', 'front', { version: '2.0.0' });
    await world.passInTest(second);
    await world.advance('2026-12-03T12:00:00Z');
    await world.passReady(second);
    await world.advance('2026-12-04T11:00:00Z');
    await world.go(week48.next);
    await world.advance('2026-12-07T12:00:00Z');
    const toBlue = toGreen.map((step) => step.replace('green', 'blue'));
    expect(did(world)).toEqual([...toGreen, ...toBlue]);
    expect([await states(world, front, second), live(world)]).toEqual([['succeeded', 'succeeded'], 'blue']);
    expect((await world.deployment(front)).keptUntil).toBeNull();
  });
});
