import type { Excuse } from './excuse.ts';
import type { PlanRule } from './policy.ts';

/**
 * `queued` (with a hold, when something keeps it) → `running` → `succeeded`, or → `undoing` → `rolled-back`.
 * `asking`: what became of a step cannot be known, a person is asked. `failed`: not done and not undone either.
 * Between two phases `baking` → `running`, or → `baked` until the next one may begin → `running`. `refreshing`: it is
 * done, and the old side of production is brought up to date.
 */
export type DeploymentState =
  | 'queued'
  | 'running'
  | 'baking'
  | 'baked'
  | 'refreshing'
  | 'undoing'
  | 'asking'
  | 'succeeded'
  | 'rolled-back'
  | 'failed'
  | 'cancelled';

export type StepState = 'running' | 'succeeded' | 'failed' | 'stopped' | 'unknown';
export type Direction = 'do' | 'undo';
export type Hold = Excuse;

/** One run of one step; a step that is tried again by a person's decision is another run. */
export interface StepRun {
  readonly id: number;
  readonly step: number;
  readonly direction: Direction;
  readonly attempt: number;
  readonly fence: number;
  readonly state: StepState;
  readonly handle: Readonly<Record<string, string>>;
  readonly exitCode: number | null;
  readonly tail: string;
  readonly reason: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** Somebody wants it stopped; the instance that holds the run does it. */
  readonly stopAsked?: boolean;
}

export interface Sides {
  readonly new: string;
  readonly old: string;
}

export interface Deployment {
  readonly id: number;
  readonly change: number;
  readonly train: string;
  readonly service: string;
  readonly artifact: string;
  /** As it was when the deployment was planned: a change of the policy in mid-deployment alters nothing. */
  readonly plan: PlanRule;
  readonly wave: number;
  readonly position: number;
  /** Deployments of one dependency cycle share a unit: they start together and stand or fall together. */
  readonly unit: number;
  readonly state: DeploymentState;
  readonly hold: Hold | null;
  readonly fence: number;
  readonly runner: string | null;
  /** Opening of the window that it started in: the window's capacity counts it. */
  readonly windowOpens: Date | null;
  /** Grows when a person orders another try at an undo that failed. */
  readonly undoAttempt: number;
  /** Phases that the next one was allowed to follow. */
  readonly promoted: number;
  /** Which side of production gets the artifact, and which one was live before. Null until they are known. */
  readonly sides: Sides | null;
  /** The old side stays as it was until then. Null: there is none, or it has been dealt with. */
  readonly keptUntil: Date | null;
  readonly reason: string | null;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** Its change is in production, whatever is still done beside. */
export const isDeployed = (state: DeploymentState): boolean =>
  state === 'succeeded' || state === 'refreshing';

/** Between two phases: nothing of it runs but, now and then, a health check. */
export const isBetween = (state: DeploymentState): boolean => state === 'baking' || state === 'baked';

/** Somebody's hands are on it: the others wait for a time or for a person. */
export const isAtWork = (state: DeploymentState): state is 'running' | 'undoing' | 'refreshing' =>
  state === 'running' || state === 'undoing' || state === 'refreshing';

/** It holds its service and its resources, and nobody can say what production reads. */
export const isLive = (state: DeploymentState): boolean =>
  isAtWork(state) || isBetween(state) || state === 'asking';
