import type { Severity } from './oncall.ts';
import { severities } from './oncall.ts';
import type { PersonId, ServiceName } from './policy.ts';

/**
 * A page demands a person's attention. `held`: its service is being deployed, it waits; `open`: it escalates until
 * somebody answers; `acknowledged`: somebody has it, and is reminded; `resolved`: over.
 */
export type PageState = 'held' | 'open' | 'acknowledged' | 'resolved';

/**
 * `quiet`: it can wait for working hours and wakes nobody. `drill`: proves that pages arrive; nobody but the one who is
 * meant is asked.
 */
export type PageKind = 'page' | 'quiet' | 'drill';

export interface Page {
  readonly id: number;
  readonly kind: PageKind;
  readonly state: PageState;
  readonly severity: Severity;
  readonly summary: string;
  readonly service: ServiceName | null;
  /** Name of the escalation it follows when none is to be found by its service. */
  readonly escalation: string | null;
  /** Alerts of one bundle share a page while nobody has it. */
  readonly bundle: string;
  readonly step: number;
  readonly round: number;
  /** Grows with every escalation and every answer: what was meant for an earlier one is stale. */
  readonly level: number;
  readonly owner: PersonId | null;
  readonly raisedBy: string;
  readonly raisedAt: Date;
  readonly acknowledgedAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly resolvedBy: string | null;
  /** When something happens next by itself; null only when it is resolved (L10). */
  readonly dueAt: Date | null;
  /** Its alerts are those of this page now. */
  readonly mergedInto: number | null;
  /** What it is about besides its service: `DEP-4`, `OBL-3`. */
  readonly subject: string | null;
}

/** Somebody who was asked to help whoever has the page. */
export interface Helper {
  readonly person: PersonId;
  readonly askedBy: string;
  readonly cameAt: Date | null;
}

/** What a source has told: a page is about one or more of them. */
export interface Alert {
  readonly id: number;
  readonly page: number;
  readonly source: string;
  /** Names the occurrence at its source. */
  readonly key: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly url: string | null;
  /** What else is known, for people: label and text. */
  readonly details: Readonly<Record<string, string>>;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** A person's id, or `system:…` of the source. */
  readonly endedBy: string | null;
}

export const pageName = (id: number): string => `PAGE-${id}`;

/** Undefined when the text is no page's name. */
export const pageNumber = (text: string): number | undefined => {
  const digits = /^page-(\d{1,9})$/i.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

export const isAsUrgent = (one: Severity, as: Severity): boolean =>
  severities.indexOf(one) <= severities.indexOf(as);

export const mostUrgent = (all: readonly Severity[]): Severity =>
  severities.find((severity) => all.includes(severity)) ?? 'error';

/** Repeats of an alert that a person has resolved mean nothing for so long: sources need a while to see it. */
const graceMs = 15 * 60_000;

/**
 * What a firing alert means, by the last one of its name. A source that numbers its occurrences (`recurs` false: the
 * name has the time at which it began) never begins an ended one again, so that a late repeat does not wake anybody.
 */
export const isNews = (
  last: Pick<Alert, 'endedAt' | 'endedBy'> | undefined,
  recurs: boolean,
  now: Date,
): boolean => {
  if (last === undefined) return true;
  if (last.endedAt === null) return false;
  const bySource = last.endedBy?.startsWith('system:') === true;
  if (bySource) return recurs;
  return recurs || now.getTime() - last.endedAt.getTime() >= graceMs;
};

/** Whether an alert joins this page of its bundle, instead of a page of its own. */
export const joins = (page: Page, severity: Severity, bundleMs: number, now: Date): boolean => {
  switch (page.state) {
    case 'held':
    case 'open':
      return true;
    case 'acknowledged':
      return isAsUrgent(page.severity, severity) && now.getTime() - page.raisedAt.getTime() < bundleMs;
    case 'resolved':
      return false;
  }
};
