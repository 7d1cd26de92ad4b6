import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closest, editDistance, nearest } from '../../src/domain/spelling.ts';

describe('edit distance', () => {
  test.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['aprove', 'approve', 1],
    ['appvore', 'approve', 2],
    ['tarin', 'train', 1],
    ['ca', 'abc', 3],
  ])('from %j to %j is %i', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
  });

  test('is symmetric, zero for equals only, and bounded by the longer word', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  test('is one for a neighbouring pair swapped', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (head, tail) => {
        expect(editDistance(`${head}xy${tail}`, `${head}yx${tail}`)).toBe(1);
      }),
    );
  });
});

describe('closest', () => {
  const roles = ['operations', 'release-manager', 'qa', 'marketing'];

  test.each([
    ['opertaions', 'operations'],
    ['Operations', 'operations'],
    ['qs', 'qa'],
    ['relase-manger', 'release-manager'],
    ['developers', undefined],
    ['', undefined],
  ])('to %j is %j', (word, expected) => {
    expect(closest(word, roles)).toBe(expected);
  });

  test('lists the near ones best first', () => {
    expect(nearest('chart', ['cart', 'charts', 'chart', 'checkout'])).toEqual(['chart', 'cart', 'charts']);
  });

  test('is quick on a very long word', () => {
    expect(closest('x'.repeat(5_000_000), roles)).toBeUndefined();
  });
});
