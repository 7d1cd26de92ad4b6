import { describe, expect, it } from 'vitest';
import { promoteDeployment } from '../../src/operations/phases.ts';
import { abortDeployment, pauseTrain, rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { stopEverything } from '../../src/operations/stop-everything.ts';
import { openDesk } from '../support/desk.ts';
import { type ShopOptions, shop, week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';
import { holdOf, states } from './nights.ts';

/** `wide` goes to a field trial, to a tenth and to everybody; `after` needs it. */
const phased = (promote = 'automatic', more = '', options: ShopOptions = {}) =>
  shop({
    ...options,
    services: [
      'wide: { owners: [dev], plan: gradual }',
      'after: { owners: [dev], dependsOn: [wide], plan: steps }',
      ...(options.services ?? []),
    ],
  }).replace(
    '\nconcurrency',
    `
  gradual:
    strategy: phased
    ${more}
    phases:
      - { group: trial, bake: 30m, promote: ${promote} }
      - { percent: 10, bake: 10m }
      - { percent: 100, bake: 0m }
    check: { run: { command: [./step.sh, "healthy-{group}{percent}", "{service}"] }, every: 10m }
    steps:
      - name: install
        run: { command: [./step.sh, "install-{group}{percent}", "{service}"] }
        expected: 5m
        verify: { run: { command: [./step.sh, "look-{group}{percent}", "{service}"] } }
        undo: { command: [./step.sh, "restore-{group}{percent}", "{service}"] }
concurrency`,
  );

const at = (time: string) => `2026-11-2${time < '12:00' ? 9 : 8}T${time}:00.000Z`;
const trial = ['wide install-trial', 'wide look-trial'];
const check = (phase: string, times: number) => Array.from({ length: times }, () => `wide healthy-${phase}`);
const promote = (world: World, deployment: string, person = 'omar') =>
  promoteDeployment(world.context, world.cause(person), { deployment });

const begun = async (policy = phased(), ...services: readonly string[]) => {
  const world = await createWorld({ policy });
  const names = await world.toGo('wide', ...services);
  await world.advance(week48.opens);
  return { world, names, wide: names[0] ?? '' };
};

describe('phases', () => {
  it('go on by themselves, each when the one before has baked and is healthy; what depends on it waits for the last', async () => {
    const { world, names, wide } = await begun(phased(), 'after');
    expect(world.ledger()).toEqual(trial);
    expect(await states(world, ...names)).toEqual(['baking', 'queued']);
    expect(await holdOf(world, names[1] ?? '')).toBe('waits-for');
    const desk = openDesk(world.context);
    await world.advance(at('22:25'));
    expect(world.ledger()).toEqual([...trial, ...check('trial', 2)]);
    const { text } = await desk.say('omar', `deploy status ${wide}`);
    expect(text).toMatch(
      /trial, in production since 22:00: healthy in 2 checks, bakes until 22:30, then goes on to 10% by itself/,
    );
    await world.advance(at('22:30'));
    expect(await states(world, wide)).toEqual(['baking']);
    expect(world.ledger().slice(-2)).toEqual(['wide install-10', 'wide look-10']);
    await world.advance(at('22:40'));
    expect(world.ledger()).toEqual([
      ...trial,
      ...check('trial', 3),
      'wide install-10',
      'wide look-10',
      'wide healthy-10',
      'wide install-100',
      'wide look-100',
      'wide healthy-100',
      'after prepare',
      'after check',
      'after switch',
    ]);
    expect(await states(world, ...names)).toEqual(['succeeded', 'succeeded']);
    expect((await world.audit('promoted')).map(({ facts }) => facts)).toEqual([
      { phase: 'trial', to: '10%', person: 'system:clock' },
      { phase: '10%', to: '100%', person: 'system:clock' },
    ]);
    // Nothing is baked for no time.
    expect((await world.audit('baking')).map(({ facts }) => facts?.['phase'])).toEqual(['trial', '10%']);
  });

  it('a health check that fails while a phase bakes undoes all phases, the last one first', async () => {
    const { world, names, wide } = await begun(phased(), 'after');
    await world.advance(at('22:35'));
    world.behave('wide', 'healthy-10', 'echo 7 errors a minute; exit 1');
    await world.advance(at('22:50'));
    expect(await world.deployment(wide)).toMatchObject({
      state: 'rolled-back',
      reason: 'check 10%: exit code 1',
    });
    expect(world.ledger().slice(-3)).toEqual(['wide healthy-10', 'wide restore-10', 'wide restore-trial']);
    expect(await states(world, ...names)).toEqual(['rolled-back', 'queued']);
    expect((await world.notices()).find(({ kind }) => kind === 'deployment-failed')).toMatchObject({
      outcome: 'rolled-back',
      tail: expect.stringContaining('7 errors a minute'),
    });
  });

  it('a verification that fails is a failure of its step, which is undone', async () => {
    const world = await createWorld({ policy: phased() });
    const [wide = ''] = await world.toGo('wide');
    world.behave('wide', 'look-trial', 'exit 2');
    await world.advance(week48.opens);
    expect(await world.deployment(wide)).toMatchObject({
      state: 'rolled-back',
      reason: 'verify install trial: exit code 2',
    });
    expect(world.ledger()).toEqual([...trial, 'wide restore-trial']);
  });

  it('with a button the next one waits for operations or a release manager, and never begins before the bake is over', async () => {
    const { world, wide } = await begun(phased('button'));
    await world.advance(at('22:10'));
    expect(await refusalOf(promote(world, wide))).toMatchObject({
      code: 'nothing-to-promote',
      facts: { state: 'baking' },
    });
    await world.advance(at('23:00'));
    expect(await states(world, wide)).toEqual(['baked']);
    expect(world.ledger()).toEqual([...trial, ...check('trial', 3)]);
    // What is left takes 5 min + 10 s for each of two phases, their bakes and checks, and the reserve for three undos.
    const by = new Date(Date.parse(week48.closes) - (2 * 320 + 600 + 900) * 1_000).toISOString();
    expect((await world.notices()).find(({ kind }) => kind === 'promotion-wanted')).toMatchObject({
      phase: 'trial',
      next: '10%',
      by,
      otherwise: 'roll-back',
    });
    const desk = openDesk(world.context);
    const card = await desk.say('omar', `deploy status ${wide}`);
    expect(card.text.replaceAll(/\s+/g, ' ')).toMatch(
      /promote to 10% by .* or else it is rolled back — operations \(omar or olga\)/,
    );
    expect(await refusalOf(promote(world, wide, 'dana'))).toMatchObject({ code: 'not-your-role' });
    await desk.press('omar', card, 'deploy promote', 'Promote to 10%');
    // A second click finds nothing to promote.
    expect((await desk.press('rita', card, 'deploy promote')).card.title).toBe('Nothing to promote');
    await world.pump();
    expect(await states(world, wide)).toEqual(['baking']);
    await world.advance(at('23:10'));
    expect(await states(world, wide)).toEqual(['succeeded']);
    expect((await world.audit('promoted')).map(({ facts }) => facts?.['person'])).toEqual([
      'omar',
      'system:clock',
    ]);
  });

  it('one that nobody promotes is undone in time for the end of the window', async () => {
    const { world, wide } = await begun(phased('button'));
    const by = new Date(Date.parse(week48.closes) - (2 * 320 + 600 + 900) * 1_000);
    await world.advance(new Date(by.getTime() - 1));
    expect(await states(world, wide)).toEqual(['baked']);
    await world.advance(by);
    expect(await world.deployment(wide)).toMatchObject({
      state: 'rolled-back',
      reason: 'trial was not promoted in time',
    });
    expect(world.ledger().at(-1)).toBe('wide restore-trial');
  });

  it('one that may stay is kept, also past the end of its train, and goes on in a window of the next', async () => {
    const { world, wide } = await begun(phased('button', 'unpromoted: keep'));
    await world.advance('2026-12-01T12:00:00Z');
    expect(await states(world, wide)).toEqual(['baked']);
    expect(await refusalOf(promote(world, wide))).toMatchObject({
      code: 'promotion-held',
      facts: { because: 'window-shut', opens: '2026-12-05T22:00:00.000Z' },
    });
    await world.advance('2026-12-05T22:10:00Z');
    await promote(world, wide);
    await world.advance('2026-12-05T22:40:00Z');
    expect(await states(world, wide)).toEqual(['succeeded']);
  });

  it('a pause holds a promotion and a resume releases it; a freeze too', async () => {
    const { world, wide } = await begun(phased('automatic', 'unpromoted: keep'));
    await pauseTrain(world.context, world.cause('omar'), { train: week48.train, paused: true });
    await world.advance(at('22:45'));
    expect([await states(world, wide), await holdOf(world, wide)]).toEqual([['baked'], 'paused']);
    await world.reload(
      phased('automatic', 'unpromoted: keep', {
        freezes: ['{ name: sale, from: 2026-11-28 22:30, to: 2026-11-28 23:30 }'],
      }),
    );
    await pauseTrain(world.context, world.cause('omar'), { train: week48.train, paused: false });
    await world.pump();
    expect(await holdOf(world, wide)).toBe('frozen');
    await world.advance(at('23:31'), true);
    expect(await states(world, wide)).toEqual(['baking']);
    await world.advance(at('23:59'), true);
    expect(await states(world, wide)).toEqual(['succeeded']);
  });

  it('are undone by a rollback, an abort and an emergency stop, whether they bake or wait (L9)', async () => {
    const services = ['two: { plan: gradual }', 'three: { plan: gradual }', 'four: { plan: gradual }'];
    const { world, names } = await begun(phased('button', '', { services }), 'two', 'three', 'four');
    const [one = '', two = '', three = ''] = names;
    await abortDeployment(world.context, world.cause('omar'), { deployment: one });
    await world.pump();
    await world.advance(at('22:30'));
    expect(await states(world, ...names)).toEqual(['rolled-back', 'baked', 'baked', 'baked']);
    await rollBackDeployment(world.context, world.cause('omar'), { deployment: two });
    await world.pump();
    await promote(world, three);
    await world.pump();
    expect(await states(world, ...names)).toEqual(['rolled-back', 'rolled-back', 'baking', 'baked']);
    await stopEverything(world.context, world.cause('omar'));
    await world.pump();
    expect(await states(world, ...names)).toEqual([
      'rolled-back',
      'rolled-back',
      'rolled-back',
      'rolled-back',
    ]);
    const ran = (service: string) => world.ledger().filter((line) => line.startsWith(`${service} restore`));
    expect([ran('wide'), ran('two'), ran('three'), ran('four')].map((lines) => lines.length)).toEqual([
      1, 1, 2, 1,
    ]);
  });

  it('one that bakes holds its service, its hand and its place in the window; one that waits for a person no hand', async () => {
    const options = { concurrency: 1, services: ['other: { plan: steps }'] };
    const { world, names } = await begun(phased('button', '', options), 'other');
    expect(await holdOf(world, names[1] ?? '')).toBe('slots-busy');
    await world.advance(at('22:31'), true);
    expect(await states(world, ...names)).toEqual(['baked', 'succeeded']);
  });

  it('does not start when its bakes do not fit into the window', async () => {
    const world = await createWorld({ policy: phased() });
    const [wide = ''] = await world.toGo('wide');
    await pauseTrain(world.context, world.cause('omar'), { train: week48.train, paused: true });
    await world.advance(at('01:00'));
    await pauseTrain(world.context, world.cause('omar'), { train: week48.train, paused: false });
    await world.pump();
    // 3 × (5 min 20 s) + 40 min of baking + 15 min to undo: 71 min.
    expect(await holdOf(world, wide)).toBe('does-not-fit');
  });

  it('L2: an instance that dies in mid-bake loses nothing: the deadline is in the database, and another one goes on', async () => {
    const { world, wide } = await begun();
    await world.advance(at('22:15'));
    const before = world.ledger();
    // All bells are lost with the queue, and the instance with its presence.
    world.bell.rings.splice(0);
    await world.context.presence.close();
    const other = await world.instance();
    world.clock.set(new Date(at('22:30')));
    const { sweep } = await import('../../src/operations/sweep.ts');
    for (let look = 0; look < 3; look += 1) {
      await sweep(other);
      await world.pump(other);
    }
    expect(world.ledger()).toEqual([...before, 'wide healthy-trial', 'wide install-10', 'wide look-10']);
    expect(await states(world, wide)).toEqual(['baking']);
  });
});
