import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Policy, TrainRule, WindowRule } from '../../src/domain/policy.ts';
import {
  hour,
  isoWeekOf,
  localDateOf,
  minute,
  minuteOfWeek,
  type WeeklyTime,
} from '../../src/domain/time.ts';
import {
  firstCutoff,
  nextTrain,
  type Train,
  trainById,
  trainEnds,
  trainOfWeek,
  trainsBetween,
  trainToBoard,
} from '../../src/domain/train.ts';
import { saturdayNight, timePolicy, weekly, weeklyRule } from '../support/time-policy.ts';
import { reading, shownAt, wallMs, wallText, zones } from '../support/zones.ts';

const newYork = timePolicy('America/New_York');
const iso = (at: Date | undefined) => at?.toISOString().slice(0, 16);
const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('missing');
  return value;
};
const train = (policy: Policy, id: string): Train => must(trainById(policy, id));

const cutoff = (name: string, at: string, meeting?: string) => ({
  name,
  at: weekly(at),
  ...(meeting === undefined ? {} : { meeting: weekly(meeting) }),
  reminders: [],
  requires: [],
});

describe('a train', () => {
  test("is the design's week", () => {
    const w48 = train(newYork, 'weekly-2026-W48');
    expect(w48.cutoffs.map(({ name, at, meeting }) => [name, iso(at), iso(meeting)])).toEqual([
      ['in-test', '2026-11-25T17:00', '2026-11-25T18:00'],
      ['ready-for-production', '2026-11-27T15:00', '2026-11-27T16:00'],
    ]);
    expect(firstCutoff(w48).reminders.map(({ lead, at }) => [lead, iso(at)])).toEqual([
      [24 * hour, '2026-11-24T17:00'],
      [2 * hour, '2026-11-25T15:00'],
      [15 * minute, '2026-11-25T16:45'],
    ]);
    expect(firstCutoff(w48).requires).toEqual([{ kind: 'build' }]);
    const [window] = w48.windows;
    expect([window?.name, window?.capacity, iso(window?.opens), iso(window?.closes)]).toEqual([
      'saturday-night',
      20,
      '2026-11-29T03:00',
      '2026-11-29T07:00',
    ]);
    expect(window?.open).toEqual([{ from: window?.opens, until: window?.closes }]);
  });

  test('has later cutoffs, meetings and windows in the next week when their weekday is past', () => {
    const rule: TrainRule = {
      name: 'long',
      cutoffs: [cutoff('first', 'Friday 10:00', 'Monday 09:00'), cutoff('second', 'Wednesday 10:00')],
      windows: [{ ...saturdayNight, opens: weekly('Tuesday 22:00') }],
    };
    const found = train(timePolicy('UTC', [rule]), 'long-2026-W53');
    expect(found.cutoffs.map(({ at, meeting }) => [iso(at), iso(meeting)])).toEqual([
      ['2027-01-01T10:00', '2027-01-04T09:00'],
      ['2027-01-06T10:00', undefined],
    ]);
    expect(found.windows.map(({ opens }) => iso(opens))).toEqual(['2027-01-12T22:00']);
  });

  test('may have its next cutoff, meeting and window at the very time of the cutoff before them', () => {
    const rule: TrainRule = {
      name: 'tight',
      cutoffs: [cutoff('a', 'Friday 10:00', 'Friday 10:00'), cutoff('b', 'Friday 10:00')],
      windows: [{ ...saturdayNight, opens: weekly('Friday 10:00') }],
    };
    const found = train(timePolicy('UTC', [rule]), 'tight-2026-W48');
    const all = [
      ...found.cutoffs.flatMap(({ at, meeting = at }) => [at, meeting]),
      must(found.windows[0]).opens,
    ];
    expect(new Set(all.map(iso))).toEqual(new Set(['2026-11-27T10:00']));
  });

  test('L13: keeps its order in a night whose clocks skip the cutoff but not what follows it', () => {
    const rule: TrainRule = {
      name: 'night',
      cutoffs: [cutoff('a', 'Sunday 02:30', 'Sunday 03:00'), cutoff('b', 'Sunday 03:10')],
      windows: [{ ...saturdayNight, opens: weekly('Sunday 03:20') }],
    };
    const found = train(timePolicy('America/New_York', [rule]), 'night-2026-W10');
    const all = [
      ...found.cutoffs.flatMap(({ at, meeting = at }) => [at, meeting]),
      must(found.windows[0]).opens,
    ];
    expect(all.map(iso)).toEqual(Array(5).fill('2026-03-08T07:30'));
  });

  test('L13: has reminders by elapsed time, also over a DST change', () => {
    const rule: TrainRule = {
      ...weeklyRule,
      cutoffs: [{ ...cutoff('early', 'Sunday 12:00'), reminders: [24 * hour] }],
    };
    const found = train(timePolicy('America/New_York', [rule]), 'weekly-2026-W10');
    expect(iso(firstCutoff(found).reminders[0]?.at)).toBe('2026-03-07T16:00');
  });

  test.each([
    ['America/New_York', '2026-W10', '2026-03-08T03:00', '2026-03-08 03:00'],
    ['America/New_York', '2026-W44', '2026-11-01T02:00', '2026-11-01 01:00'],
    ['Australia/Lord_Howe', '2026-W40', '2026-10-03T11:30', '2026-10-04 02:30'],
    ['Australia/Lord_Howe', '2026-W14', '2026-04-04T11:00', '2026-04-05 01:30'],
    ['America/Sao_Paulo', '2018-W44', '2018-11-04T01:00', '2018-11-04 03:00'],
    ['Asia/Gaza', '2026-W13', '2026-03-28T19:00', '2026-03-29 02:00'],
  ])(
    'L13: a window over midnight in %s in %s lasts four hours, whatever the clocks do',
    (zone, week, opens, shut) => {
      const [window] = train(timePolicy(zone), `weekly-${week}`).windows;
      expect(iso(window?.opens)).toBe(opens);
      expect(must(window).closes.getTime() - must(window).opens.getTime()).toBe(4 * hour);
      expect(reading(must(window).closes.getTime(), zone)).toBe(shut);
    },
  );

  test('L13: in Apia, whose clocks skipped Friday 2011-12-30, cuts off when Saturday strikes the hour', () => {
    const apia = timePolicy('Pacific/Apia', [{ ...weeklyRule, cutoffs: [cutoff('friday', 'Friday 10:00')] }]);
    const skipped = train(apia, 'weekly-2011-W52');
    expect(reading(firstCutoff(skipped).at.getTime(), 'Pacific/Apia')).toBe('2011-12-31 10:00');
    expect(trainToBoard(apia, new Date(firstCutoff(skipped).at.getTime() - 1))?.id).toBe('weekly-2011-W52');
    expect(nextTrain(apia, 'weekly', skipped)?.id).toBe('weekly-2012-W01');
  });

  test('L13: whose skipped Sunday ends in the next week still departs', () => {
    const zone = 'America/Toronto';
    const rule: TrainRule = { ...weeklyRule, cutoffs: [cutoff('late', 'Sunday 23:45')] };
    // In 1919 Toronto's clocks went from Sunday 23:30 to Monday 00:30.
    const policy = timePolicy(zone, [rule]);
    const departs = firstCutoff(train(policy, 'weekly-1919-W13')).at;
    expect(reading(departs.getTime(), zone)).toBe('1919-03-31 00:45');
    expect(trainToBoard(policy, new Date(departs.getTime() - 1))?.id).toBe('weekly-1919-W13');
  });
});

