import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerRule, RotationRule } from '../../src/domain/oncall.ts';
import { hoursOf } from '../../src/domain/roster.ts';
import { turnAt } from '../../src/domain/rotation.ts';
import { onCallAt, type Roster, shiftAt, shiftsBetween } from '../../src/domain/schedule.ts';
import { shownAt, wallMs, wallText, zones } from '../support/zones.ts';

const day = 86_400_000;
const zone = fc.constantFrom(...zones);
/** To the minute, in years with changes of the clocks of every kind. */
const instant = fc
  .integer({ min: Date.UTC(2009, 0, 1) / 60_000, max: Date.UTC(2029, 0, 1) / 60_000 })
  .map((minutes) => new Date(minutes * 60_000));

const rotation = (over: Partial<RotationRule> = {}): RotationRule => ({
  people: ['a', 'b', 'c'],
  unit: 'week',
  every: 1,
  handoff: { weekday: 1, hour: 9, minute: 0 },
  start: '2024-01-01',
  ...over,
});
const layer = (over: Partial<LayerRule> = {}): LayerRule => ({
  name: 'main',
  zone: 'America/New_York',
  rotation: rotation(),
  on: [],
  ...over,
});
const roster = (layers: readonly LayerRule[], over: Partial<Roster> = {}): Roster => ({
  schedule: { name: 's', layers },
  overrides: [],
  absences: [],
  ...over,
});
const at = (iso: string): Date => new Date(iso);
const whoAt = (of: Roster, iso: string) => onCallAt(of, at(iso)).person;
const text = ({ hour, minute }: { hour: number; minute: number }): string =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;

const anyRotation = fc
  .record({
    people: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 }),
    unit: fc.constantFrom<'day' | 'week'>('day', 'week'),
    every: fc.integer({ min: 1, max: 3 }),
    hour: fc.constantFrom(0, 1, 2, 3, 9, 23),
    minute: fc.constantFrom(0, 30),
    weekday: fc.constantFrom<1 | 3 | 7>(1, 3, 7),
  })
  .map(
    ({ people, unit, every, hour, minute, weekday }): RotationRule => ({
      people,
      unit,
      every,
      start: '2024-01-01',
      handoff: { hour, minute, ...(unit === 'week' ? { weekday } : {}) },
    }),
  );

/** When the zone's clocks first show the time, or go past it: from Intl alone. */
const firstShown = (local: string, of: string): number => {
  const { instants, afterGap } = shownAt(local, of);
  return instants[0] ?? afterGap;
};

/** The turns around an instant, counted on a wall clock that never jumps. 2024-01-01 was a Monday. */
const turnsAround = (rule: RotationRule, of: string, now: Date) => {
  const length = rule.every * (rule.unit === 'week' ? 7 : 1) * day;
  const first = wallMs(`2024-01-01 ${text(rule.handoff)}`) + ((rule.handoff.weekday ?? 1) - 1) * day;
  const near = Math.floor((now.getTime() - first) / length);
  return [-2, -1, 0, 1, 2].map((n) => ({
    number: near + n,
    begins: firstShown(wallText(first + (near + n) * length), of),
  }));
};

describe('L13: a rotation', () => {
  it('gives every instant in every zone to the person whose hand-off was the last on the wall clock', () => {
    fc.assert(
      fc.property(anyRotation, zone, instant, (rule, of, now) => {
        const turns = turnsAround(rule, of, now);
        const current = turns.findLast(({ begins }) => begins <= now.getTime());
        const next = turns.find(({ begins }) => begins > now.getTime());
        const turn = turnAt(rule, of, now);
        expect(turn.number).toBe(current?.number);
        expect([turn.from.getTime(), turn.until.getTime()]).toEqual([current?.begins, next?.begins]);
        const index =
          (((current?.number ?? 0) % rule.people.length) + rule.people.length) % rule.people.length;
        expect(turn.person).toBe(rule.people[index]);
      }),
      { numRuns: 400 },
    );
  });

  it('meets the next turn to the millisecond, an hour short or long when the clocks change', () => {
    const daily = rotation({ unit: 'day', handoff: { hour: 2, minute: 30 } });
    // 2026-03-08 02:00 becomes 03:00 in New York, 2026-11-01 02:00 becomes 01:00.
    const spring = turnAt(daily, 'America/New_York', at('2026-03-08T06:59:59.999Z'));
    expect(spring.until).toEqual(at('2026-03-08T07:30:00Z'));
    const next = turnAt(daily, 'America/New_York', spring.until);
    expect(next.from).toEqual(spring.until);
    expect(next.until.getTime() - next.from.getTime()).toBe(23 * 3_600_000);
    expect(next.number).toBe(spring.number + 1);
  });

  it('counts fortnights from its start, also before it', () => {
    const rule = rotation({ every: 2, people: ['a', 'b'] });
    const who = (iso: string) => turnAt(rule, 'UTC', at(iso)).person;
    expect(who('2024-01-01T09:00:00Z')).toBe('a');
    expect(who('2024-01-15T08:59:59Z')).toBe('a');
    expect(who('2024-01-15T09:00:00Z')).toBe('b');
    expect(who('2024-01-01T08:59:59Z')).toBe('b');
    expect(who('2023-12-04T09:00:00Z')).toBe('a');
  });

  it('that ends a daylight-saving day keeps its wall-clock time: no shift slides by an hour', () => {
    const rule = rotation();
    const locals = ['2026-02-23', '2026-03-09', '2026-07-06', '2026-11-02'].map(
      (date) => turnAt(rule, 'America/New_York', at(`${date}T18:00:00Z`)).from,
    );
    expect(locals.map((one) => one.toISOString().slice(11, 16))).toEqual([
      '14:00',
      '13:00',
      '13:00',
      '14:00',
    ]);
  });
});

