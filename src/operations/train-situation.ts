import type { Case } from '../domain/case.ts';
import { rulesFor } from '../domain/case.ts';
import { type Change, changeName, deploymentName, goBy, goOf, noGoReason } from '../domain/change.ts';
import { type ChangePlan, type PlannedChange, planChanges } from '../domain/change-plan.ts';
import { type Deployment, isAtWork } from '../domain/deployment.ts';
import type { Excuse } from '../domain/excuse.ts';
import { gate } from '../domain/gate.ts';
import { isTransient, needsPerson } from '../domain/hold.ts';
import { type LearnedDurations, learnedOf, nothingLearned } from '../domain/learned.ts';
import type { Effort } from '../domain/list-schedule.ts';
import type { LiveSide } from '../domain/live-side.ts';
import type { Policy, Service } from '../domain/policy.ts';
import { role } from '../domain/refusal.ts';
import type { Situation } from '../domain/situation.ts';
import type { Train } from '../domain/train.ts';
import { windowState } from '../domain/window.ts';
import { loadCases } from '../store/cases.ts';
import { listChanges } from '../store/changes.ts';
import { deploymentsOf, liveDeployments, rolledBackArtifacts } from '../store/deployments.ts';
import type { Tx } from '../store/store.ts';
import { cutoffsOf, findTrain, type TrainState } from '../store/trains.ts';

/** Everything that the gate needs to know of a train at one instant, loaded in a handful of queries. */
export interface TrainSituation {
  readonly plan: ChangePlan;
  /** The change's newest deployment of this train, if it was planned. */
  readonly deploymentOf: ReadonlyMap<number, Deployment>;
  /** Why the change may not start now (L1); none: it may. Undefined when it is not on the train. */
  excuses(change: number): readonly Excuse[] | undefined;
  /** What the gate looks at for it; undefined when there are no rules to judge it by. */
  situation(change: number): Situation | undefined;
}

/** What is looked up once and stays as it is while a train is dispatched. */
export interface Knowledge {
  readonly effort?: Effort;
  readonly learned?: LearnedDurations;
  /** Answers to which side is live, by deployment. */
  readonly liveSides?: ReadonlyMap<number, LiveSide>;
}

/** Locks the train's changes: no veto, rebuild or failed verification slips in between judging and starting. */
export const loadSituation = async (
  tx: Pick<Tx, 'db'>,
  policy: Policy,
  train: Train,
  now: Date,
  { effort = 'quick', learned = nothingLearned, liveSides = new Map() }: Knowledge = {},
): Promise<TrainSituation> => {
  const [state, cutoffs, changes] = await Promise.all([
    findTrain(tx.db, train.id),
    cutoffsOf(tx.db, train.id),
    listChanges(tx.db, {
      train: train.id,
      states: ['boarded', 'deploying', 'deployed', 'rolled-back', 'failed'],
      lock: true,
    }),
  ]);
  // Behind the lock.
  const [loaded, ofTrain, live, others, rolledBack] = await Promise.all([
    loadCases(tx.db, changes),
    deploymentsOf(tx.db, train.id),
    liveDeployments(tx.db),
    listChanges(tx.db, { ids: changes.flatMap(({ after = [] }) => after) }),
    rolledBackArtifacts(
      tx.db,
      changes.flatMap(({ artifact }) => artifact ?? []),
    ),
  ]);
  const cases = new Map(loaded.map((c) => [c.change.id, c]));
  // Emergencies start by a gate of their own, and one that was undone holds up nothing.
  const apart = new Set(
    changes
      .filter(({ type, state: at }) => type === 'emergency' && (at === 'boarded' || at === 'rolled-back'))
      .map(({ id }) => id),
  );
  const deployments = ofTrain.filter((d) => !apart.has(d.change));
  const going = changes.filter(
    (change) =>
      !apart.has(change.id) &&
      (change.state !== 'boarded' || (state !== undefined && goOf(change, state) === 'go')),
  );
  const plan = planChanges(going, policy, effort, learned);
  const deploymentOf = new Map(deployments.map((d) => [d.change, d]));
  const facts: Shared = {
    policy,
    train,
    state,
    openCutoffs: cutoffs.filter((c) => c.closedAt === null).map((c) => c.name),
    plan,
    deploymentOf,
    learned,
    liveSides,
    live,
    named: new Map(others.map((change) => [change.id, change])),
    rolledBack: new Map(
      changes.flatMap((change) => {
        const id = rolledBack.get(`${change.service} ${change.artifact}`);
        const stands =
          id !== undefined && change.because === undefined && deploymentOf.get(change.id)?.id !== id;
        return stands ? [[change.id, deploymentName(id)]] : [];
      }),
    ),
    startedInWindow: startedIn(policy, train, deployments, now),
    now,
  };
  const planned = new Map(plan.planned.map((p) => [p.change.id, p]));
  return {
    plan,
    deploymentOf,
    excuses: (id) => {
      const subject = cases.get(id);
      return subject && judge(facts, subject, planned.get(id));
    },
    situation: (id) => {
      const subject = cases.get(id);
      return subject && situationOf(facts, subject, planned.get(id));
    },
  };
};