describe('windows of a train', () => {
  const once = (opens: string): WindowRule => ({ kind: 'once', name: 'extra', opens, lasts: 2 * hour });
  const opensOf = (windows: readonly WindowRule[], id: string) =>
    train(timePolicy('UTC', [{ ...weeklyRule, windows }]), id).windows.map(({ name, opens }) => [
      name,
      iso(opens),
    ]);

  test('are without those cancelled by local date', () => {
    const cancelled = { ...saturdayNight, cancelled: ['2026-11-28', '2026-12-06'] };
    expect(opensOf([cancelled], 'weekly-2026-W48')).toEqual([]);
    expect(opensOf([cancelled], 'weekly-2026-W49')).toEqual([['saturday-night', '2026-12-05T22:00']]);
  });

  test('have the one-off ones from their last cutoff until that of the next train, in order of opening', () => {
    const extra = once('2026-11-27 20:00');
    expect(opensOf([saturdayNight, extra], 'weekly-2026-W48')).toEqual([
      ['extra', '2026-11-27T20:00'],
      ['saturday-night', '2026-11-28T22:00'],
    ]);
    expect(opensOf([extra], 'weekly-2026-W47')).toEqual([]);
    expect(opensOf([extra], 'weekly-2026-W49')).toEqual([]);
    expect(opensOf([once('2026-12-03 20:00')], 'weekly-2026-W48')).toHaveLength(1);
    expect(opensOf([once('2026-12-04 09:59')], 'weekly-2026-W48')).toHaveLength(1);
    expect(opensOf([once('2026-12-04 10:00')], 'weekly-2026-W48')).toEqual([]);
    expect(opensOf([once('2026-12-04 10:00')], 'weekly-2026-W49')).toHaveLength(1);
  });

  test('belong to exactly one train each', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 24 * 60 }), (minutes) => {
        const windows = [once(wallText(Date.UTC(2026, 0, 1) + minutes * minute))];
        const policy = timePolicy('Europe/Berlin', [{ ...weeklyRule, windows }]);
        const having = trainsBetween(policy, new Date('2025-11-01'), new Date('2027-02-01')).filter(
          (one) => one.windows.length > 0,
        );
        expect(having).toHaveLength(1);
      }),
      { numRuns: 20 },
    );
  });

  test('end the train when the last one closes; without any, its last meeting or cutoff does', () => {
    const ends = (rule: Partial<TrainRule>) =>
      iso(trainEnds(train(timePolicy('UTC', [{ ...weeklyRule, ...rule }]), 'weekly-2026-W48')));
    expect(ends({})).toBe('2026-11-29T02:00');
    expect(ends({ windows: [saturdayNight, once('2026-11-28 23:00')] })).toBe('2026-11-29T02:00');
    expect(ends({ windows: [] })).toBe('2026-11-27T11:00');
    expect(ends({ windows: [], cutoffs: [cutoff('only', 'Friday 10:00')] })).toBe('2026-11-27T10:00');
  });
});

