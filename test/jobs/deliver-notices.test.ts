import { describe, expect, it } from 'vitest';
import { createJobs } from '../../jobs/index.ts';
import { PlatformError } from '../../src/chat/platform.ts';
import { silentLog } from '../../src/log.ts';
import { tell } from '../../src/operations/outgoing.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';
import { type RecordingPlatform, recordingPlatform } from './platforms.ts';

const lane = 'console/channel/releases';
const running = () => ({ signal: new AbortController().signal, attempt: 1 });

/** A notice that can be told from the others: the approval of CHG-n is void. */
const announce = (world: World, ...changes: readonly string[]): Promise<void> =>
  world.context.store.transaction(world.cause('system:test'), (tx) =>
    tell(
      tx,
      world.context,
      changes.map((change) => ({
        to: [{ platform: 'console', kind: 'channel', id: 'releases' }],
        notice: { kind: 'approval-void', change, service: 'api', people: ['omar'], changed: ['artifact'] },
      })),
    ),
  );

const setUp = async () => {
  const world = await createWorld();
  const console = recordingPlatform();
  const logged: { level: string; facts: object }[] = [];
  const log = {
    ...silentLog,
    warn: (facts: object) => logged.push({ level: 'warn', facts }),
    error: (facts: object) => logged.push({ level: 'error', facts }),
  };
  const jobs = createJobs({ ...world.context, log }, new Map([['console', console]]));
  const deliver = () => jobs['deliver-notices']({ lane }, running());
  const states = async () =>
    (await world.context.store.db.selectFrom('notice').select('state').orderBy('id').execute()).map(
      (r) => r.state,
    );
  return { world, console, jobs, deliver, states, logged };
};

const changesShown = ({ shown }: RecordingPlatform) =>
  shown.map(({ card }) => /CHG-\d+/.exec(JSON.stringify(card))?.[0]);

