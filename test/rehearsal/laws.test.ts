import { describe, expect, it } from 'vitest';
import type { AuditEntry, AuditKind } from '../../src/domain/audit.ts';
import type { Change } from '../../src/domain/change.ts';
import type { Deployment, StepRun } from '../../src/domain/deployment.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { checkLaws } from '../../src/rehearsal/laws.ts';
import { withProgram } from '../../src/rehearsal/program.ts';
import type { Rehearsed } from '../../src/rehearsal/rehearsed.ts';

const loaded = loadPolicy(
  `
timezone: UTC
people: { ann: {}, bob: {}, cat: {}, dan: {} }
roles: { release-manager: [ann], operations: [bob, cat], qa: [cat] }
services:
  db: { owners: [dan] }
  web: { owners: [dan], dependsOn: [db] }
trains: { weekly: {} }
`,
  'policy.yaml',
  new Date('2026-11-23T00:00:00Z'),
);
if (!loaded.ok) throw new Error('the policy has faults');
const policy = withProgram(loaded.policy, 'program.sh');
const plan = policy.plans.get('default');
if (plan === undefined) throw new Error('no plan');

const train = 'weekly-2026-W48';
const bytes = (service: string): string =>
  `sha256:${(service === 'db' ? 'a' : service === 'web' ? 'b' : 'c').repeat(64)}`;

type Fact = Partial<AuditEntry> & { readonly kind: AuditKind };
const entry = (at: string, actor: string, fact: Fact): AuditEntry => ({
  actor,
  at: new Date(at).toISOString(),
  train,
  ...fact,
});

/** Everything that a change needs, in time. */
const papers = (change: string, service: string): readonly AuditEntry[] => {
  const about = { change, service };
  const evidence = (at: string, actor: string, facts: object): AuditEntry =>
    entry(at, actor, { kind: 'evidence', ...about, outcome: 'pass', facts: { ...facts } });
  const artifact = bytes(service);
  const approval = (at: string, actor: string): AuditEntry =>
    entry(at, actor, { kind: 'approval', ...about });
  return [
    entry('2026-11-23T09:00Z', 'dan', {
      kind: 'submitted',
      ...about,
      facts: { type: 'normal', version: '1', artifact, records: [] },
    }),
    evidence('2026-11-23T09:10Z', 'system:hook', { kind: 'build', artifact, platform: 'default' }),
    evidence('2026-11-23T10:00Z', 'system:hook', {
      kind: 'deployed',
      environment: 'test',
      artifact,
      platform: 'default',
    }),
    evidence('2026-11-24T09:00Z', 'dan', { kind: 'records' }),
    evidence('2026-11-24T09:10Z', 'ann', { kind: 'date-approved' }),
    evidence('2026-11-26T09:00Z', 'system:hook', {
      kind: 'verified',
      environment: 'preproduction',
      artifact,
      platform: 'default',
    }),
    evidence('2026-11-26T09:10Z', 'cat', { kind: 'sign-off', role: 'qa', artifact }),
    approval('2026-11-26T10:00Z', 'bob'),
    approval('2026-11-26T10:10Z', 'ann'),
  ];
};

const closing = (at: string, cutoff: string): AuditEntry =>
  entry(at, 'system:clock', { kind: 'cutoff-closed', facts: { cutoff, ready: ['CHG-1', 'CHG-2'] } });

const night = (n: number, service: string, from: string, to: string): readonly AuditEntry[] => {
  const about = { change: `CHG-${n}`, service, deployment: `DEP-${n}` };
  return [
    entry(from, 'system:clock', {
      kind: 'deployment-started',
      ...about,
      facts: { artifact: bytes(service) },
    }),
    entry(to, 'system:clock', {
      kind: 'step-finished',
      ...about,
      outcome: 'succeeded',
      facts: { step: 'deploy', direction: 'do' },
    }),
    entry(to, 'system:clock', { kind: 'deployment-finished', ...about, outcome: 'succeeded' }),
  ];
};

const byArrival = (a: AuditEntry, b: AuditEntry): number => a.at.localeCompare(b.at);

