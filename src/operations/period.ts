import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import {
  addDays,
  day,
  hour,
  type Interval,
  isLocalDate,
  localDateOf,
  minute,
  parseInstant,
  resolveLocal,
} from '../domain/time.ts';

const dateTime = /^(\d{4}-\d{2}-\d{2})[ T]([01]\d|2[0-3]):([0-5]\d)$/;
const units: Readonly<Record<string, number>> = { m: minute, h: hour, d: day };

/**
 * Two words of a person, in the policy's zone: dates (the last one whole), `2026-11-25T18:00`, `now`; the second one
 * may also say how long, `4h`. Refuses `bad-period`, also for what is over or ends before it begins.
 */
export const periodOf = (policy: Policy, words: readonly string[], now: Date): Interval => {
  const [first = '', second = ''] = words;
  const no = (): never =>
    refuse({
      code: 'bad-period',
      facts: { from: first, to: second, known: ['2026-11-25', '2026-11-25T18:00', 'now', '4h'] },
    });
  const at = (word: string, edge: 'start' | 'end'): Date => {
    if (word === 'now') return now;
    if (isLocalDate(word))
      return resolveLocal(`${edge === 'start' ? word : addDays(word, 1)} 00:00`, policy.timezone, edge).at;
    const [, date = '', hours = '', minutes = ''] = dateTime.exec(word) ?? [];
    return isLocalDate(date) ? resolveLocal(`${date} ${hours}:${minutes}`, policy.timezone, edge).at : no();
  };
  const from = at(first, 'start');
  const [, amount = '', unit = ''] = /^(\d{1,4})([mhd])$/.exec(second) ?? [];
  const until =
    units[unit] === undefined ? at(second, 'end') : new Date(from.getTime() + Number(amount) * units[unit]);
  return from < until && until > now ? { from, until } : no();
};

/** An instant that has passed, in the policy's zone: `2026-11-28T22:10`, or `22:10` for the last time it was so late. */
export const pastMoment = (policy: Policy, word: string, now: Date): Date => {
  const no = (): never =>
    refuse({ code: 'bad-moment', facts: { text: word, known: ['2026-11-28T22:10', '22:10'] } });
  const [, date, clock] = /^(?:(\d{4}-\d{2}-\d{2})[ T])?((?:[01]\d|2[0-3]):[0-5]\d)$/.exec(word) ?? [];
  if (clock === undefined || (date !== undefined && !isLocalDate(date))) return no();
  const today = localDateOf(now, policy.timezone);
  const on = (day: string): Date => resolveLocal(`${day} ${clock}`, policy.timezone).at;
  const at = date === undefined && on(today) > now ? on(addDays(today, -1)) : on(date ?? today);
  return at > now ? no() : at;
};

/** Any instant: `2026-11-28T22:10` in the policy's zone, or with an offset. Refuses `bad-instant`. */
export const momentOf = (policy: Policy, word: string): Date => {
  const [, date = '', hours = '', minutes = ''] = dateTime.exec(word) ?? [];
  return isLocalDate(date)
    ? resolveLocal(`${date} ${hours}:${minutes}`, policy.timezone).at
    : (parseInstant(word) ??
        refuse({
          code: 'bad-instant',
          facts: { text: word, known: ['2026-11-28T22:10', '2026-11-28T22:10:00Z'] },
        }));
};
