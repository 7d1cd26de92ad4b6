import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/domain/policy.ts';
import { trainById } from '../../src/domain/train.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { castServices, requesterFor, signersFor } from '../../src/rehearsal/cast.ts';
import { generateScenario } from '../../src/rehearsal/generate.ts';
import { FaultyScenario, readScenario } from '../../src/rehearsal/scenario.ts';

const load = (text: string): Policy => {
  const loaded = loadPolicy(text, 'policy.yaml', new Date('2026-11-23T00:00:00Z'));
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join('\n'));
  return loaded.policy;
};
const example = (path: string): string =>
  readFileSync(new URL(`../../examples/${path}`, import.meta.url), 'utf8');
const shop = load(example('astronomy-shop/signalbox.yaml'));
const minimal = load(example('minimal.yaml'));
const monday = '2026-11-23';

const trainIn = (policy: Policy) => {
  const train = trainById(policy, 'weekly-2026-W48');
  if (train === undefined) throw new Error('no such train');
  return train;
};

describe('a script', () => {
  it('is read in the policy’s zone, in order of time', () => {
    const { moments } = readScenario(
      [
        'title: t',
        'week:',
        '  - { at: Tuesday 09:00, as: rita, say: train }',
        '  - { at: Monday 09:00, ci: deployed cart 1.0 to test, outcome: fail, comment: no }',
      ].join('\n'),
      'r.yaml',
      shop,
      monday,
    );
    expect(moments).toEqual([
      {
        at: new Date('2026-11-23T14:00:00Z'),
        kind: 'report',
        report: {
          kind: 'deployed',
          service: 'cart',
          version: '1.0',
          environment: 'test',
          again: false,
          outcome: 'fail',
          comment: 'no',
        },
      },
      { at: new Date('2026-11-24T14:00:00Z'), kind: 'say', person: 'rita', text: 'train' },
    ]);
  });

  it('with faults is refused with all of them, by line', () => {
    const yaml = [
      'title: t',
      'week:',
      '  - { at: Monday 09:00, as: ritta, say: train }',
      '  - { at: Monday 09:05, ci: build carts 1.0 }',
      '  - { at: Monday 09:05, as: rita, press: Go, on: kart }',
    ].join('\n');
    const reading = () => readScenario(yaml, 'r.yaml', shop, monday);
    expect(reading).toThrow(FaultyScenario);
    expect(reading).toThrow(/r\.yaml:3:.*"ritta"[\s\S]*r\.yaml:4:.*"carts"[\s\S]*r\.yaml:5:.*"kart"/);
    expect(() =>
      readScenario('title: t\nweek:\n  - { at: Monday 9, say: x }', 'r.yaml', shop, monday),
    ).toThrow(/^r\.yaml:3:/);
    expect(() => readScenario('title: [', 'r.yaml', shop, monday)).toThrow(FaultyScenario);
  });

  it('of the example names nobody and nothing that its policy lacks', () => {
    const scenario = readScenario(example('astronomy-shop/rehearsal.yaml'), 'r.yaml', shop, monday);
    expect(scenario.ownPrograms).toBe(true);
    expect(scenario.moments.length).toBeGreaterThan(90);
  });
});

describe('a generated week', () => {
  it.each([
    ['the example', shop],
    ['the shortest policy', minimal],
  ])('for %s: people of the policy act, in order, and nothing real is run', (_name, policy) => {
    const { moments, ownPrograms, expects } = generateScenario(policy, trainIn(policy));
    expect(ownPrograms).toBe(false);
    const times = moments.map(({ at }) => at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const people = moments.flatMap((moment) => (moment.kind === 'say' ? [moment.person] : []));
    expect(people.filter((person) => !policy.people.has(person))).toEqual([]);
    expect(moments.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['say', 'report', 'break', 'kill']),
    );
    expect(expects).toContain('deployment-finished');
  });

  it('says what a policy is too small to show', () => {
    const tiny = load('timezone: UTC\npeople: { ann: {} }\nservices: { web: {} }\ntrains: { weekly: {} }\n');
    const { missing } = generateScenario(tiny, trainIn(tiny));
    expect(missing.join('; ')).toMatch(/cannot be filled.*held.*misses.*veto/);
  });

  it('casts a service that depends on the one that fails, and one that is touched by neither', () => {
    const { makesIt = '', fails = '', held = '' } = castServices(minimal);
    expect({ makesIt, fails, held }).toEqual({ makesIt: 'database', fails: 'shop', held: 'website' });
  });

  it('finds different people for the seats, and a requester who is none of them', () => {
    const requester = requesterFor(minimal, trainIn(minimal), 'database', 'normal');
    expect(requester).toBe('emil');
    expect(signersFor(minimal, 'normal', 'emil')).toEqual(['ben', 'ada']);
    expect(signersFor(minimal, 'normal', 'ben')).toBeUndefined();
  });
});
