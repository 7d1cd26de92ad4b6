import { canonicalJson } from '../domain/canonical-json.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Excuse } from '../domain/excuse.ts';
import type { Move } from '../domain/next-move.ts';
import { phaseReached, promoteBy, promotionExcuses } from '../domain/promotion.ts';
import { refuse, role } from '../domain/refusal.ts';
import { liveDeployments, lockDeployment, updateDeployment } from '../store/deployments.ts';
import { stepRunsOf } from '../store/step-runs.ts';
import type { Cause, Tx } from '../store/store.ts';
import { findTrain } from '../store/trains.ts';
import { aboutDeployment } from './about.ts';
import { type Context, clockActor } from './context.ts';
import { fenced } from './deployment-steps.ts';
import { arm, channel, redraw, tell } from './outgoing.ts';
import { steer, steerers, turn } from './steer-deployment.ts';

/** Nothing to do until the next health check: a deadline carries it on, whoever is alive by then. */
export const bakePhase = async (
  context: Context,
  deployment: Deployment,
  { step, until }: Extract<Move, { kind: 'bake' }>,
): Promise<void> => {
  await fenced(context, deployment, async (tx, current) => {
    if (current.state !== 'running') return;
    const { name = '', bake = 0 } = phaseReached(current).now ?? {};
    if (!(await stepRunsOf(tx.db, current.id)).some((run) => run.step === step))
      tx.record({
        kind: 'baking',
        ...aboutDeployment(current),
        facts: { phase: name, seconds: bake / 1_000 },
      });
    await updateDeployment(tx.db, current.id, { state: 'baking', runner: null });
    await arm(tx, context, { kind: 'phase', deployment: current.id, phase: current.promoted }, until);
  });
};

/** The phase is healthy and has baked. Whether there is more to do: the next one, or the way back. */
export const promotePhase = async (context: Context, deployment: Deployment): Promise<boolean> =>
  (await fenced(context, deployment, async (tx, current) => {
    if (current.state !== 'running') return true;
    const excuses = await excusesOf(tx, context, current);
    const { now, next } = phaseReached(current);
    if (excuses.length === 0 && now?.promote !== 'button') {
      await promote(tx, current);
      return true;
    }
    if (await isTooLate(tx, context, current)) return true;
    await updateDeployment(tx.db, current.id, { state: 'baked', runner: null });
    await hold(tx, current, excuses);
    if (now?.promote === 'button') await ask(tx, context, current, now.name, next?.name ?? '');
    return false;
  })) ?? false;

/** A phase that bakes is looked at again; one that nobody has promoted in time is undone, unless it may stay. */
export const phaseDue = async (tx: Tx, context: Context, id: number, phase: number): Promise<void> => {
  const deployment = await lockDeployment(tx.db, id);
  if (deployment?.promoted !== phase) return;
  if (deployment.state === 'baking') await goOn(tx, context, deployment);
  else if (deployment.state !== 'baked' || !(await isTooLate(tx, context, deployment))) return;
  else goOnLater(tx, context, deployment);
  await redraw(tx, context, [changeName(deployment.change), deployment.train]);
};

/** What only a pause, a freeze or a shut window has held goes on as soon as it may. */
export const promoteHeld = async (context: Context, train: string): Promise<void> => {
  const baked = (await liveDeployments(context.store.db)).filter(
    (d) => d.train === train && d.state === 'baked',
  );
  for (const { id } of baked)
    await context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) => {
      const deployment = await lockDeployment(tx.db, id);
      if (deployment?.state !== 'baked') return;
      const excuses = await excusesOf(tx, context, deployment);
      const isFree = excuses.length === 0 && phaseReached(deployment).now?.promote !== 'button';
      if (isFree) {
        await promote(tx, deployment);
        await goOn(tx, context, deployment);
      } else if (!(await hold(tx, deployment, excuses))) return;
      await redraw(tx, context, [changeName(deployment.change), deployment.train]);
    });
};

