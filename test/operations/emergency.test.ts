import { describe, expect, it } from 'vitest';
import { askLate } from '../../src/operations/ask-late.ts';
import { rejectChange, vetoChange } from '../../src/operations/decide-change.ts';
import { moveChange, withdrawChange } from '../../src/operations/move-change.ts';
import { owe } from '../../src/operations/owe.ts';
import { type Emergency, raiseEmergency } from '../../src/operations/raise-emergency.ts';
import { describeDebts } from '../../src/operations/settle-obligation.ts';
import { rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { sign, strictShop } from '../support/exceptions.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, digest, refusalOf, type World } from '../support/world.ts';
import { began, openGate, states, steps, waits } from './nights.ts';

/** Wednesday, three in the morning, in a freeze. */
const night = '2026-11-25T03:00:00.000Z';
const frozen = strictShop({ freezes: ['{ name: sale, from: 2026-11-24, to: 2026-11-27 }'] });

const emergency = async (world: World, more: Partial<Emergency> = {}): Promise<string> => {
  const change = await raiseEmergency(world.context, world.cause('dev'), {
    service: 'alone',
    version: '1.0.1',
    records: [],
    reason: 'nobody can pay',
    ...more,
  });
  return `CHG-${change.id}`;
};

const atNight = (policy = frozen) => createWorld({ policy, start: night });

const calls = async (world: World) =>
  (await world.audit('signatures-called')).map(({ at, facts }) => [at, facts?.['missing']]);

describe('an emergency', () => {
  it('L1, L11: goes to production outside of every window once its seats are filled, and what it skips is owed', async () => {
    const world = await atNight();
    await world.build('alone', '1.0.1');
    const name = await emergency(world);
    expect(
      (await world.notices()).filter(({ kind }) => kind === 'signature-wanted').map(({ lane }) => lane),
    ).toEqual(['bea', 'sol', 'sue', 'omar', 'olga'].map((person) => `console/person/${person}`));
    await sign(world, name, 'bea', 'sol');
    await world.pump();
    expect(world.ledger()).toEqual([]);
    world.clock.advance(60_000);
    await sign(world, name, 'omar');
    await world.pump();
    expect(world.ledger()).toEqual(steps('alone'));
    expect((await world.change(name)).state).toBe('deployed');
    expect(await world.audit('deployment-started')).toMatchObject([
      {
        change: name,
        at: '2026-11-25T03:01:00.000Z',
        facts: { window: 'emergency', artifact: digest('alone', '1.0.1') },
      },
    ]);
    const owed = (await describeDebts(world.context, 'loners', world.clock.now())).obligations;
    expect(owed.map(({ kind, requirement, owner }) => [kind, requirement, owner])).toEqual([
      ['paper', 'deployed:test', 'dev'],
      ['paper', 'records', 'dev'],
      ['paper', 'sign-off:qa', 'dev'],
      ['paper', 'verified:preproduction', 'dev'],
    ]);
    // Two working days, although it is the middle of the night.
    expect(owed[0]?.dueAt.toISOString()).toBe('2026-11-27T18:00:00.000Z');
    const told = (await world.notices()).filter(({ kind }) => kind === 'emergency-started');
    expect(told[0]).toMatchObject({
      lane: 'console/channel/releases',
      skipped: ['deployed:test', 'records', 'sign-off:qa', 'verified:preproduction'],
    });
    expect(told.slice(1).map(({ lane }) => lane)).toEqual(
      ['rita', 'remy', 'quinn', 'quincy'].map((person) => `console/person/${person}`),
    );
  });

  it('does not owe what was in order', async () => {
    const world = await atNight();
    const artifact = await world.build('alone', '1.0.1');
    await world.evidence({ kind: 'deployed', service: 'alone', artifact, environment: 'test' });
    const name = await emergency(world);
    await world.state('dev', name, { kind: 'records' });
    await sign(world, name, 'bea', 'sol', 'omar');
    await world.pump();
    expect(
      (await describeDebts(world.context, undefined, world.clock.now())).obligations.map(
        (o) => o.requirement,
      ),
    ).toEqual(['sign-off:qa', 'verified:preproduction']);
  });

  it('calls for its signatures at night, again and again, until they are there', async () => {
    const world = await atNight();
    await world.build('alone', '1.0.1');
    const name = await emergency(world);
    await world.advance('2026-11-25T03:15:00Z');
    await sign(world, name, 'sol');
    await world.advance('2026-11-25T03:25:00Z');
    expect(await calls(world)).toEqual([
      ['2026-11-25T03:10:00.000Z', ['business-owner', 'senior-management', 'operations']],
      ['2026-11-25T03:20:00.000Z', ['business-owner', 'operations']],
    ]);
    const lanes = (await world.notices()).filter(({ kind }) => kind === 'signature-wanted').slice(10);
    expect(lanes.map(({ lane }) => lane)).toEqual(
      ['bea', 'omar', 'olga'].map((person) => `console/person/${person}`),
    );
    await sign(world, name, 'bea', 'omar');
    await world.advance('2026-11-25T06:00:00Z');
    expect(await calls(world)).toHaveLength(2);
  });

  it.each([
    [
      'a rejection',
      (world: World, change: string) => rejectChange(world.context, world.cause('sol'), { change }),
    ],
    ['a veto', (world: World, change: string) => vetoChange(world.context, world.cause('olga'), { change })],
    [
      'a withdrawal',
      (world: World, change: string) => withdrawChange(world.context, world.cause('dev'), { change }),
    ],
  ])('%s ends the calls and keeps it shut', async (_what, act) => {
    const world = await atNight();
    await world.build('alone', '1.0.1');
    const name = await emergency(world);
    await sign(world, name, 'bea', 'sue', 'omar');
    await act(world, name);
    await world.advance('2026-11-25T05:00:00Z');
    await world.sweep();
    await world.pump();
    expect(await calls(world)).toEqual([]);
    expect(world.ledger()).toEqual([]);
  });

  it.each([
    ['signed', async (world: World) => sign(world, 'CHG-1', 'bea', 'sol', 'omar')],
    ['rejected', (world: World) => rejectChange(world.context, world.cause('sol'), { change: 'CHG-1' })],
    ['withdrawn', (world: World) => withdrawChange(world.context, world.cause('dev'), { change: 'CHG-1' })],
  ])('pages its seats where the policy has the escalation, until it is %s', async (_what, act) => {
    const world = await atNight(
      `${frozen}\noncall:\n  escalations:\n    emergency: [{ page: [role:business-owner, role:senior-management, role:operations] }]\n`,
    );
    const states = async () =>
      (
        await world.database.pool.query<{ state: string; escalation: string }>(
          'select state, escalation from page',
        )
      ).rows;
    await world.build('alone', '1.0.1');
    await emergency(world);
    expect(await states()).toEqual([{ state: 'open', escalation: 'emergency' }]);
    await act(world);
    expect(await states()).toEqual([{ state: 'resolved', escalation: 'emergency' }]);
  });

  it('L4: never goes without a build of its bytes by a trusted builder', async () => {
    const world = await atNight();
    const artifact = digest('laptop');
    const name = await emergency(world, { artifact });
    await world.build('alone', '1.0.1', { artifact, builder: 'https://laptop.example' });
    await sign(world, name, 'bea', 'sol', 'omar');
    await world.sweep();
    await world.pump();
    expect(world.ledger()).toEqual([]);
    await world.build('alone', '1.0.1', { artifact });
    await world.sweep();
    await world.pump();
    expect((await world.change(name)).state).toBe('deployed');
  });

  it('L5: a rebuild needs the signatures again', async () => {
    const world = await atNight();
    await world.build('alone', '1.0.1');
    const name = await emergency(world);
    await sign(world, name, 'bea', 'sol');
    world.clock.advance(1_000);
    await world.build('alone', '1.0.1', { artifact: digest('other') });
    await sign(world, name, 'omar');
    await world.sweep();
    await world.pump();
    expect(world.ledger()).toEqual([]);
  });

  it('L6: its requester signs nothing, and nobody signs twice', async () => {
    const world = await atNight(
      frozen.replace('senior-management: [sol, sue]', 'senior-management: [bea, dev]'),
    );
    await world.build('alone', '1.0.1');
    const name = await emergency(world);
    expect(await refusalOf(world.approve('dev', name))).toMatchObject({ code: 'own-change' });
    await sign(world, name, 'bea');
    expect(await refusalOf(world.approve('bea', name))).toMatchObject({ code: 'already-signed' });
  });

  it('keeps what the policy keeps', async () => {
    const world = await atNight(`${frozen}\nemergency: { requires: [deployed:test] }\n`);
    const artifact = await world.build('alone', '1.0.1');
    const name = await emergency(world);
    await sign(world, name, 'bea', 'sol', 'omar');
    await world.sweep();
    await world.pump();
    expect(world.ledger()).toEqual([]);
    await world.evidence({ kind: 'deployed', service: 'alone', artifact, environment: 'test' });
    await world.sweep();
    await world.pump();
    expect((await world.change(name)).state).toBe('deployed');
  });

  it('is no cutoff’s business, and its signatures survive the end of the train it is written down with', async () => {
    const world = await atNight(strictShop());
    await world.build('alone', '1.0.1');
    const name = await emergency(world);
    await sign(world, name, 'bea', 'sol');
    await world.advance(week48.closes);
    expect(await world.change(name)).toMatchObject({ state: 'boarded', train: week48.next });
    expect(await world.audit('moved')).toEqual([]);
    expect(await world.audit('exception-expired')).toEqual([]);
    await sign(world, name, 'omar');
    await world.pump();
    expect((await world.change(name)).state).toBe('deployed');
  });

  it('waits while another deployment is at work on its service, then goes by itself', async () => {
    const world = await createWorld({ policy: strictShop() });
    const [normal = ''] = await world.toGo('alone');
    world.behave('alone', 'check', waits);
    world.clock.set(new Date(week48.opens));
    const running = world.pump();
    await began(world, 'alone check');
    await world.build('alone', '1.0.1');
    const name = await emergency(world);
    await sign(world, name, 'bea', 'sol', 'omar');
    const other = await world.instance();
    await world.pump(other);
    expect((await world.deployment(name)).hold).toMatchObject({ code: 'service-busy' });
    openGate(world);
    await running;
    await world.pump();
    await world.sweep();
    await world.pump();
    expect(await states(world, normal, name)).toEqual(['succeeded', 'succeeded']);
    // It went after the other, whose bytes it replaces.
    expect((await world.deployment(name)).windowOpens).toBeNull();
  });

  it('L9: can be rolled back, and one that was undone holds up no train', async () => {
    const world = await atNight(strictShop());
    await world.build('alone', '1.0.1');
    const name = await emergency(world);
    await sign(world, name, 'bea', 'sol', 'omar');
    await world.pump();
    await rollBackDeployment(world.context, world.cause('omar'), { deployment: name });
    await world.pump();
    expect((await world.change(name)).state).toBe('rolled-back');
    const normal = await world.submit('dana', 'alone');
    await world.passInTest(normal);
    await world.passReady(normal);
    await world.advance(week48.meeting);
    await world.go(week48.train);
    await world.advance(week48.closes);
    expect((await world.change(normal)).state).toBe('deployed');
  });

  it('is raised in spite of debts, but not without a reason; it is on no train to be moved or late', async () => {
    const world = await atNight();
    await world.context.store.transaction(world.cause('system:test'), (tx) =>
      owe(tx, world.context, world.context.policy(), {
        kind: 'record',
        subject: 'INC-1',
        service: 'alone',
        owner: 'dev',
      }),
    );
    world.clock.advance(25 * 3_600_000);
    await world.build('alone', '1.0.1');
    expect(
      await refusalOf(raiseEmergency(world.context, world.cause('dev'), { service: 'alone', records: [] })),
    ).toMatchObject({ code: 'reason-missing' });
    const name = await emergency(world);
    const cause = world.cause('dev');
    expect(await refusalOf(moveChange(world.context, cause, { change: name }))).toMatchObject({
      code: 'on-no-train',
    });
    expect(await refusalOf(askLate(world.context, cause, { change: name, reason: 'x' }))).toMatchObject({
      code: 'on-no-train',
    });
    expect(await refusalOf(emergency(world))).toMatchObject({ code: 'already-submitted' });
  });
});
