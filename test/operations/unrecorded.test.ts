import { describe, expect, it } from 'vitest';
import { claimUnrecorded, denyUnrecorded } from '../../src/operations/answer-unrecorded.ts';
import { recordReading } from '../../src/operations/record-reading.ts';
import { describeDebts } from '../../src/operations/settle-obligation.ts';
import { rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { openDesk } from '../support/desk.ts';
import { strictShop } from '../support/exceptions.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, digest, refusalOf, type World } from '../support/world.ts';
import { began, openGate, waits } from './nights.ts';

const old = digest('alone', 'old');
const ours = digest('alone', '1.0.0');
const foreign = digest('alone', 'by hand');

type What = Partial<Parameters<typeof recordReading>[2]>;

const read = (world: World, artifact: string, more: What = {}, request?: string) =>
  recordReading(world.context, world.cause('system:hook', request), {
    service: 'alone',
    environment: 'production',
    artifact,
    source: 'probe',
    ...more,
  });

/** As probes do, a minute apart. */
const readTwice = async (world: World, artifact: string, more: What = {}) => {
  await read(world, artifact, more);
  world.clock.advance(60_000);
  await read(world, artifact, more);
};

const configured = async (world: World, configuration: string) => {
  for (let n = 0; n < 2; n += 1) {
    world.clock.advance(60_000);
    await recordReading(world.context, world.cause('system:hook'), {
      service: 'alone',
      environment: 'production',
      configuration,
      source: 'probe',
    });
  }
};

const told = async (world: World, kind: 'unrecorded' | 'not-observed') =>
  (await world.notices()).filter((notice) => notice.kind === kind);
const lanes = (notices: readonly { readonly lane: string }[]) => notices.map(({ lane }) => lane);

const found = async (world: World) =>
  (await world.audit('unrecorded')).map(({ service, facts }) => [service, facts?.['value'], facts?.['was']]);

const strangerSeen = async (policy = strictShop()) => {
  const world = await createWorld({ policy, start: '2026-11-28T23:30:00Z' });
  await readTwice(world, old);
  world.clock.advance(3_600_000);
  await readTwice(world, foreign);
  return world;
};

describe('an unrecorded change', () => {
  it('is what two readings agree on and no deployment brought; one alone is only on the record', async () => {
    const world = await createWorld({ policy: strictShop() });
    await readTwice(world, old);
    world.clock.advance(60_000);
    await read(world, foreign);
    expect(await told(world, 'unrecorded')).toEqual([]);
    expect((await world.audit('reading')).map(({ outcome }) => outcome)).toEqual([
      'first',
      'confirmed',
      'first',
    ]);
    world.clock.advance(60_000);
    await read(world, old);
    world.clock.advance(60_000);
    await read(world, foreign);
    expect(await found(world)).toEqual([]);
    world.clock.advance(60_000);
    await read(world, foreign);
    expect(await found(world)).toEqual([['alone', foreign, old]]);
    const notices = await told(world, 'unrecorded');
    expect(lanes(notices)).toEqual(['console/person/dev', 'console/person/omar', 'console/person/olga']);
    // Read again and again: nothing new.
    const entries = (await world.audit()).length;
    for (let n = 0; n < 3; n += 1) await readTwice(world, foreign);
    expect(await world.audit()).toHaveLength(entries);
  });

  it('L8: is not made of a reading that came twice, came late, or speaks of the future', async () => {
    const world = await createWorld({ policy: strictShop() });
    await readTwice(world, old);
    world.clock.advance(60_000);
    await read(world, foreign, {}, 'hook:1');
    world.clock.advance(60_000);
    await expect(read(world, foreign, {}, 'hook:1')).rejects.toThrow('already');
    await read(world, foreign, { observedAt: new Date(world.clock.now().getTime() - 600_000) }, 'hook:2');
    expect(await found(world)).toEqual([]);
    const future = new Date(world.clock.now().getTime() + 9e6);
    await read(world, old, { observedAt: future }, 'hook:3');
    world.clock.advance(1);
    await readTwice(world, foreign);
    expect(await found(world)).toHaveLength(1);
  });

  it('is of production, of a service and an environment that the policy knows, and of something', async () => {
    const world = await createWorld({ policy: strictShop() });
    await readTwice(world, old, { environment: 'test' });
    await readTwice(world, foreign, { environment: 'test' });
    expect(await found(world)).toEqual([]);
    const refused = (more: What, artifact = old) => refusalOf(read(world, artifact, more));
    expect(await refused({ service: 'alonee' })).toMatchObject({ code: 'unknown-service' });
    expect(await refused({ environment: 'prod' })).toMatchObject({ code: 'unknown-environment' });
    expect(await refused({ service: 'multi' })).toMatchObject({ code: 'unknown-platform' });
    expect(await refused({}, 'sha256:1')).toMatchObject({ code: 'bad-artifact' });
    expect(
      await refusalOf(
        recordReading(world.context, world.cause('system:hook'), {
          service: 'alone',
          environment: 'production',
          source: 'probe',
        }),
      ),
    ).toMatchObject({ code: 'nothing-read' });
  });

  it('is not what our own deployment does, while it runs and after it, nor its rollback', async () => {
    const world = await createWorld({ policy: strictShop() });
    await readTwice(world, old);
    await configured(world, digest('configuration 1'));
    world.behave('alone', 'check', waits);
    const [name = ''] = await world.toGo('alone');
    world.clock.set(new Date(week48.opens));
    const night = world.pump();
    await began(world, 'alone check');
    await readTwice(world, ours);
    await readTwice(world, old);
    await configured(world, digest('configuration 2'));
    openGate(world);
    await night;
    expect((await world.deployment(name)).state).toBe('succeeded');
    await readTwice(world, ours);
    await world.advance('2026-11-28T23:00:00Z');
    expect(await told(world, 'not-observed')).toEqual([]);
    await rollBackDeployment(world.context, world.cause('omar'), { deployment: 'DEP-1' });
    await world.pump();
    await readTwice(world, old);
    await world.advance('2026-11-29T02:00:00Z');
    expect((await world.deployment(name)).state).toBe('rolled-back');
    expect(await found(world)).toEqual([]);
    expect(await told(world, 'not-observed')).toEqual([]);
    // Hours later both are somebody's doing.
    await configured(world, digest('configuration 3'));
    await readTwice(world, ours);
    expect(await found(world)).toEqual([
      ['alone', digest('configuration 3'), digest('configuration 2')],
      ['alone', ours, old],
    ]);
  });

  it('L11: claimed, it is a fix with its debts, which began when it was seen; the second to claim sees who did', async () => {
    const world = await strangerSeen();
    const { say, press } = openDesk(world.context);
    const shown = await say('omar', 'incident observed obs-1');
    expect(shown.text).toContain('instead of');
    expect((await press('omar', shown, 'incident claim')).text).toContain('Claimed by omar');
    const second = await say('dev', 'incident claim 1 restarted it');
    expect(second.text).toContain('omar has claimed OBS-1; it is written down as INC-1');
    expect((await say('dev', 'incident deny OBS-1')).text).toContain('omar has claimed OBS-1');
    const { obligations, exceptions } = await describeDebts(world.context, undefined, world.clock.now());
    expect(obligations.map(({ kind, owner, subject }) => [kind, owner, subject])).toEqual([
      ['record', 'omar', 'INC-1'],
      ['propagation', 'omar', 'INC-1'],
    ]);
    expect(exceptions.teams).toMatchObject([{ team: 'loners', used: 1 }]);
    const incidents = await world.context.store.db.selectFrom('incident').selectAll().execute();
    expect(incidents).toMatchObject([
      { kind: 'fix', service: 'alone', began_at: new Date('2026-11-29T00:31:00Z') },
    ]);
    expect(await world.audit('claimed')).toMatchObject([{ actor: 'omar', facts: { observed: 'OBS-1' } }]);
    // Gone and back again: it is accounted for.
    await readTwice(world, old);
    await readTwice(world, foreign);
    expect((await found(world)).map(([, value]) => value)).toEqual([foreign]);
    await world.advance('2026-12-02T12:00:00Z');
    expect(await told(world, 'unrecorded')).toHaveLength(3);
  });

  it('denied, it is an incident at once', async () => {
    const world = await strangerSeen();
    await denyUnrecorded(world.context, world.cause('dev'), { observed: 'OBS-1', severity: 'outage' });
    expect(
      await refusalOf(claimUnrecorded(world.context, world.cause('omar'), { observed: 'OBS-1' })),
    ).toMatchObject({ code: 'denied-already', facts: { by: 'dev', incident: 'INC-1' } });
    expect(world.bell.rings).toContainEqual(
      expect.objectContaining({ name: 'refresh-card', payload: { subject: 'INC-1' } }),
    );
    const incidents = await world.context.store.db.selectFrom('incident').selectAll().execute();
    expect(incidents).toMatchObject([{ kind: 'incident', ended_at: null, lead: 'dev' }]);
  });

  it('L7, L14: is answered by the owners, operations and release managers, and no one else', async () => {
    const world = await strangerSeen();
    const claim = (person: string, observed = 'OBS-1') =>
      refusalOf(claimUnrecorded(world.context, world.cause(person), { observed }));
    expect(await claim('pia')).toMatchObject({ code: 'not-your-service', facts: { service: 'alone' } });
    expect(await claim('dana')).toMatchObject({ code: 'not-your-service' });
    expect(await claim('dev', 'OBS-9')).toMatchObject({ code: 'unknown-observed' });
    expect(await claim('dev', 'nonsense')).toMatchObject({ code: 'unknown-observed' });
    expect(await world.audit('claimed')).toEqual([]);
  });

  it('is claimed once, by whoever comes first', async () => {
    const world = await strangerSeen();
    const outcomes = await Promise.allSettled(
      ['omar', 'olga', 'dev', 'rita'].map((person) =>
        claimUnrecorded(world.context, world.cause(person), { observed: 'OBS-1' }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await world.audit('claimed')).toHaveLength(1);
  });

  it('is asked about again on working days until somebody answers, then of release managers too', async () => {
    const world = await strangerSeen();
    // Found in the night to Sunday.
    await world.advance('2026-11-30T08:59:00Z');
    expect(await told(world, 'unrecorded')).toHaveLength(3);
    await world.advance('2026-11-30T09:00:00Z');
    expect(lanes((await told(world, 'unrecorded')).slice(3))).toEqual(
      ['dev', 'omar', 'olga', 'rita', 'remy'].map((id) => `console/person/${id}`),
    );
    await world.advance('2026-12-01T09:00:00Z');
    expect(await told(world, 'unrecorded')).toHaveLength(13);
    await denyUnrecorded(world.context, world.cause('rita'), { observed: 'OBS-1' });
    await world.advance('2026-12-04T09:00:00Z');
    expect(await told(world, 'unrecorded')).toHaveLength(13);
  });
});

describe('a deployment that is not seen in production', () => {
  const deployed = async (world: World) => {
    await world.toGo('alone');
    await world.advance('2026-11-28T22:10:00Z');
  };

  it('is said when its time is over: production still reads as before, or nobody has looked', async () => {
    const world = await createWorld({ policy: strictShop() });
    await readTwice(world, old);
    await deployed(world);
    await readTwice(world, old);
    await world.advance('2026-11-28T22:30:00Z');
    expect(await told(world, 'not-observed')).toMatchObject([
      { deployment: 'DEP-1', as: 'succeeded', artifact: ours, read: old, lane: 'console/channel/releases' },
      { lane: 'console/person/dev' },
      { lane: 'console/person/omar' },
      { lane: 'console/person/olga' },
    ]);
    await rollBackDeployment(world.context, world.cause('omar'), { deployment: 'DEP-1' });
    await world.advance('2026-11-29T01:00:00Z');
    expect((await told(world, 'not-observed')).slice(4)).toMatchObject([
      { as: 'rolled-back', read: null },
      {},
      {},
      {},
    ]);
    expect(await world.audit('not-observed')).toHaveLength(2);
  });

  it('is not expected where nobody looks, and is where the policy says that somebody does', async () => {
    const blind = await createWorld({ policy: strictShop() });
    await deployed(blind);
    await blind.advance('2026-11-29T01:00:00Z');
    expect(await told(blind, 'not-observed')).toEqual([]);
    const world = await createWorld({
      policy: strictShop().replace('alone: { team: loners,', 'alone: { observed: 5m, team: loners,'),
    });
    await deployed(world);
    expect(await told(world, 'not-observed')).toMatchObject([{ read: null }, {}, {}, {}]);
  });
});