describe('delivering notices', () => {
  it('sends all that waits for a lane, in the order it was told, and nothing twice', async () => {
    const { world, console, deliver, states } = await setUp();
    await announce(world, 'CHG-1', 'CHG-2');
    await announce(world, 'CHG-3');
    await deliver();
    await deliver();
    expect(changesShown(console)).toEqual(['CHG-1', 'CHG-2', 'CHG-3']);
    expect(console.shown.every(({ how, at }) => how === 'post' && at === 'channel/releases')).toBe(true);
    expect(await states()).toEqual(['sent', 'sent', 'sent']);
  });

  it('leaves other lanes alone', async () => {
    const { world, console, jobs } = await setUp();
    await announce(world, 'CHG-1');
    await jobs['deliver-notices']({ lane: 'console/person/dana' }, running());
    expect(console.shown).toEqual([]);
  });

  it.each(['retry', 'unknown'] as const)(
    'waits as long as the platform asks (%s), rings for that time, and holds what comes after',
    async (outcome) => {
      const { world, console, deliver, states } = await setUp();
      await announce(world, 'CHG-1', 'CHG-2');
      console.fates.push(new PlatformError('ratelimited', outcome, 30_000));
      world.bell.rings.length = 0;
      await deliver();
      await deliver();
      expect(console.shown).toEqual([]);
      expect(await states()).toEqual(['waiting', 'waiting']);
      const due = new Date(world.clock.now().getTime() + 30_000);
      expect(world.bell.rings.filter(({ name }) => name === 'deliver-notices')).toMatchObject([
        { payload: { lane }, at: due },
      ]);

      world.clock.advance(29_999);
      await deliver();
      expect(console.shown).toEqual([]);
      world.clock.advance(1);
      await deliver();
      expect(changesShown(console)).toEqual(['CHG-1', 'CHG-2']);
    },
  );

  it('waits for its turn without trying, and is then tried for the first time', async () => {
    const { world, console, deliver, logged } = await setUp();
    await announce(world, 'CHG-1');
    console.waits.push(700, 900);
    world.bell.rings.length = 0;
    await deliver();
    const at = new Date(world.clock.now().getTime() + 700);
    expect(world.bell.rings).toMatchObject([{ name: 'deliver-notices', payload: { lane }, at }]);
    world.clock.advance(700);
    await deliver();
    world.clock.advance(900);
    await deliver();
    expect(changesShown(console)).toEqual(['CHG-1']);
    expect([console.again, logged]).toEqual([[false], []]);
  });

  it('waits longer every time, up to five minutes, and never gives up on a platform that is down', async () => {
    const { world, console, deliver, states } = await setUp();
    await announce(world, 'CHG-1');
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      console.fates.push(new PlatformError('down', 'retry', 100));
      world.bell.rings.length = 0;
      await deliver();
      const at = world.bell.rings.find(({ name }) => name === 'deliver-notices')?.at ?? world.clock.now();
      waits.push((at.getTime() - world.clock.now().getTime()) / 1_000);
      world.clock.set(at);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    await deliver();
    expect(await states()).toEqual(['sent']);
  });

  it('leaves out what has no destination any more, says so, and goes on', async () => {
    const { world, console, deliver, states, logged } = await setUp();
    await announce(world, 'CHG-1', 'CHG-2');
    console.fates.push(new PlatformError('channel_archived', 'gone'));
    await deliver();
    expect(changesShown(console)).toEqual(['CHG-2']);
    expect(await states()).toEqual(['dead', 'sent']);
    expect(logged).toMatchObject([{ level: 'error', facts: { code: 'channel_archived', lane } }]);
  });

  it('asks nobody for what was done while the platform was away, nor for what is too late', async () => {
    const world = await createWorld();
    const console = recordingPlatform();
    const jobs = createJobs(world.context, new Map([['console', console]]));
    const deliver = (person: string) =>
      jobs['deliver-notices']({ lane: `console/person/${person}` }, running());
    const name = await world.submit('pia', 'db');
    await world.submit('pia', 'alone');
    await world.advance('2026-11-24T12:00:00Z');
    console.fates.push(...[1, 2].map(() => new PlatformError('away', 'retry', 600_000)));
    await deliver('pia');
    await deliver('dev');
    // While nobody could be told, one of pia's two things and all of dev's were done.
    await world.state('pia', name, { kind: 'records' });
    for (const service of ['db', 'alone'])
      await world.evidence({
        kind: 'deployed',
        service,
        artifact: await world.build(service, '1.0.0'),
        environment: 'test',
      });
    world.clock.advance(600_000);
    await deliver('pia');
    await deliver('dev');
    expect(console.shown.map(({ at, card }) => [at, card.summary])).toEqual([
      ['person/pia', expect.stringMatching(/^1 thing of yours is missing.*CHG-2 alone\.$/)],
    ]);
    await world.advance(week48.inTest);
    await deliver('rita');
    expect(console.shown).toHaveLength(1);
  });

  it('leaves out what cannot be drawn, instead of holding up the channel for ever', async () => {
    const { world, console, deliver, states, logged } = await setUp();
    await announce(world, 'CHG-1', 'CHG-2');
    await world.database.pool.query(`update notice set content = '{"kind":"approval-void"}' where id = 1`);
    await deliver();
    expect(changesShown(console)).toEqual(['CHG-2']);
    expect(await states()).toEqual(['dead', 'sent']);
    expect(logged).toMatchObject([{ level: 'error' }]);
  });

  it('keeps what goes to a platform that this process does not have', async () => {
    const { world, states } = await setUp();
    await announce(world, 'CHG-1');
    await createJobs(world.context, new Map())['deliver-notices']({ lane }, running());
    expect(await states()).toEqual(['waiting']);
  });

  it('L8: two workers at once send each notice once, and in order', async () => {
    const { world, console, deliver } = await setUp();
    await announce(world, 'CHG-1', 'CHG-2', 'CHG-3');
    let meanwhile: Promise<unknown> = Promise.resolve();
    console.fates.push(async () => {
      meanwhile = Promise.all([deliver(), deliver()]);
      await meanwhile;
    });
    await deliver();
    expect(changesShown(console)).toEqual(['CHG-1', 'CHG-2', 'CHG-3']);
  });

  it('stops between two notices when it is told to', async () => {
    const { world, console, jobs, states } = await setUp();
    await announce(world, 'CHG-1', 'CHG-2');
    const stop = new AbortController();
    console.fates.push(async () => stop.abort());
    await jobs['deliver-notices']({ lane }, { signal: stop.signal });
    expect(await states()).toEqual(['sent', 'waiting']);
  });

  it('leaves an unexpected fault to the frame, and the notice to the next who comes after its lease', async () => {
    const { world, console, deliver, states } = await setUp();
    await announce(world, 'CHG-1');
    console.fates.push(new TypeError('a bug'));
    await expect(deliver()).rejects.toThrow(TypeError);
    await deliver();
    expect(console.shown).toEqual([]);
    await world.database.pool.query(`update notice set claimed_until = now() - interval '1 second'`);
    await deliver();
    expect(await states()).toEqual(['sent']);
  });
});

describe('the run-sheet', () => {
  it('is posted with the sheet that the closing wrote', async () => {
    const { world, console, deliver } = await setUp();
    await world.build('api', '1.0.0');
    await world.passInTest(await world.submit('dana', 'api'));
    await world.advance('2026-11-25T12:00:00Z');
    await deliver();
    const sheet = console.shown.find(({ card }) => JSON.stringify(card).includes('CHG-1'));
    expect(sheet).toMatchObject({ how: 'post', at: 'channel/releases' });
    expect(sheet?.card.title).toMatch(/weekly-2026-W48/);
  });
});
