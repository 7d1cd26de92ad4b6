import type { Context } from '../operations/context.ts';

/** What the server needs once everything is up; until then there is none, and the server says so. */
export interface Ready {
  readonly context: Context;
  readonly queue: {
    /** Rejects within two seconds when the queue cannot be reached. */
    ping(): Promise<void>;
    /** Jobs by queue, then by state. */
    counts(): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>>;
  };
}

/** A secret that is revealed only where it is used. */
export interface Revealable {
  reveal(): string;
}
