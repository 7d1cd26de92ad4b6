import { describe, expect, it } from 'vitest';
import { createJobs } from '../../jobs/index.ts';
import { changeCard } from '../../src/cards/change-card.ts';
import { PlatformError } from '../../src/chat/platform.ts';
import { describeChange } from '../../src/operations/describe.ts';
import { week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';
import { recordingPlatform } from './platforms.ts';

const running = { signal: new AbortController().signal };

const setUp = async () => {
  const world = await createWorld();
  const console = recordingPlatform();
  const jobs = createJobs(world.context, new Map([['console', console]]));
  const refresh = (subject = 'CHG-1') => jobs['refresh-card']({ subject }, running);
  await world.submit('dana', 'api');
  const present = async () => changeCard(await describeChange(world.context, 'CHG-1', world.clock.now()));
  return { world, console, jobs, refresh, present };
};

describe('refreshing a card', () => {
  it('posts a change once and edits that message from then on, always from the present state', async () => {
    const { world, console, refresh, present } = await setUp();
    await refresh();
    expect(console.shown).toEqual([{ how: 'post', at: 'channel/releases', card: await present() }]);
    await refresh();
    expect(console.shown).toHaveLength(1);

    await world.build('api', '1.0.0');
    await world.approve('omar', 'CHG-1');
    await refresh();
    expect(console.shown.slice(1)).toEqual([
      { how: 'update', at: 'channel/releases', message: 'm1', card: await present() },
    ]);
  });

  it('waits for its turn without trying, and draws what is then present', async () => {
    const { world, console, refresh, present } = await setUp();
    console.waits.push(1_000);
    world.bell.rings.length = 0;
    await refresh();
    const at = new Date(world.clock.now().getTime() + 1_000);
    expect(world.bell.rings).toMatchObject([{ name: 'refresh-card', payload: { subject: 'CHG-1' }, at }]);
    await world.build('api', '1.0.0');
    await refresh();
    expect(console.shown).toEqual([]);
    world.clock.advance(1_000);
    await refresh();
    expect(console.shown).toMatchObject([{ how: 'post', card: await present() }]);
    // Nothing was tried before, so nothing is looked for; after a failure something may be there.
    await world.submit('dana', 'web');
    console.fates.push(new PlatformError('timeout', 'unknown'));
    await refresh('CHG-2');
    world.clock.advance(60_000);
    await refresh('CHG-2');
    expect(console.again).toEqual([false, false, true]);
  });

  it('draws a train too', async () => {
    const { console, refresh } = await setUp();
    await refresh(week48.train);
    expect(console.shown.map(({ card }) => card.title)).toEqual([expect.stringContaining(week48.train)]);
  });

  it('does nothing for a subject that has no card', async () => {
    const { console, refresh } = await setUp();
    await refresh('CHG-99');
    expect(console.shown).toEqual([]);
  });

  it('draws again what changed while it was drawing', async () => {
    const { world, console, refresh, present } = await setUp();
    console.fates.push(() => world.build('api', '1.0.0').then(() => {}));
    await refresh();
    expect(console.shown.map(({ how }) => how)).toEqual(['post', 'update']);
    expect(console.shown[1]?.card).toEqual(await present());
  });

  it('L8: two workers at once post one message', async () => {
    const { console, refresh } = await setUp();
    console.fates.push(async () => void (await Promise.all([refresh(), refresh()])));
    await refresh();
    expect(console.shown.map(({ how }) => how)).toEqual(['post']);
  });

  it('tries again after the time that the platform asks for, and rings for it', async () => {
    const { world, console, refresh } = await setUp();
    console.fates.push(new PlatformError('ratelimited', 'retry', 7_000));
    world.bell.rings.length = 0;
    await refresh();
    await refresh();
    expect(console.shown).toEqual([]);
    expect(world.bell.rings).toMatchObject([
      {
        name: 'refresh-card',
        payload: { subject: 'CHG-1' },
        at: new Date(world.clock.now().getTime() + 7_000),
      },
    ]);
    world.clock.advance(7_000);
    await refresh();
    expect(console.shown.map(({ how }) => how)).toEqual(['post']);
  });

  it('posts anew what somebody deleted, and leaves a dead channel in peace until the next change', async () => {
    const { world, console, refresh } = await setUp();
    await refresh();
    await world.build('api', '1.0.0');
    console.fates.push(new PlatformError('message_not_found', 'gone'));
    await refresh();
    expect(console.shown.map(({ how }) => how)).toEqual(['post', 'post']);

    await world.approve('omar', 'CHG-1');
    console.fates.push(new PlatformError('is_archived', 'gone'), new PlatformError('is_archived', 'gone'));
    await refresh();
    await refresh();
    expect(console.fates).toEqual([]);
    expect(console.shown).toHaveLength(2);
    await world.approve('rita', 'CHG-1');
    await refresh();
    expect(console.shown).toHaveLength(3);
  });

  it('keeps a copy for a platform that this process does not have', async () => {
    const { world, console, refresh } = await setUp();
    await createJobs(world.context, new Map())['refresh-card']({ subject: 'CHG-1' }, running);
    await refresh();
    expect(console.shown).toEqual([]);
    world.clock.advance(5 * 60_000);
    await refresh();
    expect(console.shown).toHaveLength(1);
  });
});
