import { describe, expect, it } from 'vitest';
import type { Executor } from '../../src/executors/executor.ts';
import { silentLog } from '../../src/log.ts';
import type { Context } from '../../src/operations/context.ts';
import { dispatchDeployments } from '../../src/operations/dispatch-deployments.ts';
import { runDeployment } from '../../src/operations/run-deployment.ts';
import { sweep } from '../../src/operations/sweep.ts';
import { createPresence } from '../../src/store/presence.ts';
import type { Store } from '../../src/store/store.ts';
import { eventually } from '../executors/runs.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';

class Death extends Error {}

interface Mortal {
  readonly context: Context;
  readonly signal: AbortSignal;
  readonly died: () => boolean;
  bury(): Promise<void>;
}

/**
 * An instance that dies before its n-th use of the database or an executor, which is right after the one before it took
 * effect: nothing else has effects.
 */
const mortal = async (world: World, n: number): Promise<Mortal> => {
  const end = new AbortController();
  let uses = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    end.abort();
    throw new Death();
  };
  const use = async <T>(act: () => Promise<T>): Promise<T> => {
    if (dead) throw new Death();
    uses += 1;
    return uses === n ? die() : act();
  };
  const { store: real, executors } = world.context;
  const store: Store = {
    get db() {
      if (dead) throw new Death();
      uses += 1;
      if (uses === n) die();
      return real.db;
    },
    reading: (work) => use(() => real.reading(work)),
    transaction: (cause, work) => use(() => real.transaction(cause, work)),
    close: () => real.close(),
  };
  const command: Executor = {
    name: 'command',
    prepare: (spec) => {
      const handle = executors.command.prepare(spec);
      uses += 1;
      return uses === n ? die() : handle;
    },
    start: (handle, spec) => use(() => executors.command.start(handle, spec)),
    status: (handle) => use(() => executors.command.status(handle)),
    wait: (handle, signal) => use(() => executors.command.wait(handle, signal)),
    cancel: (handle) => use(() => executors.command.cancel(handle)),
  };
  const presence = await createPresence(world.database.pool, silentLog);
  return {
    context: { ...world.context, store, presence, executors: { command } },
    signal: end.signal,
    died: () => dead,
    bury: () => presence.close(),
  };
};

/** As many running deployments of services that stand alone. */
const running = async (count: number): Promise<World> => {
  const services = Array.from({ length: count }, (_, i) => `s${i}: {}`);
  const policy = shop({
    services,
    concurrency: 1_000,
    capacity: 1_000,
    inTestRequires: '[build]',
    seats: '[]',
  });
  const world = await createWorld({
    policy: policy.replace(
      'requires: [sign-off:qa, verified:preproduction, records, approvals]',
      'requires: [build]',
    ),
  });
  for (let i = 0; i < count; i += 1) {
    await world.submit('dev', `s${i}`);
    await world.build(`s${i}`, '1.0.0');
  }
  await world.advance(week48.meeting);
  await world.go(week48.train);
  world.clock.set(new Date(week48.opens));
  // Started by the gate, carried on by nobody yet.
  await dispatchDeployments(world.context, week48.train);
  world.bell.rings.splice(0);
  return world;
};

const count = 70;

