import type { Decision, Standing } from './approval.ts';
import type { Change, Go } from './change.ts';
import type { Deployment, StepRun } from './deployment.ts';
import type { Evidence } from './evidence.ts';
import type { Excuse } from './excuse.ts';
import type { FingerprintPart } from './fingerprint.ts';
import type { Fit } from './fit.ts';
import type { Learned } from './learned.ts';
import type { Page } from './page.ts';
import type { MilestoneRule, Policy, Service } from './policy.ts';
import type { PolicyVersion } from './policy-version.ts';
import type { RunSheet } from './run-sheet.ts';
import type { Interval } from './time.ts';
import type { Train } from './train.ts';
import type { WindowEnd } from './window-end.ts';

/** Whole current state, as cards draw it: computed at the moment of drawing, never stored. */

export interface StageView {
  readonly cutoff: string;
  readonly at: Date;
  readonly closed: boolean;
  /** What its requirements lack now; after it has closed too (a failed re-verification is red again). */
  readonly excuses: readonly Excuse[];
}

export interface DeploymentView {
  /** Where all that its steps printed is to be read. */
  readonly log?: string;
  readonly deployment: Deployment;
  readonly change: Change;
  readonly runs: readonly StepRun[];
  /** Pages about its service that wait for its end. */
  readonly held: readonly Page[];
  /** The last instant at which its next phase fits into the window. */
  readonly promoteBy?: Date;
  /** Deployments of its train that depend on it and are in production: a rollback takes them along, these first. */
  readonly dependents?: readonly { readonly deployment: string; readonly service: string }[];
  readonly now: Date;
}

export interface ChangeView {
  readonly change: Change;
  /** Undefined when the policy no longer has it. */
  readonly service: Service | undefined;
  readonly train: Train | undefined;
  readonly stages: readonly StageView[];
  /** Undefined when there is no rule to judge by. */
  readonly standing: Standing | undefined;
  readonly go: Go | null;
  /** What keeps it from production beyond its papers: decision, window, order. Empty before the last cutoff. */
  readonly gate: readonly Excuse[];
  readonly deployment: DeploymentView | undefined;
  readonly policy: Policy;
  readonly now: Date;
}

/** A change with all that is on file about it. */
export interface ChangeFile extends ChangeView {
  readonly evidence: readonly Evidence[];
  readonly decisions: readonly Decision[];
}

export interface TrainView {
  readonly train: Train;
  readonly go: Go | null;
  readonly goReason: string | null;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly cutoffs: readonly {
    readonly name: string;
    readonly at: Date;
    readonly meeting: Date | undefined;
    readonly closed: boolean;
  }[];
  readonly window: {
    readonly open: boolean;
    readonly closes?: Date;
    readonly nextOpens?: Date;
    readonly frozenBy?: string;
    /** What somebody has said about the end of the window that is open. */
    readonly atEnd?: WindowEnd;
  };
  readonly changes: readonly ChangeView[];
  /** Milliseconds from the first start to the last end, as it is planned; absent while nothing has started. */
  readonly expected?: number;
  readonly policy: Policy;
  readonly now: Date;
}

/** What stands in the thread of a card. */
export type DetailsView =
  | { readonly kind: 'change'; readonly file: ChangeFile }
  | { readonly kind: 'train'; readonly train: TrainView; readonly files: readonly ChangeFile[] };

export interface MilestoneView {
  readonly rule: MilestoneRule;
  /** Null while nobody has said anything. */
  readonly said: Evidence | null;
  /** Open changes that wait for it. */
  readonly waiting: readonly { readonly change: string; readonly service: string }[];
}

export interface PlanView {
  readonly train: Train;
  readonly waves: readonly (readonly {
    readonly change: string;
    readonly service: string;
    readonly version: string;
    readonly expected: number;
    /** Of past deployments. */
    readonly learned?: Learned;
    /** Where it finds its place, or why it finds none. */
    readonly fit?: Fit | undefined;
    readonly lastSafeStart: Date | null;
    readonly state: string;
  }[])[];
  readonly cycles: readonly (readonly string[])[];
  readonly makespanSeconds: number;
  readonly windows: readonly ({ readonly name: string } & Interval)[];
}

export type { FingerprintPart, RunSheet };

/** A proposed, present or past text of the policy. */
export interface PolicyView {
  readonly version: PolicyVersion;
  readonly standing: Standing;
  /** In force. */
  readonly policy: Policy;
}
