import { describe, expect, it } from 'vitest';
import { auditKinds } from '../../src/domain/audit.ts';
import { rejectChange, rescindDecision, vetoChange } from '../../src/operations/decide-change.ts';
import { decideGo } from '../../src/operations/decide-go.ts';
import { dispatchDeployments } from '../../src/operations/dispatch-deployments.ts';
import { moveChange, withdrawChange } from '../../src/operations/move-change.ts';
import {
  abortDeployment,
  pauseTrain,
  resolveStep,
  rollBackDeployment,
} from '../../src/operations/steer-deployment.ts';
import { appendAudit, verifyAudit } from '../../src/store/audit.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, digest, refusalOf, type World } from '../support/world.ts';

/** How many entries the act adds; it must add some, and a chain that holds. */
const entriesOf = async (world: World, act: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = (await world.audit()).length;
  await act();
  return (await world.audit()).slice(before).map(({ kind }) => kind);
};

/** As the owner of the database, with the triggers out of the way. */
const tamper = async (world: World, statement: string): Promise<void> => {
  await world.database.pool.query('alter table audit disable trigger user');
  await world.database.pool.query(statement);
  await world.database.pool.query('alter table audit enable trigger user');
};

describe('L12: everything is on the record', () => {
  it('each act of a week leaves its entry, and the chain holds', async () => {
    const world = await createWorld();
    const { context } = world;
    const artifact = digest('api', '1.0.0');
    const by = (person: string) => world.cause(person);
    const change = 'CHG-1';
    const of = (act: () => Promise<unknown>) => entriesOf(world, act);
    expect(await of(() => world.submit('dana', 'api'))).toEqual(['submitted']);
    // In order of being recorded: the bytes that it brings come first.
    expect(await of(() => world.build('api', '1.0.0'))).toEqual(['artifact-changed', 'evidence']);
    expect(await of(() => world.state('dana', change, { kind: 'records' }))).toEqual(['evidence']);
    expect(await of(() => world.approve('olga', change))).toEqual(['approval']);
    expect(await of(() => rejectChange(context, by('omar'), { change }))).toEqual(['rejection']);
    expect(await of(() => vetoChange(context, by('omar'), { change }))).toEqual(['veto']);
    expect(await of(() => rescindDecision(context, by('omar'), { change }))).toEqual(['rescinded']);
    expect(await of(() => moveChange(context, by('dana'), { change }))).toEqual(['moved']);
    expect(await of(() => moveChange(context, by('dana'), { change, to: week48.train }))).toEqual(['moved']);
    expect(await of(() => refusalOf(world.approve('pia', change)))).toEqual([]);
    await world.passInTest(change);
    await world.submit('dev', 'db');
    expect(await of(() => withdrawChange(context, by('dev'), { change: 'CHG-2' }))).toEqual(['withdrawn']);
    expect(await of(() => world.advance(week48.inTest))).toContain('run-sheet');
    await world.evidence({ kind: 'verified', service: 'api', artifact, environment: 'preproduction' });
    await world.state('quinn', change, { kind: 'sign-off', role: 'qa' });
    await world.approve('remy', change);
    await world.advance(week48.meeting);
    expect(await of(() => world.go(week48.train))).toEqual(['go']);
    expect(
      await of(() => decideGo(context, by('rita'), { go: 'nogo', subject: change, reason: 'x' })),
    ).toEqual(['nogo']);
    await world.go(change);
    const pause = (paused: boolean) => pauseTrain(context, by('rita'), { train: week48.train, paused });
    expect(await of(() => pause(true))).toEqual(['paused']);
    expect(await of(() => pause(false))).toEqual(['resumed']);
    world.behave('api', 'check', 'kill -9 $PPID');
    expect(await of(() => world.advance(week48.opens))).toEqual([
      'window-opened',
      'planned',
      'deployment-started',
      'step-started',
      'step-finished',
      'step-started',
      'step-unknown',
    ]);
    expect(
      await of(() => resolveStep(context, by('omar'), { deployment: change, outcome: 'succeeded' })),
    ).toEqual(['step-resolved']);
    expect(await of(() => abortDeployment(context, by('omar'), { deployment: change }))).toEqual(['aborted']);
    expect(await of(() => world.pump())).toEqual(['step-started', 'step-finished', 'rolled-back']);
    expect(
      await of(() => refusalOf(rollBackDeployment(context, by('omar'), { deployment: change }))),
    ).toEqual([]);
    expect(await of(() => world.advance(week48.closes))).toEqual(['window-closed', 'train-ended']);
    const entries = await world.audit();
    expect(await verifyAudit(context.store.db)).toMatchObject({ ok: true, entries: entries.length });
    for (const { actor, at } of entries)
      expect([actor, Number.isNaN(Date.parse(at))]).toEqual([expect.stringMatching(/./), false]);
  });

  it('what is rolled back leaves none', async () => {
    const world = await createWorld();
    await expect(
      world.context.store.transaction(world.cause('dana'), async (tx) => {
        tx.record({ kind: 'submitted' });
        throw new Error('and then it broke');
      }),
    ).rejects.toThrow();
    expect(await world.audit()).toEqual([]);
  });

  it('many writers at once make one chain', async () => {
    const services = Array.from({ length: 60 }, (_, i) => `s${i}: {}`);
    const world = await createWorld({ policy: shop({ services }) });
    await Promise.all(services.map((_, i) => world.submit('dana', `s${i}`)));
    expect(await verifyAudit(world.context.store.db)).toMatchObject({ ok: true, entries: 60 });
  });

  it('is only ever added to', async () => {
    const world = await createWorld();
    await world.submit('dana', 'api');
    for (const statement of [`update audit set entry = '{}'`, 'delete from audit', 'truncate audit'])
      await expect(world.database.pool.query(statement)).rejects.toThrow('append-only');
  });

  it('an entry that was edited, removed, put in between or exchanged is found', async () => {
    const world = await createWorld();
    for (const service of ['api', 'db', 'web', 'alone']) await world.submit('dana', service);
    const { db } = world.context.store;
    const verdictAfter = async (statement: string, undo: string) => {
      expect(await verifyAudit(db)).toMatchObject({ ok: true, entries: 4 });
      await tamper(world, statement);
      const verdict = await verifyAudit(db);
      await tamper(world, undo);
      return verdict;
    };
    await tamper(world, 'create table kept as select * from audit');
    const restore = 'truncate audit; insert into audit select * from kept';
    const { rows } = await world.database.pool.query<{ entry: string }>(
      'select entry from audit where seq = 3',
    );
    const text = rows[0]?.entry ?? '';
    await world.database.pool.query('alter table audit disable trigger user');
    for (let i = 0; i < text.length; i += 1) {
      const flipped = text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ 1) + text.slice(i + 1);
      await world.database.pool.query('update audit set entry = $1 where seq = 3', [flipped]);
      expect([i, await verifyAudit(db)]).toEqual([i, { ok: false, seq: 3, reason: 'edited' }]);
    }
    await tamper(world, restore);
    expect(
      await verdictAfter(`update audit set hash = translate(hash, '0a', 'a0') where seq = 2`, restore),
    ).toEqual({
      ok: false,
      seq: 2,
      reason: 'edited',
    });
    expect(
      await verdictAfter(`update audit set at = at + interval '1 millisecond' where seq = 2`, restore),
    ).toEqual({
      ok: false,
      seq: 2,
      reason: 'edited',
    });
    expect(await verdictAfter('delete from audit where seq = 2', restore)).toEqual({
      ok: false,
      seq: 2,
      reason: 'missing',
    });
    expect(await verdictAfter('delete from audit where seq = 1', restore)).toEqual({
      ok: false,
      seq: 1,
      reason: 'missing',
    });
    expect(
      await verdictAfter(
        'update audit set seq = 99 where seq = 2; update audit set seq = 2 where seq = 3; update audit set seq = 3 where seq = 99',
        restore,
      ),
    ).toMatchObject({ ok: false, seq: 2 });
    expect(
      await verdictAfter(
        'delete from audit where seq = 2; update audit set seq = seq - 1 where seq > 2',
        restore,
      ),
    ).toEqual({
      ok: false,
      seq: 2,
      reason: 'edited',
    });
  });

  it('a long record is verified page by page', async () => {
    const world = await createWorld();
    const entry = { kind: 'evidence', actor: 'system:ci', at: week48.monday } as const;
    await world.context.store.db.transaction().execute((trx) =>
      appendAudit(
        trx,
        Array.from({ length: 12_000 }, () => entry),
      ),
    );
    expect(await verifyAudit(world.context.store.db)).toMatchObject({ ok: true, entries: 12_000 });
    await tamper(world, `update audit set entry = replace(entry, 'ci', 'me') where seq = 11999`);
    expect(await verifyAudit(world.context.store.db)).toEqual({ ok: false, seq: 11_999, reason: 'edited' });
  });

  it('knows its words', () => {
    expect(new Set(auditKinds).size).toBe(auditKinds.length);
  });
});

