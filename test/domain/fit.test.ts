import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/domain/change.ts';
import { fitChanges } from '../../src/domain/fit.ts';
import { nothingLearned } from '../../src/domain/learned.ts';
import { trainById } from '../../src/domain/train.ts';
import { policyOf, shop, week48 } from '../support/shop.ts';

const change = (id: number, service: string, more: Partial<Change> = {}): Change => ({
  id,
  service,
  type: 'normal',
  version: '1.0.0',
  artifact: null,
  train: week48.train,
  state: 'boarded',
  requester: 'dev',
  records: [],
  note: '',
  go: null,
  goReason: null,
  submittedAt: new Date(Date.UTC(2026, 10, 23, 9, id)),
  ...more,
});

const placesOf = (capacity: number, services: readonly string[], changes: readonly Change[]) => {
  const policy = policyOf(shop({ capacity, services }));
  const train = trainById(policy, week48.train);
  if (train === undefined) throw new Error('no train');
  return fitChanges(changes, policy, train, nothingLearned).map(
    ({ startsAt, why, next }) => [startsAt === null ? why : 'tonight', next?.train.slice(-3)] as const,
  );
};

describe('when a window has not room for all', () => {
  it('those of a higher priority go first, then the older ones; the others hear where there is room left for them', () => {
    const services = ['s1', 's2', 's3', 's4', 's5', 's6'].map(
      (name) => `${name}: { priority: ${name === 's6' ? 2 : name === 's5' ? 1 : 0} }`,
    );
    const changes = [1, 2, 3, 4, 5, 6].map((id) => change(id, `s${id}`));
    expect(placesOf(2, services, changes)).toEqual([
      ['window-full', 'W49'],
      ['window-full', 'W49'],
      ['window-full', 'W50'],
      ['window-full', 'W50'],
      ['tonight', undefined],
      ['tonight', undefined],
    ]);
  });

  it('none is told of an earlier window than what must go before it, whatever its priority', () => {
    const services = ['base: {}', 'top: { dependsOn: [base], priority: 9 }', 'old: { priority: 10 }'];
    // `top` and what it needs do not fit beside `old`; in the next windows each has one to itself.
    expect(placesOf(1, services, [change(1, 'base'), change(2, 'top'), change(3, 'old')])).toEqual([
      ['window-full', 'W49'],
      ['window-full', 'W50'],
      ['tonight', undefined],
    ]);
  });

  it('no window is promised to more than it takes, and none of the first is younger and less important than one left over', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 }),
        (capacity, priorities) => {
          const services = priorities.map((priority, i) => `s${i}: { priority: ${priority} }`);
          const changes = priorities.map((_, i) => change(i + 1, `s${i}`));
          const places = placesOf(capacity, services, changes);
          const taken = new Map<string, number>();
          for (const [why, next] of places) {
            const where = why === 'tonight' ? why : (next ?? 'nowhere');
            taken.set(where, (taken.get(where) ?? 0) + 1);
          }
          expect(Math.max(...taken.values())).toBeLessThanOrEqual(capacity);
          const least = Math.min(...priorities.filter((_, i) => places[i]?.[0] === 'tonight'));
          const most = Math.max(-1, ...priorities.filter((_, i) => places[i]?.[0] !== 'tonight'));
          expect(most).toBeLessThanOrEqual(least);
        },
      ),
      { numRuns: 30 },
    );
  });
});
