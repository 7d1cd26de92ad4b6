import { describe, expect, it } from 'vitest';
import { conversationsOf } from '../../src/operations/conversations.ts';
import { shop } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';

const channel = '19:releases@thread.tacv2';
const place = { conversation: channel, serviceUrl: 'https://one.example/', tenant: 't' };

const setUp = async () => {
  const policy = `${shop()}\nchannels: { releases: { teams: "${channel}" } }\n`;
  const world = await createWorld({ policy });
  const context = await world.instance({ platforms: ['teams', 'console'] });
  return { world, conversations: conversationsOf(context, 'teams') };
};

describe('conversations', () => {
  it('are greeted once, and the newest place wins', async () => {
    const { conversations } = await setUp();
    expect(
      await Promise.all([conversations.keep(channel, place), conversations.keep(channel, place)]),
    ).toEqual(expect.arrayContaining([true, false]));
    const moved = { ...place, serviceUrl: 'https://two.example/' };
    expect(await conversations.keep(channel, moved)).toBe(false);
    expect(await conversations.find(channel)).toEqual({ place: moved, dead: null });
  });

  it('that are dead are reported to every release manager once, and live again when they are heard of', async () => {
    const { world, conversations } = await setUp();
    await conversations.keep(channel, place);
    await Promise.all([1, 2].map(() => conversations.bury(channel, 'BotDisabledByAdmin')));
    const told = (await world.notices()).filter(({ kind }) => kind === 'unreachable');
    expect(told.map(({ lane }) => lane).sort()).toEqual(['console/person/remy', 'console/person/rita']);
    expect(told[0]).toMatchObject({ platform: 'teams', place: 'releases', reason: 'BotDisabledByAdmin' });
    expect(await conversations.find(channel)).toMatchObject({ dead: 'BotDisabledByAdmin' });
    expect(await conversations.keep(channel, place)).toBe(false);
    expect(await conversations.find(channel)).toMatchObject({ dead: null });
  });

  it('that were never heard of can be dead too', async () => {
    const { world, conversations } = await setUp();
    await conversations.bury('aad-ghost', 'BotNotInConversationRoster');
    expect(await conversations.find('aad-ghost')).toMatchObject({ dead: 'BotNotInConversationRoster' });
    expect(await world.notices()).toHaveLength(2);
  });
});

describe('an answer', () => {
  it('is given by one of those who would, unless that one lets go of it, for a day', async () => {
    const { world, conversations } = await setUp();
    const claims = await Promise.all(Array.from({ length: 5 }, () => conversations.claimAnswer('m1')));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await conversations.releaseAnswer('m1');
    expect(await conversations.claimAnswer('m1')).toBe(true);
    world.clock.advance(25 * 3_600_000);
    await conversations.claimAnswer('m2');
    expect(await conversations.claimAnswer('m1')).toBe(true);
  });
});
