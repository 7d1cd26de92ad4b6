/** What the code needs of a logger; pino's loggers have it. Facts first, then one sentence for people. */
export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

const quietMs = 10_000;

/**
 * For parts that all notice one outage, and again at every try: a warning is logged once in ten seconds, the next time
 * with the number of those that were left out. Two warnings are the same when sentence and error are.
 */
export const withoutRepeats = (log: Log, elapsed: () => number = () => performance.now()): Log => {
  const seen = new Map<string, { since: number; repeats: number }>();
  return {
    info: (facts, message) => log.info(facts, message),
    error: (facts, message) => log.error(facts, message),
    warn: (facts, message) => {
      const key = `${message} ${'err' in facts && facts.err instanceof Error ? facts.err.message : ''}`;
      const known = seen.get(key);
      const now = elapsed();
      if (known !== undefined && now - known.since < quietMs) {
        known.repeats += 1;
        return;
      }
      const repeats = known?.repeats ?? 0;
      seen.set(key, { since: now, repeats: 0 });
      log.warn(repeats === 0 ? facts : { ...facts, repeats }, message);
    },
  };
};
