/**
 * What a policy says, in the domain's terms. `src/policy` parses the YAML file into this shape;
 * nothing here knows about files. Durations are milliseconds; weekly times are parsed; names that refer to
 * something in the policy have been checked to exist. Maps keep the order of the file.
 */

import type { Aspect } from './aspect.ts';
import type { Claims, Resources } from './claims.ts';
import type { SeparationRule } from './duty.ts';
import type { EventRule } from './event-rule.ts';
import type { OncallRule, WayRule } from './oncall.ts';
import type { LiveQuery, Run } from './run.ts';
import type { LocalDate, LocalDateTime, WeeklyTime } from './time.ts';
import type { TrackerRule } from './tracker.ts';

export type PersonId = string;
export type RoleName = string;
export type ServiceName = string;
export type EnvironmentName = string;

export const changeTypes = ['normal', 'content', 'standard', 'emergency'] as const;
export type ChangeType = (typeof changeTypes)[number];

export interface Policy {
  readonly organization: string;
  /** IANA zone in which every wall-clock time of the policy is meant. */
  readonly timezone: string;
  /** In the order an artifact travels; the last one is production. */
  readonly environments: readonly EnvironmentName[];
  readonly people: ReadonlyMap<PersonId, Person>;
  /** Who may fill a seat of the role. */
  readonly roles: ReadonlyMap<RoleName, readonly PersonId[]>;
  /** Whether the policy lists who has the role `business-owner`, or each service has its own. */
  readonly businessOwners: 'listed' | 'own';
  /** User groups of Slack whose members have a role too, as long as Slack says who they are. */
  readonly slackGroups?: readonly { readonly role: RoleName; readonly group: string }[];
  readonly services: ReadonlyMap<ServiceName, Service>;
  /** Builder ids whose builds count; empty means that every authenticated report counts. */
  readonly trustedBuilders: readonly string[];
  /** Public keys in PEM by builder id: what such a builder reports counts only with a provenance signed by one. */
  readonly builderKeys: ReadonlyMap<string, readonly string[]>;
  /** By builder id: the name of the secret with which it signs what it reports. */
  readonly builderSecrets: ReadonlyMap<string, string>;
  /** By builder id: who may have signed its provenance, as a certificate says; any one of them. */
  readonly builderIdentities: ReadonlyMap<string, readonly BuilderIdentity[]>;
  /** File with the certificate authorities and logs that are believed about identities, relative to the policy's. */
  readonly trustedRoot?: string;
  readonly trains: ReadonlyMap<string, TrainRule>;
  readonly freezes: readonly FreezeRule[];
  /** Seats by change type (and, in addition to the type's own, by `late`). */
  readonly approvals: ReadonlyMap<string, readonly SeatRule[]>;
  /** What an emergency keeps of the requirements, besides a build and its seats. */
  readonly emergencyRequires: readonly Requirement[];
  /** Roles whose members may veto a change. */
  readonly vetoes: readonly RoleName[];
  /** Duties that one person cannot have both of for one change. */
  readonly separation: readonly SeparationRule[];
  /** Roles that decide go and no-go and approve deployment dates, and hear of what concerns the whole train. */
  readonly releaseManagers: readonly RoleName[];
  readonly plans: ReadonlyMap<string, PlanRule>;
  /** What deployments share: how much of each may be claimed at a time. */
  readonly resources: Resources;
  /** Deployments that may run at the same time. */
  readonly concurrency: number;
  /** What becomes of changes that need each other: deployed as one, or not at all. */
  readonly cycles: 'together' | 'refuse';
  /** Dated things outside of software that changes wait for. Absent: none. */
  readonly milestones?: ReadonlyMap<string, MilestoneRule>;
  readonly obligations: ObligationRules;
  /** What events of other systems are evidence of. */
  readonly events: readonly EventRule[];
  /** Who knows where the records of a change stand. */
  readonly trackers: readonly TrackerRule[];
  readonly oncall: OncallRule;
  readonly channels: ReadonlyMap<string, ChannelRule>;
  /** When nobody is reminded of anything that can wait. */
  readonly quietHours?: QuietHours;
}

