import { readFileSync } from 'node:fs';
import type { Card } from '../../src/chat/card.ts';
import { renderCard } from '../../src/chat/console/render.ts';
import { type Decision, standingOf } from '../../src/domain/approval.ts';
import { approvalCase, type Case, excusesFor, fingerprintFor, rulesFor } from '../../src/domain/case.ts';
import { type Change, type Go, goOf } from '../../src/domain/change.ts';
import type { Deployment, StepRun } from '../../src/domain/deployment.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import { gate } from '../../src/domain/gate.ts';
import type { PlanRule, Policy } from '../../src/domain/policy.ts';
import { type Train, trainById } from '../../src/domain/train.ts';
import type { ChangeView, DeploymentView, TrainView } from '../../src/domain/view.ts';
import { windowState } from '../../src/domain/window.ts';
import { loadPolicy } from '../../src/policy/load.ts';

/** Views of the example policy's week, judged by the real domain as operations do. */

const file = 'examples/astronomy-shop/signalbox.yaml';
const loaded = loadPolicy(readFileSync(file, 'utf8'), file, new Date('2026-11-01T00:00:00Z'));
if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
export const policy: Policy = loaded.policy;

/** New York is five hours behind UTC that week. */
export const local = (text: string): Date => new Date(`${text.replace(' ', 'T')}:00-05:00`);
export const tuesday = local('2026-11-24 09:00');
export const wednesday = local('2026-11-25 08:40');
export const thursday = local('2026-11-26 10:00');
export const friday = local('2026-11-27 10:30');
export const night = local('2026-11-28 22:10');

export const trainId = 'weekly-2026-W48';
const found = trainById(policy, trainId);
if (found === undefined) throw new Error(trainId);
export const train: Train = found;

export const bytes = (letter: string): string => `sha256:${letter.repeat(64)}`;

export const aChange = (more: Partial<Change> = {}): Change => ({
  id: 17,
  service: 'checkout',
  type: 'normal',
  version: '2.4.1',
  artifact: bytes('a'),
  train: trainId,
  state: 'boarded',
  requester: 'dana',
  records: ['SHOP-101'],
  note: '',
  go: null,
  goReason: null,
  submittedAt: tuesday,
  ...more,
});

let ids = 0;
export const proof = (change: Change, kind: Evidence['kind'], more: Partial<Evidence> = {}): Evidence => ({
  id: ++ids,
  kind,
  service: change.service,
  artifact: kind === 'records' || kind === 'date-approved' ? null : change.artifact,
  change: kind === 'records' || kind === 'date-approved' ? change.id : null,
  environment: kind === 'deployed' ? 'test' : kind === 'verified' ? 'preproduction' : null,
  platform: null,
  role: kind === 'sign-off' ? 'qa' : null,
  builder: kind === 'build' ? (policy.trustedBuilders[0] ?? null) : null,
  train: kind === 'date-approved' ? change.train : null,
  outcome: 'pass',
  person: null,
  source: 'ci',
  comment: null,
  url: null,
  observedAt: tuesday,
  receivedAt: tuesday,
  ...more,
});

const everywhere = (change: Change, kind: Evidence['kind']): readonly Evidence[] =>
  (policy.services.get(change.service)?.platforms ?? ['default']).map((platform) =>
    proof(change, kind, { platform }),
  );

export const tested = (change: Change): readonly Evidence[] => [
  ...everywhere(change, 'build'),
  ...everywhere(change, 'deployed'),
  proof(change, 'records'),
  proof(change, 'date-approved', { person: 'rita' }),
];

export const verified = (change: Change): readonly Evidence[] => [
  ...tested(change),
  ...everywhere(change, 'verified'),
  proof(change, 'sign-off', { person: 'quinn' }),
];

export const decision = (
  change: Change,
  person: string,
  kind: Decision['kind'] = 'approve',
  more: Partial<Decision> = {},
): Decision => {
  const rules = rulesFor(change, policy);
  if (rules === undefined) throw new Error(change.service);
  return {
    id: `d${++ids}`,
    person,
    kind,
    fingerprint: fingerprintFor(change, rules, train),
    decidedAt: tuesday,
    ...more,
  };
};

export const signed = (change: Change): readonly Decision[] => [
  decision(change, 'omar'),
  decision(change, 'rita'),
];

export interface Scene {
  readonly change?: Change;
  readonly evidence?: readonly Evidence[];
  readonly decisions?: readonly Decision[];
  readonly now?: Date;
  readonly go?: Go | null;
  readonly paused?: boolean;
  readonly deployment?: DeploymentView;
}

