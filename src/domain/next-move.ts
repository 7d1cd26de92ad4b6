import { assertNever } from './assert-never.ts';
import type { Deployment, Direction, StepRun } from './deployment.ts';
import { nextCheck } from './phases.ts';

export type Move =
  /** A step is under way, or was when its worker died: ask the executor. */
  | { readonly kind: 'await'; readonly run: StepRun }
  | { readonly kind: 'start'; readonly step: number; readonly direction: Direction; readonly attempt: number }
  /** Nothing to do until the phase's next health check. */
  | { readonly kind: 'bake'; readonly step: number; readonly until: Date }
  /** The phase is healthy and has baked: the next one may begin, if nothing is against it. */
  | { readonly kind: 'promote'; readonly phase: number }
  /** Turn back: from here on, undo. */
  | { readonly kind: 'turn-back'; readonly step: number }
  | { readonly kind: 'ask'; readonly run: StepRun }
  | { readonly kind: 'finish'; readonly as: 'succeeded' | 'rolled-back' | 'failed'; readonly step?: number };

type Known = Pick<Deployment, 'plan' | 'undoAttempt' | 'promoted'>;

/** What a deployment does next, from its whole recorded past; the same past at the same time gives the same move. */
export const nextMove = (
  state: 'running' | 'undoing' | 'refreshing',
  deployment: Known,
  runs: readonly StepRun[],
  now: Date,
): Move => {
  const open = runs.find((r) => r.state === 'running' || r.state === 'unknown');
  if (open) return open.state === 'running' ? { kind: 'await', run: open } : { kind: 'ask', run: open };
  switch (state) {
    case 'running':
      return forward(deployment, runs, now);
    case 'undoing':
      return back(deployment, runs);
    case 'refreshing':
      return refresh(deployment, runs);
    default:
      return assertNever(state);
  }
};

const forward = ({ plan, promoted }: Known, runs: readonly StepRun[], now: Date): Move => {
  for (const [step, { part, check, phase = 0 }] of plan.steps.entries()) {
    if (part === 'refresh') continue;
    const last = lastOf(runs, step, 'do');
    if (last !== undefined && last.state !== 'succeeded') return { kind: 'turn-back', step };
    const rule = check === true ? plan.phases?.[phase] : undefined;
    if (rule === undefined) {
      if (last === undefined) return { kind: 'start', step, direction: 'do', attempt: 1 };
      continue;
    }
    const bakesFrom = lastOf(runs, step - 1, 'do')?.finishedAt ?? now;
    const due = nextCheck(rule, bakesFrom, last);
    if (due !== undefined && now < due) return { kind: 'bake', step, until: due };
    if (due !== undefined) return { kind: 'start', step, direction: 'do', attempt: (last?.attempt ?? 0) + 1 };
    if (phase + 1 < (plan.phases?.length ?? 0) && promoted <= phase) return { kind: 'promote', phase };
  }
  return { kind: 'finish', as: 'succeeded' };
};

/** A step that failed may be half done: it is undone too. Nothing is undone past an undo that failed. */
const back = ({ plan, undoAttempt }: Known, runs: readonly StepRun[]): Move => {
  for (let step = plan.steps.length - 1; step >= 0; step -= 1) {
    if (lastOf(runs, step, 'do') === undefined || plan.steps[step]?.undo === undefined) continue;
    const undo = lastOf(runs, step, 'undo');
    if (undo?.state === 'succeeded') continue;
    if (undo !== undefined && undo.attempt >= undoAttempt) return { kind: 'finish', as: 'failed', step };
    return { kind: 'start', step, direction: 'undo', attempt: undoAttempt };
  }
  return { kind: 'finish', as: 'rolled-back' };
};

/** The live side is as it should be, whatever becomes of the old one: a step that fails ends it and undoes nothing. */
const refresh = ({ plan }: Known, runs: readonly StepRun[]): Move => {
  for (const [step, { part }] of plan.steps.entries()) {
    if (part !== 'refresh') continue;
    const last = lastOf(runs, step, 'do');
    if (last === undefined) return { kind: 'start', step, direction: 'do', attempt: 1 };
    if (last.state !== 'succeeded') return { kind: 'finish', as: 'succeeded', step };
  }
  return { kind: 'finish', as: 'succeeded' };
};

/** The newest run of a step in one direction. */
export const lastOf = (runs: readonly StepRun[], step: number, direction: Direction): StepRun | undefined =>
  runs
    .filter((r) => r.step === step && r.direction === direction)
    .reduce<StepRun | undefined>(
      (last, r) => (last === undefined || r.attempt > last.attempt ? r : last),
      undefined,
    );
