import { describe, expect, it } from 'vitest';
import { planCommand } from '../../src/cli/plan.ts';
import type { PlanRule, Policy, Service } from '../../src/domain/policy.ts';
import { Refused } from '../../src/domain/refusal.ts';
import { timePolicy } from '../support/time-policy.ts';

const service = (name: string, dependsOn: readonly string[] = []): Service => ({
  name,
  dependsOn,
  owners: [],
  platforms: ['default'],
  plan: 'simple',
});

/** Two steps: 60 seconds together. */
const simple: PlanRule = {
  name: 'simple',
  strategy: 'in-place',
  reserve: 0,
  steps: [45_000, 15_000].map((expected, i) => ({
    name: `step ${i}`,
    run: { executor: 'command', command: ['true'] },
    expected,
    timeout: 600_000,
  })),
};

const policy: Policy = {
  ...timePolicy('UTC'),
  services: new Map(
    [service('web', ['cart', 'ads']), service('cart', ['db']), service('ads'), service('db')].map((one) => [
      one.name,
      one,
    ]),
  ),
  plans: new Map([['simple', simple]]),
  concurrency: 1,
};

const refusalOf = (changes: string) => {
  try {
    return planCommand(policy, changes);
  } catch (error) {
    return error instanceof Refused ? error.refusal : error;
  }
};

describe('signalbox plan', () => {
  it('plans every service of the policy when no changes are given', () => {
    expect(JSON.parse(planCommand(policy, undefined, { json: true }))).toEqual({
      waves: [['ads', 'db'], ['cart'], ['web']],
      cycles: [],
      criticalPathSeconds: 180,
      makespanSeconds: 240,
    });
  });

  it('plans the changes given, in YAML or JSON, with dependencies of their own beside those of the service', () => {
    const yaml = '- service: web\n  version: 1.2\n- { service: ads, dependsOn: [db] }\n- service: db\n';
    const plan = JSON.parse(planCommand(policy, yaml, { json: true }));
    expect(plan.waves).toEqual([['db'], ['ads'], ['web']]);
    const json = JSON.stringify([
      { service: 'web' },
      { service: 'ads', dependsOn: ['db'] },
      { service: 'db' },
    ]);
    expect(JSON.parse(planCommand(policy, json, { json: true }))).toEqual(plan);
  });

  it('says it in words', () => {
    const changes =
      '[{service: web}, {service: cart, dependsOn: [ads]}, {service: ads, dependsOn: [cart]}, {service: db, dependsOn: [db]}]';
    expect(planCommand(policy, changes)).toBe(
      [
        'Wave 1: db',
        'Wave 2: ads, cart',
        'Wave 3: web',
        'Depend on each other, deployed together: ads, cart',
        'Depends on itself: db',
        'The longest chain takes 3m; with 1 at a time all takes 4m.',
      ].join('\n'),
    );
    expect(planCommand(policy, '[]')).toBe('Nothing is deployed.');
  });

  it('refuses unknown services, all of them at once, with the place and the closest spelling', () => {
    const changes = '- service: wbe\n- { service: cart, dependsOn: [db, kafka] }\n- service: adz\n';
    expect(refusalOf(changes)).toEqual({
      code: 'unknown-services',
      facts: {
        faults: [
          '1:12 [0].service: there is no service "wbe"; did you mean "web"?',
          '2:36 [1].dependsOn[1]: there is no service "kafka"',
          '3:12 [2].service: there is no service "adz"; did you mean "ads"?',
        ],
      },
    });
  });

  it.each([
    ['', /1:1 .*array/],
    ['service: web', /1:1 .*array/],
    ['- service: [', /:\d+ /],
    ['- svc: web', /1:\d+ \[0\]/],
    ['- service: web\n  dependsOn: cart', /2:14 \[0\]\.dependsOn: .*array/],
    ['- service: web\n  service: cart', /2:3 .*service/],
  ])('refuses a list that is none: %j', (changes, expected) => {
    const refusal = refusalOf(changes);
    expect(refusal).toMatchObject({
      code: 'faulty-changes',
      facts: { faults: expect.arrayContaining([expect.stringMatching(expected)]) },
    });
  });
});