const entries: readonly AuditEntry[] = [
  ...papers('CHG-1', 'db'),
  ...papers('CHG-2', 'web'),
  closing('2026-11-25T12:00Z', 'in-test'),
  closing('2026-11-27T10:00Z', 'ready-for-production'),
  entry('2026-11-27T11:00Z', 'ann', { kind: 'go' }),
  ...night(1, 'db', '2026-11-28T22:00Z', '2026-11-28T22:02Z'),
  ...night(2, 'web', '2026-11-28T22:03Z', '2026-11-28T22:05Z'),
].toSorted(byArrival);

const change = (id: number, service: string): Change => ({
  id,
  service,
  type: 'normal',
  version: '1',
  artifact: bytes(service),
  train,
  state: 'deployed',
  requester: 'dan',
  records: [],
  note: '',
  go: null,
  goReason: null,
  submittedAt: new Date('2026-11-23T09:00Z'),
});

const deployment = (id: number, service: string): Deployment => ({
  id,
  change: id,
  train,
  service,
  artifact: bytes(service),
  plan,
  wave: id - 1,
  position: id - 1,
  unit: id,
  state: 'succeeded',
  hold: null,
  fence: 1,
  undoAttempt: 1,
  promoted: 0,
  sides: null,
  keptUntil: null,
  runner: null,
  windowOpens: null,
  reason: null,
  queuedAt: new Date('2026-11-28T22:00Z'),
  startedAt: new Date('2026-11-28T22:00Z'),
  finishedAt: new Date('2026-11-28T22:05Z'),
});

const run = (id: number): StepRun & { readonly deployment: number } => ({
  id,
  deployment: id,
  step: 0,
  direction: 'do',
  attempt: 1,
  fence: 1,
  state: 'succeeded',
  handle: {},
  exitCode: 0,
  tail: '',
  reason: null,
  startedAt: new Date('2026-11-28T22:00Z'),
  finishedAt: new Date('2026-11-28T22:01Z'),
});

const call = (id: number, service: string) => ({
  verb: 'deploy',
  service,
  artifact: bytes(service),
  deployment: `DEP-${id}`,
});

const good: Rehearsed = {
  policy,
  train,
  entries,
  verdict: { ok: true, entries: entries.length, head: '' },
  changes: [change(1, 'db'), change(2, 'web')],
  deployments: [deployment(1, 'db'), deployment(2, 'web')],
  runs: [run(1), run(2)],
  requests: new Set(['r1', 'hook:e1', 'r2/refused']),
  acknowledged: {
    requests: [
      { id: 'r1', person: 'dan', words: 'change submit db 1', refused: false },
      { id: 'r2', person: 'dan', words: 'train go', refused: true },
      { id: 'r3', person: 'dan', words: 'change why CHG-1', refused: false },
    ],
    reports: ['e1'],
    restarts: 0,
    missed: [],
  },
  ledger: [call(1, 'db'), call(2, 'web')],
  live: new Map([
    ['db', bytes('db')],
    ['web', bytes('web')],
  ]),
};

/** The law that is broken, and what is said of it. */
const broken = (over: Partial<Rehearsed>): readonly string[] =>
  checkLaws({ ...good, ...over }).map(({ law, text }) => `${law} ${text}`);

const withEntries = (list: readonly AuditEntry[]): Partial<Rehearsed> => ({
  entries: list.toSorted(byArrival),
  verdict: { ok: true, entries: list.length, head: '' },
});
const without = (is: (e: AuditEntry) => boolean): Partial<Rehearsed> =>
  withEntries(entries.filter((e) => !is(e)));
const changed = (is: (e: AuditEntry) => boolean, to: Partial<AuditEntry>): Partial<Rehearsed> =>
  withEntries(entries.map((e) => (is(e) ? { ...e, ...to } : e)));
const added = (...more: readonly AuditEntry[]): Partial<Rehearsed> => withEntries([...entries, ...more]);

const isStartOf =
  (name: string) =>
  (e: AuditEntry): boolean =>
    e.kind === 'deployment-started' && e.deployment === name;

it('finds nothing wrong in a good week', () => {
  expect(broken({})).toEqual([]);
});