/** A person lets the next phase begin. The bake is never cut short, and the window holds for a person too (L1). */
export const promoteDeployment = (
  context: Context,
  cause: Cause,
  order: { readonly deployment: string },
): Promise<void> =>
  steer(context, cause, order.deployment, 'promote', async (tx, deployment) => {
    const name = deploymentName(deployment.id);
    const { state } = deployment;
    if (state !== 'baked') refuse({ code: 'nothing-to-promote', facts: { deployment: name, state } });
    const [first] = await excusesOf(tx, context, deployment);
    if (first !== undefined)
      refuse({
        code: 'promotion-held',
        facts: { deployment: name, because: first.code, ...first.facts },
        movers: first.movers,
      });
    await promote(tx, deployment);
    await updateDeployment(tx.db, deployment.id, { state: 'running' });
  });

const excusesOf = async (tx: Tx, context: Context, deployment: Deployment): Promise<readonly Excuse[]> => {
  const paused = (await findTrain(tx.db, deployment.train))?.paused ?? false;
  return promotionExcuses(context.policy(), deployment, paused, tx.cause.at);
};

const promote = async (tx: Tx, deployment: Deployment): Promise<void> => {
  const { now, next } = phaseReached(deployment);
  await updateDeployment(tx.db, deployment.id, { promoted: deployment.promoted + 1, hold: null });
  tx.record({
    kind: 'promoted',
    ...aboutDeployment(deployment),
    facts: { phase: now?.name ?? '', to: next?.name ?? '', person: tx.cause.actor },
  });
};

/** What is left, with a rollback, fits into no window that is open: undone while there is time for it. */
const isTooLate = async (tx: Tx, context: Context, deployment: Deployment): Promise<boolean> => {
  if (deployment.plan.unpromoted === 'keep' || deployment.windowOpens === null) return false;
  const by = promoteBy(context.policy(), deployment, tx.cause.at);
  if (by !== undefined && by > tx.cause.at) {
    const { id, promoted: phase } = deployment;
    await arm(tx, context, { kind: 'phase', deployment: id, phase }, by);
    return false;
  }
  const { name = '' } = phaseReached(deployment).now ?? {};
  await turn(tx, context, deployment, `${name} was not promoted in time`, 'rolling-back');
  return true;
};

/** Whether it is held by something else than before. */
const hold = async (tx: Tx, deployment: Deployment, excuses: readonly Excuse[]): Promise<boolean> => {
  const first = excuses[0] ?? null;
  if (canonicalJson(first) === canonicalJson(deployment.hold)) return false;
  await updateDeployment(tx.db, deployment.id, { hold: first });
  if (first !== null && first.code !== deployment.hold?.code)
    tx.record({
      kind: 'held',
      ...aboutDeployment(deployment),
      outcome: first.code,
      facts: { excuse: first },
    });
  return true;
};

const goOn = async (tx: Tx, context: Context, deployment: Deployment): Promise<void> => {
  await updateDeployment(tx.db, deployment.id, { state: 'running' });
  goOnLater(tx, context, deployment);
};

const goOnLater = (tx: Tx, context: Context, { id, fence }: Deployment): void => {
  tx.afterCommit(() => context.bell.ring('run-deployment', { id }, { key: `phase-${fence}` }));
};

const ask = async (
  tx: Tx,
  context: Context,
  deployment: Deployment,
  phase: string,
  next: string,
): Promise<void> => {
  const policy = context.policy();
  const by = promoteBy(policy, deployment, tx.cause.at);
  await tell(tx, context, [
    {
      to: channel(context, policy, 'releases'),
      notice: {
        kind: 'promotion-wanted',
        deployment: deploymentName(deployment.id),
        change: changeName(deployment.change),
        service: deployment.service,
        phase,
        next,
        by: by?.toISOString() ?? null,
        otherwise: deployment.plan.unpromoted ?? 'roll-back',
        movers: steerers(context).map(role),
      },
    },
  ]);
};