describe('L2, L8: an instance that dies between any two of its acts', () => {
  it.each([
    // Until its last step it is the other night.
    {
      night: 'a good night',
      from: 20,
      behaviour: '',
      ends: 'succeeded',
      ran: ['prepare', 'check', 'switch'],
    },
    {
      night: 'a night of undoing',
      from: 1,
      behaviour: 'exit 1',
      ends: 'rolled-back',
      ran: ['prepare', 'check', 'switch', 'back', 'clean'],
    },
  ])(
    'in $night: the next one ends what it began, and every step has run once',
    async ({ from, behaviour, ends, ran }) => {
      const world = await running(count);
      for (let i = 0; i < count; i += 1) if (behaviour !== '') world.behave(`s${i}`, 'switch', behaviour);
      let n = from - 1;
      for (let survived = false; !survived; ) {
        const id = n + 1;
        n += 1;
        const service = `s${n - 1}`;
        const change = `CHG-${id}`;
        const deployment = await world.deployment(change);
        const first = await mortal(world, n);
        try {
          await runDeployment(first.context, deployment.id, first.signal);
        } catch (error) {
          if (!(error instanceof Death)) throw error;
        }
        survived = !first.died();
        await first.bury();
        world.clock.advance(1_000);

        const next = await world.instance();
        const { runner } = first.context.presence;
        await eventually(async () => ((await next.presence.isAlive(runner)) ? undefined : true));
        world.bell.rings.splice(0);
        await sweep(next);
        const rings = world.bell.rings.filter((ring) => ring.payload['id'] === deployment.id);
        world.bell.rings.splice(
          0,
          world.bell.rings.length,
          ...rings.filter(({ name }) => name === 'run-deployment'),
        );
        await world.pump(next);
        await next.presence.close();

        expect([n, (await world.deployment(change)).state]).toEqual([n, ends]);
        expect([n, world.ledger().filter((line) => line.startsWith(`${service} `))]).toEqual([
          n,
          ran.map((step) => `${service} ${step}`),
        ]);
        expect(n).toBeLessThan(count);
      }
      // It has been killed at every point that there is.
      expect(n).toBeGreaterThan(25);
    },
    120_000,
  );
});

describe('L2: two instances', () => {
  it('do not run one deployment together', async () => {
    const world = await running(1);
    const other = await world.instance();
    world.behave('s0', 'prepare', 'sleep 0.3');
    await Promise.all([world.context, other, world.context, other].map((by) => runDeployment(by, 1)));
    await world.sweep();
    await world.pump();
    expect(world.ledger()).toEqual(['s0 prepare', 's0 check', 's0 switch']);
    expect((await world.deployment('CHG-1')).state).toBe('succeeded');
  });

  it('a live instance is not robbed', async () => {
    const world = await running(1);
    const other = await world.instance();
    world.behave('s0', 'check', 'while [ ! -f "$BEHAVIOUR/open.gate" ]; do sleep 0.02; done');
    const first = runDeployment(world.context, 1);
    await eventually(() => (world.ledger().includes('s0 check') ? true : undefined));
    await runDeployment(other, 1);
    expect(await world.deployment('CHG-1')).toMatchObject({
      fence: 1,
      runner: world.context.presence.runner,
    });
    world.behave('open', 'gate', '');
    await first;
    expect(await world.deployment('CHG-1')).toMatchObject({ state: 'succeeded', fence: 1, runner: null });
  });

  it('one that does not hear whether it has taken a deployment over does not keep it from others', async () => {
    const world = await running(1);
    const other = await world.instance();
    const { store } = other;
    let lost = 0;
    const unheard: Context = {
      ...other,
      store: {
        ...store,
        transaction: async (cause, work) => {
          await store.transaction(cause, work);
          lost += 1;
          throw new Error('the connection was lost after the commit');
        },
      },
    };
    await expect(runDeployment(unheard, 1)).rejects.toThrow('after the commit');
    expect([lost, await world.deployment('CHG-1')]).toMatchObject([1, { fence: 1, runner: null }]);
    await world.sweep();
    await world.pump();
    expect(world.ledger()).toEqual(['s0 prepare', 's0 check', 's0 switch']);
  });

  it('one that fails lets another carry on, though it lives', async () => {
    const world = await running(1);
    const other = await world.instance();
    const broken: Context = {
      ...other,
      executors: {
        command: {
          ...other.executors.command,
          wait: () => Promise.reject(new Error('out of handles')),
        },
      },
    };
    await expect(runDeployment(broken, 1)).rejects.toThrow('out of handles');
    await world.sweep();
    await world.pump();
    expect(world.ledger()).toEqual(['s0 prepare', 's0 check', 's0 switch']);
    expect((await world.deployment('CHG-1')).state).toBe('succeeded');
  });
});
