import { describe, expect, it } from 'vitest';
import { createTrackers } from '../../src/integrations/trackers.ts';
import { raiseEmergency } from '../../src/operations/raise-emergency.ts';
import { openDesk } from '../support/desk.ts';
import { strictShop } from '../support/exceptions.ts';
import { type Answered, protocolServer } from '../support/protocol-server.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';
import { holdOf, steps } from './nights.ts';

const trackers = (url: string) => `
trackers:
  shop: { kind: jira, url: "${url}", records: ["SHOP-*"], ready: [Done] }
`;

/** Jira of the test: what each ticket is answered with; the status by name, or something else. */
const openJira = async () => {
  const tickets = new Map<string, string | Exclude<Answered, object>>();
  const server = await protocolServer(({ path }) => {
    const found = tickets.get(path.split('/').at(-1) ?? '');
    if (found === undefined) return { status: 404 };
    return found === 'hang' || found === 'drop'
      ? found
      : { status: 200, body: { fields: { status: { name: found } } } };
  });
  return { url: server.url, tickets, asked: () => server.received.length };
};

const open = async (policyOf: (url: string) => string = (url) => `${shop()}${trackers(url)}`) => {
  const jira = await openJira();
  const policy = policyOf(jira.url);
  const over = { trackers: createTrackers({ secret: () => undefined, limitMs: 300 }) };
  return { jira, world: await createWorld({ policy, over }) };
};

const ahead = (instant: string, ms: number) => new Date(new Date(instant).getTime() - ms);

const recordsOf = async (world: World, change: string) =>
  (await world.audit('evidence'))
    .filter((entry) => entry.change === change && entry.facts?.['kind'] === 'records')
    .map(({ outcome, facts, at }) => [outcome, facts?.['comment'] ?? null, at]);

describe('the records of a change whose tickets a tracker knows', () => {
  it('are asked for at reminders and a minute before the cutoff, and are as the tracker says, whatever people say', async () => {
    const { world, jira } = await open();
    const names: string[] = [];
    for (const [i, service] of ['alone', 'db', 'left'].entries()) {
      const name = await world.submit('dev', service, { records: [`SHOP-${i}`] });
      await world.passInTest(name);
      names.push(name);
    }
    const [alone = '', db = '', left = ''] = names;
    jira.tickets.set('SHOP-0', 'In Review').set('SHOP-1', 'done').set('SHOP-2', 'hang');
    await world.advance(ahead(week48.inTest, 16 * 60_000));
    expect(await recordsOf(world, alone)).toEqual([
      ['pass', null, week48.monday],
      ['fail', 'SHOP-0 is In Review', '2026-11-24T12:00:00.000Z'],
    ]);
    // Said once, however often it is asked; the same pass is nothing new.
    expect((await recordsOf(world, db)).map(([outcome]) => outcome)).toEqual(['pass']);
    await world.state('dev', alone, { kind: 'records' });
    expect((await recordsOf(world, alone)).slice(2).map(([outcome]) => outcome)).toEqual(['pass', 'fail']);
    await world.advance(ahead(week48.inTest, 61_000));
    jira.tickets.set('SHOP-0', 'Done');
    const { say } = openDesk(world.context);
    expect((await say('dev', `change why ${left}`)).text).toContain('SHOP-2 could not be asked for');
    await world.advance(ahead(week48.inTest, 1_000));
    expect((await recordsOf(world, alone)).at(-1)).toEqual([
      'pass',
      null,
      ahead(week48.inTest, 60_000).toISOString(),
    ]);
    // L3: what becomes of it after the question is the next cutoff's.
    jira.tickets.set('SHOP-2', 'Done');
    await world.advance(week48.inTest);
    expect((await world.change(alone)).train).toBe(week48.train);
    expect((await world.change(db)).train).toBe(week48.train);
    expect((await world.change(left)).train).toBe(week48.next);
    expect(await world.audit('moved')).toMatchObject([
      { service: 'left', facts: { excuses: [{ code: 'records-failed', facts: { by: 'tracker shop' } }] } },
    ]);
  });

  it('L1: are asked for again before the start: reopened on Saturday, or out of reach, nothing starts until they are ready', async () => {
    const { world, jira } = await open();
    jira.tickets.set('SHOP-1', 'Done').set('SHOP-2', 'Done');
    const names: string[] = [];
    for (const [service, record] of [
      ['alone', 'SHOP-1'],
      ['db', 'SHOP-2'],
    ] as const) {
      const name = await world.submit('dev', service, { records: [record] });
      await world.passInTest(name);
      names.push(name);
    }
    const [alone = '', db = ''] = names;
    await world.advance(week48.inTest);
    for (const name of names) await world.passReady(name);
    await world.advance(week48.meeting);
    await world.go(week48.train);
    await world.pump();
    const friday = jira.asked();
    await world.advance(ahead(week48.opens, 1));
    expect(jira.asked()).toBe(friday);
    jira.tickets.set('SHOP-1', 'Reopened').set('SHOP-2', 'drop');
    await world.advance(week48.opens);
    expect(world.ledger()).toEqual([]);
    expect([await holdOf(world, alone), await holdOf(world, db)]).toEqual([
      'records-failed',
      'records-failed',
    ]);
    const { say } = openDesk(world.context);
    expect((await say('dev', `change why ${db}`)).text).toContain('cannot be reached');
    jira.tickets.set('SHOP-2', 'Done');
    await world.advance('2026-11-28T22:05:00Z', true);
    expect(world.ledger()).toEqual(steps('db'));
    expect(await world.audit('deployment-started')).toMatchObject([{ change: db }]);
  });

  it('L1: nothing starts by an old answer, when nobody could ask', async () => {
    let fails = false;
    const ask = async () => {
      if (fails) throw new Error('a fault of ours');
      return { state: 'Done' };
    };
    const policy = `${shop()}${trackers('http://127.0.0.1:1')}`;
    const world = await createWorld({ policy, over: { trackers: { ask } } });
    const name = await world.submit('dev', 'alone', { records: ['SHOP-1'] });
    await world.passInTest(name);
    await world.advance(week48.inTest);
    await world.passReady(name);
    await world.advance(week48.meeting);
    await world.go(week48.train);
    fails = true;
    await world.advance('2026-11-28T22:01:00Z');
    expect(world.ledger()).toEqual([]);
    expect(await holdOf(world, name)).toBe('records-unasked');
    fails = false;
    await world.advance('2026-11-28T22:05:00Z', true);
    expect(world.ledger()).toEqual(steps('alone'));
  });

  it('belong to an emergency too, if the policy keeps them', async () => {
    const { world, jira } = await open(
      (url) => `${strictShop()}${trackers(url)}emergency: { requires: [build, records] }\n`,
    );
    await world.build('alone', '9.9.9');
    jira.tickets.set('SHOP-9', 'Open');
    const raised = await raiseEmergency(world.context, world.cause('dev'), {
      service: 'alone',
      version: '9.9.9',
      reason: 'on fire',
      records: ['SHOP-9'],
    });
    const name = `CHG-${raised.id}`;
    for (const person of ['bea', 'sol', 'omar']) await world.approve(person, name);
    await world.pump();
    expect(world.ledger()).toEqual([]);
    expect((await recordsOf(world, name)).map(([, comment]) => comment)).toEqual(['SHOP-9 is Open']);
    jira.tickets.set('SHOP-9', 'Done');
    world.clock.advance(61_000);
    await world.sweep();
    await world.pump();
    expect(world.ledger()).toEqual(steps('alone'));
  });
});
