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

/** Enough to show the same time in another process of this machine; survives JSON. */
export interface ClockState {
  /** The clock's time at `realOrigin`, in milliseconds since 1970. */
  readonly origin: number;
  /** Real time, in milliseconds since 1970. */
  readonly realOrigin: number;
  /** Milliseconds on the clock in one real millisecond; more than 0. */
  readonly pace: number;
}

/** A clock that runs faster or slower than the world, for rehearsals. It never goes back. */
export interface ScaledClock extends Clock {
  state(): ClockState;
  /** From now on; the time shown does not jump. Throws RangeError unless the pace is finite and positive. */
  setPace(pace: number): void;
  /** Puts the clock forward, or leaves it where it is when the instant has passed. */
  leap(to: Date): void;
  /** Shows the time of another process's clock, but never an earlier one than was shown. */
  follow(state: ClockState): void;
  /** Told after every change that voids an earlier `msUntil`: armed bells must be rung anew. Returns the way out. */
  onChange(listener: (state: ClockState) => void): () => void;
}

/** `real` is the real time in milliseconds since 1970; tests give their own. */
export const scaledClockFrom = (initial: ClockState, real: () => number = Date.now): ScaledClock => {
  let state = initial;
  let shown = Number.NEGATIVE_INFINITY;
  const listeners = new Set<(state: ClockState) => void>();

  const at = (moment: number): number => {
    // Real time may be set back (NTP); what was shown stands until it catches up.
    shown = Math.max(shown, state.origin + (moment - state.realOrigin) * state.pace);
    return shown;
  };
  const become = (next: ClockState): void => {
    if (!(Number.isFinite(next.pace) && next.pace > 0)) {
      throw new RangeError(`a clock cannot run at pace ${next.pace}`);
    }
    state = next;
    for (const listener of [...listeners]) {
      listener(next);
    }
  };
  become(initial);

  return {
    now: () => new Date(at(real())),
    msUntil: (instant) => (instant.getTime() - at(real())) / state.pace,
    state: () => state,
    setPace: (pace) => {
      const moment = real();
      become({ origin: at(moment), realOrigin: moment, pace });
    },
    leap: (to) => {
      const moment = real();
      become({ origin: Math.max(at(moment), to.getTime()), realOrigin: moment, pace: state.pace });
    },
    follow: (next) => {
      at(real());
      become(next);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/** Shows `origin` now (or when real time was `startedAt`, in milliseconds since 1970) and runs at `pace`. */
export const scaledClock = ({
  origin,
  pace,
  startedAt = Date.now(),
}: {
  readonly origin: Date;
  readonly pace: number;
  readonly startedAt?: number;
}): ScaledClock => scaledClockFrom({ origin: origin.getTime(), realOrigin: startedAt, pace });

/** A clock that stands still until it is told. */
export interface TestClock extends Clock {
  /** Milliseconds, also back: a machine's clock may be set. */
  advance(milliseconds: number): void;
  set(to: Date): void;
}

export const testClock = (start: Date | string): TestClock => {
  let now = new Date(start).getTime();
  return {
    now: () => new Date(now),
    msUntil: (instant) => instant.getTime() - now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    set: (to) => {
      now = to.getTime();
    },
  };
};
