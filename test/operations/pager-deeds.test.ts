import { describe, expect, it } from 'vitest';
import { createForms } from '../../handlers/answer.ts';
import { type Firing, receiveAlerts } from '../../src/operations/raise-page.ts';
import { openPager, type Pager, pagingShop } from '../support/pager.ts';

/** In olga's week. */
const monday = '2026-11-23T12:00:00Z';
const open = (oncall?: string): Promise<Pager> => openPager(pagingShop(oncall), monday);

const fire = (pager: Pager, key: string, service: string, over: Partial<Firing> = {}): Promise<void> =>
  receiveAlerts(pager.context, pager.world.cause('system:prometheus'), {
    source: 'prometheus',
    firing: [
      {
        key,
        recurs: false,
        severity: 'error',
        summary: `${key} fires`,
        service,
        details: {},
        startedAt: pager.world.clock.now(),
        ...over,
      },
    ],
    ended: [],
  });
const end = (pager: Pager, ...keys: readonly string[]): Promise<void> =>
  receiveAlerts(pager.context, pager.world.cause('system:prometheus'), {
    source: 'prometheus',
    firing: [],
    ended: keys,
  });
const states = async (pager: Pager) =>
  (await pager.context.store.db.selectFrom('page').selectAll().orderBy('id').execute()).map(
    ({ id, state, owner, severity }) => `${id} ${state} ${severity} ${owner ?? '-'}`,
  );

describe('two pages of one trouble', () => {
  it('are merged by button: one goes on with the alerts of both, and later ones; a stale press does nothing', async () => {
    const pager = await open();
    const { desk, world } = pager;
    const since = world.clock.now();
    await fire(pager, 'db', 'db');
    await fire(pager, 'api', 'api', { severity: 'critical' });
    await world.pump();
    expect(pager.told(since)).toEqual(['00:00 chat olga', '00:00 chat olga']);
    const shown = await desk.say('olga', 'page show 2');
    const merged = await desk.press('olga', shown, 'page merge', 'Merge into PAGE-1');
    expect(merged.card.title).toContain('PAGE-1');
    expect(await states(pager)).toEqual(['1 open critical -', '2 resolved critical -']);
    // Pressed again, and what else was on the old card.
    expect((await desk.press('omar', shown, 'page merge')).card.title).toContain('PAGE-1');
    expect((await desk.press('omar', shown, 'page ack')).card.title).toBe('PAGE-2 is part of PAGE-1');
    expect((await desk.press('omar', shown, 'page resolve')).text).toContain('It is part of PAGE-1');
    expect(await world.audit('page-merged')).toHaveLength(1);
    // What its bundle still brings is the other one's, and that ends with the last of all.
    await fire(pager, 'api-2', 'api', { severity: 'critical' });
    expect(await states(pager)).toHaveLength(2);
    await end(pager, 'db', 'api');
    expect((await states(pager))[0]).toBe('1 open critical -');
    await end(pager, 'api-2');
    expect((await states(pager))[0]).toBe('1 resolved critical -');
    expect(await pager.hourLater()).toEqual([]);
  });

  it('merged on, they follow; no page is merged into itself or into one that is over', async () => {
    const pager = await open();
    const { desk } = pager;
    for (const service of ['db', 'api', 'web']) await fire(pager, service, service);
    await desk.say('olga', 'page merge 3 2');
    await desk.say('olga', 'page merge 2 1');
    expect((await desk.say('olga', 'page show 3')).text).toContain('It is part of PAGE-1');
    expect((await desk.say('olga', 'page merge 1 1')).card.title).toBe('One page only');
    await fire(pager, 'web-2', 'web');
    expect(await states(pager)).toHaveLength(3);
    await desk.say('olga', 'page resolve 1');
    await fire(pager, 'left', 'left');
    expect((await desk.say('olga', 'page merge 4 1')).card.title).toBe('PAGE-1 is over');
    expect((await desk.say('olga', 'page merge 4')).card.title).toBe('Unknown page');
    await desk.say('olga', 'page resolve 4');
    expect(await pager.hourLater()).toEqual([]);
  });

  it('at once from two people, in a circle: one of them wins', async () => {
    const pager = await open();
    await fire(pager, 'db', 'db');
    await fire(pager, 'api', 'api');
    const said = await Promise.all([
      pager.desk.say('olga', 'page merge 1 2'),
      pager.desk.say('omar', 'page merge 2 1'),
    ]);
    expect(said.filter(({ refused }) => refused !== undefined)).toHaveLength(1);
    expect((await states(pager)).filter((line) => line.includes(' open '))).toHaveLength(1);
    await pager.desk.say('olga', 'page resolve 1');
    await pager.desk.say('olga', 'page resolve 2');
    expect(await pager.hourLater()).toEqual([]);
  });
});

