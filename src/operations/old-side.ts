import { changeName, deploymentName } from '../domain/change.ts';
import { shortfalls } from '../domain/claims.ts';
import type { Deployment } from '../domain/deployment.ts';
import { minute } from '../domain/time.ts';
import { contains, freezeIntervals } from '../domain/window.ts';
import {
  deployedOver,
  liveDeployments,
  lockDeployment,
  lockGate,
  updateDeployment,
} from '../store/deployments.ts';
import { stepRunsOf } from '../store/step-runs.ts';
import type { Tx } from '../store/store.ts';
import { aboutDeployment } from './about.ts';
import type { Context } from './context.ts';
import { arm, channel, redraw, tell } from './outgoing.ts';
import { raiseIn } from './raise-page.ts';

/** The new side is live. The old one stays as it was for as long as was agreed: a rollback is a switch back. */
export const keepOldSide = async (tx: Tx, context: Context, { id, plan }: Deployment): Promise<void> => {
  if (!plan.steps.some(({ part }) => part === 'refresh')) return;
  const keptUntil = new Date(tx.cause.at.getTime() + (plan.keepOldSide ?? 0));
  await updateDeployment(tx.db, id, { keptUntil });
  await arm(tx, context, { kind: 'old-side', deployment: id }, keptUntil);
};

/**
 * Brings the old side up to date once its time is over: not in a freeze, not past what the resources have, and not at
 * all when something newer is being deployed to that side, or the deployment was rolled back.
 */
export const oldSideDue = async (tx: Tx, context: Context, id: number): Promise<void> => {
  await lockGate(tx.db);
  const deployment = await lockDeployment(tx.db, id);
  if (deployment?.state !== 'succeeded' || deployment.keptUntil === null) return;
  if ((await deployedOver(tx.db, deployment)) !== undefined) {
    await updateDeployment(tx.db, id, { keptUntil: null });
    return;
  }
  const later = await notBefore(tx, context, deployment);
  if (later !== undefined) {
    await updateDeployment(tx.db, id, { keptUntil: later });
    await arm(tx, context, { kind: 'old-side', deployment: id }, later);
    return;
  }
  await updateDeployment(tx.db, id, { state: 'refreshing', keptUntil: null });
  await redraw(tx, context, [changeName(deployment.change), deployment.train]);
  tx.afterCommit(() => context.bell.ring('run-deployment', { id }, { key: `old-side-${deployment.fence}` }));
};

const notBefore = async (tx: Tx, context: Context, deployment: Deployment): Promise<Date | undefined> => {
  const policy = context.policy();
  const now = tx.cause.at;
  const frozen = freezeIntervals(policy).find((interval) => contains(interval, now));
  if (frozen !== undefined) return frozen.until;
  const live = await liveDeployments(tx.db);
  const holders = live.map((d) => ({ name: deploymentName(d.id), claims: d.plan.claims ?? {} }));
  const isShort = shortfalls(deployment.plan.claims ?? {}, policy.resources, holders).length > 0;
  const isBusy = live.some((d) => d.service === deployment.service);
  return isShort || isBusy ? new Date(context.clock.now().getTime() + minute) : undefined;
};

/** `step`: the one that failed. Customers are on the other side, so nothing is undone; somebody has to look. */
export const finishRefresh = async (
  tx: Tx,
  context: Context,
  deployment: Deployment,
  step: number | undefined,
): Promise<void> => {
  await updateDeployment(tx.db, deployment.id, { state: 'succeeded' });
  const failed = step === undefined ? undefined : deployment.plan.steps[step]?.name;
  tx.record({
    kind: 'old-side-refreshed',
    ...aboutDeployment(deployment),
    outcome: failed === undefined ? 'succeeded' : 'failed',
    facts: { side: deployment.sides?.old ?? '', ...(failed === undefined ? {} : { step: failed }) },
  });
  // What waited for a hand or a resource, or for the service.
  tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: deployment.train }));
  if (failed === undefined) return;
  const run = (await stepRunsOf(tx.db, deployment.id)).findLast((one) => one.step === step);
  const name = deploymentName(deployment.id);
  const side = deployment.sides?.old ?? 'the old side';
  await raiseIn(tx, context, 'signalbox', [
    {
      key: `${name}/old-side`,
      recurs: false,
      severity: 'warning',
      summary: `${name} of ${deployment.service} is in production, but ${side} could not be brought up to date`,
      service: deployment.service,
      details: { Step: `${failed}: ${run?.reason ?? 'failed'}` },
      startedAt: tx.cause.at,
    },
  ]);
  await tell(tx, context, [
    {
      to: channel(context, context.policy(), 'releases'),
      notice: {
        kind: 'old-side-failed',
        deployment: name,
        change: changeName(deployment.change),
        service: deployment.service,
        side: deployment.sides?.old ?? '',
        reason: `${failed}: ${run?.reason ?? 'failed'}`,
        tail: (run?.tail ?? '').split('\n').slice(-8).join('\n'),
      },
    },
  ]);
};
