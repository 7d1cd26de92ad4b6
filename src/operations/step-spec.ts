import { changeName, deploymentName } from '../domain/change.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Move } from '../domain/next-move.ts';
import { fillRun } from '../domain/placeholders.ts';
import type { LiveQuery, Run, StepRule } from '../domain/policy.ts';
import { runName } from '../domain/run-name.ts';
import type { StepSpec } from '../executors/executor.ts';
import { findChange } from '../store/changes.ts';
import { previousArtifact } from '../store/deployments.ts';
import type { Context } from './context.ts';

/** What an executor gets to do a step: the run with its placeholders filled, and its surroundings. */
export const specOf = async <R extends Run | LiveQuery>(
  context: Context,
  deployment: Deployment,
  rule: Pick<StepRule, 'name' | 'phase'>,
  run: R,
  move: Pick<Extract<Move, { kind: 'start' }>, 'direction' | 'attempt'>,
): Promise<Omit<StepSpec, 'run'> & { readonly run: R }> => {
  const [change, previous = ''] = await context.store.reading((db) =>
    Promise.all([findChange(db, deployment.change), previousArtifact(db, deployment.service, deployment.id)]),
  );
  const identity = {
    deployment: deploymentName(deployment.id),
    attempt: move.attempt,
    step: rule.name,
    direction: move.direction,
    fence: deployment.fence,
  };
  const phase = rule.phase === undefined ? undefined : deployment.plan.phases?.[rule.phase];
  const values = {
    service: deployment.service,
    version: change?.version ?? '',
    artifact: deployment.artifact,
    previous,
    change: changeName(deployment.change),
    deployment: deploymentName(deployment.id),
    environment: context.policy().environments.at(-1) ?? 'production',
    strategy: deployment.plan.strategy,
    run: runName(identity),
    group: phase?.group ?? '',
    percent: phase?.percent === undefined ? '' : String(phase.percent),
    'new-side': deployment.sides?.new ?? '',
    'old-side': deployment.sides?.old ?? '',
  };
  const names = Object.entries(values).map(
    ([name, value]) => [`SIGNALBOX_${name.toUpperCase().replace('-', '_')}`, value] as const,
  );
  return {
    ...identity,
    run: fillRun(run, values),
    cwd: context.workFolder,
    env: { ...context.stepEnvironment, ...Object.fromEntries(names), SIGNALBOX_STEP: rule.name },
  };
};
