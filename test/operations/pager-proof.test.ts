import { describe, expect, it } from 'vitest';
import { noticeCard } from '../../src/cards/notice-card.ts';
import type { Notice } from '../../src/domain/notice.ts';
import { armTimetable } from '../../src/operations/arm-timetable.ts';
import { auditPager, isPagerSound } from '../../src/operations/check-pager.ts';
import { receiveHeartbeat } from '../../src/operations/heartbeats.ts';
import { openPager, type Pager, pagingShop } from '../support/pager.ts';
import { openSite, stillQueue } from '../web/site.ts';

const monday = '2026-11-23T12:00:00Z';
const states = async (pager: Pager) =>
  (await pager.context.store.db.selectFrom('page').selectAll().orderBy('id').execute()).map(
    ({ id, state, kind, summary }) => `${id} ${kind} ${state} ${summary}`,
  );
const lines = `
oncall:
  schedules:
    operations: { rotation: { weekly: [omar, olga], start: 2026-11-16 } }
  escalations:
    default: [{ after: 0m, page: [schedule:operations] }]
  catchAll: [role:release-manager]
`;
const withLines = (more: string): string => pagingShop(`${lines}${more}\nchannels: {}\n`);

it('L10: the database itself refuses a page without a timer; a timer that passed is seen, and the heartbeat stops', async () => {
  const pager = await openPager(withLines(''), monday);
  const { world, context } = pager;
  await pager.desk.say('dana', 'page raise api is down');
  await world.pump();
  await expect(world.database.pool.query('update page set due_at = null')).rejects.toThrow(
    'check constraint',
  );
  expect(await auditPager(context)).toEqual({ overdue: 0, stuck: 0, drillFailed: false });
  world.clock.advance(30 * 60_000);
  expect(await auditPager(context)).toEqual({ overdue: 1, stuck: 2, drillFailed: false });
  expect(await isPagerSound(context)).toBe(false);
  await world.sweep();
  await world.pump();
  expect(await isPagerSound(context)).toBe(true);
  await pager.desk.say('olga', 'page resolve 1');
  expect(await pager.hourLater()).toEqual([]);
});

it('a job that has to call and does not raises a page, once for each silence, which its next call ends', async () => {
  const pager = await openPager(
    withLines('  heartbeats: { backup: { every: 1h, grace: 10m, service: db, severity: warning } }'),
    monday,
  );
  const { world, context } = pager;
  const key = 'an alert key of the test';
  const site = await openSite({ context, queue: stillQueue }, { alertKey: { reveal: () => key } });
  const call = async (name: string, authorization = `Bearer ${key}`) =>
    (await fetch(`${site.url}/hooks/heartbeat/${name}`, { method: 'POST', headers: { authorization } }))
      .status;
  const later = (minutes: number) =>
    world.advance(new Date(world.clock.now().getTime() + minutes * 60_000), true);
  expect([await call('backup'), await call('bakcup'), await call('backup', 'Bearer no')]).toEqual([
    200, 400, 401,
  ]);
  expect((await fetch(`${site.url}/hooks/heartbeat/backup`)).status).toBe(405);
  await later(69);
  await call('backup');
  await later(69);
  expect(await states(pager)).toEqual([]);
  await later(2);
  expect(await states(pager)).toEqual(['1 page open backup has not called, and does so every 1h']);
  await later(10);
  expect(await states(pager)).toHaveLength(1);
  expect(await world.audit('heartbeat-missed')).toHaveLength(1);
  await call('backup');
  expect((await states(pager))[0]).toContain('resolved');
  // A call that was overtaken on its way is no news.
  await receiveHeartbeat(context, { actor: 'system:heartbeat', at: new Date(monday) }, 'backup');
  expect(await pager.hourLater()).toEqual([]);
  await later(15);
  expect((await states(pager))[1]).toContain('2 page open');
  // What the policy no longer asks for is not waited for.
  await world.reload(withLines(''));
  expect((await states(pager))[1]).toContain('2 page resolved');
  expect(await pager.hourLater()).toEqual([]);
});