describe('L1: a start is found that', () => {
  it('was outside of the window', () => {
    expect(broken(changed(isStartOf('DEP-1'), { at: '2026-11-28T21:59:59.000Z' }))).toEqual([
      'L1 DEP-1 started at 2026-11-28T21:59:59.000Z, when no window had room for it',
    ]);
  });
  it('left no room for a rollback', () => {
    expect(broken(changed(isStartOf('DEP-2'), { at: '2026-11-29T01:58:30.000Z' }))).toContainEqual(
      'L1 DEP-2 started at 2026-11-29T01:58:30.000Z, when no window had room for it',
    );
  });
  it('had no go, or a later no-go', () => {
    expect(broken(without((e) => e.kind === 'go'))).toContainEqual('L1 DEP-1 started without a go');
    const nogo = entry('2026-11-27T12:00Z', 'ann', { kind: 'nogo', change: 'CHG-2' });
    expect(broken(added(nogo))).toEqual(['L1 DEP-2 started without a go']);
  });
  it('came before a cutoff had closed', () => {
    expect(
      broken(without((e) => e.kind === 'cutoff-closed' && e.facts?.['cutoff'] === 'ready-for-production')),
    ).toContainEqual('L1 DEP-1 started before ready-for-production had closed');
  });
  it('had an empty seat', () => {
    const is = (e: AuditEntry): boolean => e.kind === 'approval' && e.actor === 'ann' && e.change === 'CHG-1';
    expect(broken(without(is))).toContainEqual('L1 DEP-1 started without approvals: signed by bob');
  });
  it('stood on signatures for other bytes', () => {
    const rebuilt = entry('2026-11-26T12:00Z', 'system:hook', {
      kind: 'artifact-changed',
      change: 'CHG-1',
      service: 'db',
      facts: { from: bytes('db'), to: bytes('other') },
    });
    expect(broken(added(rebuilt))).toEqual(
      expect.arrayContaining([
        'L1 DEP-1 started without approvals: signed by nobody',
        'L1 DEP-1 started without deployed:test on default',
        'L4 DEP-1 started with bytes that nobody judged',
      ]),
    );
  });
  it('was vetoed', () => {
    const veto = entry('2026-11-28T12:00Z', 'cat', { kind: 'veto', change: 'CHG-2', service: 'web' });
    expect(broken(added(veto))).toEqual(['L1 DEP-2 started without approvals: vetoed by cat']);
  });
  it('had failed its verification again', () => {
    const failed = entry('2026-11-28T12:00Z', 'system:hook', {
      kind: 'evidence',
      service: 'web',
      outcome: 'fail',
      facts: {
        kind: 'verified',
        environment: 'preproduction',
        artifact: bytes('web'),
        platform: 'default',
      },
    });
    expect(broken(added(failed))).toEqual(['L1 DEP-2 started without verified:preproduction on default']);
  });
});

describe('L2: the ledger disagrees', () => {
  it('when a step ran twice', () => {
    expect(broken({ ledger: [...good.ledger, call(2, 'web')] })).toEqual([
      'L2 deploy of DEP-2 ran 2 times, the record has 1',
    ]);
  });
  it('when a step that is recorded never ran', () => {
    expect(broken({ ledger: [call(1, 'db')] })).toEqual(['L2 deploy of DEP-2 ran 0 times, the record has 1']);
  });
  it('when something ran that nobody recorded', () => {
    expect(broken({ ledger: [...good.ledger, { ...call(2, 'web'), verb: 'undo-deploy' }] })).toEqual([
      'L2 undo-deploy of DEP-2 ran 1 times, the record has 0',
    ]);
  });
  it('but not about a step of which nobody can know whether it ran', () => {
    const unknown = good.runs.map((r) => (r.id === 2 ? { ...r, state: 'unknown' as const } : r));
    expect(broken({ runs: unknown, ledger: [call(1, 'db')] })).toEqual([]);
    expect(broken({ runs: unknown })).toEqual([]);
  });
});

