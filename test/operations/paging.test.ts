import { describe, expect, it } from 'vitest';
import { acknowledgePage, escalatePage, resolvePage } from '../../src/operations/answer-page.ts';
import { openPages } from '../../src/operations/find-pages.ts';
import { raisePage } from '../../src/operations/raise-by-hand.ts';
import { type Firing, receiveAlerts } from '../../src/operations/raise-page.ts';
import { nextSend } from '../../src/operations/send-page.ts';
import { openPager, type Pager, pagingShop } from '../support/pager.ts';

/** Whole story in olga's week. */
const monday = '2026-11-23T12:00:00Z';
const open = (oncall?: string): Promise<Pager> => openPager(pagingShop(oncall), monday);

const firing = (over: Partial<Firing> = {}): Firing => ({
  key: 'k1',
  recurs: false,
  severity: 'error',
  summary: 'errors are up',
  service: 'api',
  details: {},
  startedAt: new Date(monday),
  ...over,
});
const tell = (pager: Pager, alerts: readonly Firing[], ended: readonly string[] = []): Promise<void> =>
  receiveAlerts(pager.context, pager.world.cause('system:prometheus'), {
    source: 'prometheus',
    firing: alerts,
    ended,
  });
const raise = async (pager: Pager): Promise<void> => {
  await raisePage(pager.context, pager.world.cause('dana'), {
    key: 'r1',
    summary: 'api is down',
    service: 'api',
  });
  await pager.world.pump();
};
const states = async (pager: Pager) =>
  (await pager.world.context.store.db.selectFrom('page').selectAll().orderBy('id').execute()).map(
    ({ id, state, severity }) => `${id} ${state} ${severity}`,
  );