interface Shared {
  readonly policy: Policy;
  readonly train: Train;
  readonly state: TrainState | undefined;
  readonly openCutoffs: readonly string[];
  readonly plan: ChangePlan;
  readonly deploymentOf: ReadonlyMap<number, Deployment>;
  readonly learned: LearnedDurations;
  readonly liveSides: ReadonlyMap<number, LiveSide>;
  readonly live: readonly Deployment[];
  /** Changes that others of the train come after, on whatever train. */
  readonly named: ReadonlyMap<number, Change>;
  /** By change: the deployment that rolled the same bytes back, where nobody has said why they are tried again. */
  readonly rolledBack: ReadonlyMap<number, string>;
  readonly startedInWindow: number;
  readonly now: Date;
}

const judge = (shared: Shared, subject: Case, planned: PlannedChange | undefined): readonly Excuse[] => {
  const situation = situationOf(shared, subject, planned);
  if (situation !== undefined) return worthAsking(gate(situation), situation);
  const facts = { service: subject.change.service, type: subject.change.type };
  return [{ code: 'service-unknown', facts, movers: shared.policy.releaseManagers.map(role) }];
};

/** Nobody is asked which side is live while something else is in the way: then that alone is why it does not start. */
const worthAsking = (excuses: readonly Excuse[], { liveSide }: Situation): readonly Excuse[] => {
  const others = excuses.filter(({ code }) => code !== 'live-side-unknown');
  return liveSide === undefined && others.length > 0 ? others : excuses;
};

const situationOf = (
  shared: Shared,
  subject: Case,
  planned: PlannedChange | undefined,
): Situation | undefined => {
  const { policy, train, state, openCutoffs, deploymentOf, live, startedInWindow, now } = shared;
  const rules = rulesFor(subject.change, policy);
  if (!rules || !state) return undefined;
  const busy = live.find((d) => d.service === subject.change.service && d.change !== subject.change.id);
  const own = deploymentOf.get(subject.change.id);
  const ownPlan = own?.plan ?? rules.plan;
  return {
    subject,
    policy,
    train,
    openCutoffs,
    go: goOf(subject.change, state),
    goBy: goBy(subject.change, state),
    noGoReason: noGoReason(subject.change, state),
    paused: state.paused,
    plan: ownPlan,
    learned: learnedOf(shared.learned, subject.change, ownPlan),
    before: [...(planned?.before ?? []), ...fallenSiblings(planned, shared)].map((other) => {
      const deployment = deploymentOf.get(other.id);
      const held = deployment?.hold ? needsPerson(deployment.hold) : false;
      const soft = isSoft(subject.change, other, rules.service);
      return { service: other.service, state: deployment?.state ?? 'queued', held, soft };
    }),
    awaits: awaits(shared, subject.change),
    circle: policy.cycles === 'refuse' ? circleOf(planned, shared) : [],
    rolledBackAs: shared.rolledBack.get(subject.change.id),
    ...(own === undefined ? {} : { liveSide: shared.liveSides.get(own.id) }),
    busyWith: busy === undefined ? null : deploymentName(busy.id),
    holders: live
      .filter((d) => d.id !== own?.id)
      .map((d) => ({ name: deploymentName(d.id), claims: d.plan.claims ?? {} })),
    running: live.filter((d) => isAtWork(d.state) || d.state === 'baking').length,
    startedInWindow,
    together: waitingSiblings(planned, shared) + 1,
    now,
  };
};

