import { setTimeout as pause } from 'node:timers/promises';
import type { IQueueBackend, withBackend } from 'bullmq';
import { hour } from '../domain/time.ts';
import type { Log } from '../log.ts';
import { type JobName, jobRules, type QueueName, type QueueRule, queueNames, queueRules } from './jobs.ts';
import { within } from './within.ts';

/** A job as a worker receives it; data is what the queue held, unchecked. */
export interface Delivery {
  readonly name: string;
  readonly data: unknown;
  /** 1 for the first start; starts that ended in a worker's death count too. */
  readonly attempt: number;
}

/**
 * Why the queue will not run a job again. The job may have ended well all the same: when the queue is down at
 * that moment its end cannot be recorded.
 */
export type LossReason = 'worker-died' | 'attempts-exhausted';

export interface Consumption {
  readonly rule: QueueRule;
  readonly concurrency: number;
  /** Runs one job; a rejection counts as a failed attempt. The signal: the lock is lost, or `cancelAll`. */
  readonly run: (delivery: Delivery, signal: AbortSignal) => Promise<void>;
  /** The job will not be run again: its attempts are used up, or its worker died too often. */
  readonly onGivenUp: (delivery: Delivery, reason: LossReason) => void;
}

export interface Consumer {
  /** Takes no more jobs and resolves when the running ones have ended. */
  close(): Promise<void>;
  /** Aborts the signal of every running job. */
  cancelAll(): void;
}

export type JobCounts = Readonly<Record<'waiting' | 'active' | 'delayed' | 'failed', number>>;

export interface QueueBackend {
  /** For logs only. */
  readonly kind: 'postgres' | 'redis';
  add(name: JobName, payload: object, ring: { identity: string; delayMs: number }): Promise<void>;
  consume(queue: QueueName, consumption: Consumption): Consumer;
  /** Rejects within two seconds when the queue cannot be reached. */
  ping(): Promise<void>;
  /** Rejects when one of the queues failed to get ready: it would never take a ring. */
  ready(): Promise<void>;
  counts(): Promise<ReadonlyMap<QueueName, JobCounts>>;
  /** After the consumers. */
  close(): Promise<void>;
}

interface Opening<C> {
  readonly kind: QueueBackend['kind'];
  readonly producers: C;
  readonly workers: C;
  readonly log: Log;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Finished jobs are kept for whoever looks into the queue; nothing reads them. */
const removeOnComplete = { age: hour / 1_000, count: 1_000 };
const removeOnFail = { age: (30 * 24 * hour) / 1_000, count: 10_000 };

/** Of the keys in Redis. */
const prefix = 'signalbox';

/** Of a queue or a worker, from its making. */
const readyLimitMs = 20_000;

const neverAborted = new AbortController().signal;

export const openQueues = <B extends IQueueBackend, C>(
  bull: ReturnType<typeof withBackend<B, C>>,
  { kind, producers, workers, log, ping, close }: Opening<C>,
): QueueBackend => {
  const queues = new Map(
    queueNames.map((name) => {
      const queue = new bull.Queue<object, void, string>(name, {
        connection: producers,
        prefix,
        // Events feed QueueEvents, which loses some under load: nothing may rely on it, so few are kept.
        streams: { events: { maxLen: 100 } },
      });
      queue.on('error', (error) => log.warn({ queue: name, err: error }, 'queue error'));
      return [name, queue] as const;
    }),
  );
  const queueOf = (name: QueueName) => {
    const queue = queues.get(name);
    if (queue === undefined) throw new Error(`no queue ${name}`);
    return queue;
  };

  let closing = false;

  return {
    kind,
    add: async (name, payload, { identity, delayMs }) => {
      // BullMQ's own answer to an add while it closes is a promise that is never settled.
      if (closing) throw new Error('the queue is closed');
      const rule = queueRules[jobRules[name].queue];
      await queueOf(jobRules[name].queue).add(name, payload, {
        delay: delayMs,
        attempts: rule.attempts,
        backoff: { type: 'exponential', delay: rule.backoffMs },
        // Not a jobId: a finished job that is still kept would swallow its repeats, and so would a running one.
        deduplication: { id: identity, keepLastIfActive: true },
        removeOnComplete,
        removeOnFail,
      });
    },
    consume: (name, { rule, concurrency, run, onGivenUp }) => {
      const begin = () => {
        const worker = new bull.Worker<object, void, string>(
          name,
          // BullMQ makes a signal only for processors that declare three parameters, none with a default.
          async (job, _token, signal) =>
            await run(
              { name: job.name, data: job.data, attempt: job.attemptsStarted },
              signal ?? neverAborted,
            ),
          {
            connection: workers,
            prefix,
            concurrency,
            lockDuration: rule.lockMs,
            stalledInterval: rule.stalledMs,
            maxStalledCount: rule.maxStalled,
            // With the default of 15 s a job that finished during an outage ran twice.
            runRetryDelay: 1_000,
          },
        );
        worker.on('error', (error) => log.warn({ queue: name, err: error }, 'worker error'));
        worker.on('stalled', (id) => log.warn({ queue: name, id }, 'a job lost its worker'));
        worker.on('lockRenewalFailed', (ids) => {
          for (const id of ids) worker.cancelJob(id, 'lock lost');
        });
        worker.on('failed', (job) => {
          if (job?.finishedOn === undefined) return;
          onGivenUp(
            { name: job.name, data: job.data, attempt: job.attemptsStarted },
            // BullMQ notes a job that lost its worker too often and lets the next worker fail it unrun.
            job.deferredFailure === undefined ? 'attempts-exhausted' : 'worker-died',
          );
        });
        return worker;
      };
      let worker = begin();
      let ended = false;
      /** One that failed to get ready, because its server went away at that moment, would never work. */
      const watch = async (): Promise<void> => {
        while (!ended) {
          try {
            return void (await within(readyLimitMs, 'a worker', worker.waitUntilReady()));
          } catch (error) {
            if (ended) return;
            log.warn({ queue: name, err: error }, 'a worker did not get ready: made anew');
            await within(2_000, 'closing it', worker.close(true)).catch(() => undefined);
            await pause(1_000);
            if (!ended) worker = begin();
          }
        }
      };
      void watch();
      return {
        close: async () => {
          ended = true;
          await worker.close();
        },
        cancelAll: () => worker.cancelAllJobs('shutdown'),
      };
    },
    ping: () => within(2_000, 'ping', ping()),
    ready: async () => {
      const all = [...queues.values()].map((queue) => queue.waitUntilReady());
      await within(readyLimitMs, 'the queues', Promise.all(all));
    },
    counts: async () =>
      new Map(
        await Promise.all(
          [...queues].map(async ([name, queue]) => {
            const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
            const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
            return [name, { waiting, active, delayed, failed }] as const;
          }),
        ),
      ),
    close: async () => {
      closing = true;
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      await close();
    },
  };
};
