import type { HandoffRule, RotationRule } from './oncall.ts';
import type { PersonId } from './policy.ts';
import {
  addDays,
  daysBetween,
  type Interval,
  type LocalDate,
  localDateOf,
  resolveLocal,
  weekdayOf,
} from './time.ts';

/** One turn: it lasts as long as the wall clock says, an hour more or less when the clocks change. */
export interface Turn extends Interval {
  /** Counted from `start`; negative before it. */
  readonly number: number;
  readonly person: PersonId;
}

/** Turns tile all of time: the end of one is the beginning of the next, to the millisecond. */
export const turnAt = (rule: RotationRule, zone: string, at: Date): Turn => {
  const length = rule.every * (rule.unit === 'week' ? 7 : 1);
  const first = firstHandoff(rule);
  const begins = (number: number): Date =>
    resolveLocal(`${addDays(first, number * length)} ${clockText(rule.handoff)}`, zone).at;
  // A guess from the calendar; the clocks have the last word, also where a zone skips a whole day.
  let number = Math.floor(daysBetween(first, localDateOf(at, zone)) / length) + 1;
  while (begins(number) > at) number -= 1;
  while (begins(number + 1) <= at) number += 1;
  return { number, person: personOf(rule, number), from: begins(number), until: begins(number + 1) };
};

/** Whose turn has this number; `ahead` further ones are those who would be next. */
export const personOf = ({ people }: RotationRule, number: number): PersonId => {
  const index = ((number % people.length) + people.length) % people.length;
  const person = people[index];
  if (person === undefined) throw new RangeError('a rotation of nobody');
  return person;
};

const firstHandoff = ({ start, handoff }: RotationRule): LocalDate =>
  handoff.weekday === undefined ? start : addDays(start, (handoff.weekday - weekdayOf(start) + 7) % 7);

const two = (n: number): string => String(n).padStart(2, '0');
export const clockText = ({ hour, minute }: Pick<HandoffRule, 'hour' | 'minute'>): string =>
  `${two(hour)}:${two(minute)}`;
