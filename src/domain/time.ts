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
