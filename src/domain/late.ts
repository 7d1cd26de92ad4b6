import type { PersonId, Policy, SeatRule } from './policy.ts';
import { firstCutoff, type Train } from './train.ts';

/** A change that is back on a train whose cutoff it missed. Stored as JSON with the change: the instant is ISO text. */
export interface Late {
  /** Cutoffs of its train that had passed when it was asked for. */
  readonly cutoffs: readonly string[];
  /** No cutoff was left to judge it by, nor a meeting to talk of it: the train's go does not speak for it. */
  readonly ownGo: boolean;
  readonly reason: string;
  readonly by: PersonId;
  readonly at: string;
}

/** The seats on top of the type's own (L11); past a second cutoff more are asked for. */
export const lateSeats = (policy: Policy, late: Pick<Late, 'cutoffs'>): readonly SeatRule[] => [
  ...(policy.approvals.get('late') ?? []),
  ...(late.cutoffs.length > 1 ? (policy.approvals.get('veryLate') ?? []) : []),
];

/**
 * The train that a change missed and can still catch: of the same rule as the one it is on, past its first cutoff, with
 * a window that has not closed. The latest of `running`, which are those that have not ended.
 */
export const trainToCatch = (aboard: Train, running: readonly Train[], now: Date): Train | undefined =>
  running
    .filter(
      (train) =>
        train.rule === aboard.rule &&
        firstCutoff(train).at <= now &&
        firstCutoff(train).at < firstCutoff(aboard).at &&
        train.windows.some(({ open }) => open.some(({ until }) => now < until)),
    )
    .sort((a, b) => firstCutoff(a).at.getTime() - firstCutoff(b).at.getTime())
    .at(-1);

/** Cutoffs that have passed: at the instant itself it is late (L3). */
export const cutoffsMissed = (train: Train, now: Date): readonly string[] =>
  train.cutoffs.filter(({ at }) => at <= now).map(({ name }) => name);
