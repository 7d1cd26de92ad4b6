import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/approval.ts';
import { fingerprintFor, rulesFor } from '../../src/domain/case.ts';
import type { Change } from '../../src/domain/change.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import { gate } from '../../src/domain/gate.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { trainById } from '../../src/domain/train.ts';
import { policyOf, shop, trusted, week48 } from '../support/shop.ts';

const artifact = `sha256:${'a'.repeat(64)}`;
const policy = policyOf(shop({ capacity: 3, concurrency: 2 }));
const frozen = policyOf(
  shop({ capacity: 3, concurrency: 2, freezes: ['{ name: sale, from: 2026-11-28, to: 2026-11-30 }'] }),
);

const trainIn = (of: typeof policy) => {
  const train = trainById(of, week48.train);
  if (!train) throw new Error(week48.train);
  return train;
};

const change: Change = {
  id: 1,
  service: 'api',
  type: 'normal',
  version: '1.0.0',
  artifact,
  train: week48.train,
  state: 'boarded',
  requester: 'dana',
  records: ['REC-1'],
  note: '',
  go: null,
  goReason: null,
  submittedAt: new Date(week48.monday),
};

const fact = (about: Partial<Evidence>, id: number): Evidence => ({
  id,
  kind: 'build',
  service: 'api',
  artifact,
  change: null,
  environment: null,
  platform: null,
  role: null,
  builder: null,
  train: null,
  outcome: 'pass',
  person: null,
  source: 'ci',
  comment: null,
  url: null,
  observedAt: new Date(week48.monday),
  receivedAt: new Date(week48.monday),
  ...about,
});

const evidence: readonly Evidence[] = [
  { kind: 'build', platform: 'default', builder: trusted },
  { kind: 'deployed', environment: 'test', platform: 'default' },
  { kind: 'verified', environment: 'preproduction', platform: 'default' },
  { kind: 'sign-off', role: 'qa', person: 'quinn' },
  { kind: 'records', artifact: null, change: 1 },
  { kind: 'date-approved', artifact: null, change: 1, train: week48.train },
].map((about, i) => fact(about as Partial<Evidence>, i));

const rules = rulesFor(change, policy);
if (!rules) throw new Error('no rules');
const fingerprint = fingerprintFor(change, rules, trainIn(policy));
const decision = (person: string, kind: Decision['kind']): Decision => ({
  id: `${person}-${kind}`,
  person,
  kind,
  fingerprint,
  decidedAt: new Date(week48.monday),
});

/** In the middle of the window, with everything in order. */
const open: Situation = {
  subject: { change, evidence, decisions: [decision('omar', 'approve'), decision('rita', 'approve')] },
  policy,
  train: trainIn(policy),
  openCutoffs: [],
  go: 'go',
  paused: false,
  plan: rules.plan,
  before: [{ service: 'db', state: 'succeeded', held: false }],
  busyWith: null,
  holders: [],
  running: 1,
  startedInWindow: 2,
  together: 1,
  now: new Date('2026-11-28T23:00:00Z'),
};

const without = (kind: Evidence['kind']) => (s: Situation) => ({
  ...s,
  subject: { ...s.subject, evidence: s.subject.evidence.filter((e) => e.kind !== kind) },
});
const failing = (kind: Evidence['kind']) => (s: Situation) => ({
  ...s,
  subject: {
    ...s.subject,
    evidence: s.subject.evidence.flatMap((e) =>
      e.kind === kind ? [e, { ...e, id: e.id + 100, outcome: 'fail' as const }] : [e],
    ),
  },
});
const before =
  (state: Situation['before'][number]['state'], held = false) =>
  (s: Situation) => ({
    ...s,
    before: [...s.before, { service: 'web', state, held }],
  });
const decided = (made: Decision) => (s: Situation) => ({
  ...s,
  subject: { ...s.subject, decisions: [...s.subject.decisions, made] },
});

/** One instant has one answer: whichever fault sets it last. */
const time = ['window-shut', 'frozen', 'does-not-fit'];

/** What can be wrong, by the excuse that it must give; later ones may hide earlier ones of the same question. */
const faults: Readonly<
  Record<string, { readonly codes: readonly string[]; readonly make: (s: Situation) => Situation }>
