import type { Case } from './case.ts';
import type { Go } from './change.ts';
import type { Holder } from './claims.ts';
import type { DeploymentState } from './deployment.ts';
import type { Learned } from './learned.ts';
import type { LiveSide } from './live-side.ts';
import type { PersonId, PlanRule, Policy, ServiceName } from './policy.ts';
import type { Train } from './train.ts';

/** All that the gate looks at. What is not known is shut (L1). */
export interface Situation {
  readonly subject: Case;
  readonly policy: Policy;
  readonly train: Train;
  /** Names of the train's cutoffs that have not closed. */
  readonly openCutoffs: readonly string[];
  readonly go: Go | null;
  /** Said with a no. Absent: nothing. */
  readonly noGoReason?: string | undefined;
  /** Who gave it. Absent: nobody. */
  readonly goBy?: PersonId | undefined;
  readonly paused: boolean;
  readonly plan: PlanRule;
  /** Of past deployments; absent: nothing is known of any. */
  readonly learned?: Learned | undefined;
  /** Deployments that come before this one, however far they are; none of its own unit. */
  readonly before: readonly {
    readonly service: ServiceName;
    readonly state: DeploymentState;
    readonly held: boolean;
    /** It is gone after, but not needed. */
    readonly soft?: boolean;
  }[];
  /** Changes that must be in production before it and are neither there nor on tonight's plan. */
  readonly awaits?: readonly { readonly change: string; readonly state: string; readonly train: string }[];
  /** Services that its own needs and that need it, where the policy refuses such circles. */
  readonly circle?: readonly ServiceName[];
  /** The deployment of the same bytes that was rolled back, unless the requester has said why they are tried again. */
  readonly rolledBackAs?: string | undefined;
  /** Of a plan that has sides; absent: it has not been asked yet, which is as good as not known. */
  readonly liveSide?: LiveSide | undefined;
  /** Another deployment that holds the service now. */
  readonly busyWith: string | null;
  /** What is held by all that runs now, on whatever train; by what waits for an answer too. */
  readonly holders: readonly Holder[];
  /** Deployments that run now, in all. */
  readonly running: number;
  /** Deployments that have started in the window that is open now. */
  readonly startedInWindow: number;
  /** Deployments that go together with this one and have not started, itself included: all of them or none. */
  readonly together: number;
  readonly now: Date;
}