/** As `operations/describe` makes it; cutoffs close at their instants. */
export const changeView = (scene: Scene = {}): ChangeView => {
  const {
    change = aChange(),
    evidence = [],
    decisions = [],
    now = wednesday,
    go = null,
    paused = false,
    deployment,
  } = scene;
  const subject: Case = { change, evidence, decisions };
  const rules = rulesFor(change, policy);
  const aboard = trainById(policy, change.train);
  const stages = (aboard?.cutoffs ?? []).map((cutoff) => ({
    cutoff: cutoff.name,
    at: cutoff.at,
    closed: cutoff.at <= now,
    excuses: aboard === undefined ? [] : excusesFor(subject, cutoff.requires, aboard, policy),
  }));
  const judged =
    rules !== undefined &&
    aboard !== undefined &&
    change.state === 'boarded' &&
    stages.every((s) => s.closed);
  return {
    change,
    service: policy.services.get(change.service),
    train: aboard,
    stages,
    standing: rules && aboard ? standingOf(approvalCase(subject, rules, aboard, policy)) : undefined,
    go: goOf(change, { go }),
    gate: judged
      ? gate({
          subject,
          policy,
          train: aboard,
          openCutoffs: [],
          go: goOf(change, { go }),
          paused,
          plan: rules.plan,
          liveSide: { known: true, side: rules.plan.sides?.names[0] ?? '' },
          before: [],
          busyWith: null,
          holders: [],
          running: 0,
          startedInWindow: 0,
          together: 1,
          now,
        }).filter((excuse) => excuse.requirement === undefined)
      : [],
    deployment,
    policy,
    now,
  };
};

const program = { executor: 'command', command: ['./deploy.sh', '{service}'] } as const;

/** Three steps, of which the second one has nothing to undo. */
const switching: PlanRule = {
  name: 'parallel-production',
  strategy: 'parallel-production',
  steps: [
    { name: 'prepare', expected: 120_000, timeout: 600_000, run: program, undo: program },
    { name: 'verify', expected: 60_000, timeout: 300_000, run: program },
    { name: 'switch', expected: 5_000, timeout: 60_000, run: program, undo: program },
  ],
  reserve: 125_000,
};

export const aDeployment = (more: Partial<Deployment> = {}): Deployment => {
  return {
    id: 4,
    change: 17,
    train: trainId,
    service: 'checkout',
    artifact: bytes('a'),
    plan: switching,
    wave: 0,
    position: 0,
    unit: 0,
    state: 'running',
    hold: null,
    fence: 1,
    runner: null,
    windowOpens: local('2026-11-28 22:00'),
    undoAttempt: 1,
    promoted: 0,
    sides: null,
    keptUntil: null,
    reason: null,
    queuedAt: local('2026-11-28 22:00'),
    startedAt: local('2026-11-28 22:05'),
    finishedAt: null,
    ...more,
  };
};

export const aRun = (step: number, more: Partial<StepRun> = {}): StepRun => ({
  id: ++ids,
  step,
  direction: 'do',
  attempt: 1,
  fence: 1,
  state: 'succeeded',
  handle: {},
  exitCode: 0,
  tail: '',
  reason: null,
  startedAt: local('2026-11-28 22:05'),
  finishedAt: local('2026-11-28 22:07'),
  ...more,
});

export const deploymentView = (
  more: Partial<Deployment> = {},
  runs: readonly StepRun[] = [],
  change: Change = aChange({ state: 'deploying' }),
): DeploymentView => ({
  deployment: aDeployment(more),
  change,
  runs,
  held: [],
  now: night,
});

export const trainView = (
  changes: readonly ChangeView[],
  now: Date = wednesday,
  more: Partial<TrainView> = {},
): TrainView => {
  const window = windowState(policy, train.windows, now);
  return {
    train,
    go: null,
    goReason: null,
    paused: false,
    ended: false,
    cutoffs: train.cutoffs.map(({ name, at, meeting }) => ({ name, at, meeting, closed: at <= now })),
    window: window.open
      ? { open: true, closes: window.closes }
      : { open: false, ...(window.nextOpens === undefined ? {} : { nextOpens: window.nextOpens }) },
    changes,
    policy,
    now,
    ...more,
  };
};

/** A card as the terminal shows it, on lines too wide to be wrapped. */
export const shown = (card: Card): string =>
  renderCard(card, { zone: policy.timezone, width: 1_000, color: false }).text;

export const labels = (card: Card): readonly string[] => card.buttons.map((button) => button.label);