export interface Person {
  readonly id: PersonId;
  readonly name: string;
  readonly email?: string;
  readonly slack?: string;
  readonly teams?: string;
  readonly phone?: string;
  /** A system that is told of pages by POST; `secret` names the key that signs it. */
  readonly webhook?: {
    readonly url: string;
    readonly secret: string;
  };
  /** Names the secret that is a routing key of PagerDuty. */
  readonly pagerduty?: string;
  readonly level?: string;
  /** IANA zone of the person's nights; absent: the policy's. */
  readonly timezone?: string;
  /** Who may name a stand-in for the person. */
  readonly manager?: PersonId;
  /** How a page reaches the person, earliest first; absent: as `domain/reach` has it. */
  readonly ways?: readonly WayRule[];
}

export interface Service {
  readonly name: ServiceName;
  readonly team?: string;
  /** Developers who answer for the service: they resolve builds and deployments to test. */
  readonly owners: readonly PersonId[];
  readonly businessOwner?: PersonId;
  /** URL that it is built from; a provenance has to name it. */
  readonly repository?: string;
  readonly dependsOn: readonly ServiceName[];
  /** It works without what it depends on, with less: it goes after it, but does not fall with it. */
  readonly withoutDependency?: 'degrade';
  /** Where a window has not room for all, the higher goes first. Absent: 0. */
  readonly priority?: number;
  /** Names of settings that may differ between environments; all others are compared (L4). Absent: none. */
  readonly externalConfiguration?: readonly string[];
  /** Every platform needs its own build and deployment evidence. At least one; `default` when none is named. */
  readonly platforms: readonly string[];
  /** Name of the deployment plan. */
  readonly plan: string;
  /** Milliseconds after a deployment within which production has to read as it; absent: nobody is known to look. */
  readonly observed?: number;
  /** In what an environment may differ from production. Absent: in nothing. */
  readonly differs?: readonly Aspect[];
  /** Name of a tier of `oncall`. */
  readonly tier?: string;
  /** Who is paged; absent: as its tier says. */
  readonly escalation?: string;
}

export interface BuilderIdentity {
  readonly issuer: string;
  /** A `*` at its end stands for anything. */
  readonly subject: string;
}

export interface TrainRule {
  readonly name: string;
  /** In order; the first one decides which train a change boards. At least one. */
  readonly cutoffs: readonly CutoffRule[];
  readonly windows: readonly WindowRule[];
}

export interface CutoffRule {
  readonly name: string;
  readonly at: WeeklyTime;
  readonly meeting?: WeeklyTime;
  /** Lead times before the cutoff, in milliseconds, longest first. */
  readonly reminders: readonly number[];
  readonly requires: readonly Requirement[];
}

/** What a cutoff asks of a change; written `build`, `deployed:test`, `sign-off:qa` … in the policy. */
export type Requirement =
  | { readonly kind: 'build' }
  /** Another trusted builder made the same bytes. */
  | { readonly kind: 'reproduced' }
  | { readonly kind: 'deployed'; readonly environment: EnvironmentName }
  | { readonly kind: 'verified'; readonly environment: EnvironmentName }
  | { readonly kind: 'sign-off'; readonly role: RoleName }
  /** The environment reads like production, but for what the change brings. */
  | { readonly kind: 'mirror'; readonly environment: EnvironmentName }
  | { readonly kind: 'records' }
  | { readonly kind: 'date-approved' }
  | { readonly kind: 'approvals' }
  /** What the change itself waits for outside of software; asked by the last cutoff, written nowhere. */
  | { readonly kind: 'milestones' };

export type WindowRule = {
  readonly name: string;
  /** Elapsed time in milliseconds: a window over a DST change lasts as long as any other. */
  readonly lasts: number;
  /** Changes that may start in the window; absent: no limit. */
  readonly capacity?: number;
  /** What runs when it closes is stopped and undone; absent: it may finish. */
  readonly atEnd?: 'roll-back';
} & (
  | {
      readonly kind: 'weekly';
      readonly opens: WeeklyTime /** Local dates of opening that are cancelled. */;
      readonly cancelled: readonly LocalDate[];
    }
  | { readonly kind: 'once'; readonly opens: LocalDateTime }
);