/** What the service depends on but can do without; never what the change itself asks for, nor its own past. */
const isSoft = (change: Change, other: Change, service: Service): boolean =>
  service.withoutDependency === 'degrade' &&
  other.service !== change.service &&
  change.after?.includes(other.id) !== true;

/** Changes that it comes after and that are neither in production nor on tonight's plan. */
const awaits = ({ plan, named }: Shared, { after = [] }: Change): NonNullable<Situation['awaits']> =>
  after.flatMap((id) => {
    const other = named.get(id);
    if (other?.state === 'deployed' || plan.planned.some((one) => one.change.id === id)) return [];
    return [{ change: changeName(id), state: other?.state ?? 'unknown', train: other?.train ?? '' }];
  });

const circleOf = (planned: PlannedChange | undefined, { plan }: Shared): readonly string[] => {
  const circle = plan.planned
    .filter((other) => other.unit === planned?.unit)
    .map(({ change }) => change.service);
  return circle.length > 1 ? circle : [];
};

/** A unit stands or falls together: when one of it was undone, none of the others starts. */
const fallenSiblings = (
  planned: PlannedChange | undefined,
  { deploymentOf, plan }: Shared,
): readonly Change[] =>
  planned === undefined
    ? []
    : plan.planned
        .filter((other) => other.unit === planned.unit && other.change.id !== planned.change.id)
        .map((other) => other.change)
        .filter((other) =>
          ['undoing', 'rolled-back', 'failed'].includes(deploymentOf.get(other.id)?.state ?? 'queued'),
        );

const waitingSiblings = (planned: PlannedChange | undefined, { deploymentOf, plan }: Shared): number =>
  plan.planned.filter(
    (other) =>
      other.unit === planned?.unit &&
      other.change.id !== planned.change.id &&
      deploymentOf.get(other.change.id)?.state === 'queued',
  ).length;

const startedIn = (policy: Policy, train: Train, deployments: readonly Deployment[], now: Date): number => {
  const state = windowState(policy, train.windows, now);
  if (!state.open) return 0;
  const opens = state.window.opens.getTime();
  return deployments.filter((d) => d.windowOpens?.getTime() === opens).length;
};

/** Why each change that is still aboard could not be deployed, for the record of its leaving. */
export const judgeTrain = async (
  tx: Pick<Tx, 'db'>,
  policy: Policy,
  train: Train,
  at: Date,
): Promise<ReadonlyMap<number, readonly Excuse[]>> => {
  const situation = await loadSituation(tx, policy, train, at);
  const changes = await listChanges(tx.db, { train: train.id, states: ['boarded'] });
  return new Map(
    changes.map((change) => {
      const hold = situation.deploymentOf.get(change.id)?.hold;
      const excuses = situation.excuses(change.id) ?? [];
      // The window is shut by now; what kept the change while it was open says more.
      const telling = excuses.filter((e) => e.code !== 'window-shut' && !isTransient(e));
      return [change.id, hold && needsPerson(hold) ? [hold] : telling.length > 0 ? telling : excuses];
    }),
  );
};
