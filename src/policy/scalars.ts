import { z } from 'zod';
import { placeholdersOf } from '../domain/placeholders.ts';
import type { Requirement, Term } from '../domain/policy.ts';
import { keyIn } from '../domain/provenance.ts';
import type { LocalDate, LocalDateTime, WeeklyTime } from '../domain/time.ts';
import { addDays, day, formatDuration, hour, isLocalDate, isZone, minute, second } from '../domain/time.ts';
import { didYouMean } from './did-you-mean.ts';

/** The forms in which single values are written. Their titles name them in the reference and in editors. */

/** Digits alone are out: JavaScript objects would move such a name to the front of its section. */
export const namePattern = '(?![0-9]+$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}';
const nameRule =
  'up to 64 letters, digits, ".", "_" and "-", beginning with a letter or digit and not digits alone';

/** A name that other parts of the policy refer to. Never begins with `-`: it becomes a program's argument. */
export const nameOf = (what: string) =>
  form(`name of a ${what}`, `^${namePattern}$`, (text) => `"${text}" cannot be a name: use ${nameRule}`);

/** One line for people to read. */
export const text = z
  .string({ error: expected('text') })
  .trim()
  .min(1, 'is empty')
  .max(200, 'is longer than 200 characters')
  .refine((value) => !/\p{Cc}/u.test(value), 'must be one line without control characters')
  .meta({ title: 'text' });

/** A public key in PEM, of a kind that signatures are verified by. */
export const publicKey = z
  .string({ error: expected('a public key in PEM') })
  .check((context) => {
    if (keyIn(context.value) === undefined)
      report(context, 'is not a public key in PEM (-----BEGIN PUBLIC KEY-----) of Ed25519, RSA or ECDSA');
  })
  .meta({ title: 'public key in PEM' });

/** Elapsed, or working days: `24h`, `5 working days`. */
export const term = form(
  'duration or working days',
  '^(\\d{1,6}[smhd]|[1-9]\\d{0,2} working days?)$',
  (value) => `"${value}" is neither a duration such as 24h nor a number such as "5 working days"`,
).transform((value): Term => {
  const [amount = '', ...rest] = value.split(' ');
  return rest.length > 0
    ? { kind: 'working-days', days: Number(amount) }
    : { kind: 'elapsed', ms: parseDuration(value) ?? 0 };
});

/** Minutes from midnight of `09:00`; `24:00` ends the day. */
export const timeOfDay = form(
  'time of day',
  '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
  (value) => `"${value}" is not a time of day such as 09:00`,
).transform((value) => Number(value.slice(0, 2)) * 60 + Number(value.slice(3)));

