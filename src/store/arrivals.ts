import type { Log } from '../log.ts';
import type { Presence } from './presence.ts';

/**
 * L3: what counts is when a request reached Signalbox. So a cutoff may close only when every request that arrived
 * before it, in any instance, has been dealt with. Each instance holds the coming cutoffs and lets one go once it is
 * past and no earlier request is in flight here.
 */
export interface Arrivals {
  /** Called the moment a request is received; the returned function when it has been dealt with, well or badly. */
  enter(receivedAt: Date): () => void;
  /** Holds the coming ones, lets go of those that are past and settled. Called at boot, regularly, and at a closing. */
  attend(open: readonly { readonly id: string; readonly at: Date }[], now: Date): Promise<void>;
  /** Resolves when no request that arrived before the instant is in flight in this instance. */
  settled(before: Date): Promise<void>;
}

export const createArrivals = (presence: Presence, log: Log): Arrivals => {
  const inFlight = new Map<symbol, Date>();
  const held = new Set<string>();
  let waiting: { readonly before: Date; readonly resolve: () => void }[] = [];
  const pending = (before: Date): boolean => [...inFlight.values()].some((at) => at < before);

  const wake = (): void => {
    if (waiting.length === 0) return;
    const [done, rest] = [
      waiting.filter((w) => !pending(w.before)),
      waiting.filter((w) => pending(w.before)),
    ];
    waiting = rest;
    for (const { resolve } of done) resolve();
  };

  return {
    enter: (receivedAt) => {
      const request = Symbol('request');
      inFlight.set(request, receivedAt);
      return () => {
        inFlight.delete(request);
        wake();
      };
    },
    attend: async (open, now) => {
      try {
        for (const { id, at } of open) {
          if (at > now) {
            // Also when it is held: this announces a presence anew that was lost with its connection.
            await presence.holdCutoff(id);
            held.add(id);
          } else if (at <= now && held.has(id) && !pending(at)) {
            held.delete(id);
            await presence.releaseCutoff(id);
          }
        }
      } catch (error) {
        log.warn({ err: error }, 'coming cutoffs are not held: tried again soon');
      }
    },
    settled: (before) =>
      pending(before) ? new Promise((resolve) => waiting.push({ before, resolve })) : Promise.resolve(),
  };
};