> = {
  'no build': { codes: ['no-build', 'build-failed'], make: without('build') },
  'build failed': { codes: ['build-failed', 'no-build'], make: failing('build') },
  'not in test': { codes: ['not-deployed', 'deployment-failed'], make: without('deployed') },
  'failed in test': { codes: ['deployment-failed', 'not-deployed'], make: failing('deployed') },
  'not verified': { codes: ['not-verified', 'verification-failed'], make: without('verified') },
  'verification failed': { codes: ['verification-failed', 'not-verified'], make: failing('verified') },
  'no sign-off': { codes: ['no-sign-off', 'sign-off-failed'], make: without('sign-off') },
  'sign-off failed': { codes: ['sign-off-failed', 'no-sign-off'], make: failing('sign-off') },
  'no records': { codes: ['records-not-ready'], make: without('records') },
  'no date': { codes: ['date-not-approved'], make: without('date-approved') },
  'a seat empty': {
    codes: ['seat-empty', 'approval-void'],
    make: (s) => ({
      ...s,
      subject: { ...s.subject, decisions: s.subject.decisions.filter((d) => d.person !== 'rita') },
    }),
  },
  rejected: { codes: ['rejected'], make: decided(decision('omar', 'reject')) },
  vetoed: { codes: ['vetoed'], make: decided(decision('olga', 'veto')) },
  'cutoff open': { codes: ['cutoff-open'], make: (s) => ({ ...s, openCutoffs: ['in-test'] }) },
  'no go': { codes: ['go-missing', 'nogo'], make: (s) => ({ ...s, go: null }) },
  nogo: { codes: ['nogo', 'go-missing'], make: (s) => ({ ...s, go: 'nogo' }) },
  paused: { codes: ['paused'], make: (s) => ({ ...s, paused: true }) },
  'before the window': {
    codes: ['window-shut', ...time],
    make: (s) => ({ ...s, now: new Date(new Date(week48.opens).getTime() - 1) }),
  },
  'after the window': {
    codes: ['window-shut', ...time],
    make: (s) => ({ ...s, now: new Date(week48.closes) }),
  },
  frozen: {
    codes: ['frozen', ...time],
    make: (s) => ({ ...s, policy: frozen, train: trainIn(frozen) }),
  },
  'too late': {
    codes: ['does-not-fit', ...time],
    // Its 3 min 5 s and 2 min 5 s for undoing end one millisecond after the window.
    make: (s) => ({ ...s, now: new Date(new Date(week48.closes).getTime() - 310_000 + 1) }),
  },
  'window full': {
    codes: ['window-full', 'window-shut', 'frozen'],
    make: (s) => ({ ...s, startedInWindow: 3 }),
  },
  'no room for the cycle': {
    codes: ['window-full', 'window-shut', 'frozen'],
    make: (s) => ({ ...s, together: 2 }),
  },
  'waits for another': { codes: ['waits-for'], make: before('running') },
  'waits for an answer': { codes: ['waits-for'], make: before('asking') },
  'waits for a queued one': { codes: ['waits-for'], make: before('queued') },
  'another is held': { codes: ['dependency-held'], make: before('queued', true) },
  'another was undone': { codes: ['dependency-failed'], make: before('rolled-back') },
  'another failed': { codes: ['dependency-failed'], make: before('failed') },
  'service busy': { codes: ['service-busy'], make: (s) => ({ ...s, busyWith: 'DEP-9' }) },
  'no hand free': { codes: ['slots-busy'], make: (s) => ({ ...s, running: 2 }) },
  'service gone': {
    codes: ['service-unknown'],
    make: (s) => ({
      ...s,
      subject: { ...s.subject, change: { ...s.subject.change, service: 'gone' } },
    }),
  },
};

describe('L1: the gate', () => {
  it('is open when everything is in order, and stays so until the last safe instant', () => {
    expect(gate(open)).toEqual([]);
    expect(gate({ ...open, now: new Date(week48.opens) })).toEqual([]);
    expect(gate({ ...open, now: new Date(new Date(week48.closes).getTime() - 310_000) })).toEqual([]);
  });

  it.each(Object.keys(faults))('%s alone keeps it shut, says so and whose move it is', (name) => {
    const fault = faults[name];
    if (!fault) throw new Error(name);
    const excuses = gate(fault.make(open));
    expect(excuses.map(({ code }) => code)).toContain(fault.codes[0]);
    for (const { movers } of excuses) expect(movers).not.toEqual([]);
  });

  it('any combination keeps it shut, and each that is wrong is named unless another answers the same question', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(faults), { minLength: 1 }), (names) => {
        const chosen = names.flatMap((name) => faults[name] ?? []);
        const codes = gate(chosen.reduce((s, { make }) => make(s), open)).map(({ code }) => code);
        expect(codes).not.toEqual([]);
        // Without the service nothing about its papers can be said.
        if (codes.includes('service-unknown')) return;
        for (const fault of chosen) expect(codes.some((code) => fault.codes.includes(code))).toBe(true);
      }),
    );
  });
});
