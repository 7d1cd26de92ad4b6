import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FreezeRule } from '../../src/domain/policy.ts';
import { hour, type Interval, minute } from '../../src/domain/time.ts';
import { trainsBetween } from '../../src/domain/train.ts';
import {
  contains,
  fits,
  freezeIntervals,
  lastSafeStart,
  openIntervals,
  windowState,
} from '../../src/domain/window.ts';
import { saturdayNight, timePolicy, weekly, weeklyRule } from '../support/time-policy.ts';
import { jumps, reading, wallText, zones } from '../support/zones.ts';

/** Saturday 2026-11-28 at so many hours after 00:00 UTC. */
const h = (hours: number): Date => new Date(Date.UTC(2026, 10, 28) + hours * hour);
const span = (from: number, until: number): Interval => ({ from: h(from), until: h(until) });
const freeze = (from: string, until: string, name = 'year end'): FreezeRule => ({ name, from, until });

describe('what freezes leave of a window', () => {
  const window = span(22, 26);
  test.each([
    ['nothing frozen', [], [span(22, 26)]],
    ['its beginning', [span(20, 23)], [span(23, 26)]],
    ['its end', [span(25, 30)], [span(22, 25)]],
    ['its middle: two are left', [span(23, 24)], [span(22, 23), span(24, 26)]],
    ['all of it', [span(22, 26)], []],
    ['more than it', [span(0, 48)], []],
    ['what only touches its edges', [span(20, 22), span(26, 30)], [span(22, 26)]],
    ['several, overlapping and out of order', [span(25, 26), span(23, 24), span(22, 23.5)], [span(24, 25)]],
    ['a freeze of no length', [span(24, 24)], [span(22, 26)]],
    ['all, by two that meet', [span(20, 24), span(24, 28)], []],
  ])('%s', (_, freezes, left) => {
    expect(openIntervals(window, freezes)).toEqual(left);
  });

  test('is, instant by instant, the window without the freezes', () => {
    const interval = fc
      .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 20 }))
      .map(([from, lasts]) => span(from, from + lasts));
    fc.assert(
      fc.property(interval, fc.array(interval, { maxLength: 5 }), (window, freezes) => {
        const left = openIntervals(window, freezes);
        for (let quarter = -4; quarter < 4 * 62; quarter += 1) {
          const at = h(quarter / 4);
          const usable = contains(window, at) && !freezes.some((one) => contains(one, at));
          expect(left.filter((one) => contains(one, at)).length).toBe(usable ? 1 : 0);
        }
        left.forEach(({ from, until }, n) => {
          expect(from < until).toBe(true);
          const before = left[n - 1];
          if (before !== undefined) expect(before.until < from).toBe(true);
        });
      }),
    );
  });
});

describe('freezes', () => {
  test('last from their first local instant to their last, in the zone of the policy', () => {
    const rules = [
      freeze('2026-12-18 00:00', '2027-01-05 00:00'),
      freeze('2026-11-26 12:00', '2026-11-27 09:30'),
    ];
    expect(freezeIntervals(timePolicy('America/New_York', [], rules))).toEqual([
      { name: 'year end', from: new Date('2026-12-18T05:00Z'), until: new Date('2027-01-05T05:00Z') },
      { name: 'year end', from: new Date('2026-11-26T17:00Z'), until: new Date('2026-11-27T14:30Z') },
    ]);
  });

  test('L13: hold through both showings of the time at which they end', () => {
    const [found] = freezeIntervals(
      timePolicy('America/New_York', [], [freeze('2026-11-01 00:00', '2026-11-01 01:30')]),
    );
    expect(found?.until.toISOString()).toBe('2026-11-01T06:30:00.000Z');
  });

  test('L13: that lie in a gap wholly are none', () => {
    const skipped = [
      freeze('2026-03-08 02:15', '2026-03-08 02:15'),
      freeze('2026-03-08 02:30', '2026-03-08 03:00'),
    ];
    expect(freezeIntervals(timePolicy('America/New_York', [], skipped))).toEqual([]);
    expect(
      freezeIntervals(timePolicy('Pacific/Apia', [], [freeze('2011-12-30 00:00', '2011-12-31 00:00')])),
    ).toEqual([]);
  });

  test.each(zones)(
    'L13: of whole days hold just while the clocks of %s show those dates',
    (zone) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1980, max: 2034 }),
          fc.nat(),
          fc.integer({ min: -2, max: 1 }),
          fc.integer({ min: 1, max: 3 }),
          (year, which, shift, days) => {
            const found = jumps(zone, year);
            const jump = found[which % Math.max(1, found.length)] ?? Date.UTC(year, 0, 1 + (which % 365));
            const date = (n: number) => wallText(jump + (shift + n) * 24 * hour).slice(0, 10);
            const [first, after] = [date(0), date(days)];
            const [held] = freezeIntervals(
              timePolicy(zone, [], [freeze(`${first} 00:00`, `${after} 00:00`)]),
            );
            const samples = [
              ...Array.from({ length: 12 * 48 }, (_, n) => jump + (n - 6 * 48) * 30 * minute),
              ...Array.from({ length: 241 }, (_, n) => jump + (n - 120) * minute),
            ];
            const shown = samples.filter((at) => {
              const today = reading(at, zone).slice(0, 10);
              return first <= today && today < after;
            });
            // From the first showing to the last: an hour that clocks repeat at the edge is frozen, too.
            const [begin, end] = [Math.min(...shown), Math.max(...shown)];
            const wrong = samples.filter(
              (at) => (held !== undefined && contains(held, new Date(at))) !== (begin <= at && at <= end),
            );
            expect(wrong).toEqual([]);
          },
        ),
        { numRuns: 12 },
      );
    },
    30_000,
  );
});

