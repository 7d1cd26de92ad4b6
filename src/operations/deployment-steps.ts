import { changeName, deploymentName } from '../domain/change.ts';
import { type Deployment, isAtWork, isBetween, isDeployed, type StepRun } from '../domain/deployment.ts';
import type { Move } from '../domain/next-move.ts';
import { dependencyOrder } from '../domain/plan.ts';
import { findChange, updateChange } from '../store/changes.ts';
import { deployedOver, deploymentsOf, lockDeployment, updateDeployment } from '../store/deployments.ts';
import { finishStepRun, insertStepRun, removeStepRun, stepRunsOf } from '../store/step-runs.ts';
import type { Tx } from '../store/store.ts';
import { aboutDeployment } from './about.ts';
import { type Context, clockActor } from './context.ts';
import { expectReading } from './expect-reading.ts';
import { releaseHeld } from './hold-page.ts';
import { finishRefresh, keepOldSide } from './old-side.ts';
import { channel, redraw, tell } from './outgoing.ts';
import { type Firing, raiseIn } from './raise-page.ts';
import { wake } from './wake.ts';

/** Each of these is one transaction that first makes sure that the caller still holds the deployment (L2). */
export const fenced = <T>(
  context: Context,
  deployment: Deployment,
  work: (tx: Tx, current: Deployment) => Promise<T>,
): Promise<T | undefined> =>
  context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) => {
    const current = await lockDeployment(tx.db, deployment.id);
    if (!current || current.fence !== deployment.fence || !isAtWork(current.state)) return undefined;
    const result = await work(tx, current);
    await redraw(tx, context, [changeName(current.change), current.train]);
    return result;
  });

const stepName = (deployment: Deployment, step: number): string =>
  deployment.plan.steps[step]?.name ?? String(step);

/** Undefined when somebody else has taken the deployment over, or has turned it back meanwhile: start nothing. */
export const beginStep = (
  context: Context,
  deployment: Deployment,
  move: Extract<Move, { kind: 'start' }>,
  handle: Readonly<Record<string, string>>,
): Promise<StepRun | undefined> =>
  fenced(context, deployment, async (tx, current) => {
    if (current.state !== deployment.state) return undefined;
    const { step, direction, attempt } = move;
    tx.record({
      kind: 'step-started',
      ...aboutDeployment(current),
      facts: { step: stepName(current, step), direction, attempt },
    });
    return insertStepRun(tx.db, {
      deployment: current.id,
      step,
      direction,
      attempt,
      fence: current.fence,
      handle,
      startedAt: tx.cause.at,
    });
  });

/** Whether the caller goes on. */
export const endStep = async (
  context: Context,
  deployment: Deployment,
  run: StepRun,
  result: {
    readonly state: 'succeeded' | 'failed' | 'stopped' | 'unknown';
    readonly exitCode: number | null;
    readonly tail: string;
    readonly reason: string | null;
  },
): Promise<boolean> =>
  (await fenced(context, deployment, async (tx, current) => {
    await finishStepRun(tx.db, run.id, { ...result, finishedAt: tx.cause.at });
    tx.record({
      kind: result.state === 'unknown' ? 'step-unknown' : 'step-finished',
      ...aboutDeployment(current),
      outcome: result.state,
      facts: {
        step: stepName(current, run.step),
        direction: run.direction,
        exitCode: result.exitCode,
        reason: result.reason,
      },
    });
    return true;
  })) ?? false;

/** The executor is certain that the step never ran and never will under this handle. */
export const forgetStep = async (context: Context, deployment: Deployment, run: StepRun): Promise<void> => {
  await fenced(context, deployment, async (tx, current) => {
    await removeStepRun(tx.db, run.id);
    tx.record({
      kind: 'step-finished',
      ...aboutDeployment(current),
      outcome: 'never-started',
      facts: { step: stepName(current, run.step), direction: run.direction },
    });
  });
};

/** `because`: it was not even begun. */
export const turnBack = async (
  context: Context,
  deployment: Deployment,
  step: number,
  because?: string,
): Promise<void> => {
  await fenced(context, deployment, async (tx, current) => {
    // Whoever turned it back meanwhile has said why.
    if (current.state !== 'running') return;
    const failed = (await stepRunsOf(tx.db, current.id)).findLast(
      (run) => run.step === step && run.direction === 'do',
    );
    const reason = `${stepName(current, step)}: ${because ?? failed?.reason ?? 'failed'}`;
    await updateDeployment(tx.db, current.id, { state: 'undoing', reason });
    tx.record({
      kind: 'rolling-back',
      ...aboutDeployment(current),
      facts: { step: stepName(current, step), reason },
    });
  });
};

/** Nobody can know what became of the step but a person who looks. Nothing is run until one has said it. */
export const askAbout = async (context: Context, deployment: Deployment, run: StepRun): Promise<void> => {
  await fenced(context, deployment, async (tx, current) => {
    await updateDeployment(tx.db, current.id, { state: 'asking' });
    await tell(tx, context, [
      {
        to: channel(context, context.policy(), 'releases'),
        notice: {
          kind: 'step-unknown',
          deployment: deploymentName(current.id),
          service: current.service,
          step: stepName(current, run.step),
          reason: run.reason ?? '',
        },
      },
    ]);
    // It needs no hand any more.
    await wake(tx, context);
  });
};

