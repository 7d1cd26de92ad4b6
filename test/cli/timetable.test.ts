import { describe, expect, test } from 'vitest';
import { timetableCommand } from '../../src/cli/timetable.ts';
import { Refused } from '../../src/domain/refusal.ts';
import { timePolicy, weeklyRule } from '../support/time-policy.ts';

const policy = timePolicy(
  'America/New_York',
  [weeklyRule],
  [{ name: 'year end', from: '2026-12-18 00:00', until: '2027-01-05 00:00' }],
);
const rows = (from: string, to: string): { at: string; kind: string }[] =>
  JSON.parse(timetableCommand(policy, { from, to, json: true }));
const refusalOf = (from: string, to: string) => {
  try {
    timetableCommand(policy, { from, to });
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
};

describe('signalbox timetable', () => {
  test('--json is one array, with instants in UTC and null for the train of a freeze', () => {
    expect(rows('2026-12-18', '2026-12-18').slice(0, 2)).toEqual([
      {
        at: '2026-12-18T05:00:00.000Z',
        local: '2026-12-18 00:00',
        kind: 'freeze-begins',
        name: 'year end',
        train: null,
      },
      {
        at: '2026-12-18T13:00:00.000Z',
        local: '2026-12-18 08:00',
        kind: 'reminder',
        name: 'ready-for-production 2h',
        train: 'weekly-2026-W51',
      },
    ]);
  });

  test('without it, a table that lines up, each day named once', () => {
    expect(timetableCommand(policy, { from: '2026-11-28', to: '2026-11-29' })).toBe(
      [
        '     America/New_York  what           name            train',
        'Sat  2026-11-28 22:00  window opens   saturday-night  weekly-2026-W48',
        'Sun  2026-11-29 02:00  window closes  saturday-night  weekly-2026-W48',
      ].join('\n'),
    );
    expect(timetableCommand(policy, { from: '2026-11-30', to: '2026-11-30' })).toMatch(/^Nothing happens/);
  });

  test('dates are whole days of the zone, the last one included; its 24:00 is the next day', () => {
    expect(rows('2026-11-28', '2026-11-28').map(({ kind }) => kind)).toEqual(['window-opens']);
    expect(rows('2027-01-04', '2027-01-04')).toEqual([]);
    expect(rows('2027-01-05', '2027-01-05')[0]).toMatchObject({ kind: 'freeze-ends' });
  });

  test('instants are taken as they are, mixed with dates as one likes', () => {
    expect(rows('2026-11-29T03:00:00Z', '2026-11-29T02:00-05:00').map(({ kind }) => kind)).toEqual([
      'window-opens',
    ]);
    expect(rows('2026-11-29T03:00:01Z', '2026-11-29').map(({ kind }) => kind)).toEqual(['window-closes']);
  });

  test('a date that the zone skipped is an empty day', () => {
    const apia = timePolicy('Pacific/Apia');
    expect(timetableCommand(apia, { from: '2011-12-30', to: '2011-12-30', json: true })).toBe('[]');
  });

  test.each([
    ['2026-02-30', '2026-11-29', 'bad-time', { option: '--from', text: '2026-02-30' }],
    ['2026-11-23', 'Sunday', 'bad-time', { option: '--to', text: 'Sunday' }],
    ['2026-11-23T12:00', '2026-11-29', 'bad-time', { option: '--from', text: '2026-11-23T12:00' }],
    ['2026-11-29', '2026-11-23', 'range-backwards', { from: '2026-11-29', to: '2026-11-23' }],
    ['1000-01-01', '2026-11-23', 'range-too-long', { maxYears: 100 }],
  ])('refuses --from %s --to %s: %s', (from, to, code, facts) => {
    expect(refusalOf(from, to)).toMatchObject({ code, facts });
  });
});
