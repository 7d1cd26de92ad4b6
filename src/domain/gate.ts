import { type Case, excusesFor } from './case.ts';
import { changeName } from './change.ts';
import { type Holder, shortfalls } from './claims.ts';
import { isDeployed } from './deployment.ts';
import type { Excuse } from './excuse.ts';
import { safeDuration } from './learned.ts';
import { sidesOf } from './live-side.ts';
import type { PlanRule, Policy, Requirement } from './policy.ts';
import { asking, type Mover, person, role, system } from './refusal.ts';
import { requirementName } from './requirement.ts';
import { differsIn } from './same-bytes.ts';
import { barredFrom } from './separation.ts';
import type { Situation } from './situation.ts';
import { unasked } from './tracker.ts';
import type { Train } from './train.ts';
import { cycleRefused } from './waits.ts';
import { fits, lastSafeStart, windowState } from './window.ts';

/** L1, the one gate to production: every reason why the deployment may not start now; none means that it may. */
export const gate = (s: Situation): readonly Excuse[] => [
  ...papers(s),
  ...decision(s),
  ...window(s),
  ...order(s),
  ...side(s),
];

/** What an emergency cannot do without: a trusted build of the very bytes, and what the policy keeps. */
export const emergencyRequirements = (policy: Policy): readonly Requirement[] => [
  ...new Map(
    [{ kind: 'build' as const }, ...policy.emergencyRequires].map((r) => [requirementName(r), r] as const),
  ).values(),
];

/** What the gate of emergencies looks at; records of the past have neither plan nor holders. Without `now`: at whatever time. */
export type EmergencySituation = Pick<Situation, 'subject' | 'policy' | 'train' | 'busyWith'> &
  Partial<Pick<Situation, 'plan' | 'holders' | 'liveSide' | 'now'>>;

/** L1 outside of every window: its papers, its seats, no veto, and nothing else at work on the service or what it claims. */
export const emergencyGate = ({
  subject,
  policy,
  train,
  busyWith,
  plan,
  holders = [],
  liveSide,
  now,
}: EmergencySituation): readonly Excuse[] => [
  ...excusesFor(subject, [...emergencyRequirements(policy), { kind: 'approvals' }], train, policy),
  ...(now === undefined ? [] : oldAnswers(subject, emergencyRequirements(policy), policy, now)),
  ...(busyWith === null ? [] : [busy(busyWith)]),
  // What is locked is locked for everybody: two at once would break both.
  ...(plan === undefined ? [] : resources(plan, policy, holders)),
  ...(plan === undefined ? [] : side({ plan, liveSide })),
];

/** Whoever does not know which side is live might alter it. */
const side = ({ plan, liveSide }: Pick<Situation, 'plan' | 'liveSide'>): readonly Excuse[] =>
  plan.sides === undefined || sidesOf(plan.sides, liveSide) !== undefined
    ? []
    : [
        {
          code: 'live-side-unknown',
          facts: { reason: liveSide?.known === false ? liveSide.reason : 'it has not been asked yet' },
          movers: [role('operations')],
        },
      ];

const busy = (deployment: string): Excuse => ({
  code: 'service-busy',
  facts: { deployment },
  movers: [system('deployment')],
});

const releaseManagers = (policy: Policy): readonly Mover[] => policy.releaseManagers.map(role);
const clock: readonly Mover[] = [system('clock')];

/** L1 asks again: what a tracker said long ago, or was never asked, starts nothing. */
const oldAnswers = (
  { change, tickets = [] }: Case,
  requirements: readonly Requirement[],
  // A decision of before there were any is replayed without.
  { trackers = [] }: { readonly trackers?: Policy['trackers'] },
  now: Date,
): readonly Excuse[] => {
  if (!requirements.some(({ kind }) => kind === 'records')) return [];
  const records = unasked(trackers, change.records, tickets, now);
  return records.length === 0
    ? []
    : [{ code: 'records-unasked', requirement: 'records', facts: { records }, movers: [system('tracker')] }];
};

