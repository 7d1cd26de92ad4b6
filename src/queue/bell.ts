import type { Clock } from '../clock.ts';
import { day } from '../domain/time.ts';
import type { Log } from '../log.ts';
import type { QueueBackend } from './backend.ts';
import type { JobName, JobPayloads } from './jobs.ts';
import { within } from './within.ts';

export interface RingOptions {
  /** When the job should run, on the injected clock; absent or past: at once. */
  readonly at?: Date;
  /** Tells apart rings that would otherwise be one. Rarely needed. */
  readonly key?: string;
}

/**
 * Asks for a job to be run. The guarantee is the same for every job: **a run starts after the ring** (unless the
 * queue loses its data: then the sweep rings again).
 *
 * Rings are the same when name, payload, `at` and `key` are. While one of them waits (or is delayed, or waits for
 * its next attempt) a repeat adds nothing; while it runs, a repeat adds exactly one more run afterwards; once it
 * has finished, a repeat runs it again. So "something changed, look again" is never swallowed by a run that has
 * already looked, and a job that finds itself early may ring itself anew with the same `at`.
 *
 * `at` belongs to the ring: a deadline that is moved forward is not held back by the bell of its old time. Whoever
 * rings again for a row (the sweep) passes the row's own time, also when that has passed.
 */
export interface Bell {
  /**
   * Rings after the caller's commit. Never throws and takes at most some seconds: the truth is in the database
   * already, and what could not be rung is rung by the sweep.
   */
  ring<N extends JobName>(name: N, payload: JobPayloads[N], options?: RingOptions): Promise<void>;
  /** For those who have something better to do than to wait for the sweep. */
  ringOrThrow<N extends JobName>(name: N, payload: JobPayloads[N], options?: RingOptions): Promise<void>;
}

/** A chat command has three seconds altogether; a queue that is down must not use them up. */
const ringLimitMs = 2_000;

/** A job further away is rung early and, finding itself early, rings itself again. Redis ends in 2039. */
const longestDelayMs = 20 * day;

export const createBell = (backend: QueueBackend, clock: Clock, log: Log): Bell => {
  const ringOrThrow: Bell['ringOrThrow'] = async (name, payload, options = {}) => {
    const wait = options.at === undefined ? 0 : Math.ceil(clock.msUntil(options.at));
    const delayMs = Math.min(Math.max(wait, 0), longestDelayMs);
    const added = backend.add(name, payload, { identity: ringIdentity(name, payload, options), delayMs });
    await within(ringLimitMs, 'ring', added);
  };
  return {
    ringOrThrow,
    ring: async (name, payload, options) => {
      try {
        await ringOrThrow(name, payload, options);
      } catch (error) {
        log.warn({ job: name, payload, err: error }, 'bell not rung: the sweep will ring it');
      }
    },
  };
};

/** `ring-deadline?id=17@1764093600000#key`: without a colon, and never a number, as BullMQ demands of ids. */
export const ringIdentity = (name: JobName, payload: object, { at, key }: RingOptions = {}): string => {
  const ids = new URLSearchParams();
  for (const [id, value] of Object.entries(payload)) ids.set(id, String(value));
  ids.sort();
  return [
    `${name}?${ids}`,
    at === undefined ? '' : `@${at.getTime()}`,
    key === undefined ? '' : `#${new URLSearchParams([['', key]])}`,
  ].join('');
};
