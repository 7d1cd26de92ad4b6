import { describe, expect, it } from 'vitest';
import { createJobs } from '../../jobs/index.ts';
import type { Card } from '../../src/chat/card.ts';
import type { MessageRef, Platform, Posting } from '../../src/chat/platform.ts';
import { detailsOf } from '../../src/operations/thread.ts';
import { companyShop } from '../support/company.ts';
import { week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';
import { recordingPlatform } from './platforms.ts';

const running = { signal: new AbortController().signal, attempt: 1 };

const setUp = async (name: 'slack' | 'teams') => {
  const world = await createWorld({
    policy: companyShop([name]),
    platforms: [name],
  });
  const recording = recordingPlatform(name);
  const posted: { readonly title: string; readonly thread: MessageRef | undefined; readonly card: Card }[] =
    [];
  const platform: Platform = {
    ...recording,
    post: async (to, card, posting: Posting = {}) => {
      posted.push({ title: card.title, thread: posting.thread, card });
      return recording.post(to, card);
    },
  };
  const jobs = createJobs(world.context, new Map([[name, platform]]));
  await world.submit('dev', 'db');
  const refresh = (subject: string) => jobs['refresh-card']({ subject }, running);
  const drawAll = async (): Promise<void> => {
    for (;;) {
      const next = world.bell.rings.findIndex(({ name: job }) => job === 'refresh-card');
      const [ring] = next === -1 ? [] : world.bell.rings.splice(next, 1);
      if (ring === undefined) return;
      await refresh(String(ring.payload['subject']));
    }
  };
  const channel = name === 'slack' ? 'C01REL' : '19:releases@thread.tacv2';
  return {
    world,
    recording,
    posted,
    refresh,
    drawAll,
    at: `channel/${channel}`,
    notices: () => jobs['deliver-notices']({ lane: `${name}/channel/${channel}` }, running),
  };
};

describe('in Teams', () => {
  it('the train’s card comes first, and below it what is about the train', async () => {
    const { world, posted, refresh, notices, at } = await setUp('teams');
    await refresh('CHG-1');
    await world.advance(week48.inTest);
    await notices();
    expect(posted[0]).toMatchObject({ title: expect.stringContaining('Train'), thread: undefined });
    expect(posted.slice(1).map(({ thread }) => thread)).toEqual(
      posted.slice(1).map(() => ({ message: 'm1', at })),
    );
    expect(posted.map(({ title }) => title).join()).toMatch(/CHG-1.*Run-sheet/);
  });

  it('a card waits while somebody else is posting the train’s', async () => {
    const { recording, posted, refresh, world } = await setUp('teams');
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

  it('the train’s thread tells what happened to all of its changes, in one message', async () => {
    const { world, posted, drawAll, at } = await setUp('teams');
    await world.submit('dana', 'api');
    await drawAll();
    await world.sweep();
    await drawAll();
    const details = posted.filter(({ title }) => title.startsWith('Details'));
    expect(details).toMatchObject([{ title: `Details of ${week48.train}`, thread: { message: 'm1', at } }]);
    const words = JSON.stringify(details[0]?.card);
    expect(words).toMatch(/CHG-2.*CHG-1/);
    // Nothing is left that the sweep would ring for.
    await world.sweep();
    await drawAll();
    await world.sweep();
    expect(world.bell.rings.filter(({ name }) => name === 'refresh-card')).toEqual([]);
  });
});

describe('in Slack', () => {
  it('each card stands by itself, and its details are edited in its own thread', async () => {
    const { world, recording, posted, drawAll, at } = await setUp('slack');
    await drawAll();
    expect(posted.map(({ title, thread }) => [title.split(' ')[0], thread])).toEqual([
      ['CHG-1', undefined],
      ['Train', undefined],
    ]);
    await world.build('db', '1.0.0');
    await world.passInTest('CHG-1');
    await world.sweep();
    await drawAll();
    expect(posted.slice(2).map(({ title, thread }) => [title, thread])).toEqual([
      ['Details of CHG-1', { message: 'm1', at }],
      [`Details of ${week48.train}`, { message: 'm2', at }],
    ]);
    const details = JSON.stringify(posted[2]?.card);
    expect(details).toContain('deployed to test: ","ci');
    expect(details).toMatch(/records ready: ",\{"kind":"person","person":"dev"/);
    // It pings nobody, and nothing in it can be pressed.
    expect(details).not.toContain('"mention"');
    expect(posted[2]?.card.buttons).toEqual([]);

    // The night is told step by step, with what the steps printed.
    await world.advance(week48.inTest);
    await world.passReady('CHG-1');
    await world.advance(week48.meeting);
    await world.go(week48.train);
    world.behave('db', 'switch', 'echo disk full; exit 1');
    await world.advance(week48.closes);
    await drawAll();
    await world.sweep();
    await drawAll();
    expect(posted.filter(({ title }) => title.startsWith('Details of CHG-1'))).toHaveLength(1);
    const last = recording.shown.findLast(({ card }) => card.title === 'Details of CHG-1');
    expect(last).toMatchObject({ how: 'update' });
    const night = JSON.stringify(last?.card);
    expect(night).toMatch(/DEP-1 was rolled back.*DEP-1 switch failed.*DEP-1 started.*approved by/);
    expect(night).toContain('disk full');
  });

  it('the train’s card follows its changes within the minute, in one edit', async () => {
    const { world, recording, drawAll } = await setUp('slack');
    await world.submit('dana', 'api');
    await drawAll();
    for (const name of ['CHG-1', 'CHG-2']) await world.passInTest(name);
    await drawAll();
    await world.sweep();
    await drawAll();
    const trains = recording.shown.filter(({ card }) => card.title.startsWith('Train'));
    expect(trains.map(({ how }) => how)).toEqual(['post', 'update']);
    expect(trains.map(({ card }) => card.summary)).toEqual([
      '2 changes aboard: 2 missing something.',
      '2 changes aboard: 2 ready.',
    ]);
  });

  it('details are not posted where their card has no place', async () => {
    const { world, recording, posted, drawAll } = await setUp('slack');
    const { PlatformError } = await import('../../src/chat/platform.ts');
    recording.fates.push(new PlatformError('is_archived', 'gone'), new PlatformError('is_archived', 'gone'));
    await drawAll();
    await world.sweep();
    await drawAll();
    expect(posted.filter(({ title }) => title.startsWith('Details'))).toEqual([]);
    expect(recording.shown).toEqual([]);
  });
});

it('on the console each card stands by itself, without details', async () => {
  const world = await createWorld();
  const recording = recordingPlatform();
  const jobs = createJobs(world.context, new Map([['console', recording]]));
  await world.submit('dev', 'db');
  await world.sweep();
  expect(world.bell.rings.filter(({ payload }) => String(payload['subject']).includes('details'))).toEqual(
    [],
  );
  await jobs['refresh-card']({ subject: 'CHG-1' }, running);
  expect(recording.shown).toHaveLength(1);
});

it('only changes and trains have details', () => {
  const details = (platforms: readonly ('slack' | 'teams')[]) =>
    detailsOf({ platforms }, ['CHG-1', 'PAGE-1', 'POL-1', week48.train]);
  expect(details(['slack'])).toEqual(['CHG-1/details', `${week48.train}/details`]);
  expect(details(['teams'])).toEqual([`${week48.train}/details`]);
});