const papers = ({ subject, policy, train, openCutoffs, now }: Situation): readonly Excuse[] => {
  const unclosed = openCutoffs.map(
    (cutoff): Excuse => ({ code: 'cutoff-open', facts: { cutoff }, movers: clock }),
  );
  // Once each, whichever cutoffs ask for it; approvals always, also where no cutoff does.
  const asked = new Map(
    [
      ...train.cutoffs.flatMap((c) => c.requires),
      { kind: 'approvals' as const },
      { kind: 'milestones' as const },
    ].map((r) => [requirementName(r), r]),
  );
  const requirements = [...asked.values()];
  return [
    ...unclosed,
    ...excusesFor(subject, requirements, train, policy),
    // Nobody asks while nothing can start.
    ...(windowState(policy, train.windows, now).open ? oldAnswers(subject, requirements, policy, now) : []),
    ...productionDiffers(subject, policy),
  ];
};

/** L4: production too is set up as what was tested, as far as it was reported. */
export const productionDiffers = (subject: Case, policy: Policy): readonly Excuse[] => {
  const production = policy.environments.at(-1);
  const service = policy.services.get(subject.change.service);
  if (production === undefined || service === undefined) return [];
  const movers = [...service.owners.map(person), role('operations')];
  const excuse = differsIn(production, { ...subject, service }, policy, movers);
  return excuse === undefined ? [] : [excuse];
};

const decision = ({ subject, policy, train, go, goBy, noGoReason, paused }: Situation): readonly Excuse[] => {
  const by = releaseManagers(policy);
  const excuses: Excuse[] = [];
  if (go === null)
    excuses.push({
      code: 'go-missing',
      facts: { train: train.id },
      movers: by,
      action: {
        verb: 'train go',
        subject: subject.change.late?.ownGo === true ? changeName(subject.change.id) : train.id,
      },
    });
  if (go === 'nogo') {
    const action = { verb: 'train go', subject: changeName(subject.change.id) };
    excuses.push({
      code: 'nogo',
      facts: { train: train.id, ...(noGoReason === undefined ? {} : { reason: noGoReason }) },
      movers: by,
      action,
    });
  }
  const rule = goBy === undefined ? undefined : barredFrom('deployer', subject, policy).get(goBy);
  if (goBy !== undefined && rule !== undefined)
    excuses.push({
      code: 'go-separated',
      facts: { by: goBy, rule },
      movers: policy.releaseManagers.flatMap((name) =>
        asking(
          policy,
          name,
          (policy.roles.get(name) ?? []).filter((member) => member !== goBy),
        ),
      ),
      action: { verb: 'train go', subject: changeName(subject.change.id) },
    });
  if (paused) excuses.push(pausedExcuse(policy, train.id));
  return excuses;
};

const window = ({
  policy,
  train,
  plan,
  startedInWindow,
  together,
  now,
  learned,
}: Situation): readonly Excuse[] => {
  const expected = safeDuration(plan, learned);
  const excuses = timeExcuses(policy, train, { expected, reserve: plan.reserve }, now);
  const state = windowState(policy, train.windows, now);
  return state.open &&
    state.window.capacity !== undefined &&
    startedInWindow + together > state.window.capacity
    ? [
        ...excuses,
        {
          code: 'window-full',
          facts: { window: state.window.name, capacity: state.window.capacity },
          movers: releaseManagers(policy),
        },
      ]
    : excuses;
};

