import { teamOf } from './exception.ts';
import type { PersonId, Policy, Service, Term } from './policy.ts';
import {
  addDays,
  day,
  formatLocal,
  hour,
  isLocalDate,
  type LocalDate,
  resolveLocal,
  weekdayOf,
} from './time.ts';

/**
 * What is owed after an exception (L11). `review`: why a change was late · `paper`: a requirement that an emergency
 * skipped · `record`: the ticket of what was done first · `propagation`: the same in configuration management, so that
 * the next build does not undo it · `root-cause`: the analysis after an outage · `action`: what it says has to be done.
 */
export const obligationKinds = ['review', 'paper', 'record', 'propagation', 'root-cause', 'action'] as const;
export type ObligationKind = (typeof obligationKinds)[number];

export interface Obligation {
  readonly id: number;
  readonly kind: ObligationKind;
  /** What it came from: `CHG-9`, `INC-2`. */
  readonly subject: string;
  /** For `paper`: as the policy writes it. */
  readonly requirement: string | null;
  readonly service: string;
  readonly team: string;
  readonly owner: PersonId;
  /** How often people were reminded of it. */
  readonly contacts: number;
  readonly createdAt: Date;
  readonly dueAt: Date;
  readonly settledAt: Date | null;
  readonly settledBy: PersonId | null;
  readonly note: string | null;
}

export const obligationName = (id: number): string => `OBL-${id}`;

/** `OBL-4`, `obl-4` or `4`; undefined for anything else. */
export const obligationNumber = (text: string): number | undefined => {
  const match = /^(?:OBL-)?([1-9][0-9]{0,8})$/i.exec(text.trim());
  return match?.[1] === undefined ? undefined : Number(match[1]);
};

/** In doubt it is not yet: at the due instant itself there is no time left (L3). */
export const isOverdue = (
  { dueAt, settledAt }: Pick<Obligation, 'dueAt' | 'settledAt'>,
  now: Date,
): boolean => settledAt === null && dueAt <= now;

/** When it is due that arose at `at`. Working days end with their working hours, on the policy's wall clock. */
export const dueAfter = (policy: Policy, kind: Exclude<ObligationKind, 'action'>, at: Date): Date => {
  const rules = policy.obligations;
  const term: Term = rules.terms[kind];
  if (term.kind === 'elapsed') return new Date(at.getTime() + term.ms);
  let date = dateOf(at, policy);
  for (let left = term.days; left > 0; left -= 1) date = nextWorkday(date);
  return endOfWork(policy, date);
};

export const endOfWork = (policy: Policy, date: LocalDate): Date =>
  resolveLocal(`${date} ${clockOf(policy.obligations.until)}`, policy.timezone, 'end').at;

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** `2026-12-04`, or `Friday` for the next one from this day on; undefined for anything else. */
export const dayNamed = (word: string, today: LocalDate): LocalDate | undefined => {
  const weekday = weekdays.indexOf(word.toLowerCase()) + 1;
  if (weekday > 0) return addDays(today, (weekday - weekdayOf(today) + 7) % 7);
  return isLocalDate(word) ? word : undefined;
};

/** The first instant from `at` on at which it is polite to ask: within working hours, Monday to Friday. */
export const politeFrom = (policy: Policy, at: Date): Date => {
  const { from, until } = policy.obligations;
  const local = formatLocal(at, policy.timezone);
  const date = local.slice(0, 10);
  const minutes = Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16));
  if (isWorkday(date) && from <= minutes && minutes < until) return at;
  const next = isWorkday(date) && minutes < from ? date : nextWorkday(date);
  return resolveLocal(`${next} ${clockOf(from)}`, policy.timezone).at;
};

/** Who hears of it: its owner, then those who answer for the service too, then the release managers too. */
export type Audience = 'owner' | 'owners' | 'managers';

export interface Contact {
  readonly at: Date;
  readonly audience: Audience;
}

/** Between two reminders; what falls due on a weekend does not ring three times on Monday. */
const restMs = 20 * hour;

/**
 * The next reminder after `contacts` of them: a day before it is due, when it is due, a day later to the service's
 * owners too, from then on every day to the release managers too; never in quiet hours.
 */
export const nextContact = (
  policy: Policy,
  { dueAt, contacts, createdAt }: Pick<Obligation, 'dueAt' | 'contacts' | 'createdAt'>,
  last: Date | null,
): Contact => {
  const planned = Math.max(createdAt.getTime(), dueAt.getTime() + (contacts - 1) * day);
  const rested = last === null ? 0 : last.getTime() + restMs;
  return {
    at: politeFrom(policy, new Date(Math.max(planned, rested))),
    audience: contacts < 2 ? 'owner' : contacts === 2 ? 'owners' : 'managers',
  };
};

/** Somebody always hears of it: when the owner has left the policy, those who must find another one. */
export const reached = (
  policy: Policy,
  { owner, service }: Pick<Obligation, 'owner' | 'service'>,
  audience: Audience,
): readonly PersonId[] => {
  const gone = !policy.people.has(owner);
  const owners = policy.services.get(service)?.owners ?? [];
  const managers = policy.releaseManagers.flatMap((role) => policy.roles.get(role) ?? []);
  return [
    ...new Set([
      ...(gone ? [] : [owner]),
      ...(audience !== 'owner' || gone ? owners : []),
      ...(audience === 'managers' || gone ? managers : []),
    ]),
  ];
};

/** Who may take it over, and settle it for its owner. */
export const mayTakeOver = (
  policy: Policy,
  obligation: Pick<Obligation, 'owner' | 'service' | 'team'>,
  person: PersonId,
): boolean =>
  [...policy.services.values()].some(
    (service: Service) =>
      (service.name === obligation.service || teamOf(service) === obligation.team) &&
      service.owners.includes(person),
  ) ||
  [...policy.releaseManagers, 'operations'].some((role) => policy.roles.get(role)?.includes(person) ?? false);

/** What stops the team from boarding: overdue, and nobody has settled it. */
export const overdueOf = (
  obligations: readonly Obligation[],
  team: string,
  now: Date,
): readonly Obligation[] =>
  obligations.filter((obligation) => obligation.team === team && isOverdue(obligation, now));

const dateOf = (at: Date, policy: Policy): LocalDate => formatLocal(at, policy.timezone).slice(0, 10);

const isWorkday = (date: LocalDate): boolean => weekdayOf(date) <= 5;

const nextWorkday = (date: LocalDate): LocalDate => {
  const next = addDays(date, 1);
  return isWorkday(next) ? next : nextWorkday(next);
};

/** `09:00`; 1440 minutes are the day's last one. */
const clockOf = (minutes: number): string => {
  const shown = Math.min(minutes, 24 * 60 - 1);
  return `${String(Math.floor(shown / 60)).padStart(2, '0')}:${String(shown % 60).padStart(2, '0')}`;
};
