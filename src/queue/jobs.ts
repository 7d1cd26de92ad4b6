import { z } from 'zod';

/** How the jobs of one queue are run. Times are real milliseconds: a scaled clock does not shorten a lock. */
export interface QueueRule {
  /** Runs of one job before it is given up (and left to the sweep); a worker's death is not counted here. */
  readonly attempts: number;
  /** Wait before the second attempt; doubles with each further one. */
  readonly backoffMs: number;
  /** A job is lost when its worker has not renewed the lock for so long; it is renewed at half of it. */
  readonly lockMs: number;
  /** How often lost jobs are looked for; a lost job is back after at most `lockMs + 2 × stalledMs`. */
  readonly stalledMs: number;
  /** Times a job may lose its worker and still be run again. 0: never run again, `onLost` is told. */
  readonly maxStalled: number;
  /** Jobs at a time in one process, unless `startWorkers` is told otherwise. */
  readonly concurrency: number;
}

const short: QueueRule = {
  attempts: 5,
  backoffMs: 500,
  lockMs: 15_000,
  stalledMs: 5_000,
  maxStalled: 3,
  concurrency: 10,
};

/** Each queue has workers and a budget of its own: a flood in one delays nothing in another. */
export const queueRules = {
  deadlines: short,
  notices: short,
  // Chat may be slow or down: pages never wait behind it. A sender that dies is followed within a quarter of a minute.
  pages: { ...short, lockMs: 10_000, stalledMs: 2_500, concurrency: 20 },
  // L2: a deployment is never run again because its worker died; it is asked what became of it.
  deployments: {
    attempts: 1,
    backoffMs: 0,
    lockMs: 60_000,
    stalledMs: 30_000,
    maxStalled: 0,
    concurrency: 8,
  },
} as const satisfies Readonly<Record<string, QueueRule>>;

export type QueueName = keyof typeof queueRules;
export type QueueRules = Readonly<Record<QueueName, QueueRule>>;

/**
 * Every job: its queue, and the ids it carries. A job carries ids only, reloads what they name, and tolerates
 * running early, late, twice and side by side.
 */
const table = {
  'ring-deadline': { queue: 'deadlines', payload: z.object({ id: z.int() }) },
  'dispatch-deployments': { queue: 'deadlines', payload: z.object({ train: z.string() }) },
  sweep: { queue: 'deadlines', payload: z.object({}) },
  'deliver-notices': { queue: 'notices', payload: z.object({ lane: z.string() }) },
  'refresh-card': { queue: 'notices', payload: z.object({ subject: z.string() }) },
  'ring-page': { queue: 'pages', payload: z.object({ id: z.int() }) },
  'send-page': { queue: 'pages', payload: z.object({ id: z.int() }) },
  'run-deployment': { queue: 'deployments', payload: z.object({ id: z.int() }) },
} as const satisfies Readonly<
  Record<string, { readonly queue: QueueName; readonly payload: z.ZodType<object> }>
>;

export type JobName = keyof typeof table;
export type JobPayloads = { readonly [N in JobName]: Readonly<z.infer<(typeof table)[N]['payload']>> };

export const jobRules: {
  readonly [N in JobName]: { readonly queue: QueueName; readonly payload: z.ZodType<JobPayloads[N]> };
} = table;

export const queueNames: readonly QueueName[] = Object.keys(queueRules).filter(isQueueName);
export const jobNames: readonly JobName[] = Object.keys(table).filter(isJobName);

export function isQueueName(name: string): name is QueueName {
  return Object.hasOwn(queueRules, name);
}

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(table, name);
}