describe('L3: a verdict is found that disagrees with the instants of arrival', () => {
  it('a submission at the cutoff’s instant that boarded its train', () => {
    const is = (e: AuditEntry): boolean => e.kind === 'submitted' && e.change === 'CHG-2';
    expect(broken(changed(is, { at: '2026-11-25T12:00:00.000Z' }))).toContainEqual(
      'L3 CHG-2 arrived for weekly-2026-W49 and boarded weekly-2026-W48',
    );
  });
  it('a paper that came at the cutoff’s instant and counted', () => {
    const is = (e: AuditEntry): boolean => e.facts?.['kind'] === 'date-approved' && e.change === 'CHG-1';
    expect(broken(changed(is, { at: '2026-11-25T12:00:00.000Z' }))).toEqual([
      'L3 CHG-1 passed in-test without date-approved',
    ]);
  });
  it('a change that was moved though its papers were complete', () => {
    const moved = entry('2026-11-27T10:00Z', 'system:clock', {
      kind: 'moved',
      train: 'weekly-2026-W49',
      change: 'CHG-2',
      facts: { from: train },
    });
    expect(broken(added(moved))).toContainEqual(
      'L3 CHG-2 was moved by ready-for-production with complete papers',
    );
  });
  it('a cutoff that was judged as of another instant', () => {
    const is = (e: AuditEntry): boolean => e.facts?.['cutoff'] === 'in-test';
    expect(broken(changed(is, { at: '2026-11-25T12:00:01.000Z' }))).toEqual([
      'L3 in-test was judged as of 2026-11-25T12:00:01.000Z',
    ]);
  });
});

describe('L4: other bytes are found', () => {
  it('in the start', () => {
    expect(broken(changed(isStartOf('DEP-1'), { facts: { artifact: bytes('other') } }))).toEqual([
      'L4 DEP-1 started with bytes that nobody judged',
    ]);
  });
  it('in the hands of a program', () => {
    expect(broken({ ledger: [call(1, 'db'), { ...call(2, 'web'), artifact: bytes('other') }] })).toEqual([
      'L4 deploy of DEP-2 was given other bytes',
    ]);
  });
  it('in production', () => {
    expect(broken({ live: new Map([['db', bytes('db')]]) })).toEqual([
      `L4 web runs nothing and not ${bytes('web')}`,
    ]);
  });
});

describe('L6: it is found that', () => {
  it('somebody signed for the own change', () => {
    expect(broken(added(entry('2026-11-26T11:00Z', 'dan', { kind: 'approval', change: 'CHG-1' })))).toEqual([
      'L6 dan signed for the own change CHG-1',
    ]);
  });
  it('somebody signed twice', () => {
    expect(broken(added(entry('2026-11-26T11:00Z', 'bob', { kind: 'approval', change: 'CHG-1' })))).toEqual([
      'L6 bob signed twice for CHG-1',
    ]);
  });
});

it('L7: a decision by somebody whose role it is not is found', () => {
  expect(broken(changed((e) => e.kind === 'go', { actor: 'dan' }))).toEqual([
    `L7 dan is no release-manager, and decided go of ${train}`,
  ]);
});

it('L8: what was acknowledged and is missing is found', () => {
  expect(broken({ requests: new Set(['r1', 'r2/refused']) })).toEqual(['L8 the report e1 is lost']);
  expect(broken({ requests: new Set(['hook:e1', 'r2/refused']) })).toEqual([
    'L8 what dan asked is lost: change submit db 1',
  ]);
  expect(broken({ requests: new Set(['hook:e1', 'r1']) })).toEqual(['L8 what dan asked is lost: train go']);
});

describe('L9: it is found that', () => {
  const about = { change: 'CHG-2', service: 'web', deployment: 'DEP-2' };
  const failing = entry('2026-11-28T22:04Z', 'system:clock', {
    kind: 'step-finished',
    ...about,
    outcome: 'failed',
    facts: { step: 'deploy', direction: 'do' },
  });
  const back = entry('2026-11-28T22:04:30Z', 'system:clock', { kind: 'rolling-back', ...about });
  const done = { kind: 'rolled-back', outcome: 'rolled-back' } as const;
  const isEnd = (e: AuditEntry): boolean => e.kind === 'deployment-finished' && e.deployment === 'DEP-2';

  it('a failed step was not turned back', () => {
    expect(broken(added(failing))).toEqual(['L9 DEP-2 failed and was not turned back']);
  });
  it('a rollback came to no end', () => {
    const rest = entries.filter((e) => !isEnd(e));
    expect(broken(withEntries([...rest, failing, back]))).toContainEqual(
      'L9 DEP-2 was turned back and came to no end',
    );
  });
  it('a rollback was held', () => {
    const rest = entries.map((e) => (isEnd(e) ? { ...e, ...done } : e));
    const held = entry('2026-11-28T22:04:40Z', 'system:clock', { kind: 'held', ...about });
    const list = [...rest, failing, back];
    expect(broken(withEntries(list))).not.toContainEqual('L9 the rollback of DEP-2 was held');
    expect(broken(withEntries([...list, held]))).toContainEqual('L9 the rollback of DEP-2 was held');
  });
});

