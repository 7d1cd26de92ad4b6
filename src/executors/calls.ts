/**
 * What is remembered of steps that other systems do, where every process of the bot finds it: in the database. A call
 * is taken once, before anything is asked for; what was never taken can be declined for good (L2).
 */
export interface Calls {
  /** False when it was taken or declined before. */
  take(run: string): Promise<boolean>;
  /** False when it was taken before. */
  decline(run: string, reason: string): Promise<boolean>;
  /** Adds to what is known; of a call that was taken. */
  note(run: string, facts: CallFacts): Promise<void>;
  read(run: string): Promise<CallFacts | undefined>;
  forget(run: string): Promise<void>;
}

/** Everything is optional: a process may have died between any two of them. */
export interface CallFacts {
  /** Nothing ran and nothing will; `''`: nobody asked for it. */
  readonly declined?: string;
  /** What the system calls it. */
  readonly ref?: string;
  readonly ended?: 'succeeded' | 'failed';
  readonly reason?: string;
  readonly tail?: string;
  /** The system has been asked to stop it. */
  readonly stopping?: true;
}

/** For tests, and for a process that needs not be followed by another. */
export const memoryCalls = (): Calls => {
  const calls = new Map<string, CallFacts>();
  return {
    take: async (run) => !calls.has(run) && calls.set(run, {}).size > 0,
    decline: async (run, reason) => {
      const known = calls.get(run);
      if (known === undefined) calls.set(run, { declined: reason });
      return known === undefined || known.declined !== undefined;
    },
    note: async (run, facts) => void calls.set(run, { ...calls.get(run), ...facts }),
    read: async (run) => calls.get(run),
    forget: async (run) => void calls.delete(run),
  };
};
