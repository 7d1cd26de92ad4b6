import { describe, expect, it } from 'vitest';
import { formatFault } from '../../src/policy/fault.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const now = new Date('2026-11-23T12:00:00Z');

/** Faults, or the warnings of a policy that loads, one a line. */
const check = (text: string): readonly string[] => {
  const result = loadPolicy(text, 'p.yaml', now);
  return [...(result.ok ? [] : result.faults), ...result.warnings].map(formatFault);
};

/** The four required sections; `more` is appended or replaces a section of the same name. */
const policyWith = (more: string): string => {
  const sections = [
    'timezone: UTC',
    'people: { ann: {} }',
    'services: { web: { owners: [ann] } }',
    'trains: { weekly: {} }',
  ];
  const given = new Set([...more.matchAll(/^(\w+):/gm)].map(([, name]) => name));
  return `${[...sections.filter((section) => !given.has(section.split(':')[0])), more].join('\n')}\n`;
};

const faultsWith = (more: string): readonly string[] => {
  const result = loadPolicy(policyWith(more), 'p.yaml', now);
  expect(result.ok, 'the policy was expected to be faulty').toBe(false);
  return result.ok ? [] : result.faults.map(formatFault);
};

describe('a fault', () => {
  it('says file, line, column, path and the closest spelling of an unknown key, at the key', () => {
    expect(
      check(
        'timezone: UTC\npeople:\n  ann:\n    name: Ann\n    slak: U1\nservices: { web: {} }\ntrains: { weekly: {} }\n',
      ),
    ).toEqual(['p.yaml:5:5 people.ann.slak: unknown key; did you mean "slack"?']);
  });

  it('lists what is known when no key is near', () => {
    expect(faultsWith('builders: { whatever: 1 }')).toEqual([
      'p.yaml:5:13 builders.whatever: unknown key; known here: trusted, keys, secrets, identities, trustedRoot',
    ]);
  });

  it('of a missing key stands where its mapping is introduced, and of a missing section at the top', () => {
    expect(check('timezone: UTC\npeople: { ann: {} }\nservices: { web: {} }\n')).toEqual([
      'p.yaml:1:1 trains: is missing',
    ]);
    expect(faultsWith('freezes:\n  - { from: 2026-12-18, to: 2026-12-19 }')).toEqual([
      'p.yaml:6:5 freezes[0].name: is missing',
    ]);
    expect(faultsWith('plans:\n  slow:\n    strategy: in-place')).toEqual([
      'p.yaml:6:3 plans.slow.steps: is missing',
    ]);
  });

  it('follows an alias to where the value is written', () => {
    expect(faultsWith('roles:\n  qa: &team [ann, bob]\n  operations: *team')).toEqual([
      'p.yaml:6:19 roles.qa[1]: there is no person "bob"',
      'p.yaml:6:19 roles.operations[1]: there is no person "bob"',
    ]);
  });

  it('counts lines in files with CRLF and after non-ASCII text', () => {
    expect(
      check(policyWith('organization: Äöü 🚦 # ok\nconcurrency: many').replaceAll('\n', '\r\n')),
    ).toEqual(['p.yaml:6:14 concurrency: expected a whole number, found "many"']);
  });
});

describe('all faults are reported at once', () => {
  it('those of form, unknown keys and unknown names together', () => {
    expect(
      faultsWith(
        [
          'orgnization: Shop',
          'people: { ann: { email: nobody, phone: 15550100 }, "two words": {} }',
          'roles: { ops: [anne] }',
          'services: { web: { dependsOn: [wep, web], owners: ann, plan: fast }, db: }',
          'approvals: { normal: [oops: 1], late: [ops: 0] }',
          'concurrency: 0',
        ].join('\n'),
      ),
    ).toEqual([
      'p.yaml:3:1 orgnization: unknown key; did you mean "organization"?',
      'p.yaml:4:25 people.ann.email: "nobody" is not an e-mail address',
      'p.yaml:4:40 people.ann.phone: "15550100" is not a phone number in the international form "+15550100"',
      expect.stringContaining('p.yaml:4:52 people["two words"]: "two words" cannot be a name'),
      'p.yaml:5:16 roles.ops[0]: there is no person "anne"; did you mean "ann"?',
      'p.yaml:6:32 services.web.dependsOn[0]: there is no service "wep"; did you mean "web"?',
      'p.yaml:6:37 services.web.dependsOn[1]: a service cannot depend on itself',
      'p.yaml:6:51 services.web.owners: expected a list, found "ann"; write [ann]',
      'p.yaml:6:62 services.web.plan: there is no plan "fast"',
      'p.yaml:6:70 services.db: expected a mapping, found nothing; {} takes every default',
      'p.yaml:7:23 approvals.normal[0].oops: there is no role "oops"; did you mean "ops"?',
      'p.yaml:7:45 approvals.late[0].ops: must be at least 1',
      'p.yaml:8:14 concurrency: must be at least 1',
    ]);
  });

  it('every syntax error, and nothing that is guessed from broken text', () => {
    expect(check('timezone: [UTC\npeople: }\n')).toEqual([
      expect.stringMatching(/^p\.yaml:2:1 \(file\): /),
      expect.stringMatching(/^p\.yaml:2:9 \(file\): /),
    ]);
  });

  it('every duplicate key beside other faults', () => {
    expect(faultsWith('people:\n  ann: {}\n  bob: {}\n  ann: {}\nconcurrency: 1\nconcurrency: x')).toEqual([
      'p.yaml:7:3 people.ann: the key is here twice; first on line 5',
      'p.yaml:9:1 concurrency: the key is here twice; first on line 8',
      'p.yaml:9:14 concurrency: expected a whole number, found "x"',
    ]);
  });
});