describe('a schedule', () => {
  const sun = (of: string): readonly LayerRule[] =>
    [
      [0, 480],
      [480, 960],
      [960, 1_440],
    ].map(([from = 0, until = 0], i) =>
      layer({ name: `l${i}`, zone: of, hours: { from, until }, rotation: rotation({ people: [`p${i}`] }) }),
    );

  it('L13: tiles any time without a gap or an overlap, and says of each instant what it says of its shift', () => {
    fc.assert(
      fc.property(
        anyRotation,
        anyRotation,
        zone,
        instant,
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (one, two, of, from, days, moments) => {
          const until = new Date(from.getTime() + days * day);
          const nights = layer({
            name: 'nights',
            zone: of,
            rotation: one,
            on: [1, 5, 7],
            hours: { from: 22 * 60, until: 30 * 60 },
          });
          const absence = { person: 'a', from: new Date(from.getTime() + day / 2), until };
          const all = roster([nights, layer({ zone: of, rotation: two })], { absences: [absence] });
          const shifts = shiftsBetween(all, { from, until });
          expect(shifts[0]?.from).toEqual(from);
          expect(shifts.at(-1)?.until).toEqual(until);
          shifts.forEach((shift, i) => {
            expect(shift.from < shift.until).toBe(true);
            const next = shifts[i + 1];
            if (next === undefined) return;
            expect(next.from).toEqual(shift.until);
            expect([next.person, next.reason]).not.toEqual([shift.person, shift.reason]);
          });
          for (const moment of moments) {
            const now = new Date(Math.floor(from.getTime() + moment * days * day));
            const shift = shifts.find((s) => s.from <= now && now < s.until);
            expect(onCallAt(all, now)).toEqual({ person: shift?.person, reason: shift?.reason });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('L13: hours are those of the wall clock, in every zone and year', () => {
    fc.assert(
      fc.property(
        zone,
        instant,
        fc.constantFrom(0, 60, 120, 150, 540, 1_380),
        fc.constantFrom(30, 60, 480, 1_440),
        (of, now, from, long) => {
          const hours = { from, until: from + long };
          const covered = [-3, -2, -1, 0, 1].some((days) => {
            const date = wallText(wallMs(`${wallText(now.getTime()).slice(0, 10)} 00:00`) + days * day).slice(
              0,
              10,
            );
            const edge = (minutes: number) =>
              firstShown(wallText(wallMs(`${date} 00:00`) + minutes * 60_000), of);
            return edge(hours.from) <= now.getTime() && now.getTime() < edge(hours.until);
          });
          const only = roster([layer({ zone: of, hours, rotation: rotation({ people: ['a'] }) })]);
          expect(onCallAt(only, now).person).toBe(covered ? 'a' : undefined);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(zones)('L13: layers that meet on the wall clock leave nobody alone for a second in %s', (of) => {
    const year = { from: at('2026-01-01T00:00:00Z'), until: at('2026-12-31T00:00:00Z') };
    const shifts = shiftsBetween(roster(sun(of)), year);
    expect(shifts.filter(({ person }) => person === undefined)).toEqual([]);
    const hours = [...hoursOf(shifts).values()].reduce((a, b) => a + b, 0);
    expect(hours).toBe(364 * 24);
  });

  it('says that nobody is on call outside all hours, and why', () => {
    const weekdays = roster([
      layer({ zone: 'UTC', on: [1, 2, 3, 4, 5], hours: { from: 540, until: 1_020 } }),
    ]);
    expect(onCallAt(weekdays, at('2026-11-27T16:59:59Z')).reason).toEqual({ kind: 'turn', layer: 'main' });
    expect(onCallAt(weekdays, at('2026-11-27T17:00:00Z'))).toEqual({
      person: undefined,
      reason: { kind: 'nobody', away: [] },
    });
    const shift = shiftAt(weekdays, at('2026-11-28T12:00:00Z'));
    expect([shift.person, shift.from, shift.until]).toEqual([
      undefined,
      at('2026-11-27T17:00:00Z'),
      at('2026-11-30T09:00:00Z'),
    ]);
  });

  it('counts a night by the day on which it begins', () => {
    const friday = roster([layer({ zone: 'UTC', on: [5], hours: { from: 22 * 60, until: 30 * 60 } })]);
    expect(whoAt(friday, '2026-11-28T05:59:00Z')).toBeDefined();
    expect(whoAt(friday, '2026-11-27T05:59:00Z')).toBeUndefined();
  });

  it('asks the first layer that is in force', () => {
    const two = roster([
      layer({
        name: 'office',
        zone: 'Europe/Berlin',
        hours: { from: 540, until: 1_020 },
        rotation: rotation({ people: ['x'] }),
      }),
      layer({ name: 'rest', rotation: rotation({ people: ['y'] }) }),
    ]);
    expect(onCallAt(two, at('2026-11-25T08:00:00Z')).reason).toEqual({ kind: 'turn', layer: 'office' });
    expect(whoAt(two, '2026-11-25T07:59:59Z')).toBe('y');
  });
});

describe('who stands in', () => {
  const monday = '2026-11-23T15:00:00Z';
  const away = (person: string) => ({
    person,
    from: at('2026-11-20T00:00:00Z'),
    until: at('2026-12-20T00:00:00Z'),
  });

  it('of somebody who is away: the next of the rotation who is there', () => {
    const plain = roster([layer()]);
    const first = whoAt(plain, monday) ?? '';
    const second = whoAt(plain, '2026-11-30T15:00:00Z') ?? '';
    const third = whoAt(plain, '2026-12-07T15:00:00Z') ?? '';
    const one = onCallAt({ ...plain, absences: [away(first)] }, at(monday));
    expect(one).toEqual({ person: second, reason: { kind: 'stands-in', layer: 'main', away: first } });
    expect(whoAt({ ...plain, absences: [away(first), away(second)] }, monday)).toBe(third);
  });

  it('nobody when all are away, unless a layer below has somebody', () => {
    const absences = ['a', 'b', 'c'].map(away);
    expect(onCallAt(roster([layer()], { absences }), at(monday)).reason).toMatchObject({ kind: 'nobody' });
    const below = layer({ name: 'below', rotation: rotation({ people: ['z'] }) });
    expect(whoAt(roster([layer(), below], { absences }), monday)).toBe('z');
  });

  it('an override is on top of everything in its time, and a later one on top of it', () => {
    const override = { schedule: 's', from: at('2026-11-23T12:00:00Z'), until: at('2026-11-23T13:00:00Z') };
    const overrides = [
      { ...override, person: 'x' },
      { ...override, person: 'y', until: at('2026-11-23T12:30:00Z') },
      { ...override, schedule: 'other', person: 'z' },
    ];
    const all = roster([layer()], { overrides });
    const usual = whoAt(all, '2026-11-23T11:59:59Z');
    expect(whoAt(all, '2026-11-23T12:00:00Z')).toBe('y');
    expect(whoAt(all, '2026-11-23T12:30:00Z')).toBe('x');
    expect(whoAt(all, '2026-11-23T13:00:00Z')).toBe(usual);
  });

  it('instead of one person only where that person would be on call, so that it follows a schedule that is edited', () => {
    const plain = roster([layer()]);
    const first = whoAt(plain, monday) ?? '';
    const swap = {
      schedule: 's',
      person: 'x',
      insteadOf: first,
      from: at('2026-11-01T00:00:00Z'),
      until: at('2027-01-01T00:00:00Z'),
    };
    expect(onCallAt({ ...plain, overrides: [swap] }, at(monday))).toEqual({
      person: 'x',
      reason: { kind: 'override', insteadOf: first },
    });
    expect(whoAt({ ...plain, overrides: [swap] }, '2026-11-30T15:00:00Z')).toBe(
      whoAt(plain, '2026-11-30T15:00:00Z'),
    );
    const edited = roster([layer({ rotation: rotation({ people: [first] }) })], { overrides: [swap] });
    expect(whoAt(edited, '2026-11-30T15:00:00Z')).toBe('x');
  });
});

it('hours are counted by person, the most first', () => {
  const shifts = shiftsBetween(roster([layer({ zone: 'UTC', rotation: rotation({ people: ['a', 'b'] }) })]), {
    from: at('2026-11-23T09:00:00Z'),
    until: at('2026-12-14T09:00:00Z'),
  });
  expect([...hoursOf(shifts).values()]).toEqual([336, 168]);
});
