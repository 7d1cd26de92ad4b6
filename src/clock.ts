/** The only source of time. Passed in; nothing below an operation asks it. */
export interface Clock {
  now(): Date;
  /** Real milliseconds until the instant on this clock; at most 0 when it has passed. */
  msUntil(instant: Date): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  msUntil: (instant) => instant.getTime() - Date.now(),
};
