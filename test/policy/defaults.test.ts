import { expect, it } from 'vitest';
import type { Policy, Run } from '../../src/domain/policy.ts';
import { hour, minute, second } from '../../src/domain/time.ts';
import { formatFault } from '../../src/policy/fault.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { noOncall } from '../support/time-policy.ts';

const load = (text: string): Policy => {
  const result = loadPolicy(text, 'p.yaml', new Date('2026-11-23T12:00:00Z'));
  if (!result.ok) throw new Error(result.faults.map(formatFault).join('\n'));
  return result.policy;
};

const commandOf = (run: Run | undefined) => (run?.executor === 'command' ? run.command : []);

const smallest = 'timezone: UTC\npeople: { ann: {} }\nservices: { web: {} }\ntrains: { weekly: {} }\n';

it('four sections are a policy; everything else has the documented default', () => {
  const deploy = (artifact: string) => ({
    executor: 'command',
    command: ['./deploy.sh', '{service}', artifact],
  });
  expect(load(smallest)).toEqual({
    organization: 'Signalbox',
    timezone: 'UTC',
    environments: ['test', 'preproduction', 'production'],
    people: new Map([['ann', { id: 'ann', name: 'ann' }]]),
    roles: new Map(),
    services: new Map([
      ['web', { name: 'web', owners: [], dependsOn: [], platforms: ['default'], plan: 'default' }],
    ]),
    builderKeys: new Map(),
    builderSecrets: new Map(),
    builderIdentities: new Map(),
    trustedBuilders: [],
    businessOwners: 'own',
    separation: [],
    trains: new Map([
      [
        'weekly',
        {
          name: 'weekly',
          cutoffs: [
            {
              name: 'in-test',
              at: { weekday: 3, hour: 12, minute: 0 },
              meeting: { weekday: 3, hour: 13, minute: 0 },
              reminders: [24 * hour, 2 * hour, 15 * minute],
              requires: [
                { kind: 'build' },
                { kind: 'deployed', environment: 'test' },
                { kind: 'records' },
                { kind: 'date-approved' },
              ],
            },
            {
              name: 'ready-for-production',
              at: { weekday: 5, hour: 10, minute: 0 },
              meeting: { weekday: 5, hour: 11, minute: 0 },
              reminders: [24 * hour, 2 * hour, 15 * minute],
              requires: [
                { kind: 'sign-off', role: 'qa' },
                { kind: 'verified', environment: 'preproduction' },
                { kind: 'records' },
                { kind: 'approvals' },
              ],
            },
          ],
          windows: [
            {
              kind: 'weekly',
              name: 'saturday-night',
              opens: { weekday: 6, hour: 22, minute: 0 },
              lasts: 4 * hour,
              capacity: 20,
              cancelled: [],
            },
          ],
        },
      ],
    ]),
    freezes: [],
    approvals: new Map([
      [
        'normal',
        [
          { role: 'operations', count: 1 },
          { role: 'release-manager', count: 1 },
        ],
      ],
      [
        'content',
        [
          { role: 'operations', count: 1 },
          { role: 'marketing', count: 1 },
          { role: 'public-relations', count: 1 },
        ],
      ],
      ['standard', []],
      [
        'late',
        [
          { role: 'business-owner', count: 1 },
          { role: 'senior-management', count: 1 },
          { role: 'qa', count: 1 },
        ],
      ],
      ['veryLate', []],
      [
        'emergency',
        [
          { role: 'business-owner', count: 1 },
          { role: 'senior-management', count: 1 },
          { role: 'operations', count: 1 },
        ],
      ],
    ]),
    emergencyRequires: [{ kind: 'build' }],
    vetoes: ['operations'],
    releaseManagers: ['release-manager'],
    plans: new Map([
      [
        'default',
        {
          name: 'default',
          strategy: 'in-place',
          steps: [
            {
              name: 'deploy',
              run: deploy('{artifact}'),
              expected: minute,
              timeout: 10 * minute,
              undo: deploy('{previous}'),
            },
          ],
          reserve: minute,
        },
      ],
    ]),
    concurrency: 8,
    cycles: 'together',
    resources: new Map(),
    events: [],
    trackers: [],
    obligations: {
      from: 9 * 60,
      until: 18 * 60,
      terms: {
        review: { kind: 'working-days', days: 3 },
        paper: { kind: 'working-days', days: 2 },
        record: { kind: 'elapsed', ms: 24 * hour },
        propagation: { kind: 'elapsed', ms: 72 * hour },
        'root-cause': { kind: 'working-days', days: 5 },
      },
    },
    oncall: noOncall,
    channels: new Map(),
  });
});

