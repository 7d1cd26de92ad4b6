import { randomUUID } from 'node:crypto';
import { Refused } from '../domain/refusal.ts';
import { minute } from '../domain/time.ts';
import type { Log } from '../log.ts';
import type { Consumer, Delivery, LossReason, QueueBackend } from './backend.ts';
import type { Bell } from './bell.ts';
import {
  isJobName,
  type JobName,
  type JobPayloads,
  jobNames,
  jobRules,
  type QueueName,
  type QueueRules,
  queueNames,
  queueRules,
} from './jobs.ts';
import { within } from './within.ts';

export interface JobContext {
  /** Aborted when the job's lock is lost (another worker may take it) or a shutdown's deadline has passed. */
  readonly signal: AbortSignal;
  /** 1 for the first start; starts that ended in a worker's death count too. */
  readonly attempt: number;
}

/**
 * Runs at least once: a job whose worker died, or whose end could not be recorded because the queue was down, runs
 * again within half a minute (`deployments`: never, see `onLost`).
 */
export type Handler<N extends JobName> = (payload: JobPayloads[N], context: JobContext) => Promise<void>;
export type Handlers = { readonly [N in JobName]?: Handler<N> };

export type LossHandlers = {
  readonly [N in JobName]?: (payload: JobPayloads[N], reason: LossReason) => Promise<void>;
};

export interface WorkersOptions {
  readonly bell: Bell;
  readonly log: Log;
  /** Jobs at a time in this process; default: the queue's rule. */
  readonly concurrency?: Readonly<Partial<Record<QueueName, number>>>;
  /**
   * Told of jobs that will not be run again, so that an operation can reconcile. It may run in any process, and
   * not at all when that one dies too: whoever needs certainty looks for such rows in the sweep as well.
   */
  readonly onLost?: LossHandlers;
  /** Real milliseconds between sweeps; a scaled clock wants it shorter. Default: a minute. */
  readonly sweepEveryMs?: number;
  readonly rules?: QueueRules;
}

export interface Workers {
  /**
   * Stops intake, waits for running jobs, aborts their signals after `deadlineMs` and gives them a second to
   * stop. What still runs then is left to the stalled check of another process.
   */
  close(deadlineMs: number): Promise<void>;
}

const graceMs = 1_000;

/** Starts a worker for every queue that has a handler; if `sweep` has one, rings it at once and then regularly. */
export const startWorkers = (backend: QueueBackend, handlers: Handlers, options: WorkersOptions): Workers => {
  const { bell, log, concurrency = {}, onLost = {}, sweepEveryMs = minute, rules = queueRules } = options;
  const telling = new Set<Promise<void>>();

  const tell = async (delivery: Delivery, reason: LossReason): Promise<void> => {
    const facts = { job: delivery.name, payload: delivery.data, reason };
    log.error(facts, 'job given up');
    try {
      if (isJobName(delivery.name)) await reconcile(onLost, delivery.name, delivery.data, reason);
    } catch (error) {
      log.error({ ...facts, err: error }, 'a lost job could not be reconciled');
    }
  };

  const consumers: readonly Consumer[] = queueNames
    .filter((queue) =>
      jobNames.some((name) => jobRules[name].queue === queue && handlers[name] !== undefined),
    )
    .map((queue) =>
      backend.consume(queue, {
        rule: rules[queue],
        concurrency: concurrency[queue] ?? rules[queue].concurrency,
        run: (delivery, signal) => framed(handlers, delivery, signal, log),
        onGivenUp: (delivery, reason) => {
          const told = tell(delivery, reason).finally(() => telling.delete(told));
          telling.add(told);
        },
      }),
    );

  // Several processes each sweep: a sweep is one cheap query, and rings of the same rows are one. A key per
  // tick would be worse, because after a clock that jumps back the ticks of the past would count as swept.
  const sweep = (): void => {
    if (handlers.sweep !== undefined) void bell.ring('sweep', {});
  };
  sweep();
  const timer = setInterval(sweep, sweepEveryMs);

  return {
    close: async (deadlineMs) => {
      clearInterval(timer);
      const closed = Promise.all(consumers.map((consumer) => consumer.close())).then(() =>
        Promise.all([...telling]),
      );
      try {
        await within(deadlineMs, 'closing the workers', closed);
      } catch (error) {
        log.warn({ err: error }, 'jobs still run: they are told to stop');
        for (const consumer of consumers) consumer.cancelAll();
        await within(graceMs, 'stopping the jobs', closed).catch((late: unknown) =>
          log.error({ err: late }, 'jobs did not stop: another process will find them'),
        );
      }
    },
  };
};

/** The only place where a job's errors are caught: a refusal ends the job, anything else is a bug and retried. */
const framed = async (
  handlers: Handlers,
  delivery: Delivery,
  signal: AbortSignal,
  log: Log,
): Promise<void> => {
  const facts = { job: delivery.name, payload: delivery.data, attempt: delivery.attempt };
  try {
    if (!isJobName(delivery.name)) throw new Error(`unknown job ${delivery.name}`);
    await handle(handlers, delivery.name, delivery.data, { signal, attempt: delivery.attempt });
  } catch (error) {
    if (error instanceof Refused) {
      log.info({ ...facts, code: error.refusal.code, refused: error.refusal.facts }, 'job refused');
      return;
    }
    const reference = randomUUID().slice(0, 8);
    log.error({ ...facts, reference, err: error }, 'job failed');
    // The queue keeps only the reference: its own error names have meanings, and messages may hold secrets.
    throw new Error(`see ${reference} in the log`);
  }
};

const handle = async <N extends JobName>(handlers: Handlers, name: N, data: unknown, context: JobContext) => {
  const handler = handlers[name];
  if (handler === undefined) throw new Error(`no handler for ${name}`);
  await handler(jobRules[name].payload.parse(data), context);
};

const reconcile = async <N extends JobName>(
  onLost: LossHandlers,
  name: N,
  data: unknown,
  reason: LossReason,
) => await onLost[name]?.(jobRules[name].payload.parse(data), reason);
