import type { Aspect } from './aspect.ts';
import type { Excuse } from './excuse.ts';
import type { ObligationKind } from './obligation.ts';
import type { PersonId, RoleName } from './policy.ts';
import type { Mover } from './refusal.ts';
import type { AtEnd } from './window-end.ts';

/** Where a message goes, by the platform's own ids. */
export interface Destination {
  readonly platform: 'slack' | 'teams' | 'console';
  readonly kind: 'channel' | 'person';
  readonly id: string;
}

/** Messages to one lane keep their order and share a rate limit. */
export const laneOf = (to: Destination): string => `${to.platform}/${to.kind}/${to.id}`;

/** What is worth telling, as facts; `cards/notice-card` words it. Stored as JSON: instants are ISO text. */
export type Notice =
  | {
      readonly kind: 'reminder';
      readonly train: string;
      readonly cutoff: string;
      readonly at: string;
      readonly person: PersonId;
      readonly items: readonly {
        readonly change: string;
        readonly service: string;
        readonly excuses: readonly Excuse[];
      }[];
    }
  | { readonly kind: 'run-sheet'; readonly train: string; readonly cutoff: string }
  | {
      readonly kind: 'moved';
      readonly change: string;
      readonly service: string;
      readonly from: string;
      readonly to: string;
      readonly excuses: readonly Excuse[];
    }
  | {
      readonly kind: 'approval-void';
      readonly change: string;
      readonly service: string;
      readonly people: readonly PersonId[];
      readonly changed: readonly string[];
    }
  | {
      readonly kind: 'deployment-failed';
      readonly deployment: string;
      readonly change: string;
      readonly service: string;
      readonly outcome: 'rolled-back' | 'failed';
      readonly reason: string;
      readonly tail: string;
      /** Where all of the output is to be read. */
      readonly log?: string;
      readonly held: readonly string[];
    }
  /** Something will run beyond the window's end; `otherwise`: what becomes of it if nobody says anything. */
  | {
      readonly kind: 'window-ending';
      readonly train: string;
      readonly window: string;
      readonly closes: string;
      readonly otherwise: AtEnd;
      readonly people: readonly PersonId[];
      readonly runs: readonly {
        readonly deployment: string;
        readonly change: string;
        readonly service: string;
      }[];
    }
  | {
      readonly kind: 'step-unknown';
      readonly deployment: string;
      readonly service: string;
      readonly step: string;
      readonly reason: string;
    }
  /** A phase is healthy and has baked; a person says whether the next one begins. */
  | {
      readonly kind: 'promotion-wanted';
      readonly deployment: string;
      readonly change: string;
      readonly service: string;
      readonly phase: string;
      readonly next: string;
      /** ISO; null: nothing ends by itself. */
      readonly by: string | null;
      readonly otherwise: 'roll-back' | 'keep';
      readonly movers: readonly Mover[];
    }
  /** The new side is live, and the old one could not be brought up to date. */
  | {
      readonly kind: 'old-side-failed';
      readonly deployment: string;
      readonly change: string;
      readonly service: string;
      readonly side: string;
      readonly reason: string;
      readonly tail: string;
    }
  /** An exception waits for this person's signature. */
  | {
      readonly kind: 'signature-wanted';
      readonly why: 'late' | 'emergency';
      readonly change: string;
      readonly service: string;
      readonly train: string;
      readonly reason: string;
      readonly by: PersonId;
      readonly person: PersonId;
      /** Which the person could sign as. */
      readonly roles: readonly RoleName[];
    }
  /** An emergency has gone to production past these requirements and whoever stands behind them. */
  | {
      readonly kind: 'emergency-started';
      readonly change: string;
      readonly service: string;
      readonly version: string;
      readonly by: PersonId;
      readonly reason: string;
      readonly skipped: readonly string[];
    }
  | {
      readonly kind: 'incident';
      readonly incident: string;
      readonly what: string;
      readonly service: string;
      readonly severity: string;
      readonly lead: PersonId;
      readonly by: PersonId;
      readonly state: 'declared' | 'closed' | 'assigned';
      /** What the person is to do, for `assigned`. */
      readonly part?: string;
    }
  /** Production was seen to be other than we made it; whoever did that is asked to say so. */
  | {
      readonly kind: 'unrecorded';
      readonly observed: string;
      readonly service: string;
      readonly environment: string;
      readonly platform: string;
      readonly aspect: Aspect;
      readonly value: string;
      readonly was: string | null;
      readonly since: string;
      readonly again: boolean;
    }
  /** A deployment of ours, or its rollback, is not what production reads as. `read`: null when nobody has looked. */
  | {
      readonly kind: 'not-observed';
      readonly deployment: string;
      readonly service: string;
      readonly as: 'succeeded' | 'rolled-back';
      readonly artifact: string;
      readonly finished: string;
      readonly read: string | null;
    }
  /** A policy that asks for less waits for this person's signature. */
  | {
      readonly kind: 'policy-waits';
      readonly policy: string;
      readonly rules: readonly string[];
      readonly person: PersonId;
    }
  /** What the record is, for people to keep. */
  | { readonly kind: 'checkpoint'; readonly size: number; readonly root: string; readonly at: string }
  /** Something is owed after an exception. `yours`: somebody handed it over. */
  | {
      readonly kind: 'obligation';
      readonly obligation: string;
      readonly owed: ObligationKind;
      readonly subject: string;
      readonly requirement: string | null;
      readonly service: string;
      readonly owner: PersonId;
      readonly person: PersonId;
      readonly due: string;
      readonly state: 'new' | 'soon' | 'overdue' | 'yours';
    }
  /** Somebody else's deed has changed, or would change, when this person is on call. */
  | {
      readonly kind: 'oncall';
      readonly what: 'override' | 'stand-in' | 'swap-asked' | 'swap-agreed' | 'swap-declined';
      readonly schedule: string;
      readonly by: PersonId;
      readonly from: string;
      readonly until: string;
      readonly swap: string | null;
    }
  /** A shift begins or ends; with what is not over. */
  | {
      readonly kind: 'handoff';
      readonly what: 'begins' | 'ends';
      readonly schedule: string;
      readonly person: PersonId;
      /** Who had it, or has it now; null: nobody. */
      readonly other: PersonId | null;
      readonly until: string;
      readonly pages: readonly {
        readonly page: string;
        readonly summary: string;
        readonly severity: string;
        readonly owner: PersonId | null;
      }[];
    }
  /** Something is wrong with a shift to come. */
  | {
      readonly kind: 'shift-check';
      readonly schedule: string;
      readonly person: PersonId | null;
      readonly from: string;
      readonly problems: readonly ShiftProblem[];
      /** Ways that failed when they were used last. */
      readonly failing: readonly string[];
      /** Tiers for which the person may not be paged first. */
      readonly tiers: readonly string[];
    }
  /** Nothing can be sent to a channel or a person of a platform any more. */
  | {
      readonly kind: 'unreachable';
      readonly platform: string;
      readonly place: string;
      readonly reason: string;
    };

/** `one-way`: when that fails, there is no other. `failing`: no way is left that worked when it was used last. */
export type ShiftProblem = 'nobody' | 'no-way' | 'failing' | 'one-way' | 'unqualified';
