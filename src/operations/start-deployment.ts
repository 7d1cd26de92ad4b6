import { canonicalJson } from '../domain/canonical-json.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Excuse } from '../domain/excuse.ts';
import { isTransient, mostTelling } from '../domain/hold.ts';
import { digestOf, type Judgement, judgementText } from '../domain/judgement.ts';
import { sidesOf } from '../domain/live-side.ts';
import type { Policy } from '../domain/policy.ts';
import type { Train } from '../domain/train.ts';
import { windowState } from '../domain/window.ts';
import { updateChange } from '../store/changes.ts';
import { updateDeployment } from '../store/deployments.ts';
import { insertJudgement } from '../store/judgements.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { useException } from './use-exception.ts';

/**
 * L1: the only way from `queued` to `running`. The caller holds the train's row; `excuses` are the gate's, judged in
 * this transaction at `now`. None: the deployment starts with the commit. Otherwise it is held, and says why. An
 * emergency is admitted outside of windows, by a gate of its own.
 */
export const startDeployment = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  train: Train,
  deployment: Deployment,
  excuses: readonly Excuse[],
  now: Date,
  judgement: Judgement | undefined,
): Promise<'started' | 'held' | 'as-before'> => {
  const about = {
    train: train.id,
    change: changeName(deployment.change),
    service: deployment.service,
    deployment: deploymentName(deployment.id),
  };
  const hold = mostTelling(excuses, deployment.hold);
  if (hold) {
    // The stored one has its keys in the database's order.
    if (canonicalJson(hold) === canonicalJson(deployment.hold)) return 'as-before';
    const wasHeld = deployment.hold !== null && !isTransient(deployment.hold);
    tx.unawaited(updateDeployment(tx.db, deployment.id, { hold }));
    if (!isTransient(hold))
      tx.record({ kind: 'held', ...about, outcome: hold.code, facts: { excuse: hold } });
    else if (wasHeld) tx.record({ kind: 'released', ...about });
    return 'held';
  }
  // What cannot be replayed is not decided (L1).
  if (judgement === undefined) return 'as-before';
  const window = judgement.gate === 'window' ? windowState(policy, train.windows, now) : undefined;
  if (window?.open === false) return 'as-before';
  const sides = deployment.plan.sides && sidesOf(deployment.plan.sides, judgement.situation.liveSide);
  const inputs = judgementText(judgement);
  const digest = digestOf(inputs);
  tx.unawaited(insertJudgement(tx.db, { deployment: deployment.id, inputs, digest, at: now }));
  tx.unawaited(
    updateDeployment(tx.db, deployment.id, {
      state: 'running',
      hold: null,
      startedAt: now,
      ...(sides === undefined ? {} : { sides }),
      ...(window === undefined ? {} : { windowOpens: window.window.opens }),
    }),
  );
  tx.unawaited(updateChange(tx.db, deployment.change, { state: 'deploying' }));
  await useException(tx, context, policy, train, deployment.change);
  tx.record({
    kind: 'deployment-started',
    ...about,
    facts: {
      artifact: deployment.artifact,
      wave: deployment.wave,
      judgement: digest,
      ...(sides === undefined ? {} : { live: sides.old, side: sides.new }),
      ...(window === undefined
        ? { window: 'emergency' }
        : { window: window.window.name, closes: window.closes.toISOString() }),
    },
  });
  tx.afterCommit(() => context.bell.ring('run-deployment', { id: deployment.id }));
  return 'started';
};
