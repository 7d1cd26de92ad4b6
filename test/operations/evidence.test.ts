import { describe, expect, it } from 'vitest';
import type { Excuse } from '../../src/domain/excuse.ts';
import { vetoChange } from '../../src/operations/decide-change.ts';
import { describeChange } from '../../src/operations/describe.ts';
import { moveChange } from '../../src/operations/move-change.ts';
import { Repeated } from '../../src/store/store.ts';
import { trusted, week48 } from '../support/shop.ts';
import { createWorld, digest, refusalOf, type World } from '../support/world.ts';

const excusesOf = async (world: World, name: string): Promise<readonly Excuse[]> =>
  (await describeChange(world.context, name, world.clock.now())).stages.flatMap(({ excuses }) => excuses);

const codesOf = async (world: World, name: string): Promise<readonly string[]> =>
  (await excusesOf(world, name)).map(({ requirement, code }) => `${requirement} ${code}`);

/** A change of `api` with a build. */
const aboard = async (world: World): Promise<{ name: string; artifact: string }> => {
  const name = await world.submit('dana', 'api');
  return { name, artifact: await world.build('api', '1.0.0') };
};

describe('evidence', () => {
  it('a fresh change lacks everything, each with whose move it is', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    expect(await codesOf(world, name)).toEqual([
      'build no-build',
      'deployed:test nothing-built',
      'records records-not-ready',
      'date-approved date-not-approved',
      'sign-off:qa no-sign-off',
      'verified:preproduction nothing-built',
      'records records-not-ready',
      'approvals seat-empty',
      'approvals seat-empty',
    ]);
    for (const { movers } of await excusesOf(world, name)) expect(movers).not.toEqual([]);
    await world.passInTest(name);
    await world.passReady(name);
    expect(await codesOf(world, name)).toEqual([]);
  });

  it('the later observation counts, whichever is delivered first', async () => {
    const world = await createWorld();
    const { name, artifact } = await aboard(world);
    const seen = (outcome: 'pass' | 'fail', minutes: number) =>
      world.evidence({
        kind: 'deployed',
        service: 'api',
        artifact,
        environment: 'test',
        outcome,
        observedAt: new Date(world.clock.now().getTime() - minutes * 60_000),
      });
    await seen('pass', 10);
    await seen('fail', 20);
    expect(await codesOf(world, name)).not.toContain('deployed:test deployment-failed');
    await seen('fail', 5);
    expect(await codesOf(world, name)).toContain('deployed:test deployment-failed');
    await seen('pass', 4);
    expect(await codesOf(world, name)).not.toContain('deployed:test deployment-failed');
  });

  it('a report that claims to be from the future does not hide what comes after it', async () => {
    const world = await createWorld();
    const { name, artifact } = await aboard(world);
    const about = { kind: 'verified', service: 'api', artifact, environment: 'preproduction' } as const;
    await world.evidence({ ...about, observedAt: new Date('2099-01-01') });
    world.clock.advance(1_000);
    await world.evidence({ ...about, outcome: 'fail' });
    expect(await codesOf(world, name)).toContain('verified:preproduction verification-failed');
  });

  it('a service on several platforms needs each of them, by name', async () => {
    const world = await createWorld();
    const name = await world.submit('dev', 'multi');
    const artifact = digest('multi', '1.0.0');
    expect(await refusalOf(world.build('multi', '1.0.0'))).toMatchObject({
      code: 'unknown-platform',
      facts: { known: ['linux-amd64', 'linux-arm64'] },
    });
    await world.build('multi', '1.0.0', { platform: 'linux-amd64' });
    const missing = (await excusesOf(world, name)).find(({ requirement }) => requirement === 'build');
    expect(missing).toMatchObject({ code: 'no-build', facts: { platforms: ['linux-arm64'] } });
    await world.build('multi', '1.0.0', { platform: 'linux-arm64', artifact, outcome: 'fail' });
    expect(await codesOf(world, name)).toContain('build build-failed');
    world.clock.advance(1);
    await world.build('multi', '1.0.0', { platform: 'linux-arm64' });
    expect(await codesOf(world, name)).not.toContain('build build-failed');
  });

  it('an untrusted build is shown, but neither counts nor takes the place of a trusted one', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    await world.build('api', '1.0.0', { artifact: digest('mine'), builder: 'https://laptop.example' });
    expect((await world.change(name)).artifact).toBeNull();
    expect((await excusesOf(world, name)).find(({ requirement }) => requirement === 'build')).toMatchObject({
      code: 'untrusted-builder',
      facts: { builder: 'https://laptop.example' },
    });
    await world.build('api', '1.0.0', { artifact: digest('theirs') });
    world.clock.advance(1_000);
    await world.build('api', '1.0.0', { artifact: digest('mine'), builder: 'https://laptop.example' });
    expect((await world.change(name)).artifact).toBe(digest('theirs'));

    const pinned = await world.submit('dev', 'db', { artifact: digest('pinned') });
    await world.build('db', '1.0.0', { artifact: digest('pinned'), builder: 'https://laptop.example' });
    const build = (await excusesOf(world, pinned)).find(({ requirement }) => requirement === 'build');
    expect(build).toMatchObject({ code: 'untrusted-builder', facts: { builder: 'https://laptop.example' } });
  });

  it('a late report of an older build does not bring its bytes back', async () => {
    const world = await createWorld();
    const { name, artifact } = await aboard(world);
    const observedAt = new Date(world.clock.now().getTime() - 60_000);
    await world.build('api', '1.0.0', { artifact: digest('older'), observedAt });
    expect((await world.change(name)).artifact).toBe(artifact);
  });

  it('L4, L5: a rebuild has no evidence, voids the approvals and says so to the channel', async () => {
    const world = await createWorld();
    const { name } = await aboard(world);
    await world.passInTest(name);
    await world.passReady(name);
    world.clock.advance(1_000);
    await world.build('api', '1.0.0', { artifact: digest('again') });
    expect(await codesOf(world, name)).toEqual([
      'deployed:test not-deployed',
      'sign-off:qa no-sign-off',
      'verified:preproduction not-verified',
      'approvals approval-void',
      'approvals approval-void',
    ]);
    expect((await world.audit('approval-void')).map(({ facts }) => facts)).toEqual([
      { person: 'olga', changed: ['artifact'] },
      { person: 'remy', changed: ['artifact'] },
    ]);
    expect(await world.notices()).toMatchObject([
      {
        kind: 'approval-void',
        lane: 'console/channel/releases',
        people: ['olga', 'remy'],
        changed: ['artifact'],
      },
    ]);
  });

  it('L4: a rebuild after the go takes the planned deployment off the list', async () => {
    const world = await createWorld();
    // What api needs is vetoed, so that api stays on the list.
    const [db = '', api = ''] = await world.toGo('db', 'api');
    await vetoChange(world.context, world.cause('omar'), { change: db, reason: 'no' });
    await world.advance(week48.opens);
    expect(await world.deployment(api)).toMatchObject({ state: 'queued', hold: { code: 'dependency-held' } });
    await world.build('api', '1.0.0', { artifact: digest('again') });
    expect((await world.deployment(api)).state).toBe('cancelled');
    await world.sweep();
    await world.pump();
    expect(await world.deployment(api)).toMatchObject({ state: 'queued', artifact: digest('again') });
    expect(world.ledger()).toEqual([]);
  });

  it('L8: a report that is delivered again has no second effect, also when both come at once', async () => {
    const world = await createWorld();
    await world.submit('dana', 'api');
    const report = {
      kind: 'build',
      service: 'api',
      version: '1.0.0',
      artifact: digest('a'),
      builder: trusted,
    } as const;
    const attempts = await Promise.allSettled([1, 2, 3, 4].map(() => world.evidence(report, 'hook/7')));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(world.evidence(report, 'hook/7')).rejects.toBeInstanceOf(Repeated);
    expect(await world.audit('evidence')).toHaveLength(1);
    expect(await world.audit('artifact-changed')).toHaveLength(1);
  });

  it('a report by version is about the newest trusted build; without one it is refused', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    const report = { kind: 'deployed', service: 'api', version: '1.0.0', environment: 'test' } as const;
    expect(await refusalOf(world.evidence(report))).toMatchObject({ code: 'unknown-artifact' });
    await world.build('api', '1.0.0');
    await world.evidence(report);
    expect(await codesOf(world, name)).not.toContain('deployed:test not-deployed');
    world.clock.advance(1);
    await world.build('api', '1.0.0', { artifact: digest('again') });
    expect(await codesOf(world, name)).toContain('deployed:test not-deployed');
  });

  it('a build that failed without bytes is about the changes that wait for them', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    await world.evidence({ kind: 'build', service: 'api', version: '1.0.0', outcome: 'fail' });
    expect(await codesOf(world, name)).toContain('build build-failed');
    await world.build('api', '1.0.0');
    expect(await codesOf(world, name)).not.toContain('build build-failed');
  });

  it('records belong to the change, the approved date to its train', async () => {
    const world = await createWorld();
    const { name } = await aboard(world);
    await world.evidence({ kind: 'records', service: 'api', change: name });
    await world.state('rita', name, { kind: 'date-approved' });
    expect(await codesOf(world, name)).not.toContain('date-approved date-not-approved');
    await moveChange(world.context, world.cause('dana'), { change: name });
    expect(await codesOf(world, name)).toContain('date-approved date-not-approved');
    expect(await codesOf(world, name)).not.toContain('records records-not-ready');
    expect(await refusalOf(world.evidence({ kind: 'records', service: 'db', change: name }))).toMatchObject({
      code: 'wrong-service',
      facts: { expected: 'api' },
    });
  });

  it('evidence of one service says nothing about another with the same bytes', async () => {
    const world = await createWorld();
    const artifact = digest('one image');
    const name = await world.submit('dana', 'api', { artifact });
    await world.build('db', '1.0.0', { artifact });
    expect(await codesOf(world, name)).toContain('build no-build');
  });

  it('L7: sign-offs need the role, the date a release manager, and nobody vouches for an own change', async () => {
    const world = await createWorld();
    const { name } = await aboard(world);
    const signOff = { kind: 'sign-off', role: 'qa' } as const;
    expect(await refusalOf(world.state('dana', name, signOff))).toMatchObject({ code: 'not-your-role' });
    expect(await refusalOf(world.state('quinn', name, { kind: 'date-approved' }))).toMatchObject({
      code: 'not-your-role',
    });
    expect(await refusalOf(world.state('pia', name, { kind: 'records' }))).toMatchObject({
      code: 'not-your-role',
    });
    const own = await world.submit('quinn', 'alone');
    await world.build('alone', '1.0.0');
    expect(await refusalOf(world.state('quinn', own, signOff))).toMatchObject({ code: 'own-change' });
    const mover = (await excusesOf(world, own)).find(({ code }) => code === 'no-sign-off')?.movers;
    expect(mover).toEqual([{ kind: 'person', person: 'quincy' }]);
  });
});
