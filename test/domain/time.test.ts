import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  formatDuration,
  formatLocal,
  isLocalDate,
  isoWeekOf,
  isZone,
  localAfterMonday,
  minuteOfWeek,
  mondayOf,
  parseInstant,
  resolveLocal,
  weekdayOf,
  weeksAfter,
} from '../../src/domain/time.ts';
import { weekly } from '../support/time-policy.ts';
import { jumps, reading, shownAt, wallText, zones } from '../support/zones.ts';

const resolved = (local: string, zone: string, edge?: 'start' | 'end') => {
  const { at, kind } = resolveLocal(local, zone, edge);
  return `${kind} ${at.toISOString().slice(0, 16)}Z`;
};

describe('L13: a wall-clock time becomes an instant', () => {
  test.each([
    ['2026-11-25 12:00', 'America/New_York', 'exact 2026-11-25T17:00Z'],
    ['2026-07-25 12:00', 'America/New_York', 'exact 2026-07-25T16:00Z'],
    ['2026-11-25 12:00', 'Asia/Kathmandu', 'exact 2026-11-25T06:15Z'],
    ['2026-03-08 02:30', 'America/New_York', 'gap 2026-03-08T07:30Z'],
    ['2026-03-08 03:00', 'America/New_York', 'exact 2026-03-08T07:00Z'],
    ['2026-10-04 02:15', 'Australia/Lord_Howe', 'gap 2026-10-03T15:45Z'],
    ['2026-03-28 02:10', 'Asia/Gaza', 'gap 2026-03-28T00:10Z'],
    ['2018-11-04 00:00', 'America/Sao_Paulo', 'gap 2018-11-04T03:00Z'],
    ['2011-12-30 12:00', 'Pacific/Apia', 'gap 2011-12-30T22:00Z'],
    ['2011-12-29 23:59', 'Pacific/Apia', 'exact 2011-12-30T09:59Z'],
    ['2026-11-01 01:30', 'America/New_York', 'ambiguous 2026-11-01T05:30Z'],
    ['2026-04-05 01:45', 'Australia/Lord_Howe', 'ambiguous 2026-04-04T14:45Z'],
    ['2018-02-17 23:30', 'America/Sao_Paulo', 'ambiguous 2018-02-18T01:30Z'],
  ])('%s in %s is %s', (local, zone, expected) => {
    expect(resolved(local, zone)).toBe(expected);
  });

  test('an end that clocks show twice is the second, so that a freeze lasts until it has passed for good', () => {
    expect(resolved('2026-11-01 01:30', 'America/New_York', 'end')).toBe('ambiguous 2026-11-01T06:30Z');
    expect(resolved('2026-11-01 02:00', 'America/New_York', 'end')).toBe('exact 2026-11-01T07:00Z');
  });

  test('an end that a clock jumps back onto is the first: the day was over at the first midnight', () => {
    expect(resolved('2026-11-01 00:00', 'America/Havana', 'end')).toBe('ambiguous 2026-11-01T04:00Z');
    expect(resolved('2026-11-01 00:01', 'America/Havana', 'end')).toBe('ambiguous 2026-11-01T05:01Z');
  });

  test('text that is no time is an error', () => {
    for (const text of ['', 'noon', '2026-02-30 12:00', '2026-11-25 24:00']) {
      expect(() => resolveLocal(text, 'UTC')).toThrow(RangeError);
    }
  });

  const nearJump = fc
    .record({
      zone: fc.constantFrom(...zones, ...Intl.supportedValuesOf('timeZone')),
      year: fc.integer({ min: 1975, max: 2035 }),
      which: fc.nat(),
      minutes: fc.oneof(fc.integer({ min: -150, max: 150 }), fc.integer({ min: -1_500, max: 1_500 })),
    })
    .map(({ zone, year, which, minutes }) => {
      const found = jumps(zone, year);
      const jump = found[which % Math.max(1, found.length)] ?? Date.UTC(year, which % 12, 1);
      return {
        zone,
        at: jump + minutes * 60_000,
        local: wallText(jump + offset(jump, zone) + minutes * 60_000),
      };
    });
  const offset = (at: number, zone: string): number =>
    Date.parse(`${reading(at, zone).replace(' ', 'T')}Z`) - at;

  test('as Intl shows it, in every zone, around the jumps of sixty years', () => {
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(nearJump, ({ zone, local }) => {
        const { instants, afterGap } = shownAt(local, zone);
        const { at, kind } = resolveLocal(local, zone);
        kinds.set(kind, 1 + (kinds.get(kind) ?? 0));
        expect(kind).toBe(['gap', 'exact', 'ambiguous'][instants.length]);
        expect(at.getTime()).toBe(instants[0] ?? afterGap);
        const end = resolveLocal(local, zone, 'end').at.getTime();
        const last = instants.at(-1) ?? afterGap;
        const passedAlready = reading(last - 60_000, zone) >= local;
        expect(end).toBe(passedAlready ? (instants[0] ?? afterGap) : last);
      }),
      { numRuns: 400 },
    );
    expect([...kinds.keys()].sort()).toEqual(['ambiguous', 'exact', 'gap']);
  });

  test('formatLocal cuts seconds off: a clock shows 11:59 until it shows 12:00', () => {
    expect(formatLocal(new Date('2026-11-25T16:59:59.999Z'), 'America/New_York')).toBe('2026-11-25 11:59');
  });

  test('what formatLocal shows is what Intl shows, around the jumps of sixty years', () => {
    fc.assert(
      fc.property(nearJump, ({ zone, at }) => {
        expect(formatLocal(new Date(at), zone)).toBe(reading(at, zone));
      }),
      { numRuns: 300 },
    );
  });

  test("the host's zone makes no difference", async () => {
    const program = `
      import { formatLocal, resolveLocal } from './src/domain/time.ts';
      import { timetable } from './src/domain/timetable.ts';
      import { timePolicy } from './test/support/time-policy.ts';
      const found = ['America/New_York', 'Australia/Lord_Howe'].flatMap((zone) => [
        ...timetable(timePolicy(zone), new Date('2026-03-01'), new Date('2026-04-10')),
        resolveLocal('2026-10-04 02:15', zone), formatLocal(new Date('2026-10-04T02:15Z'), zone)]);
      console.log(JSON.stringify([new Date(2026, 6, 1).getTimezoneOffset(), found]));`;
    const run = async (host: string): Promise<[number, unknown]> => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--import', './test/support/typescript.mjs', '--input-type=module', '--eval', program],
        { env: { ...process.env, TZ: host } },
      );
      return JSON.parse(stdout);
    };
    const hosts = ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'];
    const results = await Promise.all(hosts.map(run));
    expect(results.map(([hostOffset]) => hostOffset)).toEqual([0, 240, -630, -780]);
    for (const [, found] of results) expect(found).toEqual(results[0]?.[1]);
  }, 60_000);
});