describe('a page', () => {
  it('reaches whoever is on call by chat at once, by SMS after two minutes, by voice after five and again, then the next', async () => {
    const pager = await open();
    const since = pager.world.clock.now();
    await raise(pager);
    await pager.after(16 * 60);
    expect(pager.told(since)).toEqual([
      '00:00 chat olga',
      '02:00 sms +15550102',
      '05:00 voice +15550102',
      '05:00 chat omar',
      '05:00 chat olga',
      '07:00 sms +15550101',
      '07:00 sms +15550102',
      '10:00 voice +15550101',
      '10:00 voice +15550102',
      // A call that no key answers is repeated, while the page is at the same step.
      '13:00 voice +15550101',
      '13:00 voice +15550102',
      '15:00 chat rita',
    ]);
    await resolvePage(pager.context, pager.world.cause('rita'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
  });

  it('L10: never ends by itself: the catch-all is paged, and everything again, until a person answers', async () => {
    const pager = await open();
    const since = pager.world.clock.now();
    await raise(pager);
    await pager.after(25 * 60);
    expect(pager.told(since).slice(-3)).toEqual(['15:00 chat rita', '25:00 chat rita', '25:00 chat remy']);
    await pager.after(10 * 60);
    expect(pager.told(since)[0]).toBe('35:00 chat olga');
    for (let hours = 0; hours < 3; hours += 1) expect((await pager.hourLater()).length).toBeGreaterThan(10);
    await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual(['60:00 chat olga']);
  });

  it('leaves nothing more once it is acknowledged, but reminds its owner until it is resolved', async () => {
    const pager = await open();
    const since = pager.world.clock.now();
    await raise(pager);
    await pager.after(60);
    await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(pager.told(since)).toEqual(['00:00 chat olga']);
    expect(await pager.hourLater()).toEqual(['60:00 chat olga']);
    expect(await pager.hourLater()).toEqual(['60:00 chat olga']);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
    expect(
      (await pager.world.audit()).map(({ kind }) => kind).filter((kind) => kind.startsWith('page')),
    ).toEqual([
      'paged',
      'page-escalated',
      'page-acknowledged',
      'page-reminded',
      'page-reminded',
      'page-resolved',
    ]);
  });

  it('answered in the very moment between its claim and the next one lets no other message out', async () => {
    const pager = await open();
    await raise(pager);
    await pager.after(120 - 1);
    await acknowledgePage(pager.context, pager.world.cause('omar'), { page: 'PAGE-1' });
    const rows = await pager.context.store.db
      .selectFrom('page_send')
      .select(['id', 'state', 'way'])
      .execute();
    expect(rows.map(({ way, state }) => `${way} ${state}`).sort()).toEqual([
      'chat sent',
      'sms cancelled',
      'voice cancelled',
    ]);
    pager.world.clock.advance(600_000);
    for (const { id } of rows) expect(await nextSend(pager.context, id)).toBeUndefined();
  });

  it('a stale press does nothing twice: as of the level that it saw', async () => {
    const pager = await open();
    const since = pager.world.clock.now();
    await raise(pager);
    for (const person of ['olga', 'omar', 'olga'])
      await escalatePage(pager.context, pager.world.cause(person), { page: 'PAGE-1', asOf: 1 });
    await pager.world.pump();
    expect(pager.told(since)).toEqual(['00:00 chat olga', '00:00 chat omar', '00:00 chat olga']);
    await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    await escalatePage(pager.context, pager.world.cause('omar'), { page: 'PAGE-1', asOf: 2 });
    await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await states(pager)).toEqual(['1 acknowledged critical']);
    expect(await pager.world.audit('page-acknowledged')).toHaveLength(1);
    expect(await pager.hourLater()).toEqual(['60:00 chat olga']);
  });

  it('is raised once, however often its request comes', async () => {
    const pager = await open();
    const request = { ...pager.world.cause('dana', 'req-1') };
    const page = { key: 'req-1', summary: 'api is down' };
    await raisePage(pager.context, request, page);
    await expect(raisePage(pager.context, request, page)).rejects.toThrow('already acted on');
    expect(await states(pager)).toEqual(['1 open critical']);
  });

  it('rung early, twice and from two instances escalates once', async () => {
    const pager = await open();
    const since = pager.world.clock.now();
    await raise(pager);
    const { ringPage } = await import('../../src/operations/ring-page.ts');
    const other = await pager.world.instance({ telephony: pager.context.telephony ?? raiseNever() });
    await ringPage(other, 1);
    pager.world.clock.advance(300_000);
    await Promise.all([ringPage(other, 1), ringPage(pager.context, 1), ringPage(other, 1)]);
    expect((await openPages(pager.context))[0]).toMatchObject({ level: 2, step: 1 });
    expect(await pager.world.audit('page-escalated')).toHaveLength(2);
    await acknowledgePage(pager.context, pager.world.cause('omar'), { page: 'PAGE-1' });
    expect(pager.told(since)).toEqual(['00:00 chat olga']);
    expect(await pager.hourLater()).toEqual(['60:00 chat omar']);
  });
});

const raiseNever = (): never => {
  throw new Error('a pager without telephones');
};

describe('an escalation', () => {
  it('passes over steps that reach nobody, at once, and the next ones come sooner by that much', async () => {
    const pager = await open(`
oncall:
  schedules:
    nobody: { rotation: { weekly: [omar] }, hours: "03:00-04:00" }
  escalations:
    default:
      - { after: 0m, page: [schedule:nobody] }
      - { after: 10m, page: [person:dana] }
      - { after: 15m, page: [person:olga] }
`);
    const since = pager.world.clock.now();
    await raise(pager);
    await pager.after(301);
    expect(pager.told(since)).toEqual([
      '00:00 chat dana',
      '02:00 sms +15550103',
      '05:00 voice +15550103',
      '05:00 chat olga',
    ]);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
  });

  it('without a policy for it goes to the catch-all, and stays open though nobody is there at all', async () => {
    const pager = await open('\noncall: { catchAll: [channel:oncall] }\n');
    await raise(pager);
    expect(await pager.world.audit('page-escalated')).toMatchObject([{ outcome: 'nobody' }]);
    expect(pager.left.map(({ way, to }) => `${way} ${to}`)).toEqual(
      expect.arrayContaining(['card oncall', 'card releases']),
    );
    expect(await states(pager)).toEqual(['1 open critical']);
    expect(await pager.hourLater()).toEqual([]);
    expect((await openPages(pager.context))[0]?.round).toBeGreaterThan(4);
  });

  it('after an outage goes on from the present instead of replaying what it missed', async () => {
    const pager = await open();
    const since = pager.world.clock.now();
    await raise(pager);
    pager.world.clock.advance(3 * 3_600_000);
    pager.world.bell.rings.splice(0);
    await pager.world.sweep();
    await pager.world.pump();
    const late = pager.told(since).slice(1);
    expect(late.filter((line) => line.includes('rita'))).toEqual([]);
    expect(late.filter((line) => line.endsWith('chat omar'))).toEqual(['180:00 chat omar']);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
  });
});

describe('when a way fails', () => {
  it('chat that is down brings the phone forward within seconds, and is tried again all the same', async () => {
    const pager = await open();
    pager.breaks('chat', 'retry');
    const since = pager.world.clock.now();
    await raise(pager);
    expect(pager.told(since)).toEqual(['00:00 sms +15550102']);
    await pager.after(2);
    pager.breaks('chat', undefined);
    await pager.after(10);
    expect(pager.told(since)).toEqual(['00:03 chat olga']);
    expect((await pager.world.audit('page-undelivered')).map(({ facts }) => facts?.['way'])).toEqual([
      'chat',
    ]);
    await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual(['60:00 chat olga']);
  });

  it('a person whose every way is dead is not waited for', async () => {
    const pager = await open(`
oncall:
  escalations:
    default:
      - { after: 0m, page: [person:quinn] }
      - { after: 30m, page: [person:olga] }
`);
    pager.breaks('chat', 'gone');
    const since = pager.world.clock.now();
    await raise(pager);
    expect(pager.told(since)).toEqual(['00:00 sms +15550102']);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    pager.breaks('chat', undefined);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('where everything is dead it comes to the catch-all at once, and begins again in its time and not in a circle', async () => {
    const pager = await open();
    for (const way of ['chat', 'sms', 'voice'] as const) pager.breaks(way, 'gone');
    await raise(pager);
    expect((await openPages(pager.context))[0]).toMatchObject({ step: 3, round: 0, level: 4 });
    for (const way of ['chat', 'sms', 'voice'] as const) pager.breaks(way, undefined);
    const since = pager.world.clock.now();
    await pager.after(600);
    expect(pager.told(since)).toEqual(['10:00 chat olga']);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
  });

  it('a sender that dies in mid-send is followed by another: once more, not for ever, and not after an answer', async () => {
    const pager = await open();
    await raisePage(pager.context, pager.world.cause('dana'), { key: 'r1', summary: 'down', service: 'api' });
    const { db } = pager.context.store;
    const [send] = await db.selectFrom('page_send').select('id').where('way', '=', 'chat').execute();
    // Taken, and never heard of again.
    expect(await nextSend(pager.context, send?.id ?? 0)).toBeDefined();
    expect(await nextSend(pager.context, send?.id ?? 0)).toBeUndefined();
    // Whoever finds it taken comes back when its time is up: nobody waits for the sweep.
    const soon = pager.world.clock.now().getTime() + 16_000;
    expect(
      pager.world.bell.rings.filter(
        ({ name, payload, at }) =>
          name === 'send-page' &&
          payload['id'] === send?.id &&
          at !== undefined &&
          at > pager.world.clock.now() &&
          +at < soon,
      ),
    ).toHaveLength(1);
    await pager.world.pump();
    expect(pager.left.filter(({ way }) => way === 'chat')).toEqual([]);
    await db
      .updateTable('page_send')
      .set({ claimed_until: new Date(0) })
      .where('claimed_until', 'is not', null)
      .execute();
    await pager.world.sweep();
    await pager.world.pump();
    expect(pager.left.filter(({ way }) => way === 'chat').map(({ to }) => to)).toEqual(['olga']);
    await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual(['60:00 chat olga']);
  });
});

describe('alerts', () => {
  it('a thousand of a service at once are one page that a person can read; the last to end resolves it', async () => {
    const pager = await open();
    const since = pager.world.clock.now();
    const storm = Array.from({ length: 1_000 }, (_, i) =>
      firing({ key: `k${i}`, summary: `pod ${i} is down` }),
    );
    await tell(pager, storm);
    await tell(pager, storm);
    await pager.world.pump();
    expect(await states(pager)).toEqual(['1 open error']);
    expect(pager.told(since)).toEqual(['00:00 chat olga']);
    expect(pager.left.find(({ way }) => way === 'chat')?.text).toContain('1000 alerts in all');
    await tell(
      pager,
      [],
      storm.slice(1).map(({ key }) => key),
    );
    expect(await states(pager)).toEqual(['1 open error']);
    await tell(pager, [], ['k0']);
    expect(await states(pager)).toEqual(['1 resolved error']);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('ten thousand in one body, of many services that the policy does not know, lose nothing', async () => {
    const pager = await open();
    const storm = Array.from({ length: 10_000 }, (_, i) =>
      firing({ key: `k${i}`, service: `other-${i % 20}` }),
    );
    await tell(pager, storm);
    expect(await states(pager)).toHaveLength(20);
    const { rows } = await pager.world.database.pool.query('select count(*)::int as n from alert');
    expect(rows).toEqual([{ n: 10_000 }]);
    await tell(
      pager,
      [],
      storm.map(({ key }) => key),
    );
    expect(await openPages(pager.context)).toEqual([]);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('from two instances at once are one page and one alert', async () => {
    const pager = await open();
    const other = { ...pager, context: await pager.world.instance() };
    await Promise.all([
      tell(pager, [firing()]),
      tell(other, [firing()]),
      tell(pager, [firing({ key: 'k2' })]),
    ]);
    expect(await states(pager)).toEqual(['1 open error']);
    const { rows } = await pager.world.database.pool.query('select key from alert order by key');
    expect(rows).toEqual([{ key: 'k1' }, { key: 'k2' }]);
  });

  it('a late repeat of what its source has ended wakes nobody; what a person resolved and still fires does, in time', async () => {
    const pager = await open();
    await tell(pager, [firing()]);
    await tell(pager, [], ['k1']);
    await tell(pager, [firing()]);
    expect(await states(pager)).toEqual(['1 resolved error']);
    await tell(pager, [firing({ key: 'k2' })]);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-2' });
    await tell(pager, [firing({ key: 'k2' })]);
    expect(await states(pager)).toHaveLength(2);
    await pager.after(15 * 60);
    await tell(pager, [firing({ key: 'k2' })]);
    expect((await states(pager)).slice(2)).toEqual(['3 open error']);
  });

  it('more urgent than the page that somebody has raise one of their own; others join it for five minutes', async () => {
    const pager = await open();
    await tell(pager, [firing()]);
    await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    await tell(pager, [firing({ key: 'k2', severity: 'warning' })]);
    expect(await states(pager)).toEqual(['1 acknowledged error']);
    await tell(pager, [firing({ key: 'k3', severity: 'critical' })]);
    expect(await states(pager)).toEqual(['1 acknowledged error', '2 open critical']);
    await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-2' });
    await pager.after(300);
    await tell(pager, [firing({ key: 'k4' })]);
    expect((await states(pager)).slice(2)).toEqual(['3 open error']);
  });
});

describe('a deployment that fails', () => {
  it('pages whoever is on call for its service, with what is known; one that a person stops wakes nobody', async () => {
    const pager = await open();
    const { world } = pager;
    world.behave('api', 'check', 'echo the database said no; exit 3');
    await world.toGo('api');
    await world.advance('2026-11-28T22:10:00Z');
    await world.pump();
    expect(await states(pager)).toEqual(['1 open error']);
    const page = pager.left.find(({ way }) => way === 'chat');
    expect(page?.to).toBe('olga');
    for (const word of [
      'DEP-1 of api failed and was rolled back',
      'CHG-1',
      'weekly-2026-W48',
      'the database said no',
    ])
      expect(page?.text).toContain(word);
    await resolvePage(pager.context, world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
  });
});

describe('while a service is being deployed', () => {
  const deploying = async (): Promise<Pager> => {
    const pager = await open();
    await pager.world.toGo('api');
    // Its deployment runs, and takes its time.
    await pager.world.database.pool.query(
      `insert into deployment (change, train, service, artifact, plan, wave, position, unit, state, queued_at)
       select 1, 'weekly-2026-W48', 'api', 'sha256:x', '{"name":"p","steps":[],"reserve":0}', 0, 0, 0, 'asking', now()`,
    );
    pager.world.clock.set(new Date('2026-11-28T23:00:00Z'));
    return pager;
  };

  it('its alerts wait until the window ends, and those that have ended by then wake nobody', async () => {
    const pager = await deploying();
    await tell(pager, [firing(), firing({ key: 'db', service: 'db' })]);
    await pager.world.pump();
    expect(await states(pager)).toEqual(['1 held error', '2 open error']);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-2' });
    const since = pager.world.clock.now();
    pager.told(since);
    await pager.after(2 * 3_600);
    expect(pager.told(since)).toEqual([]);
    await tell(pager, [], ['k1']);
    await pager.after(2 * 3_600);
    expect(pager.told(since)).toEqual([]);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('what still fires then is paged, and what is urgent at once', async () => {
    const pager = await deploying();
    await tell(pager, [firing()]);
    await pager.after(3 * 3_600);
    await pager.world.pump();
    expect(await states(pager)).toEqual(['1 open error']);
    const urgent = await deploying();
    await tell(urgent, [firing()]);
    await tell(urgent, [firing({ key: 'k2', severity: 'critical' })]);
    expect(await states(urgent)).toEqual(['1 open critical']);
  });
});

describe('in chat', () => {
  it('somebody raises a page, the one on call takes it from the message, and everybody sees it', async () => {
    const pager = await open();
    const { desk } = pager;
    const raised = await desk.say('dana', 'page raise api answers nobody');
    expect(raised.text).toContain('PAGE-1');
    await pager.world.pump();
    expect(pager.left.find(({ way }) => way === 'chat')?.text).toContain('answers nobody');
    const taken = await desk.press('olga', raised, 'page ack');
    expect(taken.text).toContain('olga has it');
    expect((await desk.say('omar', 'page ack 1')).card.title).toBe('PAGE-1 is taken');
    expect((await desk.say('omar', 'page')).text).toContain('olga has it');
    expect((await desk.again(raised)).card.title).toBe(raised.card.title);
    expect(await states(pager)).toEqual(['1 acknowledged critical']);
    expect((await desk.say('olga', 'page resolve 1')).text).toContain('It is over');
    expect((await desk.say('omar', 'page escalate 1')).card.title).toBe('PAGE-1 is over');
    expect(await pager.hourLater()).toEqual([]);
  });

  it('a page is handed over, snoozed and asked about; who is on call is told with the reason', async () => {
    const pager = await open();
    const { desk } = pager;
    const since = pager.world.clock.now();
    await desk.say('dana', 'page raise something smells --severity warning');
    await desk.say('olga', 'page assign 1 omar');
    await pager.world.pump();
    expect(pager.told(since)).toEqual(['00:00 chat omar']);
    await desk.say('omar', 'page snooze 1 30m');
    await pager.after(1_800);
    expect(pager.told(since)).toEqual(['30:00 chat omar']);
    expect((await desk.say('dana', 'page snooze 1 soon')).card.title).toBe('How long?');
    expect((await desk.say('dana', 'page raise')).card.title).toBe('Please say what is wrong');
    expect((await desk.say('dana', 'page ack 9')).card.title).toBe('Unknown page');
    const who = await desk.say('dana', 'oncall who');
    expect(who.text).toContain('olga, whose turn it is in operations');
    expect((await desk.say('dana', 'oncall who nights')).card.title).toBe('Unknown schedule');
    await desk.say('omar', 'page resolve 1');
    expect(await pager.hourLater()).toEqual([]);
  });
});
