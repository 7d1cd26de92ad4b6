import type { Mover } from './refusal.ts';

export type ExcuseCode =
  // requirements
  | 'no-build'
  | 'nothing-built'
  | 'build-failed'
  | 'untrusted-builder'
  | 'build-unproven'
  | 'not-reproduced'
  | 'not-deployed'
  | 'deployment-failed'
  | 'not-verified'
  | 'verification-failed'
  | 'no-sign-off'
  | 'sign-off-failed'
  | 'sign-off-separated'
  | 'records-not-ready'
  | 'records-failed'
  | 'records-unasked'
  | 'mirror-drift'
  | 'mirror-unread'
  | 'date-not-approved'
  | 'date-refused'
  | 'seat-empty'
  | 'approval-void'
  | 'rejected'
  | 'vetoed'
  // the gate
  | 'service-unknown'
  | 'cutoff-open'
  | 'not-ready'
  | 'go-missing'
  | 'nogo'
  | 'go-separated'
  | 'window-shut'
  | 'frozen'
  | 'does-not-fit'
  | 'window-full'
  | 'paused'
  | 'waits-for'
  | 'dependency-held'
  | 'dependency-failed'
  | 'service-busy'
  | 'slots-busy'
  | 'resource-busy'
  | 'waits-for-change'
  | 'milestone-open'
  | 'other-bytes'
  | 'configuration-differs'
  | 'cycle-refused'
  | 'rolled-back-before'
  | 'resource-short'
  | 'live-side-unknown'
  // why a change left its train
  | 'moved-by-hand';

/** Why a change cannot proceed now: facts, whose move it is, and the button that resolves it. */
export interface Excuse {
  readonly code: ExcuseCode;
  /** The requirement it is about, as the policy writes it. */
  readonly requirement?: string;
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
  readonly movers: readonly Mover[];
  readonly action?: { readonly verb: string; readonly subject: string; readonly args?: readonly string[] };
}
