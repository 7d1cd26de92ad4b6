import { assertNever } from '../domain/assert-never.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { hoursOf, rosterOf } from '../domain/roster.ts';
import { type Reason, type Roster, shiftAt, shiftsBetween } from '../domain/schedule.ts';
import { closest } from '../domain/spelling.ts';
import { formatLocal, parseInstant, week } from '../domain/time.ts';

export interface OncallOptions {
  /** ISO 8601, with Z or an offset. */
  readonly at: string;
  readonly schedule?: string;
  readonly json?: boolean;
}

export interface OncallRow {
  readonly schedule: string;
  readonly at: string;
  /** Null: nobody. */
  readonly person: PersonId | null;
  readonly name: string | null;
  readonly level: string | null;
  readonly because: Reason;
  readonly from: string;
  readonly until: string;
  /** Hours of each person in the twelve weeks from `at`. */
  readonly hours: Readonly<Record<PersonId, number>>;
}

/**
 * Text for stdout, without the last line's end. By the policy alone: what people arranged in chat is in the
 * database. Refuses `bad-time` and `unknown-schedule`.
 */
export const oncallCommand = (policy: Policy, options: OncallOptions): string => {
  const expected = ['2026-11-25T12:00:00Z'];
  const at =
    parseInstant(options.at) ??
    refuse({ code: 'bad-time', facts: { option: '--at', text: options.at, expected } });
  const rows = rostersOf(policy, options.schedule).map((roster) => rowOf(policy, roster, at));
  if (options.json === true) return JSON.stringify(rows, null, 2);
  return rows.length === 0
    ? 'The policy has no schedules.'
    : rows.map((row) => lineOf(policy, row)).join('\n');
};

const rostersOf = (policy: Policy, only: string | undefined): readonly Roster[] => {
  const known = [...policy.oncall.schedules.keys()];
  if (only !== undefined && !known.includes(only)) {
    const meant = closest(only, known);
    return refuse({
      code: 'unknown-schedule',
      facts: { schedule: only, known, ...(meant === undefined ? {} : { meant }) },
    });
  }
  return known
    .filter((name) => only === undefined || name === only)
    .flatMap((name) => rosterOf(policy, name) ?? []);
};

const rowOf = (policy: Policy, roster: Roster, at: Date): OncallRow => {
  const { person, reason, from, until } = shiftAt(roster, at);
  const known = person === undefined ? undefined : policy.people.get(person);
  const coming = shiftsBetween(roster, { from: at, until: new Date(at.getTime() + 12 * week) });
  return {
    schedule: roster.schedule.name,
    at: at.toISOString(),
    person: person ?? null,
    name: known?.name ?? null,
    level: known?.level ?? null,
    because: reason,
    from: from.toISOString(),
    until: until.toISOString(),
    hours: Object.fromEntries(hoursOf(coming)),
  };
};

const lineOf = (policy: Policy, row: OncallRow): string => {
  const local = (iso: string): string => formatLocal(new Date(iso), policy.timezone);
  const who =
    row.person === null
      ? 'nobody'
      : `${row.name} (${[row.person, ...(row.level === null ? [] : [row.level])].join(', ')})`;
  return `${row.schedule}: ${who}, ${becauseOf(row.because)}; from ${local(row.from)} to ${local(row.until)} ${policy.timezone}`;
};

const becauseOf = (reason: Reason): string => {
  switch (reason.kind) {
    case 'turn':
      return `whose turn it is in ${reason.layer}`;
    case 'stands-in':
      return `next in ${reason.layer}, because ${reason.away} is away`;
    case 'override':
      return reason.insteadOf === null ? 'by an override' : `by an override, instead of ${reason.insteadOf}`;
    case 'nobody':
      return reason.away.length === 0
        ? 'because no rotation is in force'
        : `because ${reason.away.join(', ')} and whoever could stand in are away`;
    default:
      return assertNever(reason);
  }
};
