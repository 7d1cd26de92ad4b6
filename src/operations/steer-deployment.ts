import { changeName, deploymentName, deploymentNumber } from '../domain/change.ts';
import type { Deployment } from '../domain/deployment.ts';
import { refuse } from '../domain/refusal.ts';
import { updateChange } from '../store/changes.ts';
import { deployedOver, deploymentOfChange, lockDeployment, updateDeployment } from '../store/deployments.ts';
import { askToStop, finishStepRun, stepRunsOf } from '../store/step-runs.ts';
import type { Cause, Tx } from '../store/store.ts';
import { lockTrain, updateTrain } from '../store/trains.ts';
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

const steer = (
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

const about = (deployment: Deployment) => ({
  train: deployment.train,
  change: changeName(deployment.change),
  service: deployment.service,
  deployment: deploymentName(deployment.id),
});

/** What was deployed is undone, step by step in reverse. Never blocked by a window, a freeze or a signature (L9). */
export const rollBackDeployment = (
  context: Context,
  cause: Cause,
  order: { readonly deployment: string; readonly reason?: string },
): Promise<void> =>
  steer(context, cause, order.deployment, 'roll back', async (tx, deployment) => {
    if (deployment.state !== 'succeeded' && deployment.state !== 'failed' && deployment.state !== 'running')
      refuse({
        code: 'nothing-to-roll-back',
        facts: { deployment: deploymentName(deployment.id), state: deployment.state },
      });
    const later = await deployedOver(tx.db, deployment);
    if (later)
      refuse({
        code: 'deployed-over',
        facts: { deployment: deploymentName(deployment.id), by: deploymentName(later.id) },
        next: `deploy rollback ${deploymentName(later.id)}`,
      });
    await turn(tx, context, deployment, order.reason ?? `asked for by ${cause.actor}`, 'rolling-back');
  });

/** Stops the step that runs, then undoes. */
export const abortDeployment = (
  context: Context,
  cause: Cause,
  order: { readonly deployment: string; readonly reason?: string },
): Promise<void> =>
  steer(context, cause, order.deployment, 'abort', async (tx, deployment) => {
    if (deployment.state !== 'running')
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

const turn = async (
  tx: Tx,
  context: Context,
  deployment: Deployment,
  reason: string,
  kind: 'rolling-back' | 'aborted',
): Promise<void> => {
  // An undo that failed is tried once more: that is what was asked for.
  const undoAttempt = deployment.undoAttempt + (deployment.state === 'failed' ? 1 : 0);
  await updateDeployment(tx.db, deployment.id, { state: 'undoing', reason, undoAttempt });
  await updateChange(tx.db, deployment.change, { state: 'deploying' });
  tx.record({ kind, ...about(deployment), facts: { reason, person: tx.cause.actor } });
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
    await updateDeployment(tx.db, deployment.id, {
      state: open.direction === 'do' && !isTurned(deployment) ? 'running' : 'undoing',
    });
    tx.record({
      kind: 'step-resolved',
      ...about(deployment),
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