describe('weeks and dates', () => {
  const date = fc
    .integer({ min: Date.UTC(1970, 0, 1) / 86_400_000, max: Date.UTC(2100, 0, 1) / 86_400_000 })
    .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));

  test('an ISO week belongs to the year of its Thursday', () => {
    fc.assert(
      fc.property(date, (text) => {
        const at = new Date(`${text}T00:00Z`);
        const thursday = new Date(at.getTime() + (4 - (at.getUTCDay() || 7)) * 86_400_000);
        const newYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
        const week = Math.floor((thursday.getTime() - newYear) / 86_400_000 / 7) + 1;
        expect(isoWeekOf(text)).toEqual({ year: thursday.getUTCFullYear(), week });
        expect(addDays(mondayOf(isoWeekOf(text)), weekdayOf(text) - 1)).toBe(text);
      }),
    );
  });

  test('weeks are counted from an anchor, over years of 52 and 53', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -600, max: 600 }), (text, n) => {
        expect(weeksAfter(isoWeekOf(text), n)).toEqual(isoWeekOf(addDays(text, 7 * n)));
      }),
    );
    expect(weeksAfter({ year: 2026, week: 53 }, 1)).toEqual({ year: 2027, week: 1 });
  });

  test('a weekly time is so many minutes after Monday 00:00', () => {
    expect(minuteOfWeek(weekly('Monday 00:00'))).toBe(0);
    expect(localAfterMonday('2026-11-23', minuteOfWeek(weekly('Sunday 23:59')))).toBe('2026-11-29 23:59');
    expect(localAfterMonday('2026-12-28', minuteOfWeek(weekly('Friday 00:00')))).toBe('2027-01-01 00:00');
  });

  test('a zone is an IANA name; offsets and inventions are not', () => {
    for (const zone of [...zones, 'Etc/GMT+5', 'US/Eastern'])
      expect([zone, isZone(zone)]).toEqual([zone, true]);
    for (const zone of ['', '+05:30', 'Mars/Phobos', 'T12:00Z', '2026-11-25[UTC]']) {
      expect([zone, isZone(zone)]).toEqual([zone, false]);
    }
  });

  test('dates and instants are read strictly', () => {
    expect(['2026-11-25', '2028-02-29'].map(isLocalDate)).toEqual([true, true]);
    const faulty = ['2026-02-29', '2026-1-2', '20261125', '2026-11-25T10:00Z', ''];
    expect(faulty.filter(isLocalDate)).toEqual([]);
    expect(parseInstant('2026-11-25T12:00-05:00')?.toISOString()).toBe('2026-11-25T17:00:00.000Z');
    expect(['2026-11-25T12:00', '2026-11-25', 'now', ''].map(parseInstant)).toEqual(Array(4).fill(undefined));
  });

  test('a duration is said in its largest unit, a day in hours', () => {
    const said = [15, 60, 90, 120, 24 * 60, 36 * 60, 48 * 60].map((minutes) =>
      formatDuration(minutes * 60_000),
    );
    expect(said).toEqual(['15m', '1h', '90m', '2h', '24h', '36h', '2d']);
    expect([0, 5_000].map(formatDuration)).toEqual(['0s', '5s']);
  });
});