describe('whether production may be changed now', () => {
  const policy = timePolicy(
    'UTC',
    [weeklyRule],
    [
      freeze('2026-11-28 23:00', '2026-11-29 00:00', 'payday'),
      freeze('2026-12-04 00:00', '2026-12-08 00:00'),
    ],
  );
  const windows = trainsBetween(policy, h(-48), h(24 * 20)).flatMap((train) => train.windows);
  const state = (at: Date) => windowState(policy, windows, at);

  test('open from the opening on, shut at the closing', () => {
    expect(state(h(22))).toEqual({ open: true, window: windows[0], closes: h(23) });
    expect(state(h(24))).toEqual({ open: true, window: windows[0], closes: h(26) });
    expect(state(new Date(h(26).getTime() - 1))).toMatchObject({ open: true });
    expect(state(h(26))).toMatchObject({ open: false, reason: { code: 'between-windows' } });
  });

  test('between windows it says which one is next, and when; one that is frozen is not next', () => {
    const next = { nextOpens: h(22), nextCloses: h(23) };
    expect(state(h(0))).toEqual({
      open: false,
      reason: { code: 'between-windows', name: 'saturday-night' },
      ...next,
    });
    expect(state(h(26))).toMatchObject({ nextOpens: h(22 + 14 * 24), nextCloses: h(26 + 14 * 24) });
  });

  test('frozen, inside a window and outside, it names the freeze', () => {
    const reason = { code: 'frozen', name: 'payday', until: h(24) };
    expect(state(h(23))).toEqual({ open: false, reason, nextOpens: h(24), nextCloses: h(26) });
    expect(state(h(24 * 7))).toMatchObject({ open: false, reason: { code: 'frozen', name: 'year end' } });
  });

  test('with no window to come it says so', () => {
    expect(windowState(policy, [], h(0))).toEqual({ open: false, reason: { code: 'no-window' } });
    expect(windowState(policy, windows.slice(0, 1), h(26))).toEqual({
      open: false,
      reason: { code: 'no-window' },
    });
    expect(windowState(policy, [], h(23))).toMatchObject({ reason: { code: 'frozen' } });
  });

  test('of two open windows the one that stays open longer counts', () => {
    const rule = {
      ...weeklyRule,
      windows: [
        saturdayNight,
        { ...saturdayNight, name: 'long', opens: weekly('Saturday 21:00'), lasts: 6 * hour },
      ],
    };
    const both = timePolicy('UTC', [rule]);
    const found = trainsBetween(both, h(0), h(30)).flatMap((train) => train.windows);
    expect(windowState(both, found, h(23))).toMatchObject({
      open: true,
      window: { name: 'long' },
      closes: h(27),
    });
  });

  test('at any instant: open just when a window is and no freeze, and nextOpens is the next such instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: -24, max: 24 * 18 }), (hours) => {
        const frozen = (at: Date) => freezeIntervals(policy).some((one) => contains(one, at));
        const usable = (at: Date) =>
          !frozen(at) && windows.some(({ opens, closes }) => opens <= at && at < closes);
        const found = state(h(hours));
        expect(found.open).toBe(usable(h(hours)));
        if (found.open) return;
        let next = hours;
        while (next < 24 * 30 && !usable(h(next))) next += 1;
        expect(found.nextOpens).toEqual(next < 24 * 30 ? h(next) : undefined);
      }),
    );
  });
});

describe('L1: work fits only if it and its rollback reserve end before the window does', () => {
  const window = span(22, 26);

  test('to the millisecond', () => {
    const end = h(26).getTime();
    expect(fits(window, new Date(end - 30 * minute), 20 * minute, 10 * minute)).toBe(true);
    expect(fits(window, new Date(end - 30 * minute + 1), 20 * minute, 10 * minute)).toBe(false);
    expect(fits(window, h(22), 4 * hour, 0)).toBe(true);
    expect(fits(window, h(22), 4 * hour, 1)).toBe(false);
  });

  test('not before the window, and at its end not even work that takes no time', () => {
    expect(fits(window, new Date(h(22).getTime() - 1), 0, 0)).toBe(false);
    expect(fits(window, h(26), 0, 0)).toBe(false);
  });

  test('the last safe start fits and an instant later does not; before the window there is none', () => {
    const ms = fc.integer({ min: 0, max: 3 * hour });
    fc.assert(
      fc.property(ms, ms, (expected, reserve) => {
        const last = lastSafeStart(window, expected, reserve);
        expect(fits(window, last, expected, reserve)).toBe(last >= window.from);
        expect(fits(window, new Date(last.getTime() + 1), expected, reserve)).toBe(false);
      }),
    );
  });
});
