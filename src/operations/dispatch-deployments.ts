import { canonicalJson } from '../domain/canonical-json.ts';
import { rulesFor } from '../domain/case.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import type { Excuse } from '../domain/excuse.ts';
import { fitChanges } from '../domain/fit.ts';
import { needsPerson } from '../domain/hold.ts';
import type { LearnedDurations } from '../domain/learned.ts';
import type { Policy } from '../domain/policy.ts';
import { type Train, trainById } from '../domain/train.ts';
import { windowState } from '../domain/window.ts';
import { listChanges } from '../store/changes.ts';
import { cancelQueued, deploymentsOf, insertDeployment, lockGate } from '../store/deployments.ts';
import { learnedDurations } from '../store/durations.ts';
import type { Tx } from '../store/store.ts';
import { lockTrain } from '../store/trains.ts';
import { askBeforeStart } from './ask-trackers.ts';
import { type Context, clockActor } from './context.ts';
import { dispatchEmergencies } from './dispatch-emergencies.ts';
import { askLiveSide, type LiveSides } from './live-side.ts';
import { redraw } from './outgoing.ts';
import { promoteHeld } from './phases.ts';
import { startDeployment } from './start-deployment.ts';
import { loadSituation } from './train-situation.ts';

/**
 * Plans what has a go and starts what may start, in the plan's order, as many as there are hands. Rung when a window
 * opens, when a deployment ends, when a decision changes, and by every sweep: it decides from the present state alone,
 * so that ringing it twice, late or from two instances changes nothing.
 */
export const dispatchDeployments = async (context: Context, trainId: string): Promise<void> => {
  // Before the transaction: nobody waits for a tracker while holding the train.
  await askBeforeStart(context, trainId);
  const liveSides: LiveSides = { answers: new Map(), unasked: new Map() };
  do {
    // Programs are asked while nothing is locked; what they answer counts for this one look.
    const asked = [...liveSides.unasked.values()].map(async (deployment) =>
      liveSides.answers.set(deployment.id, await askLiveSide(context, deployment)),
    );
    await Promise.all(asked);
    liveSides.unasked.clear();
    await dispatchTrain(context, trainId, liveSides);
  } while (liveSides.unasked.size > 0);
  await promoteHeld(context, trainId);
};

const dispatchTrain = (context: Context, trainId: string, liveSides: LiveSides): Promise<void> =>
  context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) => {
    const state = await lockTrain(tx.db, trainId, 'update');
    const policy = context.policy();
    const train = trainById(policy, trainId);
    if (!state || !train || state.endedAt !== null) return;
    const now = tx.cause.at;
    const emergencies = await dispatchEmergencies(tx, context, policy, train, liveSides);
    if (emergencies.length > 0) await redraw(tx, context, [...emergencies, trainId]);
    const { open } = windowState(policy, train.windows, now);
    // What waits says from now on that the window is shut, and not what it waited for while it was open.
    if (!open && (await deploymentsOf(tx.db, trainId)).every(({ state: at }) => at !== 'queued')) return;
    const [, aboard] = await Promise.all([lockGate(tx.db), listChanges(tx.db, { train: trainId })]);
    const learned = await learnedDurations(
      tx.db,
      aboard.map((change) => change.service),
    );
    const touched = open ? await queue(tx, policy, train, now, learned) : new Set<string>();
    for (;;) {
      // Judged anew after every start, which takes a slot, a place in the window and its service, and after every new
      // hold, which those that depend on it learn of.
      const changed = await startNext(tx, context, policy, train, now, touched, learned, liveSides);
      if (!changed) break;
    }
    if (touched.size > 0) await redraw(tx, context, [...touched, trainId]);
  });

/**
 * Writes a deployment for every change that has a go and none yet. One that is queued still is planned anew when the
 * policy's plan, the bytes or the cycle it belongs to are others now: what runs is what was approved (L5).
 */
const queue = async (
  tx: Tx,
  policy: Policy,
  train: Train,
  now: Date,
  learned: LearnedDurations,
): Promise<Set<string>> => {
  const situation = await loadSituation(tx, policy, train, now, { effort: 'thorough', learned });
  const touched = new Set<string>();
  const { planned } = situation.plan;
  // Those that the window has no room for come after all that it has room for.
  const fits = fitChanges(
    planned.map(({ change }) => change),
    policy,
    train,
    learned,
  );
  const left = new Set(fits.flatMap((fit) => (fit.startsAt === null ? [fit.change.id] : [])));
  for (const { change, wave, position: first, unit } of planned) {
    const position = left.has(change.id) ? first + planned.length : first;
    const plan = rulesFor(change, policy)?.plan;
    if (change.state !== 'boarded' || change.artifact === null || plan === undefined) continue;
    const known = situation.deploymentOf.get(change.id);
    if (known !== undefined) {
      const asPlanned =
        known.artifact === change.artifact &&
        known.unit === unit &&
        canonicalJson(known.plan) === canonicalJson(plan);
      if (known.state !== 'queued' || asPlanned) continue;
      await cancelQueued(tx.db, [change.id], tx.cause.at);
    }
    const deployment = await insertDeployment(tx.db, {
      change: change.id,
      train: train.id,
      service: change.service,
      artifact: change.artifact,
      plan,
      wave,
      position,
      unit,
      queuedAt: tx.cause.at,
    });
    if (!deployment) continue;
    touched.add(changeName(change.id));
    tx.record({
      kind: 'planned',
      train: train.id,
      change: changeName(change.id),
      service: change.service,
      deployment: deploymentName(deployment.id),
      facts: { wave, position },
    });
  }
  return touched;
};

/** Starts the first of the plan that may start; those before it learn what holds them. Whether anything changed. */
const startNext = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  train: Train,
  now: Date,
  touched: Set<string>,
  learned: LearnedDurations,
  { answers, unasked }: LiveSides,
): Promise<boolean> => {
  const situation = await loadSituation(tx, policy, train, now, { learned, liveSides: answers });
  let changed = false;
  const queued = [...situation.deploymentOf.values()].filter((d) => d.state === 'queued');
  for (const deployment of queued) {
    const own = situation.excuses(deployment.change) ?? [];
    // A cycle goes together: one that is held holds its whole unit.
    const unit = queued.filter((other) => other.unit === deployment.unit && other.id !== deployment.id);
    const theirs = unit.flatMap((other) => situation.excuses(other.change) ?? []);
    const excuses = own.length > 0 ? own : theirs;
    const judged = situation.situation(deployment.change);
    const toAsk = [deployment, ...unit].filter((one) => one.plan.sides !== undefined && !answers.has(one.id));
    if (toAsk.length > 0 && excuses.length > 0 && excuses.every(({ code }) => code === 'live-side-unknown')) {
      for (const one of toAsk) unasked.set(one.id, one);
      continue;
    }
    const outcome = await startDeployment(
      tx,
      context,
      policy,
      train,
      deployment,
      excuses,
      now,
      judged && { gate: 'window', situation: judged },
    );
    if (outcome !== 'as-before') touched.add(changeName(deployment.change));
    if (outcome === 'started') return queued.length > 1;
    // Others wait for one that is held, or do not: only that is news to them.
    changed ||= outcome === 'held' && isHeld(excuses) !== isHeld(deployment.hold ? [deployment.hold] : []);
  }
  return changed;
};

const isHeld = (excuses: readonly Excuse[]): boolean => excuses.some(needsPerson);