/** Production is shut from the first local instant until the last; a bare date means the whole day. */
export interface FreezeRule {
  readonly name: string;
  readonly from: LocalDateTime;
  /** Exclusive. A policy's `to: 2027-01-04` (a whole day) is `2027-01-05 00:00` here. */
  readonly until: LocalDateTime;
}

/** Hardware, training, an organisational step: done when somebody says so. */
export interface MilestoneRule {
  readonly name: string;
  /** What it is, for people. */
  readonly what: string;
  /** Local date by which it is to be there. */
  readonly due: LocalDate;
  /** Who may say that it is there, besides release managers. */
  readonly owners: readonly PersonId[];
}

export interface SeatRule {
  readonly role: RoleName;
  readonly count: number;
}

export interface PlanRule {
  readonly name: string;
  readonly strategy: 'in-place' | 'parallel-production' | 'phased';
  /** Of a phased plan those of every phase, one phase after the other, each ended by its health check. */
  readonly steps: readonly StepRule[];
  /** Milliseconds kept free before the window's end for a rollback. */
  readonly reserve: number;
  /** Held from the first step to the end of the last one or of its undo. Absent: none. */
  readonly claims?: Claims;
  /** Of a phased plan only; at least two. */
  readonly phases?: readonly PhaseRule[];
  /** What becomes of a phase that cannot be promoted in the window any more; absent: it is undone. */
  readonly unpromoted?: 'keep';
  /** Of a parallel-production plan that says how the live side is told from the idle one. */
  readonly sides?: SidesRule;
  /** Milliseconds that the old side stays as it was; the steps that bring it up to date come after that. */
  readonly keepOldSide?: number;
}

/** Two sides of production, of which one takes the requests. */
export interface SidesRule {
  readonly names: readonly [string, string];
  readonly live: LiveQuery;
}

/** What a step of parallel production is for, in their order. */
export const parts = ['prepare', 'verify', 'switch', 'validate', 'refresh'] as const;
export type Part = (typeof parts)[number];

/** A part of production that gets the artifact before the next one does. */
export interface PhaseRule {
  /** Its group or percentage, for people. */
  readonly name: string;
  readonly group?: string;
  readonly percent?: number;
  /** Milliseconds that it is looked at before the next phase may begin. */
  readonly bake: number;
  /** Milliseconds between two health checks. */
  readonly every: number;
  /** Who lets the next phase begin once this one is baked: the clock or a person. */
  readonly promote: 'automatic' | 'button';
}

export interface StepRule {
  readonly name: string;
  readonly run: Run;
  /** Milliseconds. */
  readonly expected: number;
  /** Milliseconds after which the step is stopped and counts as failed. */
  readonly timeout: number;
  readonly undo?: Run;
  /** Number of the phase that it belongs to, from 0. */
  readonly phase?: number;
  /** The health check of its phase: run again and again while the phase bakes. */
  readonly check?: true;
  readonly part?: Part;
}

export type { LiveQuery, Run };

/** How long people have for what an exception leaves to be done, and when they may be reminded of it. */
export interface ObligationRules {
  /** Working hours, Monday to Friday, in minutes from midnight on the policy's wall clock: quiet outside of them. */
  readonly from: number;
  readonly until: number;
  readonly terms: Readonly<Record<'review' | 'paper' | 'record' | 'propagation' | 'root-cause', Term>>;
}

/** Milliseconds, or days from Monday to Friday. */
export type Term =
  | { readonly kind: 'elapsed'; readonly ms: number }
  | { readonly kind: 'working-days'; readonly days: number };

/** Minutes from midnight on the policy's wall clock; over midnight when the end is before the beginning. */
export interface QuietHours {
  readonly from: number;
  readonly until: number;
}

/** Where a named channel lives on each platform. */
export interface ChannelRule {
  readonly name: string;
  readonly slack?: string;
  readonly teams?: string;
}