describe('more people', () => {
  it('are asked by all their ways until they come, while the owner keeps the page', async () => {
    const pager = await open();
    const { desk, world } = pager;
    await fire(pager, 'api', 'api');
    await desk.say('olga', 'page ack 1');
    await world.pump();
    const since = world.clock.now();
    pager.told(since);
    await desk.say('olga', 'page add 1 dana rita');
    await desk.say('olga', 'page add 1 dana');
    await pager.after(150);
    expect(pager.told(since)).toEqual(['00:00 chat dana', '00:00 chat rita', '02:00 sms +15550103']);
    const came = await desk.say('dana', 'page ack 1');
    expect(came.text).toContain('olga has it');
    expect(came.text).toContain('With dana');
    await desk.press('dana', came, 'page escalate').then(() => desk.say('olga', 'page ack 1'));
    pager.told(since);
    expect(await states(pager)).toEqual(['1 acknowledged error olga']);
    expect((await desk.say('omar', 'page ack 1')).card.title).toBe('PAGE-1 is taken');
    expect((await desk.say('olga', 'page add 1 nobody')).card.title).toBe('Unknown person');
    expect((await desk.say('olga', 'page add 1')).card.title).toBe('Whom?');
    await desk.say('olga', 'page resolve 1');
    expect((await desk.say('olga', 'page add 1 dana')).card.title).toBe('PAGE-1 is over');
    expect(await pager.hourLater()).toEqual([]);
  });

  it('asked while nobody has it, one of them may take it, and then nothing leaves for the others', async () => {
    const pager = await open();
    const since = pager.world.clock.now();
    await fire(pager, 'api', 'api');
    await pager.desk.say('olga', 'page add 1 dana');
    await pager.desk.say('dana', 'page ack 1');
    await pager.after(600);
    expect(pager.told(since)).toEqual([]);
    expect(await states(pager)).toEqual(['1 acknowledged error dana']);
    await pager.desk.say('dana', 'page resolve 1');
    expect(await pager.hourLater()).toEqual([]);
  });

  it('a page is taken over by assigning it to oneself; forms ask whom and how long', async () => {
    const pager = await open();
    const { desk } = pager;
    await fire(pager, 'api', 'api');
    await desk.say('olga', 'page ack 1');
    expect((await desk.say('omar', 'page assign 1 omar')).text).toContain('omar has it');
    expect(await states(pager)).toEqual(['1 acknowledged error omar']);
    const forms = createForms(pager.context);
    const press = (verb: string, args: readonly string[] = []) => ({
      id: verb,
      actor: { platform: 'console' as const, id: 'olga' },
      verb,
      subject: 'PAGE-1',
      args,
      receivedAt: pager.world.clock.now(),
    });
    for (const [verb, field] of [
      ['page add', 'person'],
      ['page assign', 'person'],
      ['page snooze', 'for'],
    ] as const) {
      expect(forms.wants(press(verb))).toBe(true);
      expect(forms.wants(press(verb, ['omar']))).toBe(false);
      expect(await forms.open(press(verb))).toMatchObject({ form: { fields: [{ name: field }] } });
    }
    await desk.ask({ ...press('page add'), flags: { person: 'dana' } });
    await desk.ask({
      ...press('page snooze'),
      actor: { platform: 'console', id: 'omar' },
      flags: { for: '2h' },
    });
    await desk.say('dana', 'page ack 1');
    expect(await pager.hourLater()).toEqual([]);
    expect(await pager.hourLater()).toEqual(['60:00 chat omar']);
    await desk.say('omar', 'page resolve 1');
    expect(await pager.hourLater()).toEqual([]);
  });
});

