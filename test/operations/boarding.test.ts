import { describe, expect, it } from 'vitest';
import { moveChange, withdrawChange } from '../../src/operations/move-change.ts';
import { submitChange } from '../../src/operations/submit-change.ts';
import { Repeated } from '../../src/store/store.ts';
import { trusted, week48 } from '../support/shop.ts';
import { createWorld, digest, refusalOf } from '../support/world.ts';

const submission = { service: 'api', version: '1.0.0', type: 'normal', records: [], note: '' } as const;

describe('boarding', () => {
  it('L3: takes the next train until the last millisecond before its first cutoff, and the one after at the instant', async () => {
    const world = await createWorld();
    const instant = new Date(week48.inTest).getTime();
    const at = async (time: number, service: string): Promise<string> => {
      const change = await submitChange(
        world.context,
        { actor: 'dana', at: new Date(time) },
        { ...submission, service },
      );
      return change.train;
    };
    expect(await at(instant - 1, 'api')).toBe(week48.train);
    expect(await at(instant, 'db')).toBe(week48.next);
    expect(await at(instant + 1, 'web')).toBe(week48.next);
  });

  it('L3: a cutoff that has closed stands, also for a request that arrived before it and was overtaken', async () => {
    const world = await createWorld();
    const early = new Date(new Date(week48.inTest).getTime() - 1);
    await world.advance(week48.inTest);
    const change = await submitChange(world.context, { actor: 'dana', at: early }, submission);
    expect(change.train).toBe(week48.next);
  });

  it('takes the artifact of the newest trusted build, and waits for one when there is none', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    expect((await world.change(name)).artifact).toBeNull();
    await world.build('api', '1.0.0', { artifact: digest('first') });
    expect((await world.change(name)).artifact).toBe(digest('first'));
    await world.build('db', '7.1', { artifact: digest('known before') });
    expect((await world.change(await world.submit('dana', 'db', { version: '7.1' }))).artifact).toBe(
      digest('known before'),
    );
  });

  it('without a version takes that of the newest build', async () => {
    const world = await createWorld();
    expect(
      await refusalOf(
        submitChange(world.context, world.cause('dana'), {
          service: 'api',
          type: 'normal',
          records: [],
          note: '',
        }),
      ),
    ).toMatchObject({ code: 'version-missing', facts: { service: 'api' } });
    await world.build('api', '1.1');
    world.clock.advance(1_000);
    await world.build('api', '1.2');
    const change = await submitChange(world.context, world.cause('dana'), {
      service: 'api',
      type: 'normal',
      records: [],
      note: '',
    });
    expect(change).toMatchObject({ version: '1.2', artifact: digest('api', '1.2') });
  });

  it('L4: keeps the bytes that were named when another build of the version is reported', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api', { artifact: digest('named') });
    await world.build('api', '1.0.0', { artifact: digest('other') });
    expect((await world.change(name)).artifact).toBe(digest('named'));
  });

  it('refuses a second open change of a service on the train, or of the version on any train, and names it', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    const facts = { change: name, train: week48.train };
    expect(await refusalOf(world.submit('dev', 'api', { version: '2.0' }))).toMatchObject({
      code: 'already-submitted',
      facts,
      next: `change withdraw ${name}`,
    });
    world.clock.set(new Date(week48.inTest));
    expect(await refusalOf(world.submit('dev', 'api'))).toMatchObject({ code: 'already-submitted', facts });
    expect((await world.change(await world.submit('dev', 'api', { version: '2.0' }))).train).toBe(
      week48.next,
    );
  });

  it('L8: makes one change of twenty identical submissions at the same moment, and the others name it', async () => {
    const world = await createWorld();
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => world.submit('dana', 'api')));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts)
      if (attempt.status === 'rejected')
        expect(attempt.reason).toMatchObject({
          refusal: { code: 'already-submitted', facts: { change: 'CHG-1' } },
        });
    expect(await world.audit('submitted')).toHaveLength(1);
  });

  it('L8: a request that comes twice acts once, also when both come at the same moment', async () => {
    const world = await createWorld();
    const attempts = await Promise.allSettled(
      ['api', 'api', 'api'].map(() =>
        submitChange(world.context, world.cause('dana', 'slack/1'), submission),
      ),
    );
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const attempt of attempts)
      if (attempt.status === 'rejected') expect(attempt.reason).toBeInstanceOf(Repeated);
    expect(await world.audit('submitted')).toHaveLength(1);
  });

  it('a request that was refused may be repeated: its id was not used up', async () => {
    const world = await createWorld();
    const attempt = () =>
      submitChange(world.context, world.cause('dana', 'slack/1'), {
        service: 'api',
        type: 'normal',
        records: [],
        note: '',
      });
    await refusalOf(attempt());
    await world.build('api', '1.0.0');
    expect((await attempt()).version).toBe('1.0.0');
  });

  it('L14: says what was probably meant by an unknown service', async () => {
    const world = await createWorld();
    expect(await refusalOf(world.submit('dana', 'alon'))).toMatchObject({
      code: 'unknown-service',
      facts: { service: 'alon', meant: 'alone' },
    });
    expect(await refusalOf(world.submit('nobody', 'api'))).toMatchObject({ code: 'unknown-person' });
    expect(await refusalOf(world.submit('dana', 'api', { rule: 'monthly' }))).toMatchObject({
      code: 'unknown-train',
    });
  });

  it('refuses versions that look like options or paths, and artifacts that are not digests', async () => {
    const world = await createWorld();
    for (const version of ['-rf', '--version', '../x', '', 'a b', '1;2', '1'.repeat(65)])
      expect(await refusalOf(world.submit('dana', 'api', { version }))).toMatchObject({
        code: 'bad-version',
      });
    for (const artifact of ['latest', 'sha256:abc', `sha256:${'A'.repeat(64)}`, 'a'.repeat(64)])
      expect(await refusalOf(world.submit('dana', 'api', { artifact }))).toMatchObject({
        code: 'bad-artifact',
      });
    expect(await world.audit('submitted')).toEqual([]);
  });
});

