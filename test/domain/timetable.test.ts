import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FreezeRule, TrainRule } from '../../src/domain/policy.ts';
import { hour, minute } from '../../src/domain/time.ts';
import { type TimetableEntry, timetable } from '../../src/domain/timetable.ts';
import { saturdayNight, timePolicy, weekly, weeklyRule } from '../support/time-policy.ts';
import { reading, zones } from '../support/zones.ts';

const lines = (entries: readonly TimetableEntry[]) =>
  entries.map(({ local, kind, name, train }) => [local, kind, name, train].filter(Boolean).join(' · '));

const edges = (entries: readonly TimetableEntry[]) =>
  lines(entries.filter(({ kind }) => kind.startsWith('window') || kind.startsWith('freeze')));

const frozen = (...freezes: readonly FreezeRule[]) =>
  edges(timetable(timePolicy('UTC', [weeklyRule], freezes), new Date('2026-11-23'), new Date('2026-11-30')));

describe('the timetable', () => {
  test("is the design's week, in order", () => {
    const entries = timetable(
      timePolicy('America/New_York'),
      new Date('2026-11-23T05:00Z'),
      new Date('2026-11-30T05:00Z'),
    );
    expect(lines(entries)).toEqual([
      '2026-11-24 12:00 · reminder · in-test 24h · weekly-2026-W48',
      '2026-11-25 10:00 · reminder · in-test 2h · weekly-2026-W48',
      '2026-11-25 11:45 · reminder · in-test 15m · weekly-2026-W48',
      '2026-11-25 12:00 · cutoff · in-test · weekly-2026-W48',
      '2026-11-25 13:00 · meeting · in-test · weekly-2026-W48',
      '2026-11-26 10:00 · reminder · ready-for-production 24h · weekly-2026-W48',
      '2026-11-27 08:00 · reminder · ready-for-production 2h · weekly-2026-W48',
      '2026-11-27 09:45 · reminder · ready-for-production 15m · weekly-2026-W48',
      '2026-11-27 10:00 · cutoff · ready-for-production · weekly-2026-W48',
      '2026-11-27 11:00 · meeting · ready-for-production · weekly-2026-W48',
      '2026-11-28 22:00 · window-opens · saturday-night · weekly-2026-W48',
      '2026-11-29 02:00 · window-closes · saturday-night · weekly-2026-W48',
    ]);
    expect(entries[3]?.at.toISOString()).toBe('2026-11-25T17:00:00.000Z');
  });

  test('shows a window as it can be used: a freeze inside closes and opens it again', () => {
    expect(frozen({ name: 'payday', from: '2026-11-28 23:00', until: '2026-11-29 00:30' })).toEqual([
      '2026-11-28 22:00 · window-opens · saturday-night · weekly-2026-W48',
      '2026-11-28 23:00 · window-closes · saturday-night · weekly-2026-W48',
      '2026-11-28 23:00 · freeze-begins · payday',
      '2026-11-29 00:30 · freeze-ends · payday',
      '2026-11-29 00:30 · window-opens · saturday-night · weekly-2026-W48',
      '2026-11-29 02:00 · window-closes · saturday-night · weekly-2026-W48',
    ]);
  });

  test('shows no window that is wholly frozen, but the freeze', () => {
    expect(frozen({ name: 'year end', from: '2026-11-28 22:00', until: '2026-11-29 02:00' })).toEqual([
      '2026-11-28 22:00 · freeze-begins · year end',
      '2026-11-29 02:00 · freeze-ends · year end',
    ]);
  });

  test('has, at one instant, what ends before what begins, and reminder, cutoff, meeting in between', () => {
    const rule: TrainRule = {
      ...weeklyRule,
      cutoffs: [
        {
          name: 'c',
          at: weekly('Saturday 22:00'),
          meeting: weekly('Saturday 22:00'),
          reminders: [0],
          requires: [],
        },
      ],
      windows: [saturdayNight, { ...saturdayNight, name: 'next', opens: weekly('Sunday 02:00') }],
    };
    const freezes = [
      { name: 'before', from: '2026-11-28 12:00', until: '2026-11-28 22:00' },
      { name: 'after', from: '2026-11-29 06:00', until: '2026-11-30 00:00' },
    ];
    const entries = timetable(
      timePolicy('UTC', [rule], freezes),
      new Date('2026-11-28T22:00Z'),
      new Date('2026-11-29T07:00Z'),
    );
    expect(entries.map(({ at, kind, name }) => `${at.toISOString().slice(11, 16)} ${kind} ${name}`)).toEqual([
      '22:00 freeze-ends before',
      '22:00 reminder c 0s',
      '22:00 cutoff c',
      '22:00 meeting c',
      '22:00 window-opens saturday-night',
      '02:00 window-closes saturday-night',
      '02:00 window-opens next',
      '06:00 window-closes next',
      '06:00 freeze-begins after',
    ]);
  });

  test('has what happens at its first instant and not what happens at its last', () => {
    const policy = timePolicy('UTC');
    const [cutoff, meeting] = [new Date('2026-11-25T12:00Z'), new Date('2026-11-25T13:00Z')];
    expect(timetable(policy, cutoff, meeting).map(({ kind }) => kind)).toEqual(['cutoff']);
    expect(timetable(policy, cutoff, cutoff)).toEqual([]);
    expect(timetable(policy, meeting, cutoff)).toEqual([]);
  });

  test('has what only the far ends of trains reach into: a long lead, a window that lasts for weeks', () => {
    const [first] = weeklyRule.cutoffs;
    if (first === undefined) throw new Error('missing');
    const rule: TrainRule = {
      ...weeklyRule,
      cutoffs: [{ ...first, reminders: [60 * 24 * hour] }],
      windows: [{ ...saturdayNight, lasts: 30 * 24 * hour }],
    };
    const found = timetable(timePolicy('UTC', [rule]), new Date('2026-11-23'), new Date('2026-11-30'));
    expect(lines(found)).toEqual([
      '2026-11-23 22:00 · window-closes · saturday-night · weekly-2026-W43',
      '2026-11-25 12:00 · cutoff · in-test · weekly-2026-W48',
      '2026-11-25 13:00 · meeting · in-test · weekly-2026-W48',
      '2026-11-28 12:00 · reminder · in-test 60d · weekly-2027-W04',
      '2026-11-28 22:00 · window-opens · saturday-night · weekly-2026-W48',
    ]);
  });

  test('of two times that meet is the two timetables one after the other; in order; local as clocks show it', () => {
    const at = fc
      .integer({ min: 0, max: 60 * 24 * 4 })
      .map((quarters) => Date.UTC(2026, 8, 20) + quarters * 15 * minute);
    const freezes = [{ name: 'f', from: '2026-10-24 23:00', until: '2026-10-25 02:30' }];
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.tuple(at, at, at), (zone, three) => {
        const [a = 0, b = 0, c = 0] = [...three].sort((x, y) => x - y);
        const policy = timePolicy(zone, [weeklyRule, { ...weeklyRule, name: 'second' }], freezes);
        const between = (from: number, to: number) => timetable(policy, new Date(from), new Date(to));
        const whole = between(a, c);
        expect([...between(a, b), ...between(b, c)]).toEqual(whole);
        whole.forEach((entry, n) => {
          expect(entry.local).toBe(reading(entry.at.getTime(), zone));
          expect(entry.at >= (whole[n - 1]?.at ?? new Date(a))).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });
});