describe('values', () => {
  it.each([
    [
      'freezes: [{ name: a, from: 2026-02-30, to: 2026-03-01 }]',
      '5:28 freezes[0].from: there is no 2026-02-30 in the calendar',
    ],
    [
      'freezes: [{ name: a, from: 2026-12-18, to: 2026-02-30 }]',
      '5:44 freezes[0].to: there is no 2026-02-30 in the calendar',
    ],
    ['freezes: [{ name: a, from: 2026-12-18, to: 2026-12-17 }]', '5:44 freezes[0].to: is not after `from`'],
    [
      'freezes: [{ name: a, from: 2026-12-18, to: soon }]',
      '5:44 freezes[0].to: "soon" is not a date such as 2026-12-18, or 2026-12-18 22:00',
    ],
    [
      'timezone: America/New_Yrok',
      '4:11 timezone: "America/New_Yrok" is not an IANA time zone; did you mean "America/New_York"?',
    ],
    ['timezone: "+02:00"', '4:11 timezone: "+02:00" is not an IANA time zone'],
    ['environments: []', '5:15 environments: must not be empty'],
    ['environments: [test, test]', '5:22 environments[1]: is in the list twice'],
    ['people: {}', '4:9 people: there must be at least one person'],
    [
      'people: { ann: { name: 5 } }',
      '4:24 people.ann.name: expected text, found number 5; put it in quotes if it is meant as text',
    ],
    [
      'people: { ann: { slack: "@ann" } }',
      '4:25 people.ann.slack: "@ann" is not a Slack member id such as U01RITA (profile → Copy member ID)',
    ],
    ['people: { ann: { slack: U1 }, bob: { slack: U1 } }', '4:45 people.bob.slack: ann has the same one'],
    ['people: { ann: { teams: a-b }, bob: { teams: a-b } }', '4:46 people.bob.teams: ann has the same one'],
    [
      'people: { ann: { email: a@b.c }, bob: { email: A@b.c } }',
      '4:48 people.bob.email: ann has the same one',
    ],
    [
      'approvals: { normal: [{ ann: 1, bob: 1 }] }',
      '5:23 approvals.normal[0]: write one seat per entry: [operations: 1, qa: 1]',
    ],
    [
      'oncall: { schedules: { ops: { rotation: { weekly: [zoe] } } } }',
      '5:52 oncall.schedules.ops.rotation.weekly[0]: there is no person "zoe"',
    ],
    [
      'oncall: { escalations: { e: [{ page: [schedule:opps] }] } }',
      '5:39 oncall.escalations.e[0].page[0]: there is no schedule "opps"',
    ],
    [
      'channels: { releases: { slack: "#releases" } }',
      '5:32 channels.releases.slack: "#releases" is not a Slack channel id such as C01REL (channel details → Channel ID)',
    ],
    ['vetoes: [operations]', '5:10 vetoes[0]: there is no role "operations"'],
    ['releaseManagers: []', '5:18 releaseManagers: must not be empty'],
    [
      'plans: { p: { steps: [{ name: a, run: { command: ./x } }] } }',
      '5:50 plans.p.steps[0].run.command: expected a list, found "./x"; write [./x]',
    ],
    [
      'plans: { p: { steps: [{ name: a, run: { command: [x, "{servce}"] } }] } }',
      '5:54 plans.p.steps[0].run.command[1]: unknown placeholder {servce}; did you mean "service"?',
    ],
    [
      'plans: { p: { steps: [{ name: a, run: { command: [x] }, expected: 5m, timeout: 1m }] } }',
      '5:80 plans.p.steps[0].timeout: is less than the expected 5m',
    ],
    [
      'plans: { p: { strategy: inplace, steps: [{ name: a, run: { command: [x] } }] } }',
      '5:25 plans.p.strategy: expected one of in-place, parallel-production, phased, found "inplace"; did you mean "in-place"?',
    ],
  ])('%s', (more, fault) => {
    const found = faultsWith(more).filter((line) => !line.includes('services.web.owners'));
    expect(found).toContain(`p.yaml:${fault}`);
  });

  it('an unknown placeholder is refused wherever a command stands', () => {
    const step = (undo: string) =>
      `plans: { p: { steps: [{ name: a, run: { command: [x] }, undo: { command: [${undo}] } }] } }`;
    expect(faultsWith(step('"{artefact}"'))[0]).toContain(
      'unknown placeholder {artefact}; did you mean "artifact"?',
    );
    expect(
      check(
        policyWith(
          step('"{service}{version}{artifact}{previous}{change}{deployment}{environment}{strategy}"'),
        ),
      ),
    ).not.toContainEqual(expect.stringContaining('placeholder'));
  });
});