describe('leaving', () => {
  it('moves to the next train on request, with the reason, and tells the requester only when another did it', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    await moveChange(world.context, world.cause('rita'), { change: name, reason: 'crowded' });
    expect((await world.change(name)).train).toBe(week48.next);
    expect(await world.notices()).toMatchObject([
      {
        kind: 'moved',
        lane: 'console/person/dana',
        excuses: [{ code: 'moved-by-hand', facts: { reason: 'crowded' } }],
      },
    ]);
    await moveChange(world.context, world.cause('dana'), { change: name, to: week48.train });
    expect((await world.change(name)).train).toBe(week48.train);
    expect(await world.notices()).toHaveLength(1);
  });

  it('L3: nobody moves onto a train whose first cutoff is past, closed or not', async () => {
    const world = await createWorld();
    const name = await world.submit('dana', 'api');
    await moveChange(world.context, world.cause('dana'), { change: name });
    world.clock.set(new Date(week48.inTest));
    expect(
      await refusalOf(moveChange(world.context, world.cause('rita'), { change: name, to: week48.train })),
    ).toMatchObject({ code: 'cutoff-closed', facts: { train: week48.train, next: week48.next } });
  });

  it('L7: only requester, owners and release managers move or withdraw', async () => {
    const world = await createWorld();
    const name = await world.submit('dev', 'api');
    expect(await refusalOf(moveChange(world.context, world.cause('pia'), { change: name }))).toMatchObject({
      code: 'not-your-role',
    });
    await withdrawChange(world.context, world.cause('dana'), { change: name });
    expect(
      await refusalOf(withdrawChange(world.context, world.cause('dev'), { change: name })),
    ).toMatchObject({
      code: 'change-not-open',
      facts: { state: 'withdrawn' },
    });
    expect(await world.submit('dev', 'api')).not.toBe(name);
  });

  it('a build of a withdrawn version gives its bytes to nobody', async () => {
    const world = await createWorld();
    const name = await world.submit('dev', 'api');
    await withdrawChange(world.context, world.cause('dev'), { change: name });
    await world.evidence({
      kind: 'build',
      service: 'api',
      version: '1.0.0',
      artifact: digest('x'),
      builder: trusted,
    });
    expect((await world.change(name)).artifact).toBeNull();
  });
});
