import { expect, it } from 'vitest';
import { openDesk } from '../support/desk.ts';
import { allPapers, missed, strictShop } from '../support/exceptions.ts';
import { week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';

it('a late change: asked for, signed in chat, deployed, owed for and settled', async () => {
  const world = await createWorld({ policy: strictShop() });
  const { say, press } = openDesk(world.context);
  const name = await missed(world);
  expect((await say('dev', `change late ${name}`)).text).toContain('needs a reason');
  const late = await say('dev', `change late ${name} --reason "the sale begins on Sunday"`);
  expect(late.card.title).toContain('normal, late');
  expect(late.text).toContain('missed “in test” · asked by dev: “the sale begins on Sunday”');
  expect((await say('dev', `change late ${name} again`)).card.title).toBe('It is late already');
  await allPapers(world, name);
  for (const person of ['bea', 'sol', 'quinn'])
    await press(person, await say(person, `change show ${name}`), 'change approve');
  await world.advance(week48.meeting);
  await say('rita', `train go ${week48.train}`);
  await world.advance(week48.closes);
  const debts = await say('dev', 'change debts');
  expect(debts.text).toContain('OBL-1 why CHG-1 alone was late');
  expect(debts.text).toContain('loners 1 (1 went to production): 1');

  expect((await say('rita', `train report ${week48.train}`)).text).toContain(
    'loners 1 (1 went to production): 1',
  );

  await world.advance('2026-12-03T10:00:00Z');
  expect((await say('dev', 'change submit alone 2.0.0')).text).toContain('let-board loners');
  expect((await say('omar', 'change let-board loners the review is being written')).card.title).toBe(
    'What is owed',
  );
  expect((await say('dev', 'change submit alone 2.0.0')).card.title).toContain('CHG-2');
  expect((await say('rita', 'change take-over 1')).text).toContain('— rita');
  expect((await say('rita', 'change settle 1')).text).toContain('needs a reason');
  expect((await say('rita', 'change settle 1 tests now run on every commit')).text).toContain(
    'Nothing is owed.',
  );
});

it('an emergency at night: raised, signed and deployed in chat, and everybody passed over knows', async () => {
  const world = await createWorld({ policy: strictShop(), start: '2026-11-24T03:00:00Z' });
  const { say, press } = openDesk(world.context);
  await world.build('alone', '1.0.1');
  const raised = await say('dev', 'change emergency alone 1.0.1 --reason "nobody can pay"');
  expect(raised.card.title).toBe('CHG-1 alone 1.0.1 · emergency');
  expect(raised.text).toContain('is an emergency and needs 3 more things to start at once');
  expect(raised.text).toContain('none: at once');
  expect((await say('dev', 'change why 1')).text).toContain('the signature of business owner is missing');
  for (const person of ['bea', 'sol', 'omar'])
    await press(person, await say(person, 'change show 1'), 'change approve');
  await world.pump();
  expect((await say('dev', 'change show 1')).text).toContain('is in production');
  expect((await say('rita', 'change debts')).text).toContain('“signed off by QA” of CHG-1 alone');
});

it('an incident from chat: fixed in one line, declared, noted, closed, analysed', async () => {
  const world = await createWorld({ policy: strictShop() });
  const { say, press } = openDesk(world.context);
  const fixed = await say('omar', 'incident fix alone restarted the pod --severity minor');
  expect(fixed.card.title).toBe('Fixed first · INC-1 alone');
  expect(fixed.text).toContain('OBL-1 and OBL-2');
  expect((await say('dana', 'incident declare web nobody can pay --severity outage')).card.title).toBe(
    'Incident · INC-2 web',
  );
  expect((await say('omar', 'incident')).text).toContain('INC-2 web: nobody can pay (outage) — dana');
  expect((await say('omar', 'incident note 2 pool at 0')).text).toContain('omar: pool at 0');
  expect((await say('omar', 'incident close 2')).text).toContain('needs a reason');
  const closed = await say('omar', 'incident close 2 pool emptied');
  expect(closed.text).toContain('over after');
  expect((await press('dana', closed, 'incident rca')).text).toContain('no root-cause analysis yet');
  const analysed = await say(
    'dana',
    'incident rca 2 --what "the pool was empty" --why "a leak" --unnoticed "no alert" --actions "add an alert; dana; Friday"',
  );
  expect(analysed.text).toContain('# INC-2: nobody can pay');
  expect(analysed.text).toContain('| add an alert | dana | 2026-11-27 |');
  expect((await say('rita', 'change debts')).text).not.toContain('root-cause');
});
