import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dueAfter,
  isOverdue,
  mayTakeOver,
  nextContact,
  obligationNumber,
  politeFrom,
  reached,
} from '../../src/domain/obligation.ts';
import { day, formatLocal, hour, weekdayOf } from '../../src/domain/time.ts';
import { strictShop } from '../support/exceptions.ts';
import { policyOf } from '../support/shop.ts';

const policy = policyOf(strictShop());
const newYork = { ...policy, timezone: 'America/New_York' };
const at = (iso: string): Date => new Date(iso);

describe('when something is owed', () => {
  it.each([
    ['record', '2026-11-28T23:00:00Z', '2026-11-29T23:00:00.000Z'],
    ['propagation', '2026-11-28T23:00:00Z', '2026-12-01T23:00:00.000Z'],
    // Monday to Friday, ending with the working hours.
    ['root-cause', '2026-11-23T10:00:00Z', '2026-11-30T18:00:00.000Z'],
    ['root-cause', '2026-11-28T23:00:00Z', '2026-12-04T18:00:00.000Z'],
    ['paper', '2026-11-27T10:00:00Z', '2026-12-01T18:00:00.000Z'],
  ] as const)('%s of %s is due %s', (kind, from, due) => {
    expect(dueAfter(policy, kind, at(from)).toISOString()).toBe(due);
  });

  it('L13: working days end on the wall clock, also over a change of the clocks', () => {
    // 1 November 2026: New York falls back.
    expect(dueAfter(newYork, 'paper', at('2026-10-30T20:00:00Z')).toISOString()).toBe(
      '2026-11-03T23:00:00.000Z',
    );
  });

  it('L3: at the due instant itself it is overdue', () => {
    const dueAt = at('2026-11-30T18:00:00Z');
    expect(isOverdue({ dueAt, settledAt: null }, new Date(dueAt.getTime() - 1))).toBe(false);
    expect(isOverdue({ dueAt, settledAt: null }, dueAt)).toBe(true);
    expect(isOverdue({ dueAt, settledAt: dueAt }, dueAt)).toBe(false);
  });
});

const anyInstant = fc
  .integer({ min: 0, max: 2 * 365 * 24 * 60 })
  .map((minutes) => new Date(at('2026-01-01T00:00:00Z').getTime() + minutes * 60_000));

describe('quiet hours', () => {
  it('asks on workdays within working hours only, never earlier, and at once when it may', () => {
    fc.assert(
      fc.property(anyInstant, fc.constantFrom(policy, newYork), (instant, rules) => {
        const polite = politeFrom(rules, instant);
        const local = formatLocal(polite, rules.timezone);
        expect(polite.getTime()).toBeGreaterThanOrEqual(instant.getTime());
        expect(weekdayOf(local.slice(0, 10))).toBeLessThanOrEqual(5);
        expect(local.slice(11) >= '09:00' && local.slice(11) < '18:00').toBe(true);
        expect(politeFrom(rules, polite)).toEqual(polite);
        // A weekend and the quiet hours around it are the longest.
        expect(polite.getTime() - instant.getTime()).toBeLessThanOrEqual(2 * day + 16 * hour);
      }),
    );
  });

  it.each([
    ['2026-11-28T23:00:00Z', '2026-11-30T09:00:00.000Z'],
    ['2026-11-27T18:00:00Z', '2026-11-30T09:00:00.000Z'],
    ['2026-11-27T17:59:00Z', '2026-11-27T17:59:00.000Z'],
    ['2026-11-25T03:00:00Z', '2026-11-25T09:00:00.000Z'],
  ])('%s is put off to %s', (from, to) => {
    expect(politeFrom(policy, at(from)).toISOString()).toBe(to);
  });
});

describe('reminders', () => {
  it('go to more people the longer it lasts, in order, and rest between', () => {
    fc.assert(
      fc.property(anyInstant, fc.integer({ min: 0, max: 200 }), (createdAt, hours) => {
        const dueAt = new Date(createdAt.getTime() + hours * hour);
        let last: Date | null = null;
        const audiences: string[] = [];
        for (let contacts = 0; contacts < 6; contacts += 1) {
          const next = nextContact(policy, { createdAt, dueAt, contacts }, last);
          expect(next.at).toEqual(politeFrom(policy, next.at));
          if (last !== null) expect(next.at.getTime() - last.getTime()).toBeGreaterThanOrEqual(20 * hour);
          audiences.push(next.audience);
          last = next.at;
        }
        expect(audiences).toEqual(['owner', 'owner', 'owners', 'managers', 'managers', 'managers']);
      }),
    );
  });

  it('always reach somebody: whose owner has left the policy goes to those who can find another', () => {
    const owed = { owner: 'dana', service: 'alone' };
    expect(reached(policy, owed, 'owner')).toEqual(['dana']);
    expect(reached(policy, owed, 'owners')).toEqual(['dana', 'dev']);
    expect(reached(policy, owed, 'managers')).toEqual(['dana', 'dev', 'rita', 'remy']);
    expect(reached(policy, { owner: 'gone', service: 'alone' }, 'owner')).toEqual(['dev', 'rita', 'remy']);
  });

  it('may be taken over by the team, release managers and operations', () => {
    const owed = { owner: 'dana', service: 'alone', team: 'loners' };
    expect(
      ['dev', 'rita', 'omar', 'dana', 'mira'].filter((person) => mayTakeOver(policy, owed, person)),
    ).toEqual(['dev', 'rita', 'omar']);
  });
});

it.each([
  ['OBL-4', 4],
  ['obl-4', 4],
  ['4', 4],
  ['CHG-4', undefined],
  ['OBL-0', undefined],
  ['', undefined],
])('%s is read as a number: %s', (text, number) => expect(obligationNumber(text)).toBe(number));
