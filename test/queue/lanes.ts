import { onTestFinished, vi } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { type Log, silentLog } from '../../src/log.ts';
import { connectQueue, type QueueBackend, type QueueSettings } from '../../src/queue/backend.ts';
import { type Bell, createBell } from '../../src/queue/bell.ts';
import { type QueueRules, queueRules } from '../../src/queue/jobs.ts';
import { type Handlers, startWorkers, type Workers, type WorkersOptions } from '../../src/queue/workers.ts';
import { sqlState } from '../../src/store/connection.ts';
import { testDatabase } from '../support/postgres.ts';
import { noRedis, redisLane, testRedis } from '../support/redis.ts';

/** A queue to test on: every test gets an empty one. */
export interface Lane {
  readonly settings: QueueSettings;
  /** Forgets every job, as a Redis without persistence does. */
  wipe(): Promise<void>;
}

const onPostgres = async (): Promise<Lane> => {
  const database = await testDatabase();
  onTestFinished(() => database.drop());
  return {
    settings: { databaseUrl: database.url },
    wipe: async () => {
      // BullMQ locks these tables in orders of its own: the wipe may be the one that a deadlock is resolved by.
      for (let tries = 1; ; tries += 1)
        try {
          await database.pool.query(
            'truncate bullmq.job, bullmq.dedup, bullmq.dedup_next, bullmq.meta cascade',
          );
          return;
        } catch (error) {
          if (tries === 5 || sqlState(error) !== '40P01') throw error;
        }
    },
  };
};

const onRedis = async (): Promise<Lane> => {
  const { url, drop } = await testRedis();
  onTestFinished(drop);
  return { settings: { databaseUrl: 'unused', redisUrl: url }, wipe: drop };
};

export const lanes = [
  { name: 'PostgreSQL', missing: false, open: onPostgres },
  { name: redisLane, missing: noRedis, open: onRedis },
];

/** Clock on which a second is a real millisecond, and 1970 begins with the test. */
export const quickClock: Clock = { now: () => new Date(0), msUntil: (at) => at.getTime() / 1_000 };

/** A dead worker is noticed within some two seconds. */
export const quickRules: QueueRules = {
  deadlines: { ...queueRules.deadlines, lockMs: 800, stalledMs: 300 },
  notices: { ...queueRules.notices, lockMs: 800, stalledMs: 300 },
  pages: { ...queueRules.pages, lockMs: 800, stalledMs: 300 },
  deployments: { ...queueRules.deployments, lockMs: 800, stalledMs: 300 },
};

export interface Rig {
  readonly backend: QueueBackend;
  readonly bell: Bell;
  start(handlers: Handlers, options?: Partial<WorkersOptions>): Workers;
}

/** A process's part of the queue, closed when the test ends. */
export const rig = async ({ settings }: Lane, log: Log = silentLog): Promise<Rig> => {
  const backend = await connectQueue(settings, log);
  const bell = createBell(backend, quickClock, log);
  const started: Workers[] = [];
  onTestFinished(async () => {
    await Promise.all(started.map((workers) => workers.close(2_000)));
    await backend.close();
  });
  return {
    backend,
    bell,
    start: (handlers, options = {}) => {
      const workers = startWorkers(backend, handlers, { bell, log, ...options });
      started.push(workers);
      return workers;
    },
  };
};

export const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(assertion, { timeout: 15_000, interval: 20 });

/** Nothing runs and nothing waits: whatever was going to happen has happened. */
export const settled = (backend: QueueBackend): Promise<void> =>
  eventually(async () => {
    for (const [name, { waiting, active, delayed }] of await backend.counts())
      if (waiting + active + delayed > 0) throw new Error(`${name} is busy`);
  });

/** A promise that the test resolves. */
export const gate = (): { readonly opened: Promise<void>; open(): void } => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
};
