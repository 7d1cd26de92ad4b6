import { canonicalJson } from '../domain/canonical-json.ts';
import { rulesFor } from '../domain/case.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import { emergencyGate } from '../domain/gate.ts';
import type { Policy } from '../domain/policy.ts';
import type { Train } from '../domain/train.ts';
import { loadCase } from '../store/cases.ts';
import { listChanges } from '../store/changes.ts';
import {
  cancelQueued,
  deploymentOfChange,
  insertDeployment,
  liveDeployments,
  lockGate,
} from '../store/deployments.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import type { LiveSides } from './live-side.ts';
import { startDeployment } from './start-deployment.ts';

/**
 * Starts the emergencies that are written down with this train and may start: at any hour, in any freeze, beside
 * whatever runs, but never without their papers and seats, and never beside a deployment of the same service or of one that
 * holds what they claim (L1).
 * The caller holds the train's row. Returns the names of the changes that show something else now.
 */
export const dispatchEmergencies = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  train: Train,
  { answers, unasked }: LiveSides,
): Promise<readonly string[]> => {
  const touched: string[] = [];
  const waiting = await listChanges(tx.db, { train: train.id, states: ['boarded'], lock: true });
  const emergencies = waiting.filter(({ type }) => type === 'emergency');
  // What is claimed is judged by one train at a time.
  if (emergencies.length > 0) await lockGate(tx.db);
  for (const change of emergencies) {
    const plan = rulesFor(change, policy)?.plan;
    if (plan === undefined || change.artifact === null) continue;
    const subject = await loadCase(tx.db, change);
    const live = await liveDeployments(tx.db);
    const busy = live.find((d) => d.service === change.service && d.change !== change.id);
    const known = await deploymentOfChange(tx.db, change.id);
    const situation = {
      subject,
      policy,
      train,
      busyWith: busy === undefined ? null : deploymentName(busy.id),
      plan,
      holders: live
        .filter((d) => d.change !== change.id)
        .map((d) => ({ name: deploymentName(d.id), claims: d.plan.claims ?? {} })),
      now: tx.cause.at,
    };
    // What lacks papers is not planned yet; its card says what is missing.
    if (emergencyGate(situation).some(({ requirement }) => requirement !== undefined)) continue;
    const planned =
      known?.state === 'queued' &&
      known.artifact === change.artifact &&
      canonicalJson(known.plan) === canonicalJson(plan)
        ? known
        : undefined;
    if (planned === undefined) await cancelQueued(tx.db, [change.id], tx.cause.at);
    const deployment =
      planned ??
      (await insertDeployment(tx.db, {
        change: change.id,
        train: train.id,
        service: change.service,
        artifact: change.artifact,
        plan,
        wave: 0,
        position: 0,
        unit: change.id,
        queuedAt: tx.cause.at,
      }));
    if (!deployment) continue;
    if (planned === undefined)
      tx.record({
        kind: 'planned',
        train: train.id,
        change: changeName(change.id),
        service: change.service,
        deployment: deploymentName(deployment.id),
        facts: { emergency: true },
      });
    const judged = { ...situation, liveSide: answers.get(deployment.id) };
    const excuses = emergencyGate(judged);
    if (plan.sides !== undefined && judged.liveSide === undefined && excuses.length === 1) {
      unasked.set(deployment.id, deployment);
      if (planned === undefined) touched.push(changeName(change.id));
      continue;
    }
    const outcome = await startDeployment(tx, context, policy, train, deployment, excuses, tx.cause.at, {
      gate: 'emergency',
      situation: judged,
    });
    if (planned === undefined || outcome !== 'as-before') touched.push(changeName(change.id));
  }
  return touched;
};
