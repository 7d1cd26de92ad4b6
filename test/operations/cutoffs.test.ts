import { describe, expect, it } from 'vitest';
import { approveChange, rescindDecision } from '../../src/operations/decide-change.ts';
import { withdrawChange } from '../../src/operations/move-change.ts';
import { ringDeadline } from '../../src/operations/ring-deadline.ts';
import { submitChange } from '../../src/operations/submit-change.ts';
import { cutoffsOf } from '../../src/store/trains.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, digest, type World } from '../support/world.ts';

const sheetOf = async (world: World, name: string) => {
  const sheet = (await cutoffsOf(world.context.store.db, week48.train)).find((c) => c.name === name)?.sheet;
  if (!sheet) throw new Error('no sheet');
  return sheet;
};

const cutoffDeadline = async (world: World, name: string, train: string = week48.train): Promise<number> => {
  const { rows } = await world.database.pool.query<{ id: number }>('select id from deadline where key = $1', [
    `${train}/${name}/cutoff`,
  ]);
  return rows[0]?.id ?? 0;
};

const justBefore = (iso: string): Date => new Date(new Date(iso).getTime() - 1);

describe('a cutoff', () => {
  it('keeps what is ready and moves the rest to the next train, with the reasons', async () => {
    const world = await createWorld();
    const ready = await world.submit('dana', 'api');
    await world.passInTest(ready);
    const late = await world.submit('dev', 'db');
    await world.build('db', '1.0.0');
    await world.advance(week48.inTest);
    expect((await world.change(ready)).train).toBe(week48.train);
    expect((await world.change(late)).train).toBe(week48.next);

    const sheet = await sheetOf(world, 'in-test');
    expect(sheet.ready.map(({ change }) => change)).toEqual([ready]);
    expect(
      sheet.moved.map(({ change, to, excuses }) => [change, to, excuses.map(({ code }) => code)]),
    ).toEqual([[late, week48.next, ['not-deployed', 'records-not-ready', 'date-not-approved']]]);
    expect(sheet).toMatchObject({
      at: week48.inTest,
      meeting: '2026-11-25T13:00:00.000Z',
      since: null,
      cycles: [],
      sequence: [[{ change: ready, service: 'api' }]],
      windows: [{ name: 'saturday-night', opens: week48.opens, closes: week48.closes }],
    });
    expect(sheet.players).toEqual(['omar', 'olga', 'rita', 'remy', 'dana']);
    const notices = await world.notices();
    expect(notices.filter(({ kind }) => kind === 'moved')).toMatchObject([
      { change: late, from: week48.train, to: week48.next, lane: 'console/person/dev' },
    ]);
    expect(notices.filter(({ kind }) => kind === 'run-sheet')).toMatchObject([
      { cutoff: 'in-test', lane: 'console/channel/releases' },
    ]);
    expect(await world.audit('moved')).toMatchObject([
      { change: late, train: week48.next, at: week48.inTest, actor: 'system:clock' },
    ]);
  });

  it('L3: judges as of its instant however late that is: what arrived at it or after counts neither way', async () => {
    const world = await createWorld();
    const names: string[] = [];
    for (const service of ['api', 'db', 'alone', 'web']) {
      const name = await world.submit('dana', service);
      await world.passInTest(name);
      names.push(name);
    }
    const [complete = '', failsLate = '', rebuiltLate = '', missing = ''] = names;
    world.clock.set(justBefore(week48.inTest));
    await world.state('rita', missing, { kind: 'date-approved', outcome: 'fail' });
    // The bell rings late: the instant passes, and people go on working.
    world.clock.set(new Date(week48.inTest));
    await world.state('rita', missing, { kind: 'date-approved' });
    const artifact = digest('db', '1.0.0');
    await world.evidence({ kind: 'deployed', service: 'db', artifact, environment: 'test', outcome: 'fail' });
    await world.build('alone', '1.0.0', { artifact: digest('late') });
    world.clock.advance(3_600_000);
    await world.pump();

    const sheet = await sheetOf(world, 'in-test');
    expect(sheet.ready.map(({ change }) => change)).toEqual([complete, failsLate, rebuiltLate]);
    expect(sheet.ready.at(-1)?.artifact).toBe(digest('alone', '1.0.0'));
    expect((await world.change(rebuiltLate)).artifact).toBe(digest('late'));
    expect(sheet.moved.map(({ change }) => change)).toEqual([missing]);
    expect(await world.audit('cutoff-closed')).toMatchObject([{ at: week48.inTest }]);
  });

  it('L3: a build that arrived only after the instant leaves the change without one', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    world.clock.set(new Date(week48.inTest));
    await world.build('api', '1.0.0');
    await world.pump();
    expect((await sheetOf(world, 'in-test')).moved).toMatchObject([
      { change: name, excuses: [{ code: 'no-build' }, {}, {}, {}] },
    ]);
  });

  it('L3: an approval at the instant is late; one rescinded at the instant still counted', async () => {
    const world = await createWorld();
    const early = await world.submit('dana', 'api');
    const late = await world.submit('dev', 'db');
    for (const name of [early, late]) await world.passInTest(name);
    await world.advance(week48.inTest);
    await world.passReady(early);
    await world.passReady(late);
    await rescindDecision(world.context, world.cause('olga'), { change: late });
    world.clock.set(new Date(week48.ready));
    await rescindDecision(world.context, world.cause('olga'), { change: early });
    await approveChange(world.context, world.cause('omar'), { change: late });
    await world.pump();
    const sheet = await sheetOf(world, 'ready-for-production');
    expect(sheet.ready.map(({ change }) => change)).toEqual([early]);
    expect(sheet.moved).toMatchObject([
      { change: late, excuses: [{ code: 'seat-empty', facts: { role: 'operations' } }] },
    ]);
  });

  it('tells the second meeting what has changed since the first', async () => {
    const world = await createWorld();
    const names: string[] = [];
    for (const service of ['api', 'db', 'alone']) {
      const name = await world.submit('dana', service);
      await world.passInTest(name);
      names.push(name);
    }
    const [kept = '', rebuilt = '', gone = ''] = names;
    await world.advance(week48.inTest);
    await withdrawChange(world.context, world.cause('dana'), { change: gone });
    await world.build('db', '1.0.0', { artifact: digest('again') });
    await world.passReady(kept);
    await world.advance(week48.ready);
    expect((await sheetOf(world, 'ready-for-production')).since).toEqual({
      cutoff: 'in-test',
      joined: [],
      left: [gone],
      rebuilt: [rebuilt],
    });
  });

  it('puts the sequence in the order of dependencies and names the cycles', async () => {
    const world = await createWorld();
    for (const service of ['web', 'api', 'db', 'left', 'right'])
      await world.passInTest(await world.submit('dev', service));
    await world.advance(week48.inTest);
    const sheet = await sheetOf(world, 'in-test');
    expect(sheet.sequence.map((wave) => wave.map(({ service }) => service).sort())).toEqual([
      ['db', 'left', 'right'],
      ['api'],
      ['web'],
    ]);
    expect(sheet.cycles).toEqual([['left', 'right']]);
    // 02:00 less prepare, check, switch and as much again for undoing prepare and switch.
    expect(sheet.sequence[1]?.[0]?.lastSafeStart).toBe('2026-11-29T01:54:50.000Z');
  });

  it('L3: closes once, however often and from wherever it is rung', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    const other = await world.instance();
    const id = await cutoffDeadline(world, 'in-test');
    world.clock.set(new Date(week48.inTest));
    await Promise.all([world.context, other, world.context, other].map((by) => ringDeadline(by, id)));
    await world.pump();
    expect(await world.audit('cutoff-closed')).toHaveLength(1);
    expect(await world.audit('moved')).toHaveLength(1);
    expect((await world.change(name)).train).toBe(week48.next);
  });

  it('does nothing early, and rings itself again', async () => {
    const world = await createWorld();
    const id = await cutoffDeadline(world, 'in-test');
    world.bell.rings.splice(0);
    await ringDeadline(world.context, id);
    expect(world.bell.rings).toMatchObject([{ name: 'ring-deadline', at: new Date(week48.inTest) }]);
    expect(await world.audit('cutoff-closed')).toEqual([]);
  });

  it('after an outage, those that are overdue close in their order, whichever rings first', async () => {
    const world = await createWorld();
    const first = await world.submit('dana', 'api');
    const second = await world.submit('dev', 'db');
    await world.passInTest(second);
    const ids = [await cutoffDeadline(world, 'ready-for-production'), await cutoffDeadline(world, 'in-test')];
    world.clock.set(new Date(week48.meeting));
    await Promise.all(ids.map((id) => ringDeadline(world.context, id)));
    expect((await world.audit('cutoff-closed')).map(({ facts }) => facts?.['cutoff'])).toEqual([
      'in-test',
      'ready-for-production',
    ]);
    expect((await sheetOf(world, 'in-test')).moved).toMatchObject([{ change: first }]);
    expect((await sheetOf(world, 'ready-for-production')).moved).toMatchObject([{ change: second }]);
  });

  it('after an outage over the whole week, the end of the train leaves the verdicts of its cutoffs', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    world.clock.set(new Date(week48.closes));
    const { rows } = await world.database.pool.query<{ id: number }>(
      `select id from deadline where key = '${week48.train}/ends'`,
    );
    await ringDeadline(world.context, rows[0]?.id ?? 0);
    await world.pump();
    expect((await sheetOf(world, 'in-test')).moved).toMatchObject([{ change: name }]);
    expect(await world.audit('cutoff-closed')).toHaveLength(2);
    expect((await world.change(name)).train).toBe(week48.next);
  });

  it('moves with the policy while it is open, and not any more once it has closed', async () => {
    const world = await createWorld();
    await world.reload(shop({ inTestAt: 'Wednesday 11:00' }));
    await world.advance('2026-11-25T11:00:00Z');
    expect(await world.audit('cutoff-closed')).toMatchObject([{ at: '2026-11-25T11:00:00.000Z' }]);
    await world.reload(shop());
    await world.advance(week48.inTest);
    const [first] = await cutoffsOf(world.context.store.db, week48.train);
    expect(first?.at).toEqual(new Date('2026-11-25T11:00:00Z'));
    expect(await world.audit('cutoff-closed')).toHaveLength(1);
  });

  it('that left the policy keeps nobody waiting', async () => {
    const world = await createWorld();
    await world.reload(shop().replace('in-test:', 'tested:'));
    expect((await cutoffsOf(world.context.store.db, week48.train)).map(({ name }) => name)).toEqual([
      'tested',
      'ready-for-production',
    ]);
    await world.toGo('api');
  });
});

