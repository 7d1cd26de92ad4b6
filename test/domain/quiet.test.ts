import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quietUntil } from '../../src/domain/quiet.ts';
import { formatLocal, hour } from '../../src/domain/time.ts';
import { trainById } from '../../src/domain/train.ts';
import { policyOf, shop } from '../support/shop.ts';

const night = { from: 20 * 60, until: 7 * 60 };
const local = (text: string, quiet = night, zone = 'Etc/UTC'): string | undefined => {
  const until = quietUntil(new Date(text), quiet, zone);
  return until && formatLocal(until, zone);
};

describe('quiet hours', () => {
  it.each([
    ['2026-11-25T19:59:59Z', undefined],
    ['2026-11-25T20:00:00Z', '2026-11-26 07:00'],
    ['2026-11-26T00:00:00Z', '2026-11-26 07:00'],
    ['2026-11-26T06:59:59Z', '2026-11-26 07:00'],
    ['2026-11-26T07:00:00Z', undefined],
  ])('over midnight: %s → %s', (at, until) => {
    expect(local(at)).toBe(until);
  });

  it('within a day, to its very end, and none at all', () => {
    expect(local('2026-11-25T13:00:00Z', { from: 12 * 60, until: 14 * 60 })).toBe('2026-11-25 14:00');
    expect(local('2026-11-25T23:30:00Z', { from: 23 * 60, until: 24 * 60 })).toBe('2026-11-26 00:00');
    expect(quietUntil(new Date('2026-11-25T23:30:00Z'), undefined, 'Etc/UTC')).toBeUndefined();
  });

  it('L13: end later than the instant, when the clocks show it, in any zone and on any day', () => {
    const minutes = fc.nat({ max: 1_439 });
    const zones = fc.constantFrom(
      'America/New_York',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'America/Havana',
    );
    const instants = fc.date({
      min: new Date('2026-01-01'),
      max: new Date('2028-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(minutes, minutes, zones, instants, (from, until, zone, at) => {
        const end = quietUntil(at, { from, until }, zone);
        if (end === undefined) return;
        expect(end > at).toBe(true);
        expect(end.getTime() - at.getTime()).toBeLessThanOrEqual(26 * hour);
        expect(quietUntil(end, { from, until }, zone)).toBeUndefined();
      }),
    );
  });

  it('move a reminder to their end, unless the cutoff would be over by then', () => {
    const policy = policyOf(shop({ inTestAt: 'Wednesday 08:00' }));
    const remindersWith = (quietHours: typeof night | undefined) =>
      trainById(
        { ...policy, ...(quietHours ? { quietHours } : {}) },
        'weekly-2026-W48',
      )?.cutoffs[0]?.reminders.map(({ at }) => at.toISOString().slice(5, 16));
    expect(remindersWith(undefined)).toEqual(['11-24T08:00', '11-25T06:00', '11-25T07:45']);
    expect(remindersWith(night)).toEqual(['11-24T08:00', '11-25T07:00', '11-25T07:45']);
    expect(remindersWith({ from: 20 * 60, until: 9 * 60 })).toEqual([
      '11-24T09:00',
      '11-25T06:00',
      '11-25T07:45',
    ]);
  });
});
