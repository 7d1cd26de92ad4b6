import { expect, it } from 'vitest';
import { openDesk } from '../support/desk.ts';
import { shop } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';

const oncall =
  'oncall: { schedules: { operations: { rotation: { weekly: [olga, omar], handoff: Monday 09:00 } } } }';

it('home says what waits for one, what one asked for, who is on call and what comes', async () => {
  const world = await createWorld({ policy: `${shop()}${oncall}\n` });
  const { say, press } = openDesk(world.context);
  const nothing = await say('pia', 'home');
  expect(nothing.text).toContain('Nothing waits for you.');
  expect(nothing.text).toMatch(/On call[\s\S]*operations: (olga|omar) until Mon 30 Nov 09:00/);
  expect(nothing.text).toMatch(/This week[\s\S]*cutoff “in test” · weekly-2026-W48/);

  await world.submit('dev', 'db');
  await world.build('db', '1.0.0');
  const dev = await say('dev', 'home');
  expect(dev.text).toMatch(/Your changes[\s\S]*CHG-1 db 1.0.0/);
  const rita = await say('rita', 'home');
  expect(rita.text).toMatch(/Waits for you[\s\S]*CHG-1/);
  expect(rita.text).not.toContain('Your changes');
  await press('rita', rita, 'change approve-date');
  expect((await say('rita', 'home')).card.buttons.map(({ verb }) => verb)).not.toContain(
    'change approve-date',
  );
});

it('home and `oncall who` name the same person, also when people have arranged something else', async () => {
  const world = await createWorld({ policy: `${shop()}${oncall}\n` });
  const { say } = openDesk(world.context);
  const onCall = async (): Promise<string | undefined> =>
    /operations: (olga|omar)/.exec((await say('pia', 'home')).text)?.[1];
  const before = await onCall();
  const other = before === 'olga' ? 'omar' : 'olga';
  await say('rita', `oncall override operations ${other} now 4h`);
  expect(await onCall()).toBe(other);
  expect((await say('pia', 'home')).text).toMatch(new RegExp(`operations: ${other} until Mon 23 Nov 13:00`));
  expect((await say('pia', 'oncall who')).text).toContain(other);
  // Who is away is stood in for.
  await say(other, 'oncall away now 2d');
  await world.advance('2026-11-23T14:00:00Z');
  expect(await onCall()).toBe(before);
});