/** Why production may not be changed now, or not for so long. Milliseconds. */
export const timeExcuses = (
  policy: Policy,
  { id, windows }: Pick<Train, 'id' | 'windows'>,
  { expected, reserve }: { readonly expected: number; readonly reserve: number },
  now: Date,
): readonly Excuse[] => {
  const state = windowState(policy, windows, now);
  if (!state.open) {
    const next = state.nextOpens === undefined ? {} : { opens: state.nextOpens.toISOString() };
    return [
      state.reason.code === 'frozen'
        ? {
            code: 'frozen',
            facts: { freeze: state.reason.name, until: state.reason.until.toISOString(), ...next },
            movers: clock,
          }
        : { code: 'window-shut', facts: { train: id, ...next }, movers: clock },
    ];
  }
  const interval = { from: state.window.opens, until: state.closes };
  return fits(interval, now, expected, reserve)
    ? []
    : [
        {
          code: 'does-not-fit',
          facts: {
            closes: state.closes.toISOString(),
            expectedSeconds: expected / 1_000,
            reserveSeconds: reserve / 1_000,
            lastSafeStart: lastSafeStart(interval, expected, reserve).toISOString(),
          },
          movers: releaseManagers(policy),
        },
      ];
};

export const pausedExcuse = (policy: Policy, train: string): Excuse => ({
  code: 'paused',
  facts: { train },
  movers: releaseManagers(policy),
  action: { verb: 'deploy resume', subject: train },
});

/** What it waits for beyond tonight, and what is known against it. A person has to do something about each. */
const papersOfThePast = ({
  subject,
  policy,
  awaits = [],
  circle = [],
  rolledBackAs,
}: Situation): readonly Excuse[] => {
  const requester: readonly Mover[] = [person(subject.change.requester)];
  return [
    ...(awaits.length === 0
      ? []
      : [
          {
            code: 'waits-for-change' as const,
            facts: {
              changes: awaits.map(({ change }) => change),
              states: awaits.map(({ state }) => state),
              trains: awaits.map(({ train }) => train),
            },
            movers: requester,
          },
        ]),
    ...(circle.length === 0 ? [] : [cycleRefused(circle, policy)]),
    ...(rolledBackAs === undefined
      ? []
      : [{ code: 'rolled-back-before' as const, facts: { deployment: rolledBackAs }, movers: requester }]),
  ];
};

const order = (situation: Situation): readonly Excuse[] => {
  const { policy, plan, before, busyWith, holders, running } = situation;
  const operations: readonly Mover[] = [role('operations')];
  const excuses: Excuse[] = [...papersOfThePast(situation)];
  const lost = before.filter(
    (d) => d.state === 'rolled-back' || d.state === 'failed' || d.state === 'cancelled',
  );
  const needed = (d: Situation['before'][number]): boolean => d.soft !== true;
  const blocked = before.filter((d) => d.state === 'queued' && d.held);
  const waiting = before.filter((d) => !isDeployed(d.state) && !lost.includes(d) && !blocked.includes(d));
  if (lost.some(needed))
    excuses.push({
      code: 'dependency-failed',
      facts: { services: lost.filter(needed).map((d) => d.service) },
      movers: operations,
    });
  if (blocked.some(needed))
    excuses.push({
      code: 'dependency-held',
      facts: { services: blocked.filter(needed).map((d) => d.service) },
      movers: releaseManagers(policy),
    });
  if (waiting.length > 0)
    excuses.push({
      code: 'waits-for',
      facts: { services: waiting.map((d) => d.service) },
      movers: [system('deployment')],
    });
  if (busyWith !== null) excuses.push(busy(busyWith));
  if (running >= policy.concurrency)
    excuses.push({
      code: 'slots-busy',
      facts: { concurrency: policy.concurrency },
      movers: [system('deployment')],
    });
  excuses.push(...resources(plan, policy, holders));
  return excuses;
};

/** What the plan claims of what others hold. */
const resources = (plan: PlanRule, policy: Policy, holders: readonly Holder[]): readonly Excuse[] =>
  shortfalls(plan.claims ?? {}, policy.resources, holders).map(
    ({ resource, needs, capacity, used, by }): Excuse =>
      needs > capacity
        ? { code: 'resource-short', facts: { resource, needs, capacity }, movers: [role('operations')] }
        : {
            code: 'resource-busy',
            facts: { resource, needs, capacity, used, deployments: by },
            movers: [system('deployment')],
          },
  );
