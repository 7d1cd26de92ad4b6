import { describe, expect, test } from 'vitest';
import type { FreezeRule, TrainRule, WindowRule } from '../../src/domain/policy.ts';
import { hour } from '../../src/domain/time.ts';
import { policyTimeWarnings } from '../../src/domain/time-warnings.ts';
import { saturdayNight, timePolicy, weekly, weeklyRule } from '../support/time-policy.ts';
import { zones } from '../support/zones.ts';

const from = new Date('2026-11-20T12:00Z');
const check = (zone: string, rule: Partial<TrainRule> = {}, freezes: readonly FreezeRule[] = []) =>
  policyTimeWarnings(timePolicy(zone, [{ ...weeklyRule, ...rule }], freezes), from, 2);
const brief = (warnings: ReturnType<typeof check>) =>
  warnings.map(({ path, code, local }) => `${path.join('.')} ${code} ${local}`);

const night = (opens: string, more: Partial<typeof saturdayNight> = {}): WindowRule => ({
  ...saturdayNight,
  opens: weekly(opens),
  ...more,
});

describe('L13: when a policy is checked, its times are', () => {
  test.each(zones)('the week of the design has nothing to warn of in %s', (zone) => {
    expect(
      check(zone, {}, [{ name: 'year end', from: '2026-12-18 00:00', until: '2027-01-05 00:00' }]),
    ).toEqual([]);
  });

  test('a time in a gap is reported once, with its next dates and the time that holds instead', () => {
    expect(check('America/New_York', { windows: [night('Sunday 02:30')] })).toEqual([
      {
        path: ['trains', 'weekly', 'windows', '0', 'opens'],
        code: 'time-in-gap',
        local: '2027-03-14 02:30',
        facts: {
          zone: 'America/New_York',
          times: ['2027-03-14 02:30', '2028-03-12 02:30'],
          taken: '2027-03-14 03:30',
        },
      },
    ]);
  });

  test('a time that clocks show twice is reported with the instant that holds', () => {
    const cutoffs = [
      {
        name: 'late',
        at: weekly('Sunday 01:00'),
        meeting: weekly('Sunday 01:30'),
        reminders: [],
        requires: [],
      },
    ];
    const found = check('America/New_York', { cutoffs, windows: [] });
    expect(brief(found)).toEqual([
      'trains.weekly.cutoffs.late.at time-ambiguous 2027-11-07 01:00',
      'trains.weekly.cutoffs.late.meeting time-ambiguous 2027-11-07 01:30',
    ]);
    expect(found[0]?.facts.taken).toBe('2027-11-07T05:00:00.000Z');
  });

  test('half-hour gaps count', () => {
    expect(brief(check('Australia/Lord_Howe', { windows: [night('Sunday 02:15')] }))).toEqual([
      'trains.weekly.windows.0.opens time-in-gap 2027-10-03 02:15',
    ]);
    expect(check('Australia/Lord_Howe', { windows: [night('Sunday 02:30')] })).toEqual([]);
  });

  test('one-off windows and freezes are checked, however far ahead; what is past is not', () => {
    const once = (opens: string): WindowRule => ({ kind: 'once', name: 'extra', opens, lasts: hour });
    const windows = [once('2026-03-08 02:30'), once('2031-03-09 02:30')];
    const freezes = [
      { name: 'past', from: '2025-11-02 01:30', until: '2025-11-02 12:00' },
      { name: 'far', from: '2031-03-08 12:00', until: '2031-11-02 01:30' },
    ];
    const found = check('America/New_York', { windows }, freezes);
    expect(brief(found)).toEqual([
      'trains.weekly.windows.1.opens time-in-gap 2031-03-09 02:30',
      'freezes.1.to time-ambiguous 2031-11-02 01:30',
    ]);
    expect(found[1]?.facts.taken).toBe('2031-11-02T06:30:00.000Z');
  });

  test('whole days of a freeze begin and end where they do, even when midnight is skipped or struck twice', () => {
    const freeze = { name: 'f', from: '2027-04-23 00:00', until: '2027-10-29 00:00' };
    expect(check('Africa/Cairo', {}, [freeze])).toEqual([]);
    const spring = { name: 'f', from: '2027-04-30 00:00', until: '2027-11-07 00:00' };
    expect(check('Africa/Cairo', {}, [spring])).toEqual([]);
    expect(check('America/Havana', {}, [spring])).toEqual([]);
  });
});

describe('windows that overlap are reported', () => {
  test('once for each pair, at the one that opens later', () => {
    const found = check('UTC', { windows: [saturdayNight, night('Sunday 01:00', { name: 'second' })] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      path: ['trains', 'weekly', 'windows', '1', 'opens'],
      code: 'windows-overlap',
      facts: { window: 'weekly/second', other: 'weekly/saturday-night' },
    });
    expect(found[0]?.facts.times).toHaveLength(4);
  });

  test('of different trains, too, and a one-off one on that day only', () => {
    const other: TrainRule = {
      ...weeklyRule,
      name: 'other',
      windows: [{ kind: 'once', name: 'extra', opens: '2026-11-28 23:00', lasts: hour }],
    };
    const found = policyTimeWarnings(timePolicy('UTC', [weeklyRule, other]), from, 2);
    expect(brief(found)).toEqual(['trains.other.windows.0.opens windows-overlap 2026-11-28 23:00']);
    expect(found[0]?.facts.times).toEqual(['2026-11-28 23:00']);
  });

  test('not when one opens as the other closes, nor when that one is cancelled', () => {
    expect(check('UTC', { windows: [saturdayNight, night('Sunday 02:00', { name: 'second' })] })).toEqual([]);
    const cancelled = { ...saturdayNight, cancelled: ['2026-11-28'] };
    const extra: WindowRule = { kind: 'once', name: 'extra', opens: '2026-11-28 23:00', lasts: hour };
    expect(check('UTC', { windows: [cancelled, extra] })).toEqual([]);
  });

  test('and one that lasts for more than a week overlaps itself', () => {
    const found = check('UTC', { windows: [{ ...saturdayNight, lasts: 8 * 24 * hour }] });
    expect(found.map(({ code, facts }) => [code, facts.window, facts.other])).toEqual([
      ['windows-overlap', 'weekly/saturday-night', 'weekly/saturday-night'],
    ]);
  });

  test('only where DST pushes them together, with the date', () => {
    const windows = [
      night('Sunday 01:30', { lasts: hour }),
      night('Sunday 03:00', { name: 'second', lasts: hour }),
    ];
    expect(
      brief(check('America/New_York', { windows }).filter(({ code }) => code === 'windows-overlap')),
    ).toEqual(['trains.weekly.windows.1.opens windows-overlap 2027-03-14 03:00']);
  });
});

test('a cancelled date on which the window does not open is reported: another one stays open', () => {
  const windows = [{ ...saturdayNight, cancelled: ['2026-11-28', '2026-12-06'] }];
  expect(brief(check('UTC', { windows }))).toEqual([
    'trains.weekly.windows.0.cancelled.1 cancels-nothing 2026-12-06',
  ]);
});
