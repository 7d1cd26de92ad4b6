import { createPostgresBackend, createRedisBackend, isPgPool, runMigrations, withBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../log.ts';
import { createPool } from '../store/pool.ts';
import { openQueues, type QueueBackend } from './bull.ts';
import { queueNames } from './jobs.ts';
import { within } from './within.ts';

export type { Consumer, Consumption, Delivery, JobCounts, LossReason, QueueBackend } from './bull.ts';

/** Where the queue is kept; nothing outside this file knows which one it is. */
export interface QueueSettings {
  readonly databaseUrl: string;
  /** Present: the queue is kept in this database of a Redis with `maxmemory-policy noeviction`. */
  readonly redisUrl?: string;
}

/**
 * Rejects when the database (or Redis) does not answer, and leaves nothing behind: call again. BullMQ's objects
 * are made only once it has answered, because they remember a failed start for ever.
 */
export const connectQueue = async (settings: QueueSettings, log: Log): Promise<QueueBackend> => {
  const backend =
    settings.redisUrl === undefined
      ? await onPostgres(settings.databaseUrl, log)
      : await onRedis(settings.redisUrl, log);
  try {
    await backend.ready();
    return backend;
  } catch (error) {
    await within(2_000, 'closing the queue', backend.close()).catch(() => undefined);
    throw error;
  }
};

const onPostgres = async (databaseUrl: string, log: Log): Promise<QueueBackend> => {
  const pool = createPool(databaseUrl, {
    // Every worker keeps one connection for LISTEN; a pool without spare ones hangs for ever.
    max: queueNames.length + 10,
    log,
    // BullMQ's names (job, event, meta …) are unqualified: ours must not be found before them.
    schemas: ['bullmq'],
    name: 'signalbox-queue',
  });
  if (!isPgPool(pool)) throw new Error('the pool is none that BullMQ knows');
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  return openQueues(withBackend(createPostgresBackend), {
    kind: 'postgres',
    producers: pool,
    workers: pool,
    log,
    ping: async () => void (await pool.query('select 1')),
    close: () => pool.end(),
  });
};

const onRedis = async (url: string, log: Log): Promise<QueueBackend> => {
  const options: RedisOptions = {
    lazyConnect: true,
    // BullMQ's own backs off to 20 s, and workers would sleep through a Redis that is back.
    retryStrategy: (times) => Math.min(times * 50, 1_000),
  };
  // A ring fails at once while Redis is away; a worker waits for it.
  const producers = new Redis(url, { ...options, enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const workers = new Redis(url, { ...options, maxRetriesPerRequest: null });
  for (const redis of [producers, workers]) {
    redis.setMaxListeners(0);
    redis.on('error', (error: Error) => log.warn({ err: error }, 'queue Redis connection lost'));
  }
  const close = async (): Promise<void> => {
    producers.disconnect();
    workers.disconnect();
  };
  try {
    await Promise.all([producers.connect(), workers.connect()]);
  } catch (error) {
    await close();
    throw error;
  }
  return openQueues(withBackend(createRedisBackend), {
    kind: 'redis',
    producers,
    workers,
    log,
    ping: async () => void (await producers.ping()),
    close,
  });
};
