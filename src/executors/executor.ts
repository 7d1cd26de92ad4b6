import type { Direction } from '../domain/deployment.ts';
import type { LiveSide } from '../domain/live-side.ts';
import type { ExecutorName, LiveQuery, Run } from '../domain/run.ts';

/**
 * How a deployment step is done, whoever does it. A step outlives the process that started it: the caller
 * stores the handle, then starts; after a crash another process asks the executor by the stored handle and
 * never runs a step again blindly (L2).
 *
 * Order of calls: `prepare` → the caller commits the handle → `start` → `wait` | `status` | `cancel`, each of
 * them any number of times, from any process. None of them rejects because of what happened to the step: that
 * is what a `StepStatus` says.
 */
export interface Executor {
  readonly name: string;
  /** Names the run. Starts nothing, and the same spec gives the same handle. */
  prepare(spec: StepSpec): Handle;
  /** Resolves once the run has begun or cannot begin any more; ask `status`. A second call has no effect. */
  start(handle: Handle, spec: StepSpec): Promise<void>;
  /**
   * What is known now. Asking settles it: a run that had not begun when this is asked never will, so
   * `never-started` holds for good, even if a slow starter is still on its way.
   */
  status(handle: Handle): Promise<StepStatus>;
  /** Resolves when the step no longer runs, or when `signal` aborts (then possibly still `running`). */
  wait(handle: Handle, signal?: AbortSignal): Promise<StepStatus>;
  /** Ends a step, first politely. Resolves when it has ended; harmless when it is not running. */
  cancel(handle: Handle): Promise<void>;
  /** All that is kept of what it printed, as plain text; some megabytes at most. Undefined: it is not to be had here. */
  output?(handle: Handle): Promise<string | undefined>;
  /** Which of the two sides of production is live now. Changes nothing, and may be asked at any time. */
  liveSide?(query: LiveQuery, names: readonly string[], spec: Omit<StepSpec, 'run'>): Promise<LiveSide>;
  /** Throws away what was kept of a run. Afterwards its status is `gone`. */
  forget?(handle: Handle): Promise<void>;
}

/** One for each kind of run. Processes of this machine are always there. */
export type Executors = { readonly command: Executor } & {
  readonly [Name in Exclude<ExecutorName, 'command'>]?: Executor;
};

/** Names a run for its executor and is opaque to everyone else. Survives JSON. */
export type Handle = Readonly<Record<string, string>>;

export interface StepSpec {
  readonly deployment: string;
  /** 1, 2, … */
  readonly attempt: number;
  readonly step: string;
  readonly direction: Direction;
  /** Fencing token: with another one it is another run. */
  readonly fence: number;
  /** With its placeholders filled. */
  readonly run: Run;
  readonly cwd: string;
  /** All that the step gets beyond PATH, HOME, LANG and TZ. */
  readonly env: Readonly<Record<string, string>>;
}

export type StepStatus =
  | { readonly state: 'running'; readonly tail: string }
  | {
      readonly state: 'finished';
      /** 0 is success; 128 + n after death by signal n. */
      readonly exitCode: number;
      /** The end of the output as plain text; says so when earlier output is missing. */
      readonly tail: string;
      /** Name of the signal that an exit code above 128 stands for. */
      readonly signal?: string;
      readonly fault?: 'program-not-found' | 'program-not-executable';
      /** Why it failed, where an exit code says nothing. */
      readonly reason?: string;
    }
  /** Ended by `cancel`. How far it came is not known. */
  | { readonly state: 'stopped'; readonly tail: string }
  /** Nothing ran and nothing will. `reason`: why starting is impossible, if that was the case. */
  | { readonly state: 'never-started'; readonly reason?: string }
  /** It cannot be known what happened; a person is asked. */
  | { readonly state: 'gone'; readonly reason: string };