describe('a train', () => {
  const cutoffs = (entries: string, windows = '') =>
    faultsWith(`trains:\n  weekly:\n    cutoffs: {${entries}}\n${windows}`);

  it('has its cutoffs in the order in which they fall before the window', () => {
    expect(cutoffs('in-test: { at: Friday 10:00 }, ready-for-production: { at: Wednesday 12:00 }')).toEqual([
      'p.yaml:6:74 trains.weekly.cutoffs.ready-for-production.at: is out of order: the first cutoff, those after it and the window take more than a week',
    ]);
    expect(cutoffs('in-test: { at: Friday 10:00 }, ready-for-production: { at: Friday 10:00 }')).toEqual([
      'p.yaml:6:74 trains.weekly.cutoffs.ready-for-production.at: is at the same time as in-test',
    ]);
  });

  it('may begin late in one week and end in the next', () => {
    const warnings = check(
      policyWith(
        'trains:\n  weekly:\n    cutoffs: { in-test: { at: Friday 10:00 }, ready-for-production: { at: Monday 10:00 } }\n    windows: [{ name: w, opens: Tuesday 22:00 }]',
      ),
    );
    expect(warnings.filter((line) => line.includes('trains'))).toEqual([
      expect.stringContaining('nobody can sign off'),
    ]);
  });

  it('has every meeting after its cutoff', () => {
    expect(cutoffs('in-test: { at: Wednesday 12:00, meeting: Wednesday 11:00 }')).toEqual([
      'p.yaml:6:56 trains.weekly.cutoffs.in-test.meeting: the meeting is before its cutoff',
    ]);
  });

  it('says what a cutoff of its own requires, from environments before production and roles that exist', () => {
    expect(cutoffs('tested: { at: Wednesday 12:00 }')).toEqual([
      'p.yaml:6:15 trains.weekly.cutoffs.tested.requires: is missing; only in-test and ready-for-production have default requirements',
    ]);
    expect(
      cutoffs(
        'in-test: { at: Wednesday 12:00, requires: [biuld, deployed:tset, verified:production, sign-off:qa] }',
      ),
    ).toEqual([
      'p.yaml:6:58 trains.weekly.cutoffs.in-test.requires[0]: "biuld" is not a requirement; did you mean "build"?',
      'p.yaml:6:65 trains.weekly.cutoffs.in-test.requires[1]: there is no environment "tset"; did you mean "test"?',
      'p.yaml:6:80 trains.weekly.cutoffs.in-test.requires[2]: "production" is production: it comes after every cutoff',
      'p.yaml:6:101 trains.weekly.cutoffs.in-test.requires[3]: there is no role "qa"',
    ]);
  });

  it('has windows of at most a week, each with a name of its own', () => {
    expect(
      faultsWith(
        'trains:\n  weekly:\n    windows:\n      - { name: w, opens: Saturdy 22:00 }\n      - { name: w, opens: 2026-12-02 22:00, lasts: 8d, cancelled: [2026-12-02] }',
      ),
    ).toEqual([
      'p.yaml:7:27 trains.weekly.windows[0].opens: "Saturdy 22:00" is not a weekly time such as Saturday 22:00; did you mean "Saturday"?',
      'p.yaml:8:17 trains.weekly.windows[1].name: another window of this train is named "w"',
      'p.yaml:8:52 trains.weekly.windows[1].lasts: must be at most 7d',
      'p.yaml:8:67 trains.weekly.windows[1].cancelled: only a weekly window has cancelled dates; take the window out instead',
    ]);
  });
});

describe('a hostile or broken file is a fault, never an exception', () => {
  it.each([
    ['', 'p.yaml:1:1 (file): expected a mapping, found nothing'],
    ['- a', 'p.yaml:1:1 (file): expected a mapping, found a list'],
    ['['.repeat(100_000), 'p.yaml:1:63 (file): nested more than 64 levels deep'],
    ['- '.repeat(100_000), 'nested more than 64 levels deep'],
    ['x'.repeat(5_000_000), 'p.yaml:1:1 (file): larger than 4194304 characters'],
    ['a: *nowhere', 'p.yaml:1:4 (file): unresolved alias'],
    ['a: 1\n---\nb: 2', 'multiple documents'],
    ['? [a]\n: b', 'a key must be a name'],
    ['12: b', 'p.yaml:1:1 (file): a key must be a name'],
    ['people: { __proto__: { name: x } }', 'p.yaml:1:11 people: a key must be a name'],
    ['people: &p { a: *p }', 'people.a.a: unknown key'],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g'].map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdef'[i]}`)}]`).join('\n')}`,
      'excessive alias count',
    ],
  ])('%#', (text, fault) => {
    expect(check(text).join('\n')).toContain(fault);
  });
});