export const zone = z
  .string({ error: expected('an IANA time zone such as America/New_York') })
  .check((context) => {
    if (isZone(context.value)) return;
    const meant = didYouMean(context.value, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
    report(context, `"${context.value}" is not an IANA time zone${meant}`);
  })
  .meta({ title: 'time zone' });

const units = new Map([
  ['s', second],
  ['m', minute],
  ['h', hour],
  ['d', day],
]);

/** Milliseconds of `90s`, `15m`, `4h`, `2d`; undefined when it is no duration. */
export const parseDuration = (written: string): number | undefined => {
  const [, amount = '', letter = ''] = /^(\d{1,6})([smhd])$/.exec(written) ?? [];
  const unit = units.get(letter);
  return unit === undefined ? undefined : Number(amount) * unit;
};

/** Milliseconds. `least` and `most` are inclusive. */
export const duration = (least: number = second, most: number = 366 * day) =>
  form('duration', '^\\d{1,6}[smhd]$', (value) => `"${value}" is not a duration; write 90s, 15m, 4h or 2d`)
    .transform((value) => parseDuration(value) ?? 0)
    .check((context) => {
      if (context.value < least) report(context, `must be at least ${formatDuration(least)}`);
      if (context.value > most) report(context, `must be at most ${formatDuration(most)}`);
    })
    .meta({ title: 'duration' });

const numbered = [
  ['Monday', 1],
  ['Tuesday', 2],
  ['Wednesday', 3],
  ['Thursday', 4],
  ['Friday', 5],
  ['Saturday', 6],
  ['Sunday', 7],
] as const;
const weekdays = numbered.map(([name]) => name);
/** Monday first. */
export const weekdayNames: readonly string[] = weekdays;
const clock = '([01][0-9]|2[0-3]):[0-5][0-9]';
const weeklyPattern = `(${weekdays.join('|')}) ${clock}`;
const datePattern = '[0-9]{4}-[0-9]{2}-[0-9]{2}';

const notWeekly = (value: string): string => {
  const word = value.split(' ', 1)[0] ?? '';
  const weekday = weekdays.some((known) => known === word) ? '' : didYouMean(word, weekdays);
  return `"${value}" is not a weekly time such as Wednesday 12:00${weekday}`;
};

export const weeklyTime = form('weekly time', `^${weeklyPattern}$`, notWeekly).transform(toWeekly);

export const date = form(
  'date',
  `^${datePattern}$`,
  (value) => `"${value}" is not a date such as 2026-12-18`,
).check((context) => existing(context, context.value));

/** A bare date stays one: whether it means the day's begin or end depends on where it stands. */
export const dateOrDateTime = form(
  'date or date-time',
  `^${datePattern}( ${clock})?$`,
  (value) => `"${value}" is not a date such as 2026-12-18, or 2026-12-18 22:00`,
).check((context) => existing(context, context.value.slice(0, 10)));

export type Opening =
  | { readonly kind: 'weekly'; readonly opens: WeeklyTime }
  | { readonly kind: 'once'; readonly opens: LocalDateTime };

export const opening = form(
  'weekly time or date-time',
  `^(${weeklyPattern}|${datePattern} ${clock})$`,
  (value) =>
    /^\d/.test(value)
      ? `"${value}" is not a date-time such as 2026-12-02 22:00`
      : notWeekly(value).replace('Wednesday 12:00', 'Saturday 22:00'),
)
  .check((context) => {
    if (/^\d/.test(context.value)) existing(context, context.value.slice(0, 10));
  })
  .transform(
    (value): Opening =>
      /^\d/.test(value) ? { kind: 'once', opens: value } : { kind: 'weekly', opens: toWeekly(value) },
  );

/** The first instant's local time of what begins on a date or at a date-time. */
export const beginning = (value: LocalDate | LocalDateTime): LocalDateTime =>
  value.includes(' ') ? value : `${value} 00:00`;

/** Exclusive: a bare date is included whole. */
export const ending = (value: LocalDate | LocalDateTime): LocalDateTime =>
  value.includes(' ') ? value : `${addDays(value, 1)} 00:00`;

const plainRequirements = ['build', 'reproduced', 'records', 'date-approved', 'approvals'] as const;
const requirementForms = [
  ...plainRequirements,
  'deployed:test',
  'verified:preproduction',
  'mirror:preproduction',
  'sign-off:qa',
];

export const requirement = form(
  'requirement',
  `^(${plainRequirements.join('|')}|(deployed|verified|mirror|sign-off):${namePattern})$`,
  (value) => {
    const meant = didYouMean(value, requirementForms);
    const known = `${plainRequirements.join(', ')}, deployed:ENVIRONMENT, verified:ENVIRONMENT, mirror:ENVIRONMENT, sign-off:ROLE`;
    return `"${value}" is not a requirement${meant === '' ? `; write one of ${known}` : meant}`;
  },
).transform((value): Requirement => {
  const [kind, subject = ''] = value.split(/:(.*)/s);
  switch (kind) {
    case 'deployed':
    case 'verified':
    case 'mirror':
      return { kind, environment: subject };
    case 'sign-off':
      return { kind, role: subject };
    default:
      return { kind: plainRequirements.find((plain) => plain === kind) ?? 'approvals' };
  }
});

export const placeholders = [
  'service',
  'version',
  'artifact',
  'previous',
  'change',
  'deployment',
  'environment',
  'strategy',
  'run',
  'group',
  'percent',
  'new-side',
  'old-side',
] as const;

/** One argument of a program; no shell ever sees it. */
export const argument = z
  .string({ error: expected('text') })
  .max(4_000, 'is longer than 4000 characters')
  .check((context) => {
    if (context.value.includes('\0')) report(context, 'must not contain a NUL character');
    for (const word of placeholdersOf(context.value)) {
      if (placeholders.some((known) => known === word)) continue;
      const meant = didYouMean(word, placeholders);
      const known = placeholders.map((name) => `{${name}}`).join(' ');
      report(context, `unknown placeholder {${word}}${meant === '' ? `; there are ${known}` : meant}`);
    }
  })
  .meta({ title: 'argument' });

/** Text of one fixed form. `title` is what the reference calls it; `fault` words what does not have the form. */
export function form(title: string, pattern: string, fault: (written: string) => string) {
  const shape = new RegExp(pattern);
  return z
    .string({
      error: ({ input }) => {
        if (typeof input !== 'number' && typeof input !== 'boolean') return expected('text')({ input });
        return shape.test(String(input)) ? expected('text')({ input }) : fault(String(input));
      },
    })
    .regex(shape, { error: (issue) => fault(String(issue.input)) })
    .meta({ title });
}

/** Adds a fault without hiding those of the neighbours. `path` is relative to the value. */
export const report = (
  context: { readonly value: unknown; issues: z.core.$ZodRawIssue[] },
  message: string,
  path: readonly (string | number)[] = [],
): void => {
  context.issues.push({ code: 'custom', message, input: context.value, path: [...path], continue: true });
};

/** A list whose entries differ. */
export const distinct = <T extends z.ZodType>(entry: T, least = 0) =>
  z
    .array(entry)
    .min(least, 'must not be empty')
    .check((context) => {
      const seen = new Set<string>();
      context.value.forEach((value, i) => {
        const key = JSON.stringify(value);
        if (seen.has(key)) report(context, 'is in the list twice', [i]);
        seen.add(key);
      });
    });

function existing(context: { readonly value: unknown; issues: z.core.$ZodRawIssue[] }, value: LocalDate) {
  if (!isLocalDate(value)) report(context, `there is no ${value} in the calendar`);
}

function toWeekly(value: string): WeeklyTime {
  const [name = '', hours = '', minutes = ''] = value.split(/[ :]/);
  const weekday = numbered.find(([known]) => known === name)?.[1] ?? 1;
  return { weekday, hour: Number(hours), minute: Number(minutes) };
}

/** For a value of the wrong type; a missing one is described like every other missing value. */
function expected(what: string) {
  return (issue: { readonly input?: unknown }): string | undefined =>
    issue.input === undefined
      ? undefined
      : `expected ${what}, found ${found(issue.input)}${quoteIt(issue.input)}`;
}

export const found = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : `${typeof value} ${String(value)}`;
};

const quoteIt = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? '; put it in quotes if it is meant as text' : '';
