import { z } from 'zod';
import type { WeeklyTime } from '../domain/time.ts';
import { isLocalDate, minute, minuteOfWeek, week } from '../domain/time.ts';
import {
  beginning,
  date,
  dateOrDateTime,
  distinct,
  duration,
  ending,
  nameOf,
  opening,
  report,
  requirement,
  text,
  weeklyTime,
} from './scalars.ts';

export const cutoff = z.strictObject({
  at: weeklyTime.describe('The deadline. What arrives at this very minute is late.'),
  meeting: weeklyTime
    .exactOptional()
    .describe('The meeting that goes through the run-sheet of this cutoff. Default: no meeting.'),
  reminders: distinct(duration(minute, week - minute))
    .prefault(['24h', '2h', '15m'])
    .describe(
      'How long before the cutoff the people whose move it is are reminded of what is missing. Default: `[24h, 2h, 15m]`.',
    ),
  requires: distinct(requirement)
    .exactOptional()
    .describe(
      'What a change must show to stay on the train: `build` (complete, by a trusted builder, on every platform), `deployed:ENVIRONMENT` and `verified:ENVIRONMENT` (without issues), `mirror:ENVIRONMENT` (it reads like production, but for what the change brings and what `differs` allows), `sign-off:ROLE`, `records` (tickets in the right state), `date-approved` (by a release manager), `approvals` (every seat filled). Default for a cutoff named `in-test`: `build`, `deployed:` the first environment, `records`, `date-approved`. Default for one named `ready-for-production`: `sign-off:qa`, `verified:` the last environment before production, `records`, `approvals`. A cutoff with another name must say.',
    ),
});

export const window = z
  .strictObject({
    name: nameOf('window').describe('How cards and calendars call it; once per train.'),
    opens: opening.describe(
      'Every week (`Saturday 22:00`) or once (`2026-12-02 22:00`). A window that opens once is an extra one beside the weekly windows.',
    ),
    lasts: duration(minute, week)
      .prefault('4h')
      .describe(
        'Elapsed time, at most 7d: a window over a change of the clocks is as long as any other. Default: `4h`.',
      ),
    capacity: z
      .int()
      .min(1)
      .max(100_000)
      .exactOptional()
      .describe('How many changes may start in it. Default: no limit.'),
    atEnd: z
      .enum(['finish', 'roll-back'])
      .prefault('finish')
      .describe(
        'What runs when the window closes, or a freeze cuts into it: `finish` lets it, `roll-back` stops and undoes it. Default: `finish`.',
      ),
    cancelled: distinct(date)
      .prefault([])
      .describe('Dates on which a weekly window does not open. Default: none.'),
  })
  .check((context) => {
    const { opens, cancelled } = context.value;
    if (opens.kind === 'once' && cancelled.length > 0)
      report(context, 'only a weekly window has cancelled dates; take the window out instead', ['cancelled']);
  });

