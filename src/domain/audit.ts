import { hash } from 'node:crypto';

/** What happened, in the words of the release week; the rehearsal prints the same ones. */
export const auditKinds = [
  'policy-loaded',
  'policy-proposed',
  'policy-signed',
  'policy-forced',
  'submitted',
  'evidence',
  'artifact-changed',
  'reminder',
  'cutoff-closed',
  'moved',
  'withdrawn',
  'run-sheet',
  'approval',
  'approval-void',
  'rejection',
  'veto',
  'rescinded',
  'refused',
  'go',
  'nogo',
  'window-opened',
  'window-closed',
  'window-ending',
  'window-end',
  'planned',
  'deployment-started',
  'step-started',
  'step-finished',
  'step-unknown',
  'step-resolved',
  'deployment-finished',
  'baking',
  'promoted',
  'old-side-refreshed',
  'rolling-back',
  'rolled-back',
  'held',
  'released',
  'paused',
  'resumed',
  'aborted',
  'cancelled',
  'train-ended',
  'late',
  'emergency',
  'signatures-called',
  'exception-expired',
  'obligation',
  'obligation-reminder',
  'obligation-taken',
  'obligation-settled',
  'boarding-pass',
  'incident',
  'incident-note',
  'incident-part',
  'incident-impact',
  'incident-closed',
  'root-cause',
  'reading',
  'unrecorded',
  'claimed',
  'denied',
  'not-observed',
  'paged',
  'alert',
  'alert-ended',
  'page-escalated',
  'page-acknowledged',
  'page-reminded',
  'page-resolved',
  'page-undelivered',
  'page-merged',
  'page-help',
  'drill',
  'handoff',
  'shift-checked',
  'heartbeat-missed',
  'oncall-changed',
] as const;
export type AuditKind = (typeof auditKinds)[number];

export interface AuditEntry {
  readonly kind: AuditKind;
  /** Who did it: a person's id, or `system:…`. */
  readonly actor: string;
  /** ISO instant of the request or of the deadline, not of the commit. */
  readonly at: string;
  readonly train?: string;
  /** `CHG-17` */
  readonly change?: string;
  readonly service?: string;
  /** `DEP-4` */
  readonly deployment?: string;
  readonly outcome?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export const genesis = '0'.repeat(64);

/**
 * Each hash covers the one before it and the stored text, byte for byte, so that no entry can be edited, removed or
 * reordered unseen. The text is hashed and not the value: jsonb would reorder keys.
 */
export const chainHash = (previous: string, entry: string): string =>
  hash('sha256', `${previous}\n${entry}`, 'hex');
