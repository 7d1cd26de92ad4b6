import { describe, expect, it } from 'vitest';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, digest, type World } from '../support/world.ts';

describe('reminders', () => {
  const reminders = async (world: World) =>
    (await world.notices()).flatMap((notice) =>
      notice.kind === 'reminder'
        ? [
            [
              notice.person,
              notice.items.map((item) => [item.change, ...item.excuses.map(({ code }) => code)]),
            ],
          ]
        : [],
    );

  it('go to exactly those whose move it is, with exactly what is missing', async () => {
    const world = await createWorld();
    const done = await world.submit('dana', 'api');
    await world.passInTest(done);
    const name = await world.submit('pia', 'db');
    await world.build('db', '1.0.0');
    await world.state('rita', name, { kind: 'date-approved' });
    await world.advance('2026-11-24T12:00:00Z');
    expect(await reminders(world)).toEqual([
      ['dev', [[name, 'not-deployed']]],
      ['pia', [[name, 'records-not-ready']]],
    ]);
    expect((await world.audit('reminder')).map(({ at }) => at)).toEqual(
      Array(2).fill('2026-11-24T12:00:00.000Z'),
    );
  });

  it('leave out who has signed and who asked for the change', async () => {
    const world = await createWorld({
      policy: shop({ seats: '[operations: 2]', roles: { operations: '[omar, olga, dev, pia]' } }),
    });
    const name = await world.submit('dev', 'api');
    await world.passInTest(name);
    await world.advance(week48.inTest);
    await world.evidence({
      kind: 'verified',
      service: 'api',
      artifact: digest('api', '1.0.0'),
      environment: 'preproduction',
    });
    await world.state('quinn', name, { kind: 'sign-off', role: 'qa' });
    await world.approve('omar', name);
    await world.advance('2026-11-26T10:00:00Z');
    expect(await reminders(world)).toEqual([
      ['olga', [[name, 'seat-empty']]],
      ['pia', [[name, 'seat-empty']]],
    ]);
  });

  it('are not sent when nothing is missing, nor when a later one is due already, nor after the cutoff', async () => {
    const world = await createWorld();
    await world.passInTest(await world.submit('dana', 'api'));
    await world.advance('2026-11-24T12:00:00Z');
    expect(await reminders(world)).toEqual([]);
    await world.submit('dev', 'alone');
    // The bot was down from before the second reminder until after the third.
    world.clock.set(new Date('2026-11-25T11:46:00Z'));
    await world.pump();
    expect((await world.audit('reminder')).every(({ facts }) => facts?.['lead'] === 15 * 60_000)).toBe(true);
    const sent = await reminders(world);
    expect(sent).not.toEqual([]);
    world.clock.set(new Date(week48.inTest));
    await world.pump();
    expect(await reminders(world)).toEqual(sent);
  });
});
