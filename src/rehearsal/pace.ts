import type { ScaledClock } from '../clock.ts';
import type { Unrest } from './unrest.ts';

/** A step that takes longer than so many real milliseconds hangs: the clock then runs into its time limit. */
const hangingMs = 20_000;

/** Drives the clock while deployments are under way. */
export interface Pace {
  /** On by as much as real time has passed since the last call, times the speed, and never past `next`. */
  advance(next: Date, unrest: Unrest): void;
  /** Real time that passes from here on counts again. */
  rest(): void;
}

/**
 * Time does not run past what a step is expected to take while its process still works in real time: a slow machine
 * would make every deployment look late, and time limits would end steps that are well.
 */
export const createPace = (clock: ScaledClock, speed: number): Pace => {
  const seen = new Map<number, number>();
  let before = performance.now();
  return {
    rest: () => {
      before = performance.now();
    },
    advance: (next, { steps }) => {
      const real = performance.now();
      for (const { run } of steps) if (!seen.has(run.id)) seen.set(run.id, real);
      const limits = steps
        .filter(({ run }) => real - (seen.get(run.id) ?? real) < hangingMs)
        .map(({ run, expected }) => run.startedAt.getTime() + expected);
      const now = clock.now().getTime();
      const to = Math.min(now + (real - before) * speed, next.getTime(), ...limits);
      before = real;
      if (to > now) clock.leap(new Date(to));
    },
  };
};
