import { Temporal } from 'temporal-polyfill';

/** Milliseconds since the Unix epoch would lose readability; instants are Dates, local values are text. */

/** `2026-11-25` */
export type LocalDate = string;
/** `2026-11-25 22:00` in the policy's zone */
export type LocalDateTime = string;

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface WeeklyTime {
  readonly weekday: Weekday;
  readonly hour: number;
  readonly minute: number;
}

/** Half-open: `from` belongs to it, `until` does not. */
export interface Interval {
  readonly from: Date;
  readonly until: Date;
}

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
export const week = 7 * day;

export interface Resolved {
  readonly at: Date;
  /** How often the zone's clocks show this time: once, never (skipped), or twice. */
  readonly kind: 'exact' | 'gap' | 'ambiguous';
}

/**
 * The one place where wall-clock time becomes an instant (L13). `zone` must satisfy `isZone`; throws
 * RangeError for faulty text.
 *
 * A time that clocks skip moves on by the length of the gap (RFC 5545 §3.3.5, Temporal's `compatible`):
 * 02:30 is 03:30 on the morning when 02:00 becomes 03:00. Of a time that clocks show twice, what begins
 * (cutoff, opening, `edge: 'start'`) takes the first; what ends takes the second, so that a freeze lasts
 * until the time has passed for good: the exception is a clock that jumps back right onto the end, as
 * midnight does in Havana, where the first stroke already ended the day.
 */
export const resolveLocal = (
  local: LocalDateTime,
  zone: string,
  edge: 'start' | 'end' = 'start',
): Resolved => {
  const wall = Temporal.PlainDateTime.from(local.replace(' ', 'T'));
  const first = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const last = wall.toZonedDateTime(zone, { disambiguation: 'later' });
  if (first.epochMilliseconds === last.epochMilliseconds) return { at: toDate(first), kind: 'exact' };
  if (!last.toPlainDateTime().equals(wall)) return { at: toDate(last), kind: 'gap' };
  const justBefore = last.subtract({ milliseconds: 1 }).toPlainDateTime();
  const endsTwice = Temporal.PlainDateTime.compare(justBefore, wall) < 0;
  return { at: toDate(edge === 'end' && endsTwice ? last : first), kind: 'ambiguous' };
};

const toDate = (zoned: Temporal.ZonedDateTime): Date => new Date(zoned.epochMilliseconds);

/** `2026-11-25 12:00`; seconds are cut off. */
export const formatLocal = (at: Date, zone: string): LocalDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime())
    .toZonedDateTimeISO(zone)
    .toString({ smallestUnit: 'minute', roundingMode: 'floor', offset: 'never', timeZoneName: 'never' })
    .replace('T', ' ');

export const localDateOf = (at: Date, zone: string): LocalDate => dateOf(formatLocal(at, zone));

export const dateOf = (local: LocalDateTime): LocalDate => local.slice(0, local.indexOf(' '));

/** An IANA name. Fixed offsets (`+05:30`) are not zones: they know no DST. */
export const isZone = (name: string): boolean => /^[A-Za-z]/.test(name) && passes(() => zoned(name));

const zoned = (name: string) => new Intl.DateTimeFormat('en', { timeZone: name });

/** `2026-02-30` is not a date. */
export const isLocalDate = (text: string): text is LocalDate =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && passes(() => Temporal.PlainDate.from(text));

/** An ISO 8601 instant: `Z` or an offset is required. Undefined when it is none. */
export const parseInstant = (text: string): Date | undefined =>
  passes(() => Temporal.Instant.from(text))
    ? new Date(Temporal.Instant.from(text).epochMilliseconds)
    : undefined;

const passes = (attempt: () => unknown): boolean => {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
};

export const addDays = (date: LocalDate, days: number): LocalDate =>
  Temporal.PlainDate.from(date).add({ days }).toString();

/** Whole days on the calendar; negative when `to` is earlier. */
export const daysBetween = (from: LocalDate, to: LocalDate): number =>
  Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to)).days;

export const weekdayOf = (date: LocalDate): number => Temporal.PlainDate.from(date).dayOfWeek;

/** A week of ISO 8601: Monday to Sunday; it belongs to the year that has its Thursday. */
export interface IsoWeek {
  readonly year: number;
  readonly week: number;
}

export const isoWeekOf = (date: LocalDate): IsoWeek => isoWeekOfDay(Temporal.PlainDate.from(date));

const isoWeekOfDay = ({ yearOfWeek, weekOfYear }: Temporal.PlainDate): IsoWeek => {
  if (yearOfWeek === undefined || weekOfYear === undefined) throw new RangeError('A calendar without weeks');
  return { year: yearOfWeek, week: weekOfYear };
};

export const mondayOf = (isoWeek: IsoWeek): LocalDate => weeksAfterMonday(isoWeek, 0).toString();

export const weeksAfter = (isoWeek: IsoWeek, weeks: number): IsoWeek =>
  isoWeekOfDay(weeksAfterMonday(isoWeek, weeks));

/** January 4th is always in the first week. */
const weeksAfterMonday = (isoWeek: IsoWeek, weeks: number): Temporal.PlainDate => {
  const inFirstWeek = Temporal.PlainDate.from({ year: isoWeek.year, month: 1, day: 4 });
  return inFirstWeek.add({ days: 7 * (isoWeek.week - 1 + weeks) + 1 - inFirstWeek.dayOfWeek });
};

/** Minutes on the wall clock from the week's Monday 00:00. */
export const minuteOfWeek = (time: WeeklyTime): number =>
  ((time.weekday - 1) * 24 + time.hour) * 60 + time.minute;

/** The wall-clock time so many minutes after the Monday's 00:00, as a clock without DST counts them. */
export const localAfterMonday = (monday: LocalDate, minutes: number): LocalDateTime =>
  Temporal.PlainDate.from(monday)
    .toPlainDateTime()
    .add({ minutes })
    .toString({ smallestUnit: 'minute' })
    .replace('T', ' ');

/** `15m`, `24h`, `3d`: the largest unit that says it exactly; days from two on. */
export const formatDuration = (ms: number): string => {
  if (ms >= 2 * day && ms % day === 0) return `${ms / day}d`;
  if (ms >= hour && ms % hour === 0) return `${ms / hour}h`;
  if (ms >= minute && ms % minute === 0) return `${ms / minute}m`;
  return `${ms / second}s`;
};
