import { changeName, deploymentName, deploymentNumber } from '../domain/change.ts';
import { dependentsOf } from '../domain/dependents.ts';
import { type Deployment, isBetween, isDeployed } from '../domain/deployment.ts';
import { refuse } from '../domain/refusal.ts';
import { updateChange } from '../store/changes.ts';
import {
  deployedOver,
  deploymentOfChange,
  deploymentsOf,
  lockDeployment,
  updateDeployment,
} from '../store/deployments.ts';
import { askToStop, finishStepRun, stepRunsOf } from '../store/step-runs.ts';
import type { Cause, Tx } from '../store/store.ts';
import { lockTrain, updateTrain } from '../store/trains.ts';
import { aboutDeployment } from './about.ts';
import type { Context } from './context.ts';
import { changeNamed, personNamed, requireRole } from './find.ts';
import { redraw } from './outgoing.ts';

/** Those who may steer what runs in production. */
export const steerers = (context: Context): readonly string[] => [
  ...new Set(['operations', ...context.policy().releaseManagers]),
];

/** A deployment by its own name or by that of its change, held until the transaction ends. */
const deploymentNamed = async (tx: Tx, name: string): Promise<Deployment> => {
  const byChange = /^chg/i.test(name.trim());
  const id = byChange
    ? (await deploymentOfChange(tx.db, (await changeNamed(tx, name, 'read')).id))?.id
    : deploymentNumber(name);
  const deployment = id === undefined ? undefined : await lockDeployment(tx.db, id);
  return deployment ?? refuse({ code: 'unknown-deployment', facts: { deployment: name } });
};

export const steer = (
  context: Context,
  cause: Cause,
  name: string,
  what: string,
  act: (tx: Tx, deployment: Deployment) => Promise<void>,
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    personNamed(context.policy(), cause.actor);
    requireRole(context.policy(), cause.actor, steerers(context), what);
    const deployment = await deploymentNamed(tx, name);
    await act(tx, deployment);
    await redraw(tx, context, [changeName(deployment.change), deployment.train]);
    tx.afterCommit(() =>
      context.bell.ring('run-deployment', { id: deployment.id }, { key: `${deployment.fence}` }),
    );
  });

/**
 * What was deployed is undone, step by step in reverse, and before it whatever depends on it, the last one first. Never
 * blocked by a window, a freeze or a signature (L9). `alone`: what depends on it stays.
 */
export const rollBackDeployment = (
  context: Context,
  cause: Cause,
  order: { readonly deployment: string; readonly reason?: string; readonly alone?: boolean },
): Promise<void> =>
  steer(context, cause, order.deployment, 'roll back', async (tx, deployment) => {
    const { state } = deployment;
    const name = deploymentName(deployment.id);
    if (!isDeployed(state) && !isBetween(state) && state !== 'failed' && state !== 'running')
      refuse({ code: 'nothing-to-roll-back', facts: { deployment: name, state } });
    const later = await deployedOver(tx.db, deployment);
    if (later)
      refuse({
        code: 'deployed-over',
        facts: { deployment: name, by: deploymentName(later.id) },
        next: `deploy rollback ${deploymentName(later.id)}`,
      });
    if (order.alone !== true) await rollBackDependents(tx, context, deployment);
    await turn(tx, context, deployment, order.reason ?? `asked for by ${cause.actor}`, 'rolling-back');
  });

/** They are turned back in one go; `run-deployment` sees to it that none is undone under one that still needs it. */
const rollBackDependents = async (tx: Tx, context: Context, deployment: Deployment): Promise<void> => {
  const all = await deploymentsOf(tx.db, deployment.train);
  const ids = dependentsOf(context.policy(), deployment, all).map(({ id }) => id);
  for (const id of ids.toSorted((a, b) => a - b)) {
    const other = await lockDeployment(tx.db, id);
    if (other === undefined || other.state === 'undoing') continue;
    if (!isDeployed(other.state) && !isBetween(other.state) && other.state !== 'running') continue;
    if ((await deployedOver(tx.db, other)) !== undefined) continue;
    await turn(tx, context, other, `goes with ${deployment.service}`, 'rolling-back');
    await redraw(tx, context, [changeName(other.change)]);
    tx.afterCommit(() => context.bell.ring('run-deployment', { id }, { key: `${other.fence}` }));
  }
};

