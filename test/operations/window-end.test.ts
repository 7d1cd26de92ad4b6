import { describe, expect, it } from 'vitest';
import { noticeCard } from '../../src/cards/notice-card.ts';
import { plain } from '../../src/cards/words.ts';
import type { Card } from '../../src/chat/card.ts';
import { chooseAtEnd } from '../../src/operations/window-end.ts';
import { openDesk } from '../support/desk.ts';
import { policyOf, shop, week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';
import { began, openGate, states, steps, waits } from './nights.ts';

const asked = async (world: World) =>
  (await world.notices()).flatMap((notice) => (notice.kind === 'window-ending' ? [notice] : []));

const choose = (world: World, person: string, choice: 'finish' | 'roll-back') =>
  chooseAtEnd(world.context, world.cause(person), { train: week48.train, choice });

/** The step of `alone` is expected to take a minute and does not end; a quarter of an hour is left. */
const late = async (policy: string) => {
  const world = await createWorld({ policy });
  const [alone = '', db = ''] = await world.toGo('alone', 'db');
  world.behave('alone', 'check', waits);
  const night = world.advance(week48.opens);
  await began(world, 'alone check');
  const other = await world.instance();
  world.clock.set(new Date('2026-11-29T01:44:59Z'));
  await world.pump(other);
  expect(await asked(world)).toEqual([]);
  world.clock.set(new Date('2026-11-29T01:45:00Z'));
  await world.pump(other);
  const close = async () => {
    world.clock.set(new Date(week48.closes));
    await world.pump(other);
  };
  return { world, alone, db, night, close };
};

const textOf = (card: Card, policy: string): string =>
  card.blocks
    .flatMap((block) => ('text' in block && typeof block.text !== 'string' ? [block.text] : []))
    .map((text) => plain(text, policyOf(policy)))
    .join('\n');

describe('a quarter of an hour before the end of a window', () => {
  it('release managers are asked about what will still run; who says roll-back has it stopped and undone', async () => {
    const policy = shop({ concurrency: 2 });
    const { world, alone, db, night, close } = await late(policy);
    expect(await states(world, alone, db)).toEqual(['running', 'succeeded']);
    const [notice, ...more] = await asked(world);
    expect([notice?.runs, notice?.otherwise, more]).toEqual([
      [{ deployment: 'DEP-1', change: alone, service: 'alone' }],
      'finish',
      [],
    ]);
    if (notice === undefined) throw new Error('nobody was asked');
    const card = noticeCard(notice, policyOf(policy), null);
    expect(textOf(card, policy)).toContain('what runs then may finish');
    expect(card.buttons.map(({ verb, args }) => [verb, ...(args ?? [])])).toEqual([
      ['deploy end', 'finish'],
      ['deploy end', 'roll-back'],
      ['train status'],
    ]);

    expect(await refusalOf(choose(world, 'dana', 'roll-back'))).toMatchObject({ code: 'not-your-role' });
    await choose(world, 'omar', 'finish');
    // The last word counts; who presses sees whose it is. Saying it again is nothing new.
    const { say } = openDesk(world.context);
    const { card: shown } = await say('rita', `deploy end ${week48.train} roll-back`);
    await say('rita', 'deploy end roll-back');
    expect(JSON.stringify(shown)).toContain('what runs then is stopped and rolled back');
    expect((await world.audit('window-end')).map(({ actor, outcome }) => [actor, outcome])).toEqual([
      ['omar', 'finish'],
      ['rita', 'roll-back'],
    ]);
    await close();
    await night;
    expect(await states(world, alone)).toEqual(['rolled-back']);
    expect(world.ledger().filter((line) => line.startsWith('alone'))).toEqual([
      'alone prepare',
      'alone check',
      'alone clean',
    ]);
    world.clock.set(new Date(week48.closes));
    expect(await refusalOf(choose(world, 'rita', 'finish'))).toMatchObject({ code: 'window-not-open' });
    const { card: no } = await say('rita', `deploy end ${week48.train} perhaps`);
    expect(no.summary).toContain('finish or roll-back');
  });

  it('one who says finish lets it finish, although the policy would roll back; nobody, and the policy is done', async () => {
    const strict = shop({ concurrency: 2 }).replace('lasts: 4h,', 'lasts: 4h, atEnd: roll-back,');
    const spared = await late(strict);
    expect((await asked(spared.world))[0]?.otherwise).toBe('roll-back');
    await choose(spared.world, 'rita', 'finish');
    await spared.close();
    openGate(spared.world);
    await spared.night;
    expect(await states(spared.world, spared.alone)).toEqual(['succeeded']);
    expect(spared.world.ledger().filter((line) => line.startsWith('alone'))).toEqual(steps('alone'));

    const unheard = await late(strict);
    await unheard.close();
    await unheard.night;
    expect(await states(unheard.world, unheard.alone)).toEqual(['rolled-back']);
  });

  it('nobody is asked when everything will have ended', async () => {
    const world = await createWorld();
    await world.toGo('alone');
    await world.advance(week48.closes);
    expect(await asked(world)).toEqual([]);
    expect(await world.audit('window-ending')).toEqual([]);
  });
});