describe('finding trains', () => {
  test('L3: at the instant of its first cutoff a train is gone', () => {
    const at = new Date('2026-11-25T17:00Z');
    expect(trainToBoard(newYork, new Date(at.getTime() - 1))?.id).toBe('weekly-2026-W48');
    expect(trainToBoard(newYork, at)?.id).toBe('weekly-2026-W49');
  });

  test('of several rules the one that closes first is boarded, unless a rule is named', () => {
    const daily: TrainRule = { name: 'content', cutoffs: [cutoff('ready', 'Tuesday 10:00')], windows: [] };
    const policy = timePolicy('UTC', [weeklyRule, daily]);
    expect(trainToBoard(policy, new Date('2026-11-23'))?.id).toBe('content-2026-W48');
    expect(trainToBoard(policy, new Date('2026-11-25'))?.id).toBe('weekly-2026-W48');
    expect(trainToBoard(policy, new Date('2026-11-23'), 'weekly')?.id).toBe('weekly-2026-W48');
    expect(trainToBoard(policy, new Date('2026-11-23'), 'monthly')).toBeUndefined();
  });

  test('trainsBetween has a train from its first reminder on, and still at the instant when it ends', () => {
    const [begins, ends] = [new Date('2026-11-24T12:00Z'), new Date('2026-11-29T02:00Z')];
    const ids = (from: Date, to: Date) => trainsBetween(timePolicy('UTC'), from, to).map(({ id }) => id);
    const later = (at: Date) => new Date(at.getTime() + 1);
    expect(ids(new Date('2026-11-23'), begins)).toEqual([]);
    expect(ids(new Date('2026-11-23'), later(begins))).toEqual(['weekly-2026-W48']);
    expect(ids(ends, new Date('2026-12-01'))).toEqual(['weekly-2026-W48']);
    expect(ids(later(ends), new Date('2026-12-01'))).toEqual([]);
  });

  test.each([
    '',
    'weekly',
    'weekly-2026-W54',
    'weekly-2025-W53',
    'weekly-2026-W00',
    'weekly-2026-W8',
    'weekly-2026-W048',
    'Weekly-2026-W48',
    'monthly-2026-W48',
    'weekly-2026-W48 ',
    'x-weekly-2026-W48',
    'constructor-2026-W48',
  ])('“%s” names no train', (id) => {
    expect(trainById(newYork, id)).toBeUndefined();
  });

  test('a rule whose own name looks like a train has trains', () => {
    const odd = timePolicy('UTC', [{ ...weeklyRule, name: 'weekly-2026-W48' }]);
    expect(trainById(odd, 'weekly-2026-W48-2027-W01')?.rule).toBe('weekly-2026-W48');
    expect(trainById(odd, 'weekly-2026-W48')).toBeUndefined();
  });
});

