import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { addDays, dateOf, day, isLocalDate, parseInstant, resolveLocal, weekdayOf } from '../domain/time.ts';
import { type TimetableEntry, timetable } from '../domain/timetable.ts';

export interface TimetableOptions {
  /** A local date of the policy's zone, from its 00:00 on; or an ISO instant. */
  readonly from: string;
  /** A local date, up to its 24:00; or an ISO instant. What happens at that very instant is left out. */
  readonly to: string;
  readonly json?: boolean;
}

/** Text for stdout, without the last line's end. Refuses `bad-time`, `range-backwards` and `range-too-long`. */
export const timetableCommand = (policy: Policy, options: TimetableOptions): string => {
  const from = parseEdge(policy, 'from', options.from);
  const to = parseEdge(policy, 'to', options.to);
  const facts = { from: options.from, to: options.to };
  if (to < from) return refuse({ code: 'range-backwards', facts });
  if (to.getTime() - from.getTime() > maxYears * 366 * day) {
    return refuse({ code: 'range-too-long', facts: { ...facts, maxYears } });
  }
  const entries = timetable(policy, from, to);
  return options.json === true
    ? JSON.stringify(timetableJson(entries), null, 2)
    : timetableText(entries, policy);
};

/** Some seconds' work. */
const maxYears = 100;

export const parseEdge = (policy: Policy, option: 'from' | 'to', text: string): Date => {
  if (isLocalDate(text)) {
    return option === 'from'
      ? resolveLocal(`${text} 00:00`, policy.timezone).at
      : resolveLocal(`${addDays(text, 1)} 00:00`, policy.timezone, 'end').at;
  }
  const expected = ['2026-11-25', '2026-11-25T12:00:00Z'];
  return parseInstant(text) ?? refuse({ code: 'bad-time', facts: { option: `--${option}`, text, expected } });
};

export interface TimetableRow {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly local: string;
  readonly kind: TimetableEntry['kind'];
  readonly name: string;
  /** Null for freezes. */
  readonly train: string | null;
}

export const timetableJson = (entries: readonly TimetableEntry[]): readonly TimetableRow[] =>
  entries.map(({ at, local, kind, name, train }) => ({
    at: at.toISOString(),
    local,
    kind,
    name,
    train: train ?? null,
  }));

/** A table whose columns line up; the weekday stands where the days change. */
export const timetableText = (entries: readonly TimetableEntry[], policy: Policy): string => {
  if (entries.length === 0) return `Nothing happens in this time (${policy.timezone}).`;
  const header = ['', policy.timezone, 'what', 'name', 'train'];
  const rows = entries.map(({ local, kind, name, train }, index) => [
    dateOf(local) === dateOf(entries[index - 1]?.local ?? '') ? '' : weekday(local),
    local,
    kind.replace('-', ' '),
    name,
    train ?? '',
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const weekday = (local: string): string =>
  ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][weekdayOf(dateOf(local)) - 1] ?? '';
