/** What a policy says of on-call duty: who takes turns, who is paged when, by what way. Names are those of the policy. */
import type { LocalDate, LocalDateTime, Weekday } from './time.ts';

/** How urgent a page is, the most urgent first; the names are PagerDuty's. */
export const severities = ['critical', 'error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** Ways to a person. */
export const ways = ['chat', 'sms', 'voice', 'email', 'webhook', 'pagerduty'] as const;
export type Way = (typeof ways)[number];

export interface OncallRule {
  readonly schedules: ReadonlyMap<string, ScheduleRule>;
  readonly escalations: ReadonlyMap<string, EscalationRule>;
  /** Who hears of a page that reaches nobody else. */
  readonly catchAll: readonly Target[];
  /** Milliseconds between the last step and the first one of the next round. */
  readonly again: number;
  /** Milliseconds after which the owner of a page that is not resolved is reminded of it. */
  readonly remind: number;
  /** Milliseconds within which further alerts of a service join its page. */
  readonly bundle: number;
  /** Alerts at least as urgent as this are paged at once while their service is being deployed; others wait. */
  readonly urgent: Severity;
  /** Milliseconds after the end of a deployment in which alerts of its service may end by themselves. */
  readonly settle: number;
  readonly absences: readonly AbsenceRule[];
  readonly overrides: readonly OverrideRule[];
  /** Names of levels, the lowest first. */
  readonly levels: readonly string[];
  readonly tiers: ReadonlyMap<string, TierRule>;
  /** Milliseconds before a shift at which it is looked whether all is well with it. */
  readonly checkShifts: number;
  readonly heartbeats: ReadonlyMap<string, HeartbeatRule>;
  readonly drill?: DrillRule;
  /** How many times the average hours of a rotation anybody may have before the policy is warned of. */
  readonly fairness: number;
  /** Nights in a row after which the policy is warned of; absent: never. */
  readonly nights?: number;
  /** The most that leaves to one telephone within a quarter of an hour; what is more waits. */
  readonly limits: Readonly<Record<'sms' | 'voice', number>>;
  readonly line: LineRule;
}

/** The number that is answered day and night. */
export interface LineRule {
  /** Services that callers choose from by key, the first one by 1; none: whoever is on call by default is rung. */
  readonly services: readonly string[];
  /** Milliseconds for which each person's telephone rings. */
  readonly ring: number;
}

/** A job that has to call. Times are milliseconds. */
export interface HeartbeatRule {
  readonly name: string;
  readonly every: number;
  readonly grace: number;
  readonly service?: string;
  readonly severity: Severity;
}

/** A page that proves that pages arrive. */
export interface DrillRule {
  /** On the policy's wall clock. */
  readonly at: { readonly hour: number; readonly minute: number };
  /** Empty: every day. */
  readonly on: readonly Weekday[];
  readonly targets: readonly Target[];
  /** Absent: every way of the person. */
  readonly by?: Way;
  /** Milliseconds. */
  readonly within: number;
  /** What ends it well: that every message was taken, or a person's acknowledgement. */
  readonly answer: 'arrival' | 'person';
}

export interface ScheduleRule {
  readonly name: string;
  /** At any moment the first one that is in force and has somebody there is asked. At least one. */
  readonly layers: readonly LayerRule[];
}

export interface LayerRule {
  readonly name: string;
  /** IANA zone of its wall-clock times. */
  readonly zone: string;
  readonly rotation: RotationRule;
  /** Days on which its hours begin; empty: every day. */
  readonly on: readonly Weekday[];
  /** Minutes from the day's 00:00 on the wall clock; `until` is after `from`, at most 24 hours. Absent: all day. */
  readonly hours?: { readonly from: number; readonly until: number };
}

/** People who take turns. Turns are counted from `start`, so that neither a new year nor a restart moves anybody. */
export interface RotationRule {
  /** At least one. */
  readonly people: readonly string[];
  readonly unit: 'day' | 'week';
  /** Days or weeks of one turn; at least 1. */
  readonly every: number;
  readonly handoff: HandoffRule;
  /** The first person's first turn begins with the first hand-off on or after this date. */
  readonly start: LocalDate;
}

export interface HandoffRule {
  /** Absent in a daily rotation. */
  readonly weekday?: Weekday;
  readonly hour: number;
  readonly minute: number;
}

/** In the policy's zone; `until` is exclusive. */
export interface AbsenceRule {
  readonly person: string;
  readonly from: LocalDateTime;
  readonly until: LocalDateTime;
}

export interface OverrideRule extends AbsenceRule {
  readonly schedule: string;
}

export interface EscalationRule {
  readonly name: string;
  /** In order; at least one. */
  readonly steps: readonly EscalationStep[];
}

export interface EscalationStep {
  /** Milliseconds since the page was raised, if every step before it reached somebody. */
  readonly after: number;
  readonly targets: readonly Target[];
  /** One of its people at a time, the next one for each page; absent: all of them. */
  readonly inTurn?: boolean;
}

export type Target = { readonly kind: 'schedule' | 'role' | 'person' | 'channel'; readonly name: string };

/** One of a person's ways, tried when the page has waited for that person so many milliseconds. */
export interface WayRule {
  readonly way: Way;
  readonly after: number;
}

export interface TierRule {
  readonly name: string;
  readonly escalation?: string;
  /** The least level of whoever is paged first. */
  readonly level?: string;
  /** Of whose people the first one must be at weekends. */
  readonly weekends?: string;
}
