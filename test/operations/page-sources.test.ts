import { expect, it } from 'vitest';
import { createForms } from '../../handlers/answer.ts';
import { finishDeployment } from '../../src/operations/deployment-steps.ts';
import { owe } from '../../src/operations/owe.ts';
import { type Firing, receiveAlerts } from '../../src/operations/raise-page.ts';
import { findDeployment } from '../../src/store/deployments.ts';
import { openPager, type Pager, pagingShop } from '../support/pager.ts';

const fire = (pager: Pager, over: Partial<Firing> = {}, ended: readonly string[] = []): Promise<void> =>
  receiveAlerts(pager.context, pager.world.cause('system:prometheus'), {
    source: 'prometheus',
    firing: [
      {
        key: 'k1',
        recurs: false,
        severity: 'error',
        summary: 'errors are up',
        service: 'api',
        details: {},
        startedAt: pager.world.clock.now(),
        ...over,
      },
    ],
    ended,
  });
const states = async (pager: Pager) =>
  (await pager.context.store.db.selectFrom('page').selectAll().orderBy('id').execute()).map(
    ({ id, state, subject }) => `${id} ${state} ${subject}`,
  );

it('alerts of a service that is being deployed wait on its cards, and are paged with the release a while after its end', async () => {
  const pager = await openPager(pagingShop(), '2026-11-23T12:00:00Z');
  const { world, context, desk } = pager;
  await world.toGo('api');
  await world.database.pool.query(
    `insert into deployment (change, train, service, artifact, plan, wave, position, unit, state, queued_at, started_at)
     select 1, 'weekly-2026-W48', 'api', 'sha256:x', '{"name":"p","steps":[]}', 0, 0, 0, 'running', now(), now()`,
  );
  world.clock.set(new Date('2026-11-28T23:00:00Z'));
  await fire(pager);
  await fire(pager, { key: 'k2', summary: 'latency is up', severity: 'warning' });
  expect(await states(pager)).toEqual(['1 held DEP-1']);
  for (const card of ['deploy status DEP-1', 'change show CHG-1']) {
    const { text } = await desk.say('rita', card);
    expect(text).toContain('1 page waits');
    expect(text).toContain('PAGE-1 errors are up (error), paged at 02:00 unless it ends');
  }
  const deployment = await findDeployment(context.store.db, 1);
  if (deployment === undefined) throw new Error('no deployment');
  await finishDeployment(context, deployment, 'succeeded');
  const since = world.clock.now();
  await pager.after(240);
  expect(pager.told(since)).toEqual([]);
  await fire(pager, { key: 'k3', service: 'db' }, ['k2']);
  await pager.after(120);
  expect(pager.told(since)).toEqual(['04:00 chat olga', '05:00 chat olga', '06:00 sms +15550102']);
  const page = pager.left.find(({ way, text }) => way === 'chat' && text.startsWith('✗ PAGE-1'));
  expect(page?.text).toContain('DEP-1 of api 1.0.0, CHG-1 on weekly-2026-W48: succeeded at 23:00');
  for (const n of [1, 2]) await desk.say('olga', `page resolve ${n}`);
  expect(await pager.hourLater()).toEqual([]);
});

it('whoever is on call is paged from the card of a change, a deployment or a train, with what it is about', async () => {
  const pager = await openPager(pagingShop(), '2026-11-23T12:00:00Z');
  const { world, desk } = pager;
  world.behave('api', 'check', 'echo the database said no; exit 3');
  await world.toGo('api');
  await world.advance('2026-11-28T22:02:00Z');
  await world.pump();
  // The one on call, and who answers for the service.
  expect(pager.left.filter(({ way }) => way === 'chat').map(({ to }) => to)).toEqual(['olga', 'dana']);
  const failed = await desk.say('dana', 'page show 1');
  for (const word of [
    'Version',
    '1.0.0',
    'DEP-1 of api 1.0.0, CHG-1 on weekly-2026-W48: rolled back',
    'said no',
  ])
    expect(failed.text).toContain(word);
  await desk.press('dana', failed, 'page resolve');
  const cards = [
    await desk.say('rita', 'change show CHG-1'),
    await desk.say('rita', 'deploy status DEP-1'),
    await desk.say('rita', 'train status'),
  ];
  const [change, , train] = cards;
  if (change === undefined || train === undefined) throw new Error('no cards');
  const asked = await desk.press('rita', change, 'page raise');
  expect(asked.text).toContain('rita asks for whoever is on call for CHG-1');
  expect(asked.text).toContain('DEP-1 of api');
  // The same press again is the same page; so is another one, while nobody has it.
  expect((await desk.again(asked)).card.title).toBe(asked.card.title);
  for (const card of cards) await desk.press('rita', card, 'page raise');
  expect(await states(pager)).toEqual(['1 resolved DEP-1', '2 open DEP-1', '3 open null']);
  const forms = createForms(pager.context);
  const press = { ...asked.request, verb: 'page raise', subject: 'CHG-1', args: [] };
  expect(forms.wants(press)).toBe(true);
  const filled = await desk.ask({
    ...press,
    id: 'filled',
    flags: { summary: 'it is slow', severity: 'error' },
  });
  expect(filled.text).toContain('it is slow');
  expect((await desk.say('rita', 'page raise CHG-1 it burns')).text).toContain('it burns');
  expect((await desk.say('rita', 'page raise CHG-9 it burns')).card.title).toBe('Unknown change');
  expect(await states(pager)).toHaveLength(3);
  for (const n of [2, 3]) await desk.say('olga', `page resolve ${n}`);
  expect(await pager.hourLater()).toEqual([]);
});

it('L11: what is overdue pages who owes it, by chat and by day, then more people, until it is settled; whoever has it is left in peace', async () => {
  const pager = await openPager(pagingShop(), '2026-11-27T22:00:00Z');
  const { world, context, desk } = pager;
  await context.store.transaction(world.cause('system:test'), (tx) =>
    owe(tx, context, context.policy(), { kind: 'record', subject: 'INC-1', service: 'api', owner: 'dana' }),
  );
  const paged = () =>
    pager.left
      .filter(({ way }) => way !== 'card')
      .map(({ at, way, to }) => `${at.toISOString().slice(5, 16)} ${way} ${to}`);
  // Due on Saturday night: nobody is asked before Monday.
  await world.advance('2026-12-02T08:00:00Z');
  const [first = '', second = ''] = paged();
  expect(first).toMatch(/^1[12]-..T09:00 chat dana$/);
  expect(second).toMatch(/^12-..T09:00 chat dana$/);
  await world.advance('2026-12-03T20:00:00Z');
  expect(
    new Set(
      paged()
        .slice(-3)
        .map((line) => line.slice(12)),
    ),
  ).toEqual(new Set(['chat dana', 'chat rita', 'chat remy']));
  expect(pager.left.every(({ way }) => way === 'chat' || way === 'card')).toBe(true);
  const shown = await desk.say('dana', 'page show 1');
  expect(shown.text).toContain('OBL-1, the record of INC-1, was due');
  expect(shown.card.buttons.map(({ verb }) => verb)).toContain('change take-over');
  await desk.press('dana', shown, 'page ack');
  const before = paged().length;
  await world.advance('2026-12-04T10:00:00Z');
  expect(
    paged()
      .slice(before)
      .filter((line) => !line.endsWith('dana')),
  ).toEqual([]);
  await desk.say('dana', 'change settle OBL-1 SHOP-9');
  expect(await states(pager)).toEqual(['1 resolved OBL-1']);
  expect(await pager.hourLater()).toEqual([]);
});
