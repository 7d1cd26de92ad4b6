import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Way } from '../../src/domain/oncall.ts';
import {
  nightOf,
  pageReport,
  type ReportedPage,
  type ReportedSend,
  spreadOf,
} from '../../src/domain/page-report.ts';
import { zones } from '../support/zones.ts';

const from = new Date('2026-11-02T00:00:00Z');
const until = new Date('2026-11-30T00:00:00Z');
const instant = fc
  .integer({ min: from.getTime() / 60_000, max: until.getTime() / 60_000 - 1 })
  .map((minutes) => new Date(minutes * 60_000));
const zone = fc.constantFrom(...zones);
const later = (at: Date, minutes: number | null): Date | null =>
  minutes === null ? null : new Date(at.getTime() + minutes * 60_000);
const wait = fc.option(fc.integer({ min: 0, max: 600 }));
const pages: fc.Arbitrary<readonly ReportedPage[]> = fc.array(
  fc
    .record({
      id: fc.nat(),
      service: fc.option(fc.constantFrom('api', 'db', 'web')),
      raisedAt: instant,
      asked: wait,
      answered: wait,
      resolved: wait,
    })
    .map(({ id, service, raisedAt, asked, answered, resolved }) => ({
      id,
      service,
      raisedAt,
      askedAt: later(raisedAt, asked),
      answeredAt: later(raisedAt, answered),
      resolvedAt: later(raisedAt, resolved),
    })),
  { maxLength: 40 },
);
const sends: fc.Arbitrary<readonly ReportedSend[]> = fc.array(
  fc.record({
    page: fc.integer({ min: 1, max: 5 }),
    person: fc.constantFrom('olga', 'omar'),
    way: fc.constantFrom('chat' as const, 'email' as const),
    state: fc.constantFrom('sent' as const, 'failed' as const),
    at: instant,
  }),
  { maxLength: 60 },
);
/** By the platform's own calendar. */
const hourIn = (at: Date, of: string): number =>
  Number(new Intl.DateTimeFormat('en-GB', { timeZone: of, hour: '2-digit', hourCycle: 'h23' }).format(at));

describe('a report', () => {
  it('counts every page once by service and once by week, and every message once', () => {
    fc.assert(
      fc.property(pages, sends, zone, (raised, tried, of) => {
        const report = pageReport({ from, until, pages: raised, sends: tried, zone: of, zoneOf: () => of });
        const sum = (counts: readonly { readonly pages: number }[]): number =>
          counts.reduce((all, one) => all + one.pages, 0);
        expect([sum(report.services), sum(report.weeks), report.pages]).toEqual(Array(3).fill(raised.length));
        expect(report.answered).toBe(raised.filter(({ answeredAt }) => answeredAt !== null).length);
        const { failed, of: all, share } = report.undelivered;
        expect([all, Math.round(share * Math.max(1, all))]).toEqual([tried.length, failed]);
        const weeks = report.weeks.map(({ week }) => week);
        expect(weeks).toEqual(weeks.toSorted());
        expect(weeks.length).toBeGreaterThanOrEqual(4);
      }),
    );
  });

  it('has a spread that is in order and made of what was measured', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 50 }), (values) => {
        const spread = spreadOf(values);
        if (spread === null) throw new Error('a spread of nothing');
        const { mean, median, p90, most } = spread;
        expect(median <= p90 && p90 <= most && mean <= most).toBe(true);
        expect(values).toEqual(expect.arrayContaining([median, p90, most]));
        expect(most).toBe(Math.max(...values));
        expect(values.filter((value) => value <= median).length * 2).toBeGreaterThanOrEqual(values.length);
        expect(values.filter((value) => value <= p90).length * 10).toBeGreaterThanOrEqual(values.length * 9);
        expect(mean * values.length).toBeCloseTo(
          values.reduce((a, b) => a + b, 0),
          -3,
        );
      }),
    );
    expect(spreadOf([])).toBeNull();
  });

  it('L13: calls it night from ten to seven where the person lives, in any zone', () => {
    fc.assert(
      fc.property(instant, zone, (at, of) => {
        const hour = hourIn(at, of);
        expect(nightOf(at, of) !== undefined).toBe(hour >= 22 || hour < 7);
      }),
    );
    expect(nightOf(new Date('2026-11-24T03:00:00Z'), 'UTC')).toBe('2026-11-23');
    expect(nightOf(new Date('2026-11-23T22:00:00Z'), 'UTC')).toBe('2026-11-23');
    expect(nightOf(new Date('2026-11-23T22:00:00Z'), 'America/New_York')).toBeUndefined();
  });

  it('wakes a person once by a page in a night, and never by what did not arrive', () => {
    const send = (page: number, iso: string, state: 'sent' | 'failed' = 'sent', way: Way = 'sms') => ({
      page,
      person: 'olga',
      way,
      state,
      at: new Date(iso),
    });
    const { wakeUps } = pageReport({
      from,
      until,
      pages: [],
      sends: [
        send(1, '2026-11-23T23:00:00Z'),
        send(1, '2026-11-24T03:00:00Z'),
        send(2, '2026-11-24T03:00:00Z'),
        send(3, '2026-11-24T03:00:00Z', 'failed'),
        send(1, '2026-11-24T23:30:00Z'),
        send(4, '2026-11-24T12:00:00Z'),
        send(5, '2026-11-24T03:00:00Z', 'sent', 'email'),
      ],
      zone: 'UTC',
      zoneOf: () => 'UTC',
    });
    expect(wakeUps).toEqual([{ person: 'olga', wakeUps: 3, nights: 2 }]);
  });
});