describe('an escalation', () => {
  it('in turn pages one person for each page, over those who cannot be reached', async () => {
    const pager = await open(`
oncall:
  escalations:
    default:
      - { after: 0m, page: [role:operations, person:dana], inTurn: true }
      - { after: 30m, page: [person:rita] }
`);
    const { world, desk } = pager;
    const since = world.clock.now();
    for (const service of ['db', 'api', 'web', 'left']) {
      await fire(pager, service, service);
      await world.pump();
    }
    expect(pager.told(since)).toEqual([
      '00:00 chat omar',
      '00:00 chat olga',
      '00:00 chat dana',
      '00:00 chat omar',
    ]);
    for (const n of [1, 2, 3, 4]) await desk.say('rita', `page resolve ${n}`);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('pages whoever is qualified first, the others in their turn, and anybody when nobody is', async () => {
    const demanding = `
oncall:
  levels: [junior, senior]
  tiers: { gold: { level: senior, weekends: operations } }
  escalations:
    default:
      - { after: 0m, page: [person:dana] }
      - { after: 10m, page: [person:olga] }
      - { after: 20m, page: [person:omar] }
  catchAll: [role:release-manager]
`;
    const policy = pagingShop(demanding)
      .replace('dana: { phone: "+15550103" }', 'dana: { level: senior }')
      .replace('olga: { phone: "+15550102" }', 'olga: { level: junior }')
      .replace('omar: { phone: "+15550101" }', 'omar: { level: senior }')
      .replace('  api: {', '  api: { tier: gold,');
    const pager = await openPager(policy, monday);
    const { world, desk } = pager;
    const since = world.clock.now();
    await fire(pager, 'api', 'api');
    await fire(pager, 'db', 'db');
    await world.pump();
    expect(pager.told(since)).toEqual(['00:00 chat dana', '00:00 chat dana']);
    await desk.say('dana', 'page resolve 1');
    await desk.say('dana', 'page resolve 2');
    // A Saturday: dana is senior but not of operations, olga of operations but junior.
    world.clock.set(new Date('2026-11-28T12:00:00Z'));
    const saturday = world.clock.now();
    await fire(pager, 'api-2', 'api');
    await pager.after(60);
    expect(pager.told(saturday)).toEqual(['00:00 chat omar']);
    await desk.say('omar', 'page resolve 3');
    await world.reload(policy.replace('omar: { level: senior }', 'omar: { level: junior }'));
    const nobody = world.clock.now();
    await fire(pager, 'api-3', 'api');
    await pager.after(60);
    expect(pager.told(nobody)).toEqual(['00:00 chat dana']);
    expect((await world.audit('page-escalated')).at(-1)?.facts).toMatchObject({ unqualified: true });
    await desk.say('omar', 'page resolve 4');
    expect(await pager.hourLater()).toEqual([]);
  });

  it('that nobody of it answers goes to the catch-all, loudly: everybody who reads sees its card', async () => {
    const pager = await open();
    await fire(pager, 'api', 'api');
    await pager.after(24 * 60);
    const cards = () => pager.left.filter(({ way }) => way === 'card').map(({ to }) => to);
    expect(cards()).toEqual(['oncall']);
    await pager.after(60);
    expect(cards()).toEqual(['oncall', 'releases']);
    expect((await pager.world.audit('page-escalated')).at(-1)).toMatchObject({ outcome: 'catch-all' });
    await pager.desk.say('rita', 'page resolve 1');
    expect(await pager.hourLater()).toEqual([]);
  });
});