describe('L8: the sweep', () => {
  it('rings again for everything that is due or coming, when the queue has lost all it had', async () => {
    const world = await createWorld();
    const [api = '', alone = ''] = await world.toMeeting('api', 'alone');
    const forget = () => world.bell.rings.splice(0);
    const swept = async () => {
      forget();
      await world.sweep();
      return world.bell.rings.map(({ name }) => name);
    };
    await world.go(week48.train);
    world.clock.set(new Date(week48.opens));
    expect(await swept()).toEqual(
      expect.arrayContaining(['ring-deadline', 'dispatch-deployments', 'refresh-card', 'deliver-notices']),
    );
    // The window's opening and the start of both are heard; then the queue is lost again before anything ran.
    const index = world.bell.rings.findIndex(({ name }) => name === 'dispatch-deployments');
    expect(index).toBeGreaterThan(-1);
    await dispatchDeployments(world.context, week48.train);
    expect(world.ledger()).toEqual([]);
    expect(await swept()).toContain('run-deployment');
    await world.pump();
    for (const change of [api, alone]) expect((await world.deployment(change)).state).toBe('succeeded');
    forget();
    await world.advance(week48.closes, true);
    expect((await world.audit('train-ended')).map(({ at }) => at)).toEqual([week48.closes]);
  });

  it('finds nothing to do where nothing is due', async () => {
    const world = await createWorld();
    await world.pump();
    const before = await world.audit();
    world.bell.rings.splice(0);
    await world.sweep();
    await world.pump();
    expect(await world.audit()).toEqual(before);
  });
});
