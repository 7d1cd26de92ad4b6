import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loosenings, seatsFor } from '../../src/domain/loosening.ts';
import { policyOf, shop, trusted } from '../support/shop.ts';

const before = policyOf(`${shop()}separation: [cannotApproveOwn]\n`);
const after = (change: (text: string) => string) =>
  loosenings(before, policyOf(change(`${shop()}separation: [cannotApproveOwn]\n`)));
const normal = [
  { role: 'operations', count: 1 },
  { role: 'release-manager', count: 1 },
];

describe('a rule that is loosened names the seats of the rule as it was', () => {
  it.each([
    [
      'a seat less',
      (text: string) =>
        text.replace('normal: [operations: 1, release-manager: 1]', 'normal: [operations: 1]'),
      { rule: 'approvals.normal', without: ['release-manager: 1'], seats: normal },
    ],
    [
      'a seat of another role instead',
      (text: string) =>
        text.replace('content: [operations: 1, marketing: 1', 'content: [operations: 1, qa: 1'),
      { rule: 'approvals.content', without: ['marketing: 1'] },
    ],
    [
      'a veto less',
      (text: string) => text.replace('vetoes: [operations]', 'vetoes: []'),
      { rule: 'vetoes', without: ['operations'], seats: [{ role: 'operations', count: 1 }] },
    ],
    [
      'a duty kept apart no more',
      (text: string) => text.replace('[cannotApproveOwn]', '[]'),
      { rule: 'separation', without: ['cannotApproveOwn'], seats: normal },
    ],
    [
      'a requirement that no cutoff of the train asks for any more',
      (text: string) => text.replace('requires: [sign-off:qa, ', 'requires: ['),
      { rule: 'trains.weekly.cutoffs.ready-for-production.requires', without: ['sign-off:qa'] },
    ],
    [
      'another builder that is believed',
      (text: string) => text.replace(`[${trusted}]`, `[${trusted}, https://elsewhere.example]`),
      { rule: 'builders.trusted', without: ['distrust of https://elsewhere.example'] },
    ],
    [
      'every builder believed',
      (text: string) => text.replace(`[${trusted}]`, '[]'),
      { rule: 'builders.trusted', without: ['any trust at all'] },
    ],
  ])('%s', (_name, change, expected) => {
    expect(after(change)).toMatchObject([expected]);
  });
});

it('where tickets are asked about no more, or more is called ready, the usual seats have to agree', () => {
  const tracker = (records: string, ready: string): string =>
    `${shop()}trackers:\n  jira: { kind: jira, url: https://jira.shop.example, records: [${records}], ready: [${ready}] }\n`;
  const found = (to: string) => loosenings(policyOf(tracker('"REC-*"', 'Done')), policyOf(to));
  expect(found(shop())).toMatchObject([{ rule: 'trackers.jira', without: ['REC-*'], seats: normal }]);
  expect(found(tracker('"REC-*"', 'Done, Open'))).toMatchObject([
    { rule: 'trackers.jira', without: ['that Open is not ready'] },
  ]);
  expect(found(tracker('"REC-*", "OPS-*"', 'Done'))).toEqual([]);
});

it('what asks for more, for the same elsewhere, or is no rule of approval loosens nothing', () => {
  for (const change of [
    (text: string) => text,
    (text: string) => text.replace('normal: [operations: 1', 'normal: [operations: 2'),
    (text: string) => text.replace('standard: []', 'standard: [qa: 1]'),
    (text: string) => text.replace('concurrency: 8', 'concurrency: 2'),
    (text: string) => text.replace('qa: [quinn, quincy]', 'qa: [quinn]'),
    (text: string) =>
      text
        .replace('deployed:test, records,', 'deployed:test,')
        .replace('[cannotApproveOwn]', '[cannotApproveOwn, testerNotAuthor]'),
  ])
    expect(after(change)).toEqual([]);
});

it('going there and back again loosens nothing exactly when nothing was taken away', () => {
  const seats = fc.record({ operations: fc.nat(2), qa: fc.nat(2), marketing: fc.nat(2) });
  const withSeats = (counts: Readonly<Record<string, number>>) => ({
    ...before,
    approvals: new Map([
      ...before.approvals,
      ['normal', Object.entries(counts).flatMap(([role, count]) => (count === 0 ? [] : [{ role, count }]))],
    ]),
  });
  fc.assert(
    fc.property(seats, seats, (a, b) => {
      const less = Object.entries(a).some(([role, count]) => count > (b[role as keyof typeof b] ?? 0));
      const found = loosenings(withSeats(a), withSeats(b));
      expect(found.length > 0).toBe(less);
      if (less) expect(seatsFor(found)).toEqual(withSeats(a).approvals.get('normal'));
    }),
  );
});
