import { describe, expect, it } from 'vitest';
import { excuseText } from '../../src/cards/excuse-words.ts';
import { moveChange } from '../../src/operations/move-change.ts';
import { recordMilestone } from '../../src/operations/record-milestone.ts';
import { rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { submitChange } from '../../src/operations/submit-change.ts';
import { openDesk } from '../support/desk.ts';
import { policyOf, shop, week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';
import { states, steps } from './nights.ts';

const services = ['one: {}', 'two: {}', 'three: {}'];

/** Changes of services that know nothing of each other, each after the one before it, with a go. */
const chain = async (world: World, ...names: readonly string[]): Promise<readonly string[]> => {
  const changes: string[] = [];
  for (const service of names) {
    const after = changes.slice(-1);
    changes.push(await world.submit('dev', service, { after }));
  }
  for (const change of changes) await world.passInTest(change);
  await world.advance(week48.inTest);
  for (const change of changes) await world.passReady(change);
  await world.advance(week48.meeting);
  return changes;
};

const movedFor = async (world: World) =>
  (await world.audit('moved')).map(({ change, facts }) => ({
    change,
    codes: JSON.parse(JSON.stringify(facts?.['excuses'])).map(({ code }: { readonly code: string }) => code),
    excuses: facts?.['excuses'],
  }));

describe('Friday’s cutoff', () => {
  it('names what a change waits for that is not coming, over any number of steps', async () => {
    const world = await createWorld({ policy: shop({ services }) });
    const changes: string[] = [];
    for (const service of ['one', 'two', 'three'])
      changes.push(await world.submit('dev', service, { after: changes.slice(-1) }));
    const [one = '', two = '', three = ''] = changes;
    for (const change of changes) await world.passInTest(change);
    await world.advance(week48.inTest);
    // The first is on the next train after all; the others have all their papers.
    await moveChange(world.context, world.cause('rita'), { change: one });
    for (const change of [two, three]) await world.passReady(change);
    const { text } = await openDesk(world.context).say('dev', `change show ${two}`);
    expect(text).toContain(`comes after ${one} (boarded, ${week48.next})`);
    await world.advance(week48.ready);
    expect((await movedFor(world)).slice(1)).toMatchObject([
      {
        change: two,
        codes: ['waits-for-change'],
        excuses: [{ facts: { changes: [one], trains: [week48.next] } }],
      },
      { change: three, codes: ['waits-for-change'], excuses: [{ facts: { changes: [two] } }] },
    ]);
  });

  it('waits for what is outside of software until somebody says that it is there, in chat or by a report', async () => {
    const policy = shop({ services }).concat(
      'milestones:\n  racks: { what: the new racks are wired, due: 2026-11-27, owners: [olga] }\n  training: { what: the desk is trained, due: 2026-11-26 }\n',
    );
    const world = await createWorld({ policy });
    const desk = openDesk(world.context);
    expect(await refusalOf(world.submit('dev', 'one', { after: ['rack'] }))).toMatchObject({
      code: 'unknown-milestone',
      facts: { meant: 'racks' },
    });
    const one = await world.submit('dev', 'one', { after: ['racks', 'training'] });
    const two = await world.submit('dev', 'two', { after: ['racks'] });
    for (const change of [one, two]) await world.passInTest(change);
    await world.advance(week48.inTest);
    for (const change of [one, two]) await world.passReady(change);
    expect((await desk.say('dev', `change show ${one}`)).text).toContain(
      'waits for racks (the new racks are wired), due 2026-11-27 — olga',
    );
    // Whoever it waits for is reminded, and nobody else.
    await world.advance('2026-11-26T10:00:00Z');
    const reminded = (await world.notices()).flatMap((n) => (n.kind === 'reminder' ? [n] : []));
    expect(reminded.filter(({ cutoff }) => cutoff === 'ready-for-production').map((n) => n.person)).toEqual(
      expect.arrayContaining(['olga', 'rita']),
    );
    expect((await desk.say('dana', 'change milestone racks pass')).text).toContain('Not yours');
    await desk.say('olga', 'change milestone racks fail the cables are short');
    expect((await desk.say('dev', 'change milestone')).text).toContain('“the cables are');
    await desk.press('olga', await desk.say('olga', 'change milestone racks'), 'change milestone');
    await recordMilestone(world.context, world.cause('system:hook', 'hook:1'), {
      milestone: 'racks',
      outcome: 'pass',
      source: 'hook',
      observedAt: new Date('2026-11-25T08:00:00Z'),
    });
    await world.advance(week48.meeting);
    expect(await movedFor(world)).toMatchObject([
      { change: one, codes: ['milestone-open'], excuses: [{ facts: { milestone: 'training' } }] },
    ]);
    await world.go(week48.train);
    // L1: the gate asks again. It is taken back before the night, and said again within it.
    await desk.say('rita', 'change milestone racks fail');
    await world.advance(week48.opens);
    expect((await world.deployment(two)).hold).toMatchObject({ code: 'milestone-open' });
    await desk.say('rita', 'change milestone racks pass');
    await world.pump();
    expect(await states(world, two)).toEqual(['succeeded']);
  });
});

describe('a change that comes after another', () => {
  it('is deployed after it, and not at all when that fails', async () => {
    const world = await createWorld({ policy: shop({ services }) });
    const [one = '', two = '', three = ''] = await chain(world, 'one', 'two', 'three');
    world.behave('two', 'switch', 'exit 1');
    await world.go(week48.train);
    await world.advance(week48.opens);
    expect(await states(world, one, two, three)).toEqual(['succeeded', 'rolled-back', 'queued']);
    expect(world.ledger().slice(0, 6)).toEqual([...steps('one'), ...steps('two')]);
    expect((await world.deployment(three)).hold).toMatchObject({
      code: 'dependency-failed',
      facts: { services: ['two'] },
    });
  });

  it('is held while that is on another train or has no go, and says so; it goes once that is in production', async () => {
    const world = await createWorld({ policy: shop({ services }) });
    const [one = '', two = ''] = await chain(world, 'one', 'two');
    await world.go(two);
    await world.advance(week48.opens);
    const { hold } = await world.deployment(two);
    expect(hold).toMatchObject({
      code: 'waits-for-change',
      facts: { changes: [one], states: ['boarded'], trains: [week48.train] },
    });
    if (hold)
      expect(excuseText(hold, policyOf(shop())).join('')).toBe(
        'comes after CHG-1 (boarded, weekly-2026-W48), which is neither in production nor on tonight’s plan',
      );
    expect(world.ledger()).toEqual([]);
    await world.go(one);
    await world.pump();
    expect(await states(world, one, two)).toEqual(['succeeded', 'succeeded']);
    expect(world.ledger()).toEqual([...steps('one'), ...steps('two')]);
  });

  it('cannot come after one that was withdrawn or that there is none of', async () => {
    const world = await createWorld({ policy: shop({ services }) });
    expect(await refusalOf(world.submit('dev', 'one', { after: ['CHG-9'] }))).toMatchObject({
      code: 'unknown-change',
    });
    const one = await world.submit('dev', 'one');
    await world.database.pool.query(`update change set state = 'withdrawn'`);
    expect(await refusalOf(world.submit('dev', 'two', { after: [one] }))).toMatchObject({
      code: 'change-not-open',
    });
  });
});

describe('a service that works without what it depends on', () => {
  const soft = shop().replace('web: { owners: [dana],', 'web: { owners: [dana], withoutDependency: degrade,');

  it('goes after it, and is deployed all the same when that fails', async () => {
    const world = await createWorld({ policy: soft });
    const [api = '', web = ''] = await world.toGo('api', 'web');
    world.behave('api', 'switch', 'exit 1');
    await world.advance(week48.opens);
    expect(await states(world, api, web)).toEqual(['rolled-back', 'succeeded']);
    expect(world.ledger().slice(-3)).toEqual(steps('web'));
    expect((await world.notices()).find(({ kind }) => kind === 'deployment-failed')).toMatchObject({
      held: [],
    });
  });

  it('without the word it does not', async () => {
    const world = await createWorld();
    const [api = '', web = ''] = await world.toGo('api', 'web');
    world.behave('api', 'switch', 'exit 1');
    await world.advance(week48.opens);
    expect(await states(world, api, web)).toEqual(['rolled-back', 'queued']);
  });
});

describe('changes that need each other', () => {
  it('leave the train on Friday where the policy refuses circles, with the reason', async () => {
    const world = await createWorld({ policy: `${shop()}cycles: refuse\n` });
    const [left = '', right = '', alone = ''] = await world.toMeeting('left', 'right', 'alone');
    expect((await movedFor(world)).map(({ change, codes }) => [change, codes])).toEqual([
      [left, ['cycle-refused']],
      [right, ['cycle-refused']],
    ]);
    expect((await world.change(alone)).train).toBe(week48.train);
  });

  it('are stopped at the gate too, when the policy refuses them after Friday', async () => {
    const world = await createWorld();
    const [left = '', right = '', alone = ''] = await world.toGo('left', 'right', 'alone');
    await world.reload(`${shop()}cycles: refuse\n`);
    await world.advance(week48.opens);
    expect(await states(world, left, right, alone)).toEqual(['queued', 'queued', 'succeeded']);
    expect((await world.deployment(left)).hold).toMatchObject({
      code: 'cycle-refused',
      facts: { services: expect.arrayContaining(['left', 'right']) },
    });
  });

  it('also when one of them only asked to come after the other', async () => {
    const world = await createWorld({ policy: shop() });
    // db knows nothing of api; this change of it wants to come after one of api, which depends on db.
    const api = await world.submit('dev', 'api');
    const db = await world.submit('dev', 'db', { after: [api] });
    for (const change of [api, db]) await world.passInTest(change);
    await world.advance(week48.inTest);
    for (const change of [api, db]) await world.passReady(change);
    await world.advance(week48.meeting);
    await world.go(week48.train);
    await world.advance(week48.opens);
    expect(await states(world, api, db)).toEqual(['succeeded', 'succeeded']);
    expect((await world.deployment(api)).unit).toBe((await world.deployment(db)).unit);
  });
});

describe('bytes that were rolled back', () => {
  const rolledBack = async () => {
    const world = await createWorld();
    const [alone = ''] = await world.toGo('alone');
    await world.advance(week48.opens);
    await rollBackDeployment(world.context, world.cause('omar'), { deployment: alone });
    await world.pump();
    await world.advance('2026-11-30T12:00:00Z');
    return world;
  };

  it('do not board again until somebody says why', async () => {
    const world = await rolledBack();
    expect(await refusalOf(world.submit('dev', 'alone'))).toMatchObject({
      code: 'rolled-back-before',
      facts: { deployment: 'DEP-1' },
      next: 'change submit alone 1.0.0 --because …',
    });
    const again = await world.submit('dev', 'alone', { because: 'the firewall was in the way' });
    expect((await world.change(again)).because).toBe('the firewall was in the way');
    expect((await world.audit('submitted')).at(-1)?.facts).toMatchObject({
      because: 'the firewall was in the way',
    });
    // Other bytes are other bytes.
    await world.build('db', '2.0.0');
    await world.submit('dev', 'db', { version: '2.0.0' });
  });

  it('L1: are stopped at the gate too, when they arrive by a build after the change has boarded', async () => {
    const world = await rolledBack();
    const { artifact } = await world.deployment('CHG-1');
    const change = await submitChange(world.context, world.cause('dev'), {
      service: 'alone',
      version: '1.0.1',
      type: 'normal',
      records: [],
      note: '',
    });
    const name = `CHG-${change.id}`;
    await world.build('alone', '1.0.1', { artifact });
    await world.passInTest(name);
    await world.advance('2026-12-02T12:00:00Z');
    await world.passReady(name);
    await world.advance('2026-12-04T11:00:00Z');
    await world.go(week48.next);
    await world.advance('2026-12-05T22:00:00Z');
    expect((await world.deployment(name)).hold).toMatchObject({
      code: 'rolled-back-before',
      facts: { deployment: 'DEP-1' },
    });
    expect(world.ledger().filter((line) => line === 'alone switch')).toHaveLength(1);
  });
});