describe('in every zone, for any rule', () => {
  const weeklyTime = fc.record<WeeklyTime>({
    weekday: fc.constantFrom(1, 2, 3, 4, 5, 6, 7),
    hour: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 23 })),
    minute: fc.constantFrom(0, 15, 30, 59),
  });
  const rule: fc.Arbitrary<TrainRule> = fc.record({
    name: fc.constantFrom('weekly', 'a-b', 'content'),
    cutoffs: fc.array(
      fc
        .record({
          at: weeklyTime,
          meeting: fc.option(weeklyTime, { nil: undefined }),
          reminders: fc.constant([hour]),
        })
        .map(({ at, meeting, reminders }) => ({
          name: 'c',
          at,
          reminders,
          requires: [],
          ...(meeting === undefined ? {} : { meeting }),
        })),
      { minLength: 1, maxLength: 3 },
    ),
    windows: fc.array(
      fc
        .record({ opens: weeklyTime, lasts: fc.integer({ min: 1, max: 300 }) })
        .map(({ opens, lasts }) => ({ ...saturdayNight, opens, lasts: lasts * hour })),
      { maxLength: 2 },
    ),
  });
  const now = fc
    .date({ min: new Date('1975-01-01'), max: new Date('2036-01-01'), noInvalidDate: true })
    .map((date) => new Date(Math.floor(date.getTime() / minute) * minute));
  const setting = fc.record({ zone: fc.constantFrom(...zones), rule, now });

  test('ids round-trip and name the week of the first cutoff', () => {
    fc.assert(
      fc.property(setting, ({ zone, rule, now }) => {
        const policy = timePolicy(zone, [rule]);
        const isoWeek = isoWeekOf(localDateOf(now, zone));
        const found = trainOfWeek(policy, rule, isoWeek);
        expect(trainById(policy, found.id)).toEqual(found);
        const monday =
          wallMs(`${localDateOf(now, zone)} 00:00`) -
          ((new Date(localDateOf(now, zone)).getUTCDay() + 6) % 7) * 24 * hour;
        const local = wallText(monday + minuteOfWeek(must(rule.cutoffs[0]).at) * minute);
        const { instants, afterGap } = shownAt(local, zone);
        expect(firstCutoff(found).at.getTime()).toBe(instants[0] ?? afterGap);
      }),
      { numRuns: 200 },
    );
  });

  test('every time is the first showing of its weekly time at or after what it follows', () => {
    const firstFrom = (zone: string, from: Date, time: WeeklyTime): number => {
      const wall = wallMs(reading(from.getTime(), zone));
      const monday = wall - (((new Date(wall).getUTCDay() + 6) % 7) * 24 * hour + (wall % (24 * hour)));
      const due = monday + minuteOfWeek(time) * minute;
      const { instants, afterGap } = shownAt(wallText(due < wall ? due + 7 * 24 * hour : due), zone);
      return Math.max(from.getTime(), instants[0] ?? afterGap);
    };
    fc.assert(
      fc.property(setting, ({ zone, rule, now }) => {
        const policy = timePolicy(zone, [rule]);
        const found = must(trainToBoard(policy, now));
        const shown = found.cutoffs.map(({ at }, n) => {
          const wanted = must(rule.cutoffs[n]).at;
          const text = `${String(wanted.hour).padStart(2, '0')}:${String(wanted.minute).padStart(2, '0')}`;
          return reading(at.getTime(), zone).endsWith(` ${text}`);
        });
        // A cutoff that the clocks skipped is not shown; the order is what counts then.
        fc.pre(shown.every(Boolean));
        found.cutoffs.forEach(({ at, meeting }, n) => {
          const { meeting: meets, at: wanted } = must(rule.cutoffs[n]);
          const before = found.cutoffs[n - 1];
          if (before !== undefined) expect(at.getTime()).toBe(firstFrom(zone, before.at, wanted));
          if (meets !== undefined) expect(meeting?.getTime()).toBe(firstFrom(zone, at, meets));
        });
        const last = must(found.cutoffs.at(-1)).at;
        const expected = rule.windows.flatMap((window) => {
          if (window.kind === 'once') return [];
          const from = firstFrom(zone, last, window.opens);
          return [[from, from + window.lasts]];
        });
        const windows = found.windows.map(({ opens, closes }) => [opens.getTime(), closes.getTime()]);
        expect(windows).toEqual(expected.sort(([a = 0], [b = 0]) => a - b));
      }),
      { numRuns: 200 },
    );
  });

  test('nextTrain never stands still, never skips a week, and agrees with what boards', () => {
    fc.assert(
      fc.property(setting, ({ zone, rule, now }) => {
        const policy = timePolicy(zone, [rule]);
        let current = must(trainToBoard(policy, now));
        expect(firstCutoff(current).at > now).toBe(true);
        const anchor = trainsBetween(policy, new Date(now.getTime() - 40 * 24 * hour), now);
        const missed = anchor.filter(
          (one) => firstCutoff(one).at > now && firstCutoff(one).at < firstCutoff(current).at,
        );
        expect(missed).toEqual([]);
        for (let n = 0; n < 8; n += 1) {
          const next = must(nextTrain(policy, rule.name, current));
          const [a, b] = [current, next].map((one) => mondayMs(one.id));
          expect(must(b) - must(a)).toBe(7 * 24 * hour);
          expect(firstCutoff(next).at > firstCutoff(current).at).toBe(true);
          current = next;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('trainsBetween has every train that anything happens to in the time, in order, and no other', () => {
    const touches = (one: Train, from: Date, to: Date) => {
      const all = [
        ...one.cutoffs.flatMap(({ at, meeting = at, reminders }) => [
          at,
          meeting,
          ...reminders.map((r) => r.at),
        ]),
        ...one.windows.flatMap(({ opens, closes }) => [opens, closes]),
      ].map((at) => at.getTime());
      return Math.min(...all) < to.getTime() && Math.max(...all) >= from.getTime();
    };
    fc.assert(
      fc.property(setting, fc.integer({ min: 0, max: 30 * 24 }), ({ zone, rule, now }, hours) => {
        const policy = timePolicy(zone, [rule]);
        const to = new Date(now.getTime() + hours * hour);
        const monday = isoWeekOf(localDateOf(now, zone));
        const many = Array.from({ length: 26 }, (_, n) =>
          trainOfWeek(
            policy,
            rule,
            isoWeekOf(wallText(mondayMs(`x-${weekText(monday)}`) + (n - 12) * 7 * 24 * hour).slice(0, 10)),
          ),
        );
        const found = trainsBetween(policy, now, to);
        expect(found.map(({ id }) => id)).toEqual(
          many.filter((one) => touches(one, now, to)).map(({ id }) => id),
        );
      }),
      { numRuns: 60 },
    );
  });

  const weekText = ({ year, week }: { year: number; week: number }) =>
    `${year}-W${String(week).padStart(2, '0')}`;

  /** Of the week that the id ends with, by the calendar alone. */
  const mondayMs = (id: string): number => {
    const [, year, week] = /(\d{4})-W(\d\d)$/.exec(id) ?? [];
    const fourth = Date.UTC(Number(year), 0, 4);
    return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * 24 * hour + (Number(week) - 1) * 7 * 24 * hour;
  };
});
