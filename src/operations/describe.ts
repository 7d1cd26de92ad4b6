import { standingOf } from '../domain/approval.ts';
import { approvalCase, type Case, excusesFor, rulesFor } from '../domain/case.ts';
import { type Change, goBy, goOf, noGoReason } from '../domain/change.ts';
import { planChanges } from '../domain/change-plan.ts';
import { emergencyGate, gate, productionDiffers } from '../domain/gate.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { requiredAt, type Train, trainById, trainToBoard } from '../domain/train.ts';
import type { ChangeFile, ChangeView, TrainView } from '../domain/view.ts';
import { comes, type Named, waitExcuse } from '../domain/waits.ts';
import { windowState } from '../domain/window.ts';
import { loadCases } from '../store/cases.ts';
import { type ChangeFilter, listChanges } from '../store/changes.ts';
import { deploymentsOf, deploymentsOfChanges } from '../store/deployments.ts';
import { learnedDurations } from '../store/durations.ts';
import { stepRunsOfAll } from '../store/step-runs.ts';
import { type CutoffState, cutoffsOf, findTrain, openTrains, type TrainState } from '../store/trains.ts';
import { findWindowEnd } from '../store/window-ends.ts';
import type { Context } from './context.ts';
import { deploymentView, heldPages } from './describe-deployment.ts';
import { changeNamed, trainNamed } from './find.ts';

/** Reads only. What is seen is the committed present; `now` is the asker's. */
export const describeChange = async (context: Context, name: string, now: Date): Promise<ChangeView> => {
  const change = await changeNamed({ db: context.store.db }, name, 'read');
  const [view] = await describeChanges(context, [change], now);
  return view ?? refuse({ code: 'unknown-change', facts: { change: name } });
};

export const listChangeViews = async (
  context: Context,
  filter: ChangeFilter,
  now: Date,
): Promise<readonly ChangeView[]> =>
  describeChanges(context, await listChanges(context.store.db, filter), now);

interface TrainFacts {
  readonly train: Train | undefined;
  readonly state: TrainState | undefined;
  readonly cutoffs: readonly CutoffState[];
}

