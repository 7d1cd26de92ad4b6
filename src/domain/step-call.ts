/**
 * What is remembered of steps that other systems do, where every process of the bot finds it: in the database. A call
 * is taken once, before anything is asked for; what was never taken can be declined for good (L2).
 */
export interface StepCalls {
  /** False when it was taken or declined before. */
  take(run: string): Promise<boolean>;
  /** False when it was taken before. */
  decline(run: string, reason: string): Promise<boolean>;
  /** Adds to what is known of a call that was taken; how it ended is never overwritten. */
  note(run: string, facts: StepCallFacts): Promise<void>;
  read(run: string): Promise<StepCallFacts | undefined>;
  forget(run: string): Promise<void>;
}

/** Everything is optional: a process may have died between any two of them. */
export interface StepCallFacts {
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
