import { describe, expect, it } from 'vitest';
import { noticeCard } from '../../src/cards/notice-card.ts';
import type { Notice } from '../../src/domain/notice.ts';
import { openPager, type Pager, pagingShop } from '../support/pager.ts';

/** olga's week; omar's begins on 30 November, hers again on 7 December. */
const open = (): Promise<Pager> => openPager(pagingShop(), '2026-11-23T12:00:00Z');
const who = async ({ desk }: Pager): Promise<string> =>
  (await desk.say('dana', 'oncall who operations')).card.summary;
const notices = async ({ world }: Pager): Promise<readonly (Notice & { lane: string })[]> =>
  (await world.notices()).filter(({ kind }) => kind === 'oncall');

describe('an override', () => {
  it('puts oneself on call for its time, then all is as before', async () => {
    const pager = await open();
    expect(await who(pager)).toContain('olga');
    await pager.desk.say('omar', 'oncall override operations omar now 4h');
    expect(await who(pager)).toContain('omar');
    const since = pager.world.clock.now();
    await pager.desk.say('dana', 'page raise api is down');
    await pager.world.pump();
    expect(pager.told(since)).toEqual(['00:00 chat omar']);
    await pager.desk.say('omar', 'page resolve 1');
    await pager.after(4 * 3_600);
    expect(await who(pager)).toContain('olga');
    expect(await notices(pager)).toEqual([]);
    expect(await pager.world.audit('oncall-changed')).toMatchObject([{ actor: 'omar', outcome: 'override' }]);
  });

  it('of somebody else is for operations and release managers, and that person hears of it', async () => {
    const pager = await open();
    const no = await pager.desk.say('dana', 'oncall override operations omar 2026-11-25 2026-11-25');
    expect(no.card.title).toBe('Not yours to decide');
    await pager.desk.say('rita', 'oncall override operations dana 2026-11-25 2026-11-25');
    expect(await notices(pager)).toMatchObject([
      {
        what: 'override',
        by: 'rita',
        lane: 'console/person/dana',
        from: '2026-11-25T00:00:00.000Z',
        until: '2026-11-26T00:00:00.000Z',
      },
    ]);
  });

  it('refuses what is over, ends before it begins, or is no time, and unknown names', async () => {
    const pager = await open();
    for (const period of [
      '2026-11-20 2026-11-21',
      '2026-11-26 2026-11-25',
      'soon later',
      'now',
      '2026-11-31 4h',
    ])
      expect((await pager.desk.say('omar', `oncall override operations omar ${period}`)).card.title).toBe(
        'From when until when?',
      );
    expect((await pager.desk.say('omar', 'oncall override nights omar now 4h')).card.title).toBe(
      'Unknown schedule',
    );
    expect((await pager.desk.say('omar', 'oncall override operations omer now 4h')).card.title).toBe(
      'Unknown person',
    );
  });
});

describe('a swap', () => {
  const ask = 'oncall swap operations omar 2026-11-24 2026-11-25 --back 2026-12-01/2026-12-02';

  it('holds once both have agreed, both ways; the asker hears of it', async () => {
    const pager = await open();
    await pager.desk.say('olga', ask);
    const [asked] = await notices(pager);
    if (asked === undefined) throw new Error('nobody was asked');
    expect(asked).toMatchObject({
      what: 'swap-asked',
      by: 'olga',
      swap: 'SWAP-1',
      lane: 'console/person/omar',
    });
    pager.world.clock.set(new Date('2026-11-24T12:00:00Z'));
    expect(await who(pager)).toContain('olga');
    const card = noticeCard(asked, pager.context.policy(), null);
    await pager.desk.press('omar', { card }, 'oncall agree');
    await pager.desk.press('omar', { card }, 'oncall agree');
    expect(await who(pager)).toContain('omar');
    expect((await notices(pager)).slice(1)).toMatchObject([
      { what: 'swap-agreed', lane: 'console/person/olga' },
    ]);
    pager.world.clock.set(new Date('2026-12-01T12:00:00Z'));
    expect(await who(pager)).toContain('olga');
    pager.world.clock.set(new Date('2026-12-03T12:00:00Z'));
    expect(await who(pager)).toContain('omar');
    expect((await pager.desk.press('omar', { card }, 'oncall decline')).card.title).toBe('Answered already');
  });

  it('declined leaves all as it is; only the one who was asked answers', async () => {
    const pager = await open();
    await pager.desk.say('olga', ask);
    expect((await pager.desk.say('olga', 'oncall agree SWAP-1')).card.title).toBe('You were not asked');
    await pager.desk.say('omar', 'oncall decline SWAP-1');
    pager.world.clock.set(new Date('2026-11-24T12:00:00Z'));
    expect(await who(pager)).toContain('olga');
    expect((await pager.desk.say('omar', 'oncall agree SWAP-9')).card.title).toBe('Unknown swap');
    expect(
      (await pager.desk.say('omar', 'oncall swap operations olga 2026-11-24 2026-11-25')).card.title,
    ).toBe('Nothing to take over');
  });

  it('follows a schedule that is edited: it holds where the other one would be on call', async () => {
    const pager = await open();
    await pager.desk.say('olga', 'oncall swap operations omar 2026-11-24 2026-12-20');
    await pager.desk.say('omar', 'oncall agree SWAP-1');
    await pager.world.reload(pagingShop().replace('weekly: [omar, olga]', 'weekly: [dana, olga]'));
    pager.world.clock.set(new Date('2026-11-24T12:00:00Z'));
    expect(await who(pager)).toContain('omar');
    pager.world.clock.set(new Date('2026-12-01T12:00:00Z'));
    expect(await who(pager)).toContain('dana');
  });
});

it('whoever is away is stood in for by the next of the rotation', async () => {
  const pager = await open();
  await pager.desk.say('olga', 'oncall away 2026-11-23 2026-11-24');
  const { text } = await pager.desk.say('dana', 'oncall who operations');
  expect(text).toContain('omar, next in operations, because olga is away');
  expect((await pager.desk.say('dana', 'oncall schedule operations')).text).toContain('because olga is away');
  // Why it is somebody at any other time.
  const later = await pager.desk.say('dana', 'oncall who operations 2026-11-28T22:10');
  expect(later.text).toContain('operations: olga, whose turn it is in operations, until Mon 30 Nov 09:00');
  expect(later.text).toContain('At Sat 28 Nov 22:10');
  const then = await pager.desk.say('dana', 'oncall who operations 2026-11-23T13:00:00Z');
  expect(then.text).toContain('because olga is away');
  expect((await pager.desk.say('dana', 'oncall who operations soon')).card.title).toBe('At what time?');
});
