import { type Change, deploymentName, deploymentNumber } from '../domain/change.ts';
import { dependentsOf } from '../domain/dependents.ts';
import { type Deployment, isBetween, isDeployed, type StepRun } from '../domain/deployment.ts';
import type { Page } from '../domain/page.ts';
import type { Policy } from '../domain/policy.ts';
import { promoteBy } from '../domain/promotion.ts';
import { refuse } from '../domain/refusal.ts';
import type { DeploymentView } from '../domain/view.ts';
import { findChange, listChanges } from '../store/changes.ts';
import { deploymentOfChange, deploymentsOf, findDeployment, liveDeployments } from '../store/deployments.ts';
import { livePages } from '../store/pages.ts';
import { stepRunsOfAll } from '../store/step-runs.ts';
import type { Context } from './context.ts';
import { changeNamed } from './find.ts';

/** By `DEP-4` or `CHG-17`. */
export const describeDeployment = async (
  context: Context,
  name: string,
  now: Date,
): Promise<DeploymentView> => {
  const { db } = context.store;
  const id = deploymentNumber(name);
  const deployment =
    id !== undefined && /^(dep|\d)/i.test(name.trim())
      ? await findDeployment(db, id)
      : await deploymentOfChange(db, (await changeNamed({ db }, name, 'read')).id);
  const change = deployment && (await findChange(db, deployment.change));
  if (!deployment || !change) return refuse({ code: 'unknown-deployment', facts: { deployment: name } });
  const runs = await stepRunsOfAll(db, [deployment.id]);
  const held = await heldPages(db);
  const others = await deploymentsOf(db, deployment.train);
  return deploymentView(
    context.policy(),
    deployment,
    change,
    { runs: runs.get(deployment.id), held: held(deployment.id), others },
    now,
  );
};

/** What runs in production at this moment, on every train. */
export const describeLive = async (context: Context, now: Date): Promise<readonly DeploymentView[]> => {
  const { db } = context.store;
  const live = await liveDeployments(db);
  const changes = await listChanges(db, { ids: live.map((d) => d.change) });
  const runs = await stepRunsOfAll(
    db,
    live.map((d) => d.id),
  );
  const held = await heldPages(db);
  return live.flatMap((deployment) => {
    const change = changes.find((c) => c.id === deployment.change);
    return change
      ? [
          deploymentView(
            context.policy(),
            deployment,
            change,
            { runs: runs.get(deployment.id), held: held(deployment.id), others: [] },
            now,
          ),
        ]
      : [];
  });
};

export const deploymentView = (
  policy: Policy,
  deployment: Deployment,
  change: Change,
  {
    runs = [],
    held,
    others,
  }: {
    readonly runs: readonly StepRun[] | undefined;
    readonly held: readonly Page[];
    readonly others: readonly Deployment[];
  },
  now: Date,
): DeploymentView => {
  const dependents =
    isDeployed(deployment.state) || isBetween(deployment.state)
      ? dependentsOf(policy, deployment, others)
      : [];
  const by = deployment.state === 'baked' ? promoteBy(policy, deployment, now) : undefined;
  return {
    deployment,
    change,
    runs,
    held,
    ...(by === undefined ? {} : { promoteBy: by }),
    dependents: dependents.map(({ id, service }) => ({ deployment: deploymentName(id), service })),
    now,
  };
};

/** What waits on the card of each deployment. */
export const heldPages = async (
  db: Context['store']['db'],
): Promise<(deployment: number) => readonly Page[]> => {
  const pages = await livePages(db, { states: ['held'] });
  return (deployment) => pages.filter(({ subject }) => subject === deploymentName(deployment));
};