export const train = z
  .strictObject({
    cutoffs: z
      .record(nameOf('cutoff'), cutoff)
      .prefault({
        'in-test': { at: 'Wednesday 12:00', meeting: 'Wednesday 13:00' },
        'ready-for-production': { at: 'Friday 10:00', meeting: 'Friday 11:00' },
      })
      .describe(
        'The deadlines, in the order in which they fall; the first one decides which train a change boards. Default: `in-test` on Wednesday 12:00 with a meeting at 13:00, and `ready-for-production` on Friday 10:00 with a meeting at 11:00.',
      ),
    windows: z
      .array(window)
      .prefault([{ name: 'saturday-night', opens: 'Saturday 22:00', lasts: '4h', capacity: 20 }])
      .describe(
        'When production may be changed: each weekly window opens at its first time after the last cutoff. Default: `saturday-night`, which opens on Saturday 22:00, lasts 4h and has a capacity of 20.',
      ),
  })
  .check((context) => {
    const cutoffs = Object.entries(context.value.cutoffs);
    if (cutoffs.length === 0)
      report(context, 'a train needs a cutoff; `{}` in place of the train has two', ['cutoffs']);
    cutoffs.forEach(([name, { at, meeting }], i) => {
      const next = cutoffs[i + 1]?.[1].at;
      if (next !== undefined && wait(at, next) === 0)
        report(context, `is at the same time as ${name}`, ['cutoffs', cutoffs[i + 1]?.[0] ?? '', 'at']);
      if (meeting !== undefined && wait(meeting, at) > 0 && wait(meeting, at) < wait(at, meeting))
        report(context, 'the meeting is before its cutoff', ['cutoffs', name, 'meeting']);
    });
    const names = context.value.windows.map((rule) => rule.name);
    names.forEach((name, i) => {
      if (names.indexOf(name) < i)
        report(context, `another window of this train is named "${name}"`, ['windows', i, 'name']);
    });
    const late = outOfOrder(
      cutoffs.map(([name, { at }]) => ({ path: ['cutoffs', name, 'at'], at })),
      context.value.windows.flatMap(({ opens }, i) =>
        opens.kind === 'weekly' ? [{ path: ['windows', i, 'opens'], at: opens.opens }] : [],
      ),
    );
    if (late !== undefined)
      report(
        context,
        'is out of order: the first cutoff, those after it and the window take more than a week',
        late,
      );
  });

interface Stop {
  readonly path: readonly (string | number)[];
  readonly at: WeeklyTime;
}

/**
 * Each stop is at its first time after the stop before it, so two that change places are no contradiction: they
 * make the train take more than a week. Returns the one that goes back in the week, else the window.
 */
const outOfOrder = (cutoffs: readonly Stop[], windows: readonly Stop[]): Stop['path'] | undefined => {
  const last = cutoffs.at(-1);
  if (last === undefined) return undefined;
  const [window] = windows.toSorted((a, b) => wait(last.at, a.at) - wait(last.at, b.at));
  const stops = window === undefined ? cutoffs : [...cutoffs, window];
  const legs = stops.slice(1).map((stop, i) => ({ stop, minutes: wait(stops[i]?.at ?? stop.at, stop.at) }));
  const total = legs.reduce((sum, { minutes }) => sum + minutes, 0);
  // A time that is not well-formed makes this NaN.
  if (!(total > minutesInWeek)) return undefined;
  const back = stops.find((stop, i) => minuteOfWeek(stop.at) < minuteOfWeek(stops[i - 1]?.at ?? stop.at));
  return (back ?? last).path;
};

const minutesInWeek = week / minute;

/** Minutes from one weekly time to the next occurrence of another; 0 when they are the same. */
const wait = (from: WeeklyTime, until: WeeklyTime): number => {
  const minutes = minuteOfWeek(until) - minuteOfWeek(from);
  return minutes < 0 ? minutes + minutesInWeek : minutes;
};

export const trains = z
  .record(nameOf('train'), train)
  .describe(
    'The weekly cycles. A train is named after its cycle and the ISO week, `weekly-2026-W48`. `weekly: {}` takes the default cutoffs and window.',
  );

export const freezes = z
  .array(
    z
      .strictObject({
        name: text.describe('Why production is shut; shown to whoever is refused.'),
        from: dateOrDateTime.describe('First moment; a bare date begins at 00:00.'),
        to: dateOrDateTime.describe('Last moment; a bare date is included whole.'),
      })
      .check((context) => {
        const { from, to } = context.value;
        // Refinements also see values whose own form was refused.
        const exist = [from, to].every((value) => isLocalDate(value.split(' ')[0] ?? ''));
        if (exist && beginning(from) >= ending(to)) report(context, 'is not after `from`', ['to']);
      }),
  )
  .prefault([])
  .describe(
    'When production may not be changed, whatever the windows say. A rollback is never blocked. Default: none.',
  );