export const finishDeployment = async (
  context: Context,
  deployment: Deployment,
  as: 'succeeded' | 'rolled-back' | 'failed',
  step?: number,
): Promise<void> => {
  await fenced(context, deployment, async (tx, current) => {
    if (current.state === 'refreshing') return finishRefresh(tx, context, current, step);
    const undone = step === undefined ? [] : [`undo of ${stepName(current, step)} failed`];
    const reason = [...(current.reason === null ? [] : [current.reason]), ...undone].join('; ');
    await updateDeployment(tx.db, current.id, {
      state: as,
      finishedAt: tx.cause.at,
      ...(as === 'succeeded' ? {} : { reason }),
    });
    if (as === 'succeeded') await keepOldSide(tx, context, current);
    await updateChange(tx.db, current.change, { state: as === 'succeeded' ? 'deployed' : as });
    if (as !== 'failed') await expectReading(tx, context, current, as);
    tx.record({
      kind: as === 'rolled-back' ? 'rolled-back' : 'deployment-finished',
      ...aboutDeployment(current),
      outcome: as,
      facts: { reason },
    });
    await releaseHeld(tx, context, current);
    if (as !== 'succeeded') {
      await turnSiblingsBack(tx, context, current);
      await letGoOn(tx, context, current);
      const broken = (await stepRunsOf(tx.db, current.id)).filter(
        (run) => run.state === 'failed' || run.state === 'stopped',
      );
      const tail = broken.at(-1)?.tail ?? '';
      // What a person has ordered wakes nobody, unless it went wrong.
      if (as === 'failed' || broken.some(({ state, reason: why }) => state === 'failed' || why === 'timeout'))
        await raiseIn(tx, context, 'signalbox', [await failureOf(tx, context, current, as, reason, tail)]);
      await tell(tx, context, [
        {
          to: channel(context, context.policy(), 'releases'),
          notice: {
            kind: 'deployment-failed',
            deployment: deploymentName(current.id),
            change: changeName(current.change),
            service: current.service,
            outcome: as,
            reason,
            tail: tail.split('\n').slice(-40).join('\n'),
            ...(context.logLink === undefined ? {} : { log: context.logLink(deploymentName(current.id)) }),
            held: await heldBy(tx, context, current),
          },
        },
      ]);
    }
    tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: current.train }));
    // It has left a hand, a service and resources to others, on whatever train.
    await wake(tx, context);
  });
};

/**
 * Whoever is on call for the service is paged, and its owners (or who asked for the change), with what is known. What
 * could not be undone is the more urgent.
 */
const failureOf = async (
  tx: Tx,
  context: Context,
  deployment: Deployment,
  as: 'rolled-back' | 'failed',
  reason: string,
  tail: string,
): Promise<Firing> => {
  const name = deploymentName(deployment.id);
  const change = await findChange(tx.db, deployment.change);
  const owners = context.policy().services.get(deployment.service)?.owners ?? [];
  return {
    key: `${name}/${deployment.undoAttempt}`,
    recurs: false,
    severity: as === 'failed' ? 'critical' : 'error',
    summary:
      as === 'failed'
        ? `${name} of ${deployment.service} failed and could not be undone`
        : `${name} of ${deployment.service} failed and was rolled back`,
    service: deployment.service,
    subject: name,
    people: owners.length > 0 ? owners : change === undefined ? [] : [change.requester],
    details: {
      Change: changeName(deployment.change),
      ...(change === undefined ? {} : { Version: change.version }),
      Train: deployment.train,
      ...(reason === '' ? {} : { Reason: reason }),
      ...(tail === '' ? {} : { Output: tail.split('\n').slice(-4).join('\n') }),
    },
    startedAt: tx.cause.at,
  };
};

/** Services that wait for this one, over any number of steps, and now will not be deployed. */
const heldBy = async (tx: Tx, context: Context, fallen: Deployment): Promise<readonly string[]> => {
  const { services } = context.policy();
  const waiting = (await deploymentsOf(tx.db, fallen.train)).filter(({ state }) => state === 'queued');
  const items = [fallen, ...waiting].map(({ service }) => ({
    service,
    // What can do without goes on.
    dependsOn:
      services.get(service)?.withoutDependency === 'degrade' ? [] : (services.get(service)?.dependsOn ?? []),
  }));
  return dependencyOrder(items).heldBy(fallen.service);
};

/** What it depended on may have waited to be undone until it was. */
const letGoOn = async (tx: Tx, context: Context, { id, train }: Deployment): Promise<void> => {
  for (const other of await deploymentsOf(tx.db, train))
    if (other.id !== id && other.state === 'undoing' && other.runner === null)
      tx.afterCommit(() =>
        context.bell.ring('run-deployment', { id: other.id }, { key: `after-${other.fence}` }),
      );
};

/** One of a dependency cycle is undone: so are the others of its unit, however far they are. */
const turnSiblingsBack = async (tx: Tx, context: Context, fallen: Deployment): Promise<void> => {
  const others = (await deploymentsOf(tx.db, fallen.train)).filter(
    (d) => d.unit === fallen.unit && d.id !== fallen.id,
  );
  for (const other of others) {
    const reason = `goes with ${fallen.service}`;
    // Turned back once a person has said what became of its step.
    if (other.state === 'asking') await updateDeployment(tx.db, other.id, { reason });
    const isIdle = isDeployed(other.state) || isBetween(other.state);
    if (!isIdle && other.state !== 'running') continue;
    // What came over it since cannot be pulled out from under it.
    if (isDeployed(other.state) && (await deployedOver(tx.db, other)) !== undefined) continue;
    await updateDeployment(tx.db, other.id, { state: 'undoing', hold: null, keptUntil: null, reason });
    await updateChange(tx.db, other.change, { state: 'deploying' });
    tx.record({
      kind: 'rolling-back',
      ...aboutDeployment(other),
      facts: { reason: `goes with ${deploymentName(fallen.id)}` },
    });
    if (isIdle) tx.afterCommit(() => context.bell.ring('run-deployment', { id: other.id }));
  }
  await redraw(
    tx,
    context,
    others.map((other) => changeName(other.change)),
  );
};
