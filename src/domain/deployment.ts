import { assertNever } from './assert-never.ts';
import type { Excuse } from './excuse.ts';
import type { PlanRule } from './policy.ts';

/**
 * `queued` (with a hold, when something keeps it) → `running` → `succeeded`, or → `undoing` → `rolled-back`.
 * `asking`: what became of a step cannot be known, a person is asked. `failed`: not done and not undone either.
 */
export type DeploymentState =
  | 'queued'
  | 'running'
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
  readonly reason: string | null;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export type Move =
  /** A step is under way, or was when its worker died: ask the executor. */
  | { readonly kind: 'await'; readonly run: StepRun }
  | { readonly kind: 'start'; readonly step: number; readonly direction: Direction; readonly attempt: number }
  /** Turn back: from here on, undo. */
  | { readonly kind: 'turn-back'; readonly step: number }
  | { readonly kind: 'ask'; readonly run: StepRun }
  | { readonly kind: 'finish'; readonly as: 'succeeded' | 'rolled-back' | 'failed'; readonly step?: number };

/** What a deployment does next, from its whole recorded past; the same past always gives the same move. */
export const nextMove = (
  state: 'running' | 'undoing',
  { plan, undoAttempt }: Pick<Deployment, 'plan' | 'undoAttempt'>,
  runs: readonly StepRun[],
): Move => {
  const open = runs.find((r) => r.state === 'running' || r.state === 'unknown');
  if (open) return open.state === 'running' ? { kind: 'await', run: open } : { kind: 'ask', run: open };
  switch (state) {
    case 'running': {
      const bad = plan.steps.findIndex((_, i) => lastOf(runs, i, 'do')?.state !== 'succeeded');
      if (bad === -1) return { kind: 'finish', as: 'succeeded' };
      return lastOf(runs, bad, 'do')
        ? { kind: 'turn-back', step: bad }
        : { kind: 'start', step: bad, direction: 'do', attempt: 1 };
    }
    case 'undoing': {
      // A step that failed may be half done: it is undone too. Nothing is undone past an undo that failed.
      for (let step = plan.steps.length - 1; step >= 0; step -= 1) {
        if (lastOf(runs, step, 'do') === undefined || plan.steps[step]?.undo === undefined) continue;
        const undo = lastOf(runs, step, 'undo');
        if (undo?.state === 'succeeded') continue;
        if (undo !== undefined && undo.attempt >= undoAttempt) return { kind: 'finish', as: 'failed', step };
        return { kind: 'start', step, direction: 'undo', attempt: undoAttempt };
      }
      return { kind: 'finish', as: 'rolled-back' };
    }
    default:
      return assertNever(state);
  }
};

const lastOf = (runs: readonly StepRun[], step: number, direction: Direction): StepRun | undefined =>
  runs
    .filter((r) => r.step === step && r.direction === direction)
    .reduce<StepRun | undefined>(
      (last, r) => (last === undefined || r.attempt > last.attempt ? r : last),
      undefined,
    );

/** Milliseconds a plan is expected to take. */
export const expectedDuration = (plan: PlanRule): number =>
  plan.steps.reduce((sum, s) => sum + s.expected, 0);

export const isLive = (state: DeploymentState): boolean =>
  state === 'running' || state === 'undoing' || state === 'asking';
