import type { Way } from './oncall.ts';
import type { PersonId, ServiceName } from './policy.ts';
import {
  addDays,
  dateOf,
  formatLocal,
  type Interval,
  isoWeekOf,
  type LocalDate,
  localDateOf,
} from './time.ts';

/** What became of a page; drills, and pages that were merged into others, are none. */
export interface ReportedPage {
  readonly id: number;
  readonly service: ServiceName | null;
  readonly raisedAt: Date;
  /** When somebody was asked first: a page that was held is not late. Null: nobody was. */
  readonly askedAt: Date | null;
  /** By a person. */
  readonly answeredAt: Date | null;
  readonly resolvedAt: Date | null;
}

export interface ReportedSend {
  readonly page: number;
  readonly person: PersonId;
  readonly way: Way;
  readonly state: 'sent' | 'failed';
  readonly at: Date;
}

/** Milliseconds. */
export interface Spread {
  readonly mean: number;
  readonly median: number;
  /** Of ten, nine took no longer. */
  readonly p90: number;
  readonly most: number;
}

export interface PageReport extends Interval {
  readonly pages: number;
  /** Pages that a person has answered. */
  readonly answered: number;
  /** From the first message to a person's answer; null: none was answered. */
  readonly toAnswer: Spread | null;
  /** From the raising to the end; null: none has ended. */
  readonly toEnd: Spread | null;
  /** `share` is between 0 and 1; of messages and calls. */
  readonly undelivered: { readonly failed: number; readonly of: number; readonly share: number };
  /** The most first. A person is woken once by a page in a night. */
  readonly wakeUps: readonly {
    readonly person: PersonId;
    readonly wakeUps: number;
    readonly nights: number;
  }[];
  /** The most first. */
  readonly services: readonly { readonly service: ServiceName | null; readonly pages: number }[];
  /** Every week of the interval, in order: `2026-W48`. */
  readonly weeks: readonly {
    readonly week: string;
    readonly pages: number;
    readonly toAnswer: number | null;
  }[];
}

export interface ReportFacts extends Interval {
  readonly pages: readonly ReportedPage[];
  readonly sends: readonly ReportedSend[];
  /** IANA zone of the policy: its weeks. */
  readonly zone: string;
  /** Of each person: their nights. */
  readonly zoneOf: (person: PersonId) => string;
}

export const pageReport = ({ from, until, pages, sends, zone, zoneOf }: ReportFacts): PageReport => {
  const answers = pages.flatMap((page) => answerMs(page) ?? []);
  const failed = sends.filter(({ state }) => state === 'failed').length;
  return {
    from,
    until,
    pages: pages.length,
    answered: answers.length,
    toAnswer: spreadOf(answers),
    toEnd: spreadOf(
      pages.flatMap(({ raisedAt, resolvedAt }) =>
        resolvedAt === null ? [] : [msBetween(raisedAt, resolvedAt)],
      ),
    ),
    undelivered: { failed, of: sends.length, share: sends.length === 0 ? 0 : failed / sends.length },
    wakeUps: wakeUpsOf(sends, zoneOf),
    services: countedBy(pages.map(({ service }) => service)).map(([service, n]) => ({ service, pages: n })),
    weeks: weeksOf({ from, until }, pages, zone),
  };
};

const msBetween = (from: Date, until: Date): number => Math.max(0, until.getTime() - from.getTime());

const answerMs = ({ raisedAt, askedAt, answeredAt }: ReportedPage): number | undefined =>
  answeredAt === null ? undefined : msBetween(askedAt ?? raisedAt, answeredAt);

/** By the nearest rank. */
export const spreadOf = (values: readonly number[]): Spread | null => {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return {
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    median: rank(0.5),
    p90: rank(0.9),
    most: rank(1),
  };
};

/** From 22:00 to 07:00 on the wall clock, named by the date on which it begins; undefined by day. */
export const nightOf = (at: Date, zone: string): LocalDate | undefined => {
  const local = formatLocal(at, zone);
  const hour = Number(local.slice(-5, -3));
  if (hour >= 22) return dateOf(local);
  return hour < 7 ? addDays(dateOf(local), -1) : undefined;
};

/** Systems sleep through nothing, and nobody is woken by e-mail. */
const ringing: readonly Way[] = ['chat', 'sms', 'voice'];

const wakeUpsOf = (
  sends: readonly ReportedSend[],
  zoneOf: (person: PersonId) => string,
): PageReport['wakeUps'] => {
  const woken = new Map<PersonId, { readonly pages: Set<string>; readonly nights: Set<LocalDate> }>();
  for (const { person, page, way, state, at } of sends) {
    const night = state === 'sent' && ringing.includes(way) ? nightOf(at, zoneOf(person)) : undefined;
    if (night === undefined) continue;
    const known = woken.get(person) ?? { pages: new Set(), nights: new Set() };
    woken.set(person, known);
    known.pages.add(`${night}/${page}`);
    known.nights.add(night);
  }
  return [...woken]
    .map(([person, { pages, nights }]) => ({ person, wakeUps: pages.size, nights: nights.size }))
    .sort((a, b) => b.wakeUps - a.wakeUps || (a.person < b.person ? -1 : 1));
};

const countedBy = <K>(keys: readonly K[]): readonly (readonly [K, number])[] => {
  const counts = new Map<K, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (String(a[0]) < String(b[0]) ? -1 : 1));
};

const weekOf = (date: LocalDate): string => {
  const { year, week } = isoWeekOf(date);
  return `${year}-W${String(week).padStart(2, '0')}`;
};

const weeksOf = (
  { from, until }: Interval,
  pages: readonly ReportedPage[],
  zone: string,
): PageReport['weeks'] => {
  const weeks = new Set<string>();
  const last = localDateOf(new Date(until.getTime() - 1), zone);
  for (let date = localDateOf(from, zone); date <= last; date = addDays(date, 1)) weeks.add(weekOf(date));
  const raised = new Map<string, ReportedPage[]>([...weeks].map((week) => [week, []]));
  for (const page of pages) raised.get(weekOf(localDateOf(page.raisedAt, zone)))?.push(page);
  return [...raised].map(([week, some]) => ({
    week,
    pages: some.length,
    toAnswer: spreadOf(some.flatMap((page) => answerMs(page) ?? []))?.mean ?? null,
  }));
};