describe('L3: submissions that race the closing', () => {
  it('two thousand on two instances: each that arrived before is judged by it, none that arrived later', async () => {
    const services = Array.from({ length: 2_000 }, (_, i) => `s${i}: {}`);
    const world = await createWorld({ policy: shop({ services, inTestRequires: '[build]' }) });
    const other = await world.instance();
    const instances = [world.context, other];
    const instant = new Date(week48.inTest);
    const open = [{ id: `${week48.train}/in-test`, at: instant }];
    const attend = () => Promise.all(instances.map((by) => by.arrivals.attend(open, world.clock.now())));
    world.clock.set(new Date(instant.getTime() - 1_000));
    await attend();
    const id = await cutoffDeadline(world, 'in-test');

    // As many at a time as a busy machine can do within the pool's patience; all have arrived by then.
    const hands = Array.from({ length: 40 }, () => Promise.resolve());
    let closing: Promise<unknown> = Promise.resolve();
    const expected = { before: 0, after: 0 };
    const requests = services.map(async (line, i) => {
      const by = instances[i % 2] ?? world.context;
      // A second of arrivals; the clock passes the instant in their middle.
      const receivedAt = new Date(instant.getTime() - 1_000 + i);
      expected[receivedAt < instant ? 'before' : 'after'] += 1;
      const dealtWith = by.arrivals.enter(receivedAt);
      if (i === 1_000) {
        world.clock.set(instant);
        closing = Promise.all(instances.map((one) => ringDeadline(one, id)));
      }
      const request = {
        service: line.slice(0, line.indexOf(':')),
        version: '1',
        type: 'normal',
        records: [],
        note: '',
      } as const;
      const before = hands[i % hands.length] ?? Promise.resolve();
      const mine = before.then(() => submitChange(by, { actor: 'dana', at: receivedAt }, request));
      hands[i % hands.length] = mine.then(dealtWith, dealtWith);
      await mine;
    });
    await Promise.all(requests);
    await closing;

    const sheet = await sheetOf(world, 'in-test');
    expect(expected).toEqual({ before: 1_000, after: 1_000 });
    expect(sheet.moved).toHaveLength(1_000);
    const judged = new Set(sheet.moved.map(({ change }) => change));
    for (const { at, change } of await world.audit('submitted'))
      expect(judged.has(change ?? '')).toBe(new Date(at) < instant);
    expect(await world.audit('cutoff-closed')).toHaveLength(1);
  }, 120_000);

  it('an instance that holds the cutoff for a request keeps it open everywhere', async () => {
    const world = await createWorld();
    const other = await world.instance();
    const instant = new Date(week48.inTest);
    const open = [{ id: `${week48.train}/in-test`, at: instant }];
    await other.arrivals.attend(open, world.clock.now());
    const dealtWith = other.arrivals.enter(justBefore(week48.inTest));
    world.clock.set(instant);
    await other.arrivals.attend(open, world.clock.now());
    let closed = false;
    const closing = ringDeadline(world.context, await cutoffDeadline(world, 'in-test')).then(() => {
      closed = true;
    });
    const change = await submitChange(
      other,
      { actor: 'dana', at: justBefore(week48.inTest) },
      { service: 'api', version: '1', type: 'normal', records: [], note: '' },
    );
    expect([closed, change.train]).toEqual([false, week48.train]);
    dealtWith();
    await other.arrivals.attend(open, world.clock.now());
    await closing;
    expect((await sheetOf(world, 'in-test')).moved).toHaveLength(1);
  });
});