/** Stops the step that runs, then undoes. */
export const abortDeployment = (
  context: Context,
  cause: Cause,
  order: { readonly deployment: string; readonly reason?: string },
): Promise<void> =>
  steer(context, cause, order.deployment, 'abort', async (tx, deployment) => {
    if (deployment.state !== 'running' && !isBetween(deployment.state))
      refuse({
        code: 'not-running',
        facts: { deployment: deploymentName(deployment.id), state: deployment.state },
      });
    await halt(tx, context, deployment, order.reason ?? `stopped by ${cause.actor}`);
  });

/**
 * The step that runs is stopped by the instance that holds it, be it another one; then what was done is undone. Nobody
 * waits for that here. The caller holds the deployment.
 */
export const halt = async (
  tx: Tx,
  context: Context,
  deployment: Deployment,
  reason: string,
): Promise<void> => {
  await turn(tx, context, deployment, reason, 'aborted');
  await askToStop(tx.db, deployment.id, tx.cause.at);
};

export const turn = async (
  tx: Tx,
  context: Context,
  deployment: Deployment,
  reason: string,
  kind: 'rolling-back' | 'aborted',
): Promise<void> => {
  // An undo that failed is tried once more: that is what was asked for.
  const undoAttempt = deployment.undoAttempt + (deployment.state === 'failed' ? 1 : 0);
  await updateDeployment(tx.db, deployment.id, {
    state: 'undoing',
    hold: null,
    keptUntil: null,
    reason,
    undoAttempt,
  });
  await updateChange(tx.db, deployment.change, { state: 'deploying' });
  tx.record({ kind, ...aboutDeployment(deployment), facts: { reason, person: tx.cause.actor } });
  context.log.info({ deployment: deployment.id, kind }, 'deployment turned back');
};

/** A person has looked and says what became of the step that nobody could know about (L2). */
export const resolveStep = (
  context: Context,
  cause: Cause,
  answer: { readonly deployment: string; readonly outcome: 'succeeded' | 'failed' },
): Promise<void> =>
  steer(context, cause, answer.deployment, 'resolve', async (tx, deployment) => {
    const runs = await stepRunsOf(tx.db, deployment.id);
    const open = runs.find((run) => run.state === 'unknown');
    if (deployment.state !== 'asking' || !open)
      return refuse({
        code: 'nothing-to-resolve',
        facts: { deployment: deploymentName(deployment.id), state: deployment.state },
      });
    await finishStepRun(tx.db, open.id, {
      state: answer.outcome,
      exitCode: null,
      tail: open.tail,
      reason: `${cause.actor} says that it ${answer.outcome}`,
      finishedAt: cause.at,
    });
    const onward = deployment.plan.steps[open.step]?.part === 'refresh' ? 'refreshing' : 'running';
    await updateDeployment(tx.db, deployment.id, {
      state: open.direction === 'do' && !isTurned(deployment) ? onward : 'undoing',
    });
    tx.record({
      kind: 'step-resolved',
      ...aboutDeployment(deployment),
      outcome: answer.outcome,
      facts: { step: deployment.plan.steps[open.step]?.name ?? '', person: cause.actor },
    });
  });

/** A reason is written when a deployment turns back, never before. */
const isTurned = (deployment: Deployment): boolean => deployment.reason !== null;

/** `paused`: nothing of the train starts; what runs goes on. */
export const pauseTrain = (
  context: Context,
  cause: Cause,
  order: { readonly train: string; readonly paused: boolean },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    personNamed(context.policy(), cause.actor);
    requireRole(context.policy(), cause.actor, steerers(context), order.paused ? 'pause' : 'resume');
    const state = await lockTrain(tx.db, order.train, 'update');
    if (!state) return refuse({ code: 'unknown-train', facts: { train: order.train } });
    if (state.paused === order.paused)
      return refuse({ code: order.paused ? 'already-paused' : 'not-paused', facts: { train: order.train } });
    await updateTrain(tx.db, order.train, { paused: order.paused });
    tx.record({
      kind: order.paused ? 'paused' : 'resumed',
      train: order.train,
      facts: { person: cause.actor },
    });
    await redraw(tx, context, [order.train]);
    tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: order.train }));
  });
