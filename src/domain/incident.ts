import type { PersonId, Policy, ServiceName } from './policy.ts';
import { hour } from './time.ts';

export const severities = ['minor', 'major', 'outage'] as const;
export type Severity = (typeof severities)[number];

/** Why it happened, what hid it, and what is done so that it does not come back. */
export interface Analysis {
  readonly what: string;
  readonly why: string;
  readonly unnoticed: string;
  readonly actions: readonly Action[];
  readonly by: PersonId;
  /** ISO text: stored as JSON. */
  readonly at: string;
}

export interface Action {
  readonly text: string;
  readonly owner: PersonId;
  /** A date of the policy's zone; it is due at the end of that day's working hours. */
  readonly due: string;
}

/** What people do in an incident; one person each. */
export const parts = ['lead', 'communications', 'operations', 'scribe'] as const;
export type Part = (typeof parts)[number];

/** `fix`: it was done first, because it needed no deployment, and is documented after; it is over when it is recorded. */
export interface Incident {
  readonly id: number;
  readonly kind: 'incident' | 'fix';
  readonly what: string;
  readonly service: ServiceName;
  readonly severity: Severity;
  readonly lead: PersonId;
  readonly declaredBy: PersonId;
  readonly declaredAt: Date;
  /** When the impact began and ended; null while it lasts. */
  readonly beganAt: Date;
  readonly endedAt: Date | null;
  readonly closedBy: PersonId | null;
  readonly analysis: Analysis | null;
}

/** What happened to the service, or to what it needs, without anybody writing it down here. */
export type IncidentDeed =
  | 'deployed'
  | 'rolled-back'
  | 'approved'
  | 'rejected'
  | 'vetoed'
  | 'paged'
  | 'acknowledged'
  | 'resolved';

export interface IncidentEvent {
  readonly at: Date;
  readonly kind: 'declared' | 'note' | 'ended' | 'analysed' | IncidentDeed;
  readonly person: PersonId | null;
  readonly text: string;
}

export interface IncidentView {
  readonly incident: Incident;
  /** In order of time. */
  readonly timeline: readonly IncidentEvent[];
  /** Besides the lead. */
  readonly parts: readonly { readonly part: string; readonly person: PersonId }[];
  /** What is still owed for it, by name. */
  readonly owed: readonly string[];
  readonly policy: Policy;
  readonly now: Date;
}

export const incidentName = (id: number): string => `INC-${id}`;

/** `INC-4`, `inc-4` or `4`; undefined for anything else. */
export const incidentNumber = (text: string): number | undefined => {
  const match = /^(?:INC-)?([1-9][0-9]{0,8})$/i.exec(text.trim());
  return match?.[1] === undefined ? undefined : Number(match[1]);
};

/** Deployments so long before the impact are on the timeline too: one of them may be why. */
export const lookBackMs = 6 * hour;

/** The service and everything that it needs, over any number of steps: a change there can break it here. */
export const suspects = (policy: Policy, service: ServiceName): readonly ServiceName[] => {
  const found = new Set<ServiceName>([service]);
  // Grows while it is walked.
  for (const name of found) for (const other of policy.services.get(name)?.dependsOn ?? []) found.add(other);
  return [...found];
};

/** `text; owner; date | text; owner; date`: actions as they are typed. Undefined when one lacks its owner or date. */
export const actionsIn = (written: string): readonly Action[] | undefined => {
  const actions = written
    .split(/\s*(?:\||\n)\s*/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(';').map((part) => part.trim()));
  const complete = actions.flatMap(([text = '', owner = '', due = '', ...more]) =>
    text === '' || owner === '' || due === '' || more.length > 0 ? [] : [{ text, owner, due }],
  );
  return complete.length === actions.length ? complete : undefined;
};
