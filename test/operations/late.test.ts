import { describe, expect, it } from 'vitest';
import { askLate } from '../../src/operations/ask-late.ts';
import { describeChange } from '../../src/operations/describe.ts';
import { withdrawChange } from '../../src/operations/move-change.ts';
import { describeDebts } from '../../src/operations/settle-obligation.ts';
import { allPapers, missed, sign, strictShop } from '../support/exceptions.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';

const late = (world: World, change: string, person = 'dev', reason = 'the sale begins on Sunday') =>
  askLate(world.context, world.cause(person), { change, reason });

const emptySeats = async (world: World, change: string): Promise<readonly string[]> =>
  (await describeChange(world.context, change, world.clock.now())).standing?.missing ?? [];

const teams = async (world: World) =>
  (await describeDebts(world.context, undefined, world.clock.now())).exceptions.teams;

describe('a late change', () => {
  it('L11: comes back to the train that it missed, for the seats that this costs, and leaves a debt', async () => {
    const world = await createWorld({ policy: strictShop() });
    const name = await missed(world);
    expect((await world.change(name)).train).toBe(week48.next);
    world.clock.advance(3 * 3_600_000);
    expect(await late(world, name)).toEqual({ train: week48.train });
    expect(await world.change(name)).toMatchObject({
      train: week48.train,
      late: { cutoffs: ['in-test'], ownGo: false, by: 'dev', reason: 'the sale begins on Sunday' },
    });
    expect(await emptySeats(world, name)).toEqual([
      'operations',
      'release-manager',
      'business-owner',
      'senior-management',
      'qa',
    ]);
    const wanted = (await world.notices()).filter(({ kind }) => kind === 'signature-wanted');
    expect(wanted.map(({ lane }) => lane)).toEqual(
      ['bea', 'sol', 'sue', 'quinn', 'quincy'].map((person) => `console/person/${person}`),
    );
    expect(wanted[0]).toMatchObject({ why: 'late', change: name, roles: ['business-owner'], by: 'dev' });
    expect(await world.audit('late')).toMatchObject([
      {
        change: name,
        train: week48.train,
        actor: 'dev',
        facts: { from: week48.next, cutoffs: ['in-test'] },
      },
    ]);

    await allPapers(world, name);
    await sign(world, name, 'bea', 'sol', 'quinn');
    await world.advance(week48.meeting);
    expect((await world.change(name)).train).toBe(week48.train);
    await world.go(week48.train);
    await world.advance(week48.closes);
    expect((await world.change(name)).state).toBe('deployed');
    expect(await world.audit('obligation')).toMatchObject([
      {
        change: name,
        service: 'alone',
        at: week48.opens,
        // Saturday 22:00 and three working days.
        facts: { kind: 'review', owner: 'dev', due: '2026-12-02T18:00:00.000Z' },
      },
    ]);
    expect(await teams(world)).toEqual([{ team: 'loners', asked: 1, used: 1, byTrain: [1] }]);
  });

  it('L11: without its late seats it misses the next cutoff too, though all other papers are there', async () => {
    const world = await createWorld({ policy: strictShop() });
    const name = await missed(world);
    await late(world, name);
    await allPapers(world, name);
    await sign(world, name, 'bea', 'sol');
    await world.advance(week48.meeting);
    const change = await world.change(name);
    expect(change.train).toBe(week48.next);
    expect(change.late).toBeUndefined();
    expect(await world.audit('exception-expired')).toMatchObject([{ change: name, train: week48.train }]);
    expect(await world.audit('obligation')).toEqual([]);
    expect(await teams(world)).toMatchObject([{ team: 'loners', asked: 1, used: 0 }]);
    // On the new train its own seats are enough again.
    expect(await emptySeats(world, name)).toEqual(['operations', 'release-manager']);
  });

  it('past the second cutoff asks for more, and the go of the train does not speak for it', async () => {
    const world = await createWorld({ policy: strictShop() });
    const name = await missed(world);
    await world.advance(week48.meeting);
    await world.go(week48.train);
    await world.advance('2026-11-28T09:00:00Z');
    await late(world, name);
    expect(await world.change(name)).toMatchObject({
      late: { cutoffs: ['in-test', 'ready-for-production'], ownGo: true },
    });
    await allPapers(world, name);
    await sign(world, name, 'bea', 'sol', 'quinn');
    expect(await emptySeats(world, name)).toEqual(['operations']);
    await world.advance('2026-11-28T22:10:00Z');
    await world.sweep();
    await world.pump();
    expect((await world.change(name)).state).toBe('boarded');
    await sign(world, name, 'omar');
    await world.sweep();
    await world.pump();
    expect((await world.change(name)).state).toBe('boarded');
    const { gate } = await describeChange(world.context, name, world.clock.now());
    expect(gate).toMatchObject([{ code: 'go-missing', action: { verb: 'train go', subject: name } }]);
    await world.go(name);
    await world.advance('2026-11-28T22:30:00Z');
    expect((await world.change(name)).state).toBe('deployed');
  });

  it('expires unused at the train’s end and goes on with its own seats', async () => {
    const world = await createWorld({ policy: strictShop() });
    const name = await missed(world);
    await world.advance(week48.meeting);
    await late(world, name);
    await world.advance(week48.closes);
    expect(await world.change(name)).toMatchObject({ train: week48.next, state: 'boarded' });
    expect((await world.change(name)).late).toBeUndefined();
    expect(await world.audit('exception-expired')).toMatchObject([{ change: name }]);
    expect(await world.audit('obligation')).toEqual([]);
  });

  it('L5: what was signed before it was late is void, and those who signed are told', async () => {
    const world = await createWorld({ policy: strictShop() });
    const name = await missed(world);
    await sign(world, name, 'olga');
    await late(world, name);
    expect(await emptySeats(world, name)).toContain('operations');
    const told = (await world.notices()).find(({ kind }) => kind === 'approval-void');
    expect(told).toMatchObject({ people: ['olga'], changed: ['window', 'rule'] });
  });

  it('L6: nobody fills a seat of their own and a late one', async () => {
    const world = await createWorld({ policy: strictShop({ roles: { qa: '[olga, quinn]' } }) });
    const name = await missed(world);
    await late(world, name);
    await sign(world, name, 'olga');
    expect(await refusalOf(world.approve('olga', name))).toMatchObject({ code: 'already-signed' });
    await sign(world, name, 'omar');
    expect(await emptySeats(world, name)).toEqual(['release-manager', 'business-owner', 'senior-management']);
  });

  it('L3: asked for at a cutoff’s instant it is past it, and that cutoff does not judge it', async () => {
    const world = await createWorld({ policy: strictShop() });
    const name = await missed(world);
    world.clock.set(new Date(week48.ready));
    await late(world, name);
    expect((await world.change(name)).late?.cutoffs).toHaveLength(2);
    await world.pump();
    expect((await world.change(name)).train).toBe(week48.train);
  });

  it('L14: says why there is no way back', async () => {
    const world = await createWorld({ policy: strictShop() });
    const early = await world.submit('dana', 'api');
    await world.passInTest(early);
    expect(await refusalOf(late(world, early, 'dana'))).toMatchObject({ code: 'no-train-to-catch' });
    const name = await missed(world);
    expect(await refusalOf(late(world, name, 'mira'))).toMatchObject({ code: 'not-your-role' });
    expect(await refusalOf(askLate(world.context, world.cause('dev'), { change: name }))).toMatchObject({
      code: 'reason-missing',
    });
    await late(world, name);
    expect(await refusalOf(late(world, name))).toMatchObject({ code: 'late-already' });
    await withdrawChange(world.context, world.cause('dev'), { change: name });
    expect(await refusalOf(late(world, name))).toMatchObject({ code: 'change-not-open' });
    expect(await world.audit('exception-expired')).toHaveLength(1);
  });

  it('cannot catch a train whose last window has closed', async () => {
    const world = await createWorld({ policy: strictShop() });
    const name = await missed(world);
    world.clock.set(new Date(week48.closes));
    expect(await refusalOf(late(world, name))).toMatchObject({ code: 'no-train-to-catch' });
  });

  it('cannot push another change of its service aside', async () => {
    const world = await createWorld({ policy: strictShop() });
    const first = await world.submit('dev', 'alone');
    await world.passInTest(first);
    await world.advance(week48.inTest);
    const second = await world.submit('dev', 'alone', { version: '1.0.1' });
    expect(await refusalOf(late(world, second))).toMatchObject({
      code: 'already-submitted',
      facts: { change: first },
    });
  });

  it('L8: asked for twice by one request it is late once', async () => {
    const world = await createWorld({ policy: strictShop() });
    const name = await missed(world);
    const cause = world.cause('dev', 'r-1');
    await askLate(world.context, cause, { change: name, reason: 'x' });
    await expect(askLate(world.context, cause, { change: name, reason: 'x' })).rejects.toThrow('already');
    expect(await world.audit('late')).toHaveLength(1);
  });
});
