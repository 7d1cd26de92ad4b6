import { describe, expect, it } from 'vitest';
import { askLate } from '../../src/operations/ask-late.ts';
import { owe } from '../../src/operations/owe.ts';
import { describeDebts, letBoard, settle, takeOver } from '../../src/operations/settle-obligation.ts';
import { missed, strictShop } from '../support/exceptions.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';

const owes = (world: World, owner = 'dev', subject = 'INC-1') =>
  world.context.store.transaction(world.cause('system:test'), (tx) =>
    owe(tx, world.context, world.context.policy(), { kind: 'record', subject, service: 'alone', owner }),
  );

const debts = async (world: World, team?: string) =>
  (await describeDebts(world.context, team, world.clock.now())).obligations;

const reminders = async (world: World) =>
  (await world.audit('obligation-reminder')).map(({ at, facts }) => [at, facts?.['people']]);

describe('what is owed', () => {
  it('L11: is told at once, reminded of by day only, to more people the longer it lasts, until it is done', async () => {
    const world = await createWorld({ policy: strictShop(), start: '2026-11-27T22:00:00Z' });
    await owes(world);
    expect(await debts(world)).toMatchObject([
      { id: 1, kind: 'record', owner: 'dev', team: 'loners', dueAt: new Date('2026-11-28T22:00:00Z') },
    ]);
    expect((await world.notices()).filter(({ kind }) => kind === 'obligation')).toMatchObject([
      { lane: 'console/person/dev', obligation: 'OBL-1', state: 'new' },
    ]);
    await world.advance('2026-12-03T20:00:00Z');
    // It was Friday night: nothing on the weekend, then day by day.
    expect(await reminders(world)).toEqual([
      ['2026-11-30T09:00:00.000Z', ['dev']],
      ['2026-12-01T09:00:00.000Z', ['dev']],
      ['2026-12-02T09:00:00.000Z', ['dev']],
      ['2026-12-03T09:00:00.000Z', ['dev', 'rita', 'remy']],
    ]);
    await settle(world.context, world.cause('dev'), { obligation: 'OBL-1', note: 'SHOP-9' });
    await world.advance('2026-12-10T20:00:00Z');
    expect(await reminders(world)).toHaveLength(4);
    expect(await world.audit('obligation-settled')).toMatchObject([
      { actor: 'dev', outcome: 'overdue', facts: { obligation: 'OBL-1', note: 'SHOP-9' } },
    ]);
    expect(await debts(world)).toEqual([]);
  });

  it('L8: is owed once, and a bell that rings twice reminds once', async () => {
    const world = await createWorld({ policy: strictShop() });
    await owes(world);
    await owes(world);
    expect(await debts(world)).toHaveLength(1);
    const rings = [...world.bell.rings];
    world.bell.rings.push(...rings, ...rings);
    await world.advance('2026-11-24T10:00:00Z');
    expect(await reminders(world)).toHaveLength(2);
    expect(await reminders(world)).toHaveLength(new Set((await reminders(world)).map(String)).size);
  });

  it('overdue, it keeps the team from boarding and from being late, and nobody else', async () => {
    const world = await createWorld({ policy: strictShop() });
    await owes(world);
    const aboard = await missed(world);
    const refused = { code: 'debts-overdue', facts: { team: 'loners', debts: ['OBL-1'] } };
    expect(await refusalOf(world.submit('dev', 'alone', { version: '2.0.0' }))).toMatchObject(refused);
    expect(
      await refusalOf(askLate(world.context, world.cause('dev'), { change: aboard, reason: 'x' })),
    ).toMatchObject(refused);
    await world.submit('dev', 'db');
    await settle(world.context, world.cause('dev'), { obligation: '1', note: 'written' });
    await askLate(world.context, world.cause('dev'), { change: aboard, reason: 'x' });
  });

  it('L3: at the due instant it blocks, a moment before it does not', async () => {
    const world = await createWorld({ policy: strictShop() });
    await owes(world);
    const due = new Date(week48.monday).getTime() + 24 * 3_600_000;
    world.clock.set(new Date(due));
    expect(await refusalOf(world.submit('dev', 'alone'))).toMatchObject({ code: 'debts-overdue' });
    const early = await createWorld({ policy: strictShop() });
    await owes(early);
    early.clock.set(new Date(due - 1));
    await early.submit('dev', 'alone');
  });

  it('operations may let the team board one train; that is on the record, and the next one is shut again', async () => {
    const world = await createWorld({ policy: strictShop() });
    await owes(world);
    world.clock.set(new Date('2026-11-24T12:00:00Z'));
    const pass = (person: string, reason?: string) =>
      letBoard(world.context, world.cause(person), {
        team: 'loners',
        ...(reason === undefined ? {} : { reason }),
      });
    expect(await refusalOf(pass('dev', 'please'))).toMatchObject({ code: 'not-your-role' });
    expect(await refusalOf(pass('omar'))).toMatchObject({ code: 'reason-missing' });
    await pass('omar', 'the record is being written');
    expect(await refusalOf(pass('olga', 'again'))).toMatchObject({ code: 'may-board-already' });
    expect(await world.audit('boarding-pass')).toMatchObject([
      {
        actor: 'omar',
        train: week48.train,
        facts: { team: 'loners', reason: 'the record is being written' },
      },
    ]);
    await world.submit('dev', 'alone');
    await world.advance(week48.inTest);
    expect(await refusalOf(world.submit('dev', 'alone', { version: '2.0.0' }))).toMatchObject({
      code: 'debts-overdue',
    });
  });

  it('can be taken over or handed on; whose owner left the policy is asked of those who can', async () => {
    const world = await createWorld({ policy: strictShop() });
    await owes(world, 'dana');
    expect(
      await refusalOf(takeOver(world.context, world.cause('mira'), { obligation: 'OBL-1' })),
    ).toMatchObject({ code: 'not-your-debt' });
    await takeOver(world.context, world.cause('dana'), { obligation: 'OBL-1', to: 'quinn' });
    expect((await world.notices()).at(-1)).toMatchObject({
      lane: 'console/person/quinn',
      state: 'yours',
      owner: 'quinn',
    });
    await takeOver(world.context, world.cause('dev'), { obligation: 'OBL-1' });
    expect(await debts(world, 'alone')).toMatchObject([{ owner: 'dev' }]);
    expect(
      await refusalOf(takeOver(world.context, world.cause('dev'), { obligation: 'OBL-1' })),
    ).toMatchObject({ code: 'yours-already' });
    await takeOver(world.context, world.cause('dev'), { obligation: 'OBL-1', to: 'pia' });
    await world.reload(strictShop().replace('  pia: {}\n', '').replace('[pia]', '[mira]'));
    await world.advance('2026-11-24T10:00:00Z');
    expect((await reminders(world)).at(-1)?.[1]).toEqual(['dev', 'rita', 'remy']);
  });

  it('L14: says why it cannot be settled', async () => {
    const world = await createWorld({ policy: strictShop() });
    await owes(world, 'dana');
    const by = (person: string, obligation = 'OBL-1', note: string | undefined = 'done') =>
      settle(world.context, world.cause(person), {
        obligation,
        ...(note === undefined ? {} : { note }),
      });
    expect(await refusalOf(by('dana', 'OBL-9'))).toMatchObject({ code: 'unknown-obligation' });
    expect(await refusalOf(by('dana', 'x'))).toMatchObject({ code: 'unknown-obligation' });
    expect(await refusalOf(by('pia'))).toMatchObject({ code: 'not-your-debt' });
    expect(
      await refusalOf(settle(world.context, world.cause('dana'), { obligation: 'OBL-1' })),
    ).toMatchObject({ code: 'reason-missing' });
    await by('rita');
    expect(await refusalOf(by('dana'))).toMatchObject({ code: 'settled-already', facts: { by: 'rita' } });
    expect(await refusalOf(describeDebts(world.context, 'lonres', world.clock.now()))).toMatchObject({
      code: 'unknown-team',
      facts: { meant: 'loners' },
    });
  });
});
