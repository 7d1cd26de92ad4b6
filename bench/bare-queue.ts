import { createPostgresBackend, createRedisBackend, isPgPool, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { systemClock } from '../src/clock.ts';
import { silentLog } from '../src/log.ts';
import type { QueueSettings } from '../src/queue/backend.ts';
import { createPool } from '../src/store/pool.ts';

/** BullMQ with nothing of ours around it: delayed jobs that only note how late they are. */
export interface BareQueue {
  /** Milliseconds, in order of running. */
  readonly late: readonly number[];
  /** `at` in milliseconds since 1970. */
  add(at: number): Promise<void>;
  close(): Promise<void>;
}

/** Told while its connections end; without a listener BullMQ prints it. */
const ignored = (): void => {};

/** On a server where BullMQ's tables are made already. */
export const bareQueue = async ({ databaseUrl, redisUrl }: QueueSettings): Promise<BareQueue> => {
  const late: number[] = [];
  const lateBy = (at: number): number => -systemClock.msUntil(new Date(at));
  const run = async (job: { readonly data: { readonly at: number } }): Promise<void> =>
    void late.push(lateBy(job.data.at));
  if (redisUrl === undefined) {
    const pool = createPool(databaseUrl, { max: 12, log: silentLog, schemas: ['bullmq'] });
    if (!isPgPool(pool)) throw new Error('the pool is none that BullMQ knows');
    const bull = withBackend(createPostgresBackend);
    const queue = new bull.Queue<{ at: number }, void, string>('bare', { connection: pool });
    const worker = new bull.Worker<{ at: number }, void, string>('bare', run, { connection: pool });
    queue.on('error', ignored);
    worker.on('error', ignored);
    return {
      late,
      add: async (at) => void (await queue.add('bare', { at }, { delay: -lateBy(at) })),
      close: async () => {
        await worker.close();
        await queue.close();
        await pool.end();
      },
    };
  }
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const bull = withBackend(createRedisBackend);
  const queue = new bull.Queue<{ at: number }, void, string>('bare', { connection });
  const worker = new bull.Worker<{ at: number }, void, string>('bare', run, { connection });
  queue.on('error', ignored);
  worker.on('error', ignored);
  return {
    late,
    add: async (at) => void (await queue.add('bare', { at }, { delay: -lateBy(at) })),
    close: async () => {
      await worker.close();
      await queue.close();
      connection.disconnect();
    },
  };
};