it('default requirements name the environments that there are', () => {
  const requires = (environments: string) =>
    [...load(`${smallest}environments: ${environments}`).trains.values()].flatMap(({ cutoffs }) =>
      cutoffs.flatMap((cutoff) =>
        cutoff.requires.flatMap((requirement) => ('environment' in requirement ? [requirement] : [])),
      ),
    );
  expect(requires('[staging, live]')).toEqual([
    { kind: 'deployed', environment: 'staging' },
    { kind: 'verified', environment: 'staging' },
  ]);
  expect(requires('[live]')).toEqual([]);
});

it('a service without a plan takes the one named default, else the only one, else the built-in one', () => {
  const plan = (plans: string) => {
    const policy = load(`${smallest}plans: ${plans}`);
    const name = policy.services.get('web')?.plan ?? '';
    return [name, commandOf(policy.plans.get(name)?.steps[0]?.run)[0], [...policy.plans.keys()]];
  };
  const of = (program: string) => `{ steps: [{ name: s, run: { command: [${program}] } }] }`;
  expect(plan(`{ a: ${of('x')}, default: ${of('y')} }`)).toEqual(['default', 'y', ['a', 'default']]);
  expect(plan(`{ a: ${of('x')} }`)).toEqual(['a', 'x', ['a']]);
  expect(plan(`{ a: ${of('x')}, b: ${of('y')} }`)).toEqual(['default', './deploy.sh', ['a', 'b', 'default']]);
});

it('a step takes 1m, is stopped after 10m or twice what is expected, and its undo counts for the reserve', () => {
  const policy = load(
    `${smallest}plans: { p: { steps: [
      { name: a, run: { command: [x] } },
      { name: b, run: { command: [x] }, expected: 20m, undo: { command: [y] } },
      { name: c, run: { command: [x] }, expected: 5s, timeout: 6s, undo: { command: [y] } }] },
      q: { steps: [{ name: a, run: { command: [x] }, undo: { command: [y] } }], reserve: 0m } }`,
  );
  expect(policy.plans.get('p')?.steps.map(({ expected, timeout }) => [expected, timeout])).toEqual([
    [minute, 10 * minute],
    [20 * minute, 40 * minute],
    [5 * second, 6 * second],
  ]);
  expect(policy.plans.get('p')?.reserve).toBe(20 * minute + 5 * second);
  expect(policy.plans.get('q')?.reserve).toBe(0);
});

it('the role business-owner has the business owners of the services unless it is listed', () => {
  const services =
    'timezone: UTC\npeople: { ann: {}, bob: {} }\nservices: { a: { businessOwner: bob }, b: { businessOwner: ann }, c: { businessOwner: bob } }\ntrains: { weekly: {} }\n';
  expect(load(services).roles.get('business-owner')).toEqual(['bob', 'ann']);
  expect(load(`${services}roles: { business-owner: [ann] }`).roles.get('business-owner')).toEqual(['ann']);
});

it('a freeze by dates has its last day whole; one by times ends on the minute', () => {
  const { freezes } = load(
    `${smallest}freezes: [{ name: a, from: 2026-12-18, to: 2026-12-31 }, { name: b, from: 2026-12-18 22:00, to: 2026-12-19 06:30 }]`,
  );
  expect(freezes).toEqual([
    { name: 'a', from: '2026-12-18 00:00', until: '2027-01-01 00:00' },
    { name: 'b', from: '2026-12-18 22:00', until: '2026-12-19 06:30' },
  ]);
});

it('reminders are sorted longest first, and a one-off window has a date-time', () => {
  const policy = load(
    `${smallest.replace('weekly: {}', 'weekly: { cutoffs: { in-test: { at: Tuesday 09:05, reminders: [15m, 2d, 1h] } }, windows: [{ name: w, opens: 2026-12-02 22:00 }] }')}`,
  );
  const train = policy.trains.get('weekly');
  expect(train?.cutoffs[0]?.reminders).toEqual([48 * hour, hour, 15 * minute]);
  expect(train?.cutoffs[0]).not.toHaveProperty('meeting');
  expect(train?.windows).toEqual([{ kind: 'once', name: 'w', opens: '2026-12-02 22:00', lasts: 4 * hour }]);
});

it('aliases save repetition', () => {
  const policy = load(
    'timezone: UTC\npeople: { ann: {}, bob: {} }\nservices: { a: { owners: &team [ann, bob] }, b: { owners: *team } }\ntrains: { weekly: {} }\n',
  );
  expect(policy.services.get('b')?.owners).toEqual(['ann', 'bob']);
});

it('the digest is that of the text', () => {
  const result = loadPolicy(smallest, 'p.yaml', new Date('2026-11-23T12:00:00Z'));
  expect(result).toMatchObject({ ok: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(loadPolicy(`${smallest}# a comment\n`, 'p.yaml', new Date(0))).not.toMatchObject({
    digest: result.ok ? result.digest : '',
  });
});