const trainFacts = async (
  db: Context['store']['db'],
  policy: Policy,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, TrainFacts>> =>
  new Map(
    await Promise.all(
      [...ids].map(async (id) => {
        const [state, cutoffs] = await Promise.all([findTrain(db, id), cutoffsOf(db, id)]);
        return [id, { train: trainById(policy, id), state, cutoffs }] as const;
      }),
    ),
  );

const describeChanges = async (
  context: Context,
  changes: readonly Change[],
  now: Date,
): Promise<readonly ChangeView[]> =>
  (await describeFiles(context, changes, now)).map(({ evidence: _, decisions: __, ...view }) => view);

/** With all that is on file about them. */
export const describeFiles = async (
  context: Context,
  changes: readonly Change[],
  now: Date,
): Promise<readonly ChangeFile[]> => {
  const policy = context.policy();
  const ids = changes.map((change) => change.id);
  const after = changes.flatMap((change) => change.after ?? []);
  // Who goes along with a rollback is asked of one change at a time.
  const [only] = changes.length === 1 ? changes : [];
  const [trains, [deployments, runs], held, cases, waited, others] = await context.store.reading((db) =>
    Promise.all([
      trainFacts(db, policy, new Set(changes.map((change) => change.train))),
      deploymentsOfChanges(db, ids).then(
        async (found) =>
          [
            found,
            await stepRunsOfAll(
              db,
              [...found.values()].map((d) => d.id),
            ),
          ] as const,
      ),
      heldPages(db),
      loadCases(db, changes),
      after.length === 0 ? [] : listChanges(db, { ids: after }),
      only === undefined ? [] : deploymentsOf(db, only.train),
    ]),
  );
  const named: Named = new Map(waited.map((other) => [other.id, other]));
  return cases.map((subject): ChangeFile => {
    const { change, evidence, decisions } = subject;
    const facts = trains.get(change.train) ?? { train: undefined, state: undefined, cutoffs: [] };
    const rules = rulesFor(change, policy);
    const { train } = facts;
    const deployment = deployments.get(change.id);
    return {
      change,
      service: policy.services.get(change.service),
      train,
      stages: train === undefined ? [] : stages(subject, train, facts.cutoffs, policy, named),
      standing: rules && train ? standingOf(approvalCase(subject, rules, train, policy)) : undefined,
      go: facts.state === undefined ? null : goOf(change, facts.state),
      gate: beyondPapers(subject, facts, policy, now, deployment?.hold ?? null),
      deployment:
        deployment &&
        deploymentView(
          policy,
          deployment,
          change,
          { runs: runs.get(deployment.id), held: held(deployment.id), others },
          now,
        ),
      policy,
      now,
      evidence,
      decisions,
    };
  });
};

const stages = (
  subject: Case,
  train: Train,
  cutoffs: readonly CutoffState[],
  policy: Policy,
  named: Named,
): ChangeView['stages'] =>
  // No cutoff judges an emergency.
  (subject.change.type === 'emergency' ? [] : train.cutoffs).map((cutoff, index) => {
    const state = cutoffs.find((c) => c.name === cutoff.name);
    // The gate asks for signatures whether a cutoff does or not: they are then due with the last one.
    const unasked = !train.cutoffs.some((c) => c.requires.some((r) => r.kind === 'approvals'));
    const extra = unasked && index === train.cutoffs.length - 1 ? [{ kind: 'approvals' as const }] : [];
    return {
      cutoff: cutoff.name,
      at: state?.at ?? cutoff.at,
      closed: state !== undefined && state.closedAt !== null,
      excuses: [
        ...excusesFor(subject, [...requiredAt(train, cutoff.name), ...extra], train, policy),
        ...(index === train.cutoffs.length - 1
          ? waitExcuse(subject.change, named, (other) => comes(other, train, policy))
          : []),
      ],
    };
  });

/** Decision and window for a change whose papers are judged; the order of the night is in its deployment's hold. */
const beyondPapers = (
  subject: Case,
  { train, state, cutoffs }: TrainFacts,
  policy: Policy,
  now: Date,
  hold: ChangeView['gate'][number] | null,
): ChangeView['gate'] => {
  const rules = rulesFor(subject.change, policy);
  // What is in production is held to what was tested all the same (L4).
  if (subject.change.state === 'deployed') return productionDiffers(subject, policy);
  if (subject.change.state !== 'boarded' || !rules || !train || !state) return [];
  if (subject.change.type === 'emergency') {
    const all = emergencyGate({ subject, policy, train, busyWith: null });
    return hold ? [...all, hold] : all;
  }
  if (cutoffs.some((cutoff) => cutoff.closedAt === null)) return [];
  const all = gate({
    subject,
    policy,
    train,
    openCutoffs: [],
    go: goOf(subject.change, state),
    goBy: goBy(subject.change, state),
    noGoReason: noGoReason(subject.change, state),
    paused: state.paused,
    plan: rules.plan,
    // Asked when it is about to start.
    liveSide: { known: true, side: rules.plan.sides?.names[0] ?? '' },
    before: [],
    busyWith: null,
    holders: [],
    running: 0,
    startedInWindow: 0,
    together: 1,
    now,
  }).filter((excuse) => excuse.requirement === undefined);
  return hold && !all.some((excuse) => excuse.code === hold.code) ? [...all, hold] : all;
};

/** The named train; without a name the one whose end is nearest, or the next to board. */
export const describeTrain = async (
  context: Context,
  name: string | undefined,
  now: Date,
): Promise<TrainView> => {
  const { db } = context.store;
  const policy = context.policy();
  const train = name === undefined ? await currentTrain(context, policy, now) : trainNamed(policy, name);
  const state = await findTrain(db, train.id);
  const cutoffs = await cutoffsOf(db, train.id);
  const window = windowState(policy, train.windows, now);
  const end = window.open
    ? await findWindowEnd(db, { train: train.id, name: window.window.name, closes: window.closes })
    : undefined;
  const views = await listChangeViews(context, { train: train.id }, now);
  return {
    train,
    go: state?.go ?? null,
    goReason: state?.goReason ?? null,
    paused: state?.paused ?? false,
    ended: state !== undefined && state.endedAt !== null,
    cutoffs: train.cutoffs.map((cutoff) => {
      const row = cutoffs.find((c) => c.name === cutoff.name);
      return {
        name: cutoff.name,
        at: row?.at ?? cutoff.at,
        meeting: cutoff.meeting,
        closed: row !== undefined && row.closedAt !== null,
      };
    }),
    window: window.open
      ? { open: true, closes: window.closes, ...(end === undefined ? {} : { atEnd: end }) }
      : {
          open: false,
          ...(window.nextOpens === undefined ? {} : { nextOpens: window.nextOpens }),
          ...(window.reason.code === 'frozen' ? { frozenBy: window.reason.name } : {}),
        },
    changes: views,
    ...(await expectedOf(context, policy, views)),
    policy,
    now,
  };
};

/** Of the night that is under way. */
const expectedOf = async (
  context: Context,
  policy: Policy,
  views: readonly ChangeView[],
): Promise<Pick<TrainView, 'expected'>> => {
  const planned = views.filter(
    ({ change, deployment }) =>
      deployment !== undefined && deployment.deployment.state !== 'cancelled' && change.type !== 'emergency',
  );
  if (!planned.some(({ deployment }) => deployment?.deployment.startedAt)) return {};
  const changes = planned.map(({ change }) => change);
  const learned = await learnedDurations(
    context.store.db,
    changes.map(({ service }) => service),
  );
  return { expected: planChanges(changes, policy, 'quick', learned).makespanSeconds * 1_000 };
};

export const currentTrain = async (context: Context, policy: Policy, now: Date): Promise<Train> => {
  const [oldest] = await openTrains(context.store.db);
  const train = (oldest && trainById(policy, oldest.id)) ?? trainToBoard(policy, now);
  return train ?? refuse({ code: 'unknown-train', facts: { train: '' } });
};