describe('a drill', () => {
  const drill = (more: string): string =>
    withLines(`  drill: { at: "13:00", page: [schedule:operations], within: 20m, ${more} }`);
  const at = (time: string) => new Date(`2026-11-23T${time}:00Z`);

  it('goes the way of all pages every day, and ends by itself once it has arrived', async () => {
    const pager = await openPager(drill('by: sms'), monday);
    const { world } = pager;
    const since = at('13:00');
    await world.advance(at('13:10'));
    expect(pager.told(since)).toEqual(['00:00 sms +15550102']);
    expect(pager.left[0]?.text).toContain('A drill: nothing is wrong');
    expect((await states(pager))[0]).toContain('drill resolved');
    await world.advance('2026-11-24T13:10:00Z');
    expect((await world.audit('drill')).map(({ outcome }) => outcome)).toEqual([
      'held',
      'arrived',
      'held',
      'arrived',
    ]);
    expect(await isPagerSound(pager.context)).toBe(true);
    pager.told(since);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('that does not arrive raises a real page at once when no way is left, and stops the heartbeat until somebody looks', async () => {
    const pager = await openPager(drill('by: voice'), monday);
    pager.breaks('voice', 'gone');
    const since = at('13:00');
    await pager.world.advance(at('13:01'));
    expect(pager.told(since)).toEqual(['00:00 chat olga']);
    expect((await states(pager))[1]).toContain(
      'page open The drill failed: it has not reached olga by voice',
    );
    expect(await isPagerSound(pager.context)).toBe(false);
    await pager.desk.say('olga', 'page resolve 2');
    expect(await isPagerSound(pager.context)).toBe(true);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('may ask for a person: answered it is over, unanswered it is an alarm, and it escalates to nobody else', async () => {
    const pager = await openPager(drill('answer: person'), monday);
    const { world, desk } = pager;
    await world.advance(at('13:01'));
    const shown = await desk.say('olga', 'page show 1');
    expect((await desk.press('olga', shown, 'page ack')).text).toContain('It is over');
    expect(await pager.hourLater()).toEqual([]);
    const next = new Date('2026-11-24T13:00:00Z');
    await world.advance(next);
    pager.told(next);
    await world.advance(new Date(next.getTime() + 21 * 60_000));
    expect(pager.told(next)).toEqual([
      '02:00 sms +15550102',
      '05:00 voice +15550102',
      '08:00 voice +15550102',
      '11:00 voice +15550102',
      '20:00 chat olga',
    ]);
    expect((await states(pager))[2]).toContain('page open The drill failed: nobody has answered it');
    await desk.say('olga', 'page resolve 3');
    expect(await pager.hourLater()).toEqual([]);
  });
});

describe('a shift', () => {
  const about = async <K extends 'handoff' | 'shift-check'>(pager: Pager, kind: K) =>
    (await pager.world.notices()).filter(
      (one): one is Extract<Notice, { kind: K }> & { lane: string } => one.kind === kind,
    );
  const shown = (pager: Pager, notice: Notice) => noticeCard(notice, pager.context.policy(), null);

  it('is handed over with what is open, which the next one takes by button; an override is handed over too', async () => {
    const pager = await openPager(withLines(''), '2026-11-29T12:00:00Z');
    const { world, desk } = pager;
    await desk.say('dana', 'page raise api is down');
    await desk.say('olga', 'page ack 1');
    await world.advance('2026-11-30T09:00:00Z');
    const told = await about(pager, 'handoff');
    expect(told).toMatchObject([
      {
        what: 'begins',
        lane: 'console/person/omar',
        other: 'olga',
        pages: [{ page: 'PAGE-1', owner: 'olga' }],
      },
      { what: 'ends', lane: 'console/person/olga', other: 'omar' },
    ]);
    const [come] = told;
    if (come === undefined) throw new Error('nobody was told');
    const card = shown(pager, come);
    expect(card.summary).toBe('You are on call for operations. 1 page not over.');
    expect((await desk.press('omar', { card }, 'page assign', 'Take over PAGE-1')).text).toContain(
      'omar has it',
    );
    await desk.say('omar', 'oncall override operations dana now 2h');
    await world.advance('2026-11-30T12:00:00Z');
    expect((await about(pager, 'handoff')).slice(2).map(({ lane, what }) => `${lane} ${what}`)).toEqual([
      'console/person/omar begins',
      'console/person/dana ends',
    ]);
    await desk.say('omar', 'page resolve 1');
    expect(await pager.hourLater()).toEqual([]);
  });

  it('is looked at a day before: who cannot be reached, may not be first, or is nobody, is told in time to those who can act', async () => {
    const demanding = withLines(`  levels: [junior, senior]
  tiers: { gold: { level: senior } }`)
      .replace('weekly: [omar, olga]', 'daily: [omar, olga]')
      .replace('  api: {', '  api: { tier: gold,')
      .replace('olga: { phone: "+15550102" }', 'olga: { phone: "+15550102", level: senior }');
    // olga until 09:00 of the 30th.
    const pager = await openPager(demanding, '2026-11-29T08:00:00Z');
    const { world, desk } = pager;
    // Every way to omar has failed when it was used last.
    await desk.say('dana', 'page raise api is down');
    for (const way of ['chat', 'sms', 'voice'] as const) pager.breaks(way, 'gone');
    await desk.say('olga', 'page assign 1 omar');
    await world.pump();
    for (const way of ['chat', 'sms', 'voice'] as const) pager.breaks(way, undefined);
    await desk.say('olga', 'page resolve 1');
    await world.advance('2026-11-29T09:00:00Z');
    const told = await about(pager, 'shift-check');
    expect(told.map(({ lane }) => lane.split('/')[2])).toEqual(['omar', 'olga', 'rita', 'remy']);
    const [first] = told;
    if (first === undefined) throw new Error('nobody was told');
    expect(first).toMatchObject({
      person: 'omar',
      from: '2026-11-30T09:00:00.000Z',
      problems: ['failing', 'unqualified'],
      tiers: ['gold'],
    });
    expect(shown(pager, first).summary).toBe('operations: omar is on call, and not all is well.');
    // olga's next one: one way is left, and nobody but her is told.
    await world.reload(demanding.replace('phone: "+15550102", ', ''));
    await world.advance('2026-11-30T09:00:00Z');
    expect((await about(pager, 'shift-check')).slice(told.length)).toMatchObject([
      { person: 'olga', problems: ['one-way'], lane: 'console/person/olga' },
    ]);
    // Nobody: those who can act hear of it.
    await desk.say('omar', 'oncall away 2026-12-02 2026-12-03');
    await desk.say('olga', 'oncall away 2026-12-02 2026-12-03');
    await world.advance('2026-12-01T09:00:00Z');
    expect((await about(pager, 'shift-check')).slice(told.length + 1)).toMatchObject(
      ['omar', 'olga', 'rita', 'remy'].map(() => ({ person: null, problems: ['nobody'] })),
    );
    const checked = (await world.audit('shift-checked')).length;
    await armTimetable(pager.context);
    await world.pump();
    expect(await world.audit('shift-checked')).toHaveLength(checked);
    expect(await pager.hourLater()).toEqual([]);
  });
});
