import { describe, expect, it } from 'vitest';
import { createJobs } from '../../jobs/index.ts';
import type { MessageRef, Platform, Posting } from '../../src/chat/platform.ts';
import { week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';
import { recordingPlatform } from './platforms.ts';

const running = { signal: new AbortController().signal, attempt: 1 };

const setUp = async (threads: boolean) => {
  const world = await createWorld();
  const recording = recordingPlatform();
  const posted: { readonly title: string; readonly thread: MessageRef | undefined }[] = [];
  const platform: Platform = {
    ...recording,
    threads,
    post: async (to, card, posting: Posting = {}) => {
      posted.push({ title: card.title, thread: posting.thread });
      return recording.post(to, card);
    },
  };
  const jobs = createJobs(world.context, new Map([['console', platform]]));
  await world.submit('dev', 'db');
  return {
    world,
    recording,
    posted,
    jobs,
    refresh: (subject: string) => jobs['refresh-card']({ subject }, running),
  };
};

describe('a platform that keeps threads', () => {
  it('gets the train’s card first, and below it what is about the train', async () => {
    const { world, posted, refresh, jobs } = await setUp(true);
    await refresh('CHG-1');
    await world.advance(week48.inTest);
    await jobs['deliver-notices']({ lane: 'console/channel/releases' }, running);
    const train = { message: 'm1', at: 'channel/releases' };
    expect(posted[0]).toMatchObject({ title: expect.stringContaining('Train'), thread: undefined });
    expect(posted.slice(1).map(({ thread }) => thread)).toEqual(posted.slice(1).map(() => train));
    expect(posted.map(({ title }) => title).join()).toMatch(/CHG-1.*Run-sheet/);
  });

  it('waits while somebody else is posting the train’s card', async () => {
    const { recording, posted, refresh, world } = await setUp(true);
    let open = (): void => {};
    recording.fates.push(() => new Promise((resolve) => (open = resolve)));
    const first = refresh(week48.train);
    await expect.poll(() => posted.length).toBe(1);
    world.bell.rings.length = 0;
    await refresh('CHG-1');
    expect(posted).toHaveLength(1);
    expect(world.bell.rings).toMatchObject([{ name: 'refresh-card', payload: { subject: 'CHG-1' } }]);
    open();
    await first;
    world.clock.advance(2_000);
    await refresh('CHG-1');
    expect(posted[1]).toMatchObject({ thread: { message: 'm1' } });
  });
});

describe('a platform that keeps none', () => {
  it('gets each card by itself', async () => {
    const { posted, refresh } = await setUp(false);
    await refresh('CHG-1');
    expect(posted).toMatchObject([{ title: expect.stringContaining('CHG-1'), thread: undefined }]);
  });
});
