import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import {
  changedParts,
  type Fingerprinted,
  fingerprintId,
  fingerprintOf,
  sameFingerprint,
} from '../../src/domain/fingerprint.ts';

const parts: Fingerprinted = {
  artifact: 'sha256:aa',
  plan: {
    name: 'in-place',
    strategy: 'in-place',
    reserve: 600_000,
    steps: [
      { name: 'stop', run: { executor: 'command', command: ['./stop'] }, expected: 1_000, timeout: 2_000 },
      { name: 'start', run: { executor: 'command', command: ['./start'] }, expected: 1_000, timeout: 2_000 },
    ],
  },
  window: { train: 'weekly-2026-W48', openings: ['2026-11-29T03:00:00.000Z', '2026-11-30T03:00:00.000Z'] },
  records: ['REC-1', 'REC-2'],
  rule: [
    { role: 'operations', count: 1 },
    { role: 'qa', count: 2 },
  ],
};

/** The same value with its keys inserted the other way round, at every depth. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const keysReversed = Object.entries(value)
    .reverse()
    .map(([key, member]) => [key, reversed(member)]);
  return Object.fromEntries(keysReversed);
};

describe('canonical JSON', () => {
  test('sorts keys at every depth, keeps the order of arrays and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [2, 1, { d: null, c: 'ü"' }], a: undefined, B: true })).toBe(
      '{"B":true,"b":[2,1,{"c":"ü\\"","d":null}]}',
    );
  });

  test('does not depend on the order in which keys were written, and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
    );
  });

  test('gives different values different texts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        // The other direction of the oracle: JSON.parse restores what was meant, -0 apart.
        const same = canonicalJson(a) === canonicalJson(b);
        const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
        if (same) expect(plain(a)).toEqual(plain(b));
      }),
    );
  });

  test.each([
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set([1])],
    ['a Date', new Date(0)],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an array with a hole', Object.assign([], { length: 1 })],
  ])('refuses %s and says where it is, since its digest would lie', (_what, value) => {
    expect(() => canonicalJson({ steps: [0, value] })).toThrow(/^\$\.steps\[1\]/);
  });
});

describe('fingerprint', () => {
  test('is five SHA-256 digests, and equal parts have equal fingerprints', () => {
    const fingerprint = fingerprintOf(parts);
    expect(Object.keys(fingerprint)).toEqual(['artifact', 'plan', 'window', 'records', 'rule']);
    for (const digest of Object.values(fingerprint)) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(sameFingerprint(fingerprint, fingerprintOf(structuredClone(parts)))).toBe(true);
  });

  test('is the published digest of the canonical text, so that stored approvals stay valid over releases', () => {
    // printf '"sha256:aa"' | sha256sum
    expect(fingerprintOf(parts).artifact).toBe(
      '4bdee862d09775f624f28199c675bad25d3b0b67d31d90c11e2f6de48c223c7b',
    );
  });

  test.each<[string, Partial<Fingerprinted>, string]>([
    ['another build', { artifact: 'sha256:ab' }, 'artifact'],
    ['no build', { artifact: null }, 'artifact'],
    ['the steps swapped', { plan: { ...parts.plan, steps: [...parts.plan.steps].reverse() } }, 'plan'],
    ['a shorter rollback reserve', { plan: { ...parts.plan, reserve: 1 } }, 'plan'],
    ['the next train', { window: { ...parts.window, train: 'weekly-2026-W49' } }, 'window'],
    [
      'an opening cancelled',
      { window: { ...parts.window, openings: ['2026-11-29T03:00:00.000Z'] } },
      'window',
    ],
    ['one more record', { records: ['REC-1', 'REC-2', 'REC-3'] }, 'records'],
    [
      'one seat fewer',
      {
        rule: [
          { role: 'operations', count: 1 },
          { role: 'qa', count: 1 },
        ],
      },
      'rule',
    ],
    [
      'another role',
      {
        rule: [
          { role: 'ops', count: 1 },
          { role: 'qa', count: 2 },
        ],
      },
      'rule',
    ],
  ])('L5: %s is detected and named', (_what, change, part) => {
    const [old, now] = [fingerprintOf(parts), fingerprintOf({ ...parts, ...change })];
    expect(changedParts(old, now)).toEqual([part]);
    expect(sameFingerprint(old, now)).toBe(false);
    expect(fingerprintId(now)).not.toBe(fingerprintId(old));
  });

  test('L5: whichever parts change, exactly those are named', () => {
    const text = fc.string({ maxLength: 3 });
    const anyParts: fc.Arbitrary<Fingerprinted> = fc.record({
      artifact: fc.option(text),
      plan: fc.record({
        name: text,
        strategy: fc.constantFrom('in-place', 'parallel-production'),
        steps: fc.constant([]),
        reserve: fc.nat(3),
      }),
      window: fc.record({ train: text, openings: fc.constant([]) }),
      records: fc.uniqueArray(text).map((records) => records.sort()),
      rule: fc.nat(2).map((count) => [{ role: 'qa', count: count + 1 }]),
    });
    fc.assert(
      fc.property(anyParts, anyParts, (a, b) => {
        const different = (['artifact', 'plan', 'window', 'records', 'rule'] as const).filter(
          (part) => canonicalJson(a[part]) !== canonicalJson(b[part]),
        );
        expect(changedParts(fingerprintOf(a), fingerprintOf(b))).toEqual(different);
      }),
    );
  });

  test('is the same for records, openings and seats named in another order or twice', () => {
    const again = fingerprintOf({
      ...parts,
      window: { ...parts.window, openings: [...parts.window.openings].reverse() },
      records: ['REC-2', 'REC-1', 'REC-2'],
      rule: [
        { role: 'qa', count: 1 },
        { role: 'marketing', count: 0 },
        { role: 'operations', count: 1 },
        { role: 'qa', count: 1 },
      ],
    });
    expect(changedParts(fingerprintOf(parts), again)).toEqual([]);
  });

  test('has a short name for people', () => {
    expect(fingerprintId(fingerprintOf(parts))).toMatch(/^[0-9a-f]{8}$/);
    expect(fingerprintId(fingerprintOf(parts))).toBe(fingerprintId(fingerprintOf(structuredClone(parts))));
  });
});
