import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/operations/context.ts';
import { pauseTrain, rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { stopEverything } from '../../src/operations/stop-everything.ts';
import { eventually } from '../executors/runs.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';
import { began, holdOf, openGate, states, steps, waits } from './nights.ts';

const night = async (policy = shop({ concurrency: 2 }), ...services: readonly string[]) => {
  const world = await createWorld({ policy });
  const names = await world.toGo(...(services.length > 0 ? services : ['alone', 'db', 'api']));
  return { world, names };
};

describe('the emergency stop', () => {
  it('pauses every train, stops and undoes what runs, and starts nothing more until somebody resumes', async () => {
    const { world, names } = await night();
    world.behave('alone', 'check', waits);
    world.behave('db', 'check', waits);
    const over = world.advance(week48.opens);
    const other = await world.instance();
    await eventually(() => (world.ledger().length > 0 ? true : undefined));
    const running = world.pump(other);
    await began(world, 'alone check');
    await began(world, 'db check');
    expect(await refusalOf(stopEverything(world.context, world.cause('dana')))).toMatchObject({
      code: 'not-your-role',
    });
    await stopEverything(world.context, world.cause('omar'), { reason: 'smoke in the machine room' });
    await Promise.all([over, running]);
    await world.pump();
    expect(await states(world, ...names)).toEqual(['rolled-back', 'rolled-back', 'queued']);
    expect(await holdOf(world, names[2] ?? '')).toBe('paused');
    expect(
      world
        .ledger()
        .filter((line) => /(clean|back|switch)$/.test(line))
        .sort(),
    ).toEqual(['alone clean', 'db clean']);
    expect((await world.audit('paused')).map(({ train }) => train)).toContain(week48.next);
    expect((await world.audit('aborted')).map(({ facts }) => facts?.['reason'])).toEqual([
      'smoke in the machine room',
      'smoke in the machine room',
    ]);
    const before = (await world.audit()).length;
    await stopEverything(world.context, world.cause('olga'));
    expect((await world.audit()).length).toBe(before);
  });

  it('leaves what is done and what waits for an answer as it is', async () => {
    const { world, names } = await night(shop(), 'alone', 'db');
    world.behave('alone', 'check', 'kill -9 $PPID');
    await world.advance(week48.opens);
    await stopEverything(world.context, world.cause('omar'));
    await world.pump();
    expect(await states(world, ...names)).toEqual(['asking', 'succeeded']);
  });
});

interface Happening {
  readonly what: string;
  readonly policy?: string;
  /** While a step of `alone` runs and `db` waits for a hand. */
  readonly happens: (world: World, other: Context, names: readonly string[]) => Promise<void>;
  readonly alone: string;
  /** What `db` is then, or the excuse that it has. */
  readonly db: string;
  /** What ends it, if anything does in the same window. */
  readonly ends?: (world: World, other: Context) => Promise<void>;
}

const closing = async (world: World, other: Context): Promise<void> => {
  world.clock.set(new Date(week48.closes));
  await world.sweep();
  await world.pump(other);
};
const pause =
  (paused: boolean) =>
  async (world: World, other: Context): Promise<void> => {
    await pauseTrain(world.context, world.cause('omar'), { train: week48.train, paused });
    await world.pump(other);
  };
const one = (more: object = {}) => shop({ concurrency: 1, ...more });
const freeze = '{ name: sale, from: 2026-11-28 22:00, to: 2026-11-28 23:00 }';
const reload =
  (policy: string, at = '2026-11-28T22:10:00Z') =>
  async (world: World, other: Context): Promise<void> => {
    world.clock.set(new Date(at));
    await world.reload(policy);
    await world.sweep();
    await world.pump(other);
  };

const matrix: readonly Happening[] = [
  { what: 'the window closes', happens: closing, alone: 'succeeded', db: 'cancelled' },
  {
    what: 'the window closes, and the policy says roll-back',
    policy: one().replace('lasts: 4h,', 'lasts: 4h, atEnd: roll-back,'),
    happens: closing,
    alone: 'rolled-back',
    db: 'cancelled',
  },
  {
    what: 'a freeze begins, and ends before the window does',
    happens: reload(one({ freezes: [freeze] })),
    alone: 'succeeded',
    db: 'queued',
    ends: async (world, other) => {
      world.clock.set(new Date('2026-11-28T23:00:00Z'));
      await world.sweep();
      await world.pump(other);
    },
  },
  {
    what: 'the train is paused, and resumed',
    happens: pause(true),
    alone: 'succeeded',
    db: 'paused',
    ends: pause(false),
  },
  {
    what: 'everything is stopped, and the train resumed',
    happens: async (world, other) => {
      await stopEverything(world.context, world.cause('omar'));
      await world.pump(other);
    },
    alone: 'rolled-back',
    db: 'paused',
    ends: pause(false),
  },
  {
    what: 'it is rolled back in a freeze (L9)',
    happens: async (world, other, [alone = '']) => {
      await reload(one({ freezes: [freeze] }))(world, other);
      await rollBackDeployment(world.context, world.cause('omar'), { deployment: alone });
      openGate(world);
    },
    alone: 'rolled-back',
    db: 'queued',
    ends: async (world, other) => {
      world.clock.set(new Date('2026-11-28T23:00:00Z'));
      await world.sweep();
      await world.pump(other);
    },
  },
  {
    what: 'it is paused and then frozen: the end of the freeze does not release what the pause holds',
    happens: async (world, other) => {
      await pause(true)(world, other);
      await reload(one({ freezes: [freeze] }))(world, other);
      world.clock.set(new Date('2026-11-28T23:00:00Z'));
      await world.sweep();
      await world.pump(other);
    },
    alone: 'succeeded',
    db: 'paused',
    ends: async (world, other) => {
      world.clock.set(new Date('2026-11-28T23:00:00Z'));
      await pause(false)(world, other);
    },
  },
];

describe('while a deployment runs and another waits', () => {
  it.each(matrix)(
    '$what: $alone, and the other $db',
    async ({ policy = one(), happens, alone, db, ends }) => {
      const { world, names } = await night(policy, 'alone', 'db');
      world.behave('alone', 'check', waits);
      const over = world.advance(week48.opens);
      await began(world, 'alone check');
      const other = await world.instance();
      await happens(world, other, names);
      openGate(world);
      await over;
      await world.sweep();
      await world.pump();
      const [first = '', second = ''] = names;
      expect(await states(world, first)).toEqual([alone]);
      const waiting = await world.deployment(second);
      expect(db === 'paused' ? waiting.hold?.code : waiting.state).toBe(db);
      const ran = (service: string) => world.ledger().filter((line) => line.startsWith(service));
      expect(ran('db')).toEqual([]);
      expect(ran('alone')).toEqual(
        alone === 'succeeded' ? steps('alone') : ['alone prepare', 'alone check', 'alone clean'],
      );
      if (ends === undefined) return;
      await ends(world, other);
      expect((await world.deployment(second)).hold).toBeNull();
      expect(await states(world, second)).toEqual(['succeeded']);
      expect(ran('db')).toEqual(steps('db'));
    },
  );
});
