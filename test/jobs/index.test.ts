import { describe, expect, it } from 'vitest';
import { createJobs, createLossHandlers } from '../../jobs/index.ts';
import { jobNames } from '../../src/queue/jobs.ts';
import type { Handlers, LossHandlers } from '../../src/queue/workers.ts';
import { week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';

const running = { signal: new AbortController().signal, attempt: 1 };

describe('the jobs', () => {
  it('have a handler each, and none that the queue does not know', async () => {
    const { context } = await createWorld();
    const jobs: Handlers = createJobs(context, new Map());
    const losses: LossHandlers = createLossHandlers(context);
    expect(Object.keys(jobs).sort()).toEqual([...jobNames].sort());
    expect(Object.keys(losses)).toEqual(['run-deployment']);
  });

  it('carry a night: the window opens, dispatch starts what may start, and each deployment runs', async () => {
    const world = await createWorld();
    const jobs = createJobs(world.context, new Map());
    const [alone = ''] = await world.toGo('alone');
    world.clock.set(new Date(week48.opens));
    await jobs['dispatch-deployments']({ train: week48.train });
    await jobs['run-deployment']({ id: (await world.deployment(alone)).id }, running);
    expect(world.ledger()).toEqual(['alone prepare', 'alone check', 'alone switch']);
  });

  it('ring a deadline, which acts when it is due', async () => {
    const world = await createWorld();
    const jobs = createJobs(world.context, new Map());
    const { rows } = await world.database.pool.query<{ id: number }>(
      `select id from deadline where kind = 'cutoff' order by due_at limit 1`,
    );
    await jobs['ring-deadline']({ id: rows[0]?.id ?? 0 });
    expect(await world.audit('cutoff-closed')).toEqual([]);
    world.clock.set(new Date(week48.inTest));
    await jobs['ring-deadline']({ id: rows[0]?.id ?? 0 });
    expect(await world.audit('cutoff-closed')).toHaveLength(1);
  });

  it('sweep up what the queue has lost', async () => {
    const world = await createWorld();
    await world.submit('dana', 'api');
    world.bell.rings.length = 0;
    await createJobs(world.context, new Map()).sweep();
    expect(world.bell.rings.map(({ name, payload }) => ({ name, payload }))).toContainEqual({
      name: 'refresh-card',
      payload: { subject: 'CHG-1' },
    });
  });

  it('L2: a lost deployment is rung under another bell than the one that died with its worker', async () => {
    const world = await createWorld();
    const before = world.bell.rings.length;
    await world.context.bell.ring('run-deployment', { id: 7 });
    const lost = createLossHandlers(world.context)['run-deployment'];
    await lost({ id: 7 }, 'attempts-exhausted');
    await lost({ id: 7 }, 'worker-died');
    const [died, next, ...others] = world.bell.rings.slice(before);
    // What ran into a fault waits for the sweep: it would run into it again at once.
    expect(others).toEqual([]);
    expect(next).toMatchObject({ name: 'run-deployment', payload: { id: 7 }, at: undefined });
    expect(next?.identity).not.toBe(died?.identity);
  });
});