describe('L12: it is found that', () => {
  it('the chain was edited, or is shorter than what was read', () => {
    expect(broken({ verdict: { ok: false, seq: 3, reason: 'edited' } })).toEqual([
      'L12 entry 3 of the chain was edited',
    ]);
    expect(broken({ verdict: { ok: true, entries: 1, head: '' } })).toEqual([
      `L12 the chain has 1 entries, ${entries.length} were read`,
    ]);
  });
  it('a change is where the record never brought it', () => {
    const [first, second] = good.changes;
    if (first === undefined || second === undefined) throw new Error('two changes');
    expect(broken({ changes: [first, { ...second, train: 'weekly-2026-W49' }] })).toEqual([
      'L12 CHG-2 is not as the record tells it',
    ]);
  });
  it('a deployment has ended otherwise than the record says', () => {
    const is = (e: AuditEntry): boolean => e.kind === 'deployment-finished' && e.deployment === 'DEP-2';
    expect(broken(without(is))).toEqual(['L12 the record does not say that DEP-2 is succeeded']);
  });
});

it('order: a dependent that did not wait is found', () => {
  expect(broken(changed(isStartOf('DEP-2'), { at: '2026-11-28T22:01:00.000Z' }))).toEqual([
    'order DEP-2 (web) started before db was deployed',
  ]);
});

describe('phases: it is found that one', () => {
  const done = { executor: 'command', command: ['x'] } as const;
  const step = (name: string, phase: number, isCheck = false) => ({
    name,
    phase,
    run: done,
    expected: 1,
    timeout: 1,
    ...(isCheck ? { check: true as const } : {}),
  });
  const rule = (name: string) => ({
    name,
    group: name,
    bake: 600_000,
    every: 300_000,
    promote: 'automatic' as const,
  });
  const phased: Deployment = {
    ...deployment(2, 'web'),
    plan: {
      ...plan,
      strategy: 'phased',
      phases: [rule('trial'), rule('all')],
      steps: [step('a trial', 0), step('check trial', 0, true), step('a all', 1), step('check all', 1, true)],
    },
  };
  const about = { change: 'CHG-2', service: 'web', deployment: 'DEP-2' };
  const told = (kind: AuditEntry['kind'], at: string, name: string, outcome = 'succeeded') =>
    entry(`2026-11-28T22:${at}Z`, 'system:clock', {
      kind,
      ...about,
      outcome,
      facts: { step: name, direction: 'do', ...(kind === 'promoted' ? { phase: name } : {}) },
    });
  const well = [
    told('step-started', '05', 'a trial'),
    told('step-finished', '06', 'a trial'),
    told('step-finished', '16', 'check trial'),
    told('promoted', '16', 'trial'),
    told('step-started', '16', 'a all'),
  ];
  const found = (list: readonly AuditEntry[]) =>
    broken({ entries: [...good.entries, ...list], deployments: [deployment(1, 'db'), phased] }).filter(
      (text) => text.startsWith('phases'),
    );
  it('is in order', () => expect(found(well)).toEqual([]));
  it('was left before it had baked', () => {
    const early = [told('step-started', '15', 'a all'), ...well.slice(0, 4)];
    expect(found(early)).toContain('phases DEP-2 left trial before it had baked');
  });
  it('was left without a promotion, or though it was not healthy', () => {
    expect(found(well.filter(({ kind }) => kind !== 'promoted'))).toEqual([
      'phases DEP-2 left trial without a promotion',
    ]);
    const sick = well.map((e, i) => (i === 2 ? { ...e, outcome: 'failed' } : e));
    expect(found(sick)).toEqual(['phases DEP-2 left trial though it was not healthy']);
  });
});
