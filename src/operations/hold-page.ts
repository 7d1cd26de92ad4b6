import { deploymentName } from '../domain/change.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Severity } from '../domain/oncall.ts';
import { isAsUrgent } from '../domain/page.ts';
import type { Policy } from '../domain/policy.ts';
import { minute } from '../domain/time.ts';
import { trainById } from '../domain/train.ts';
import { windowState } from '../domain/window.ts';
import { liveDeployments } from '../store/deployments.ts';
import { livePages, updatePage } from '../store/pages.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { setOff } from './move-page.ts';

/** Outside of any window a deployment holds alerts for so long. */
const longestHoldMs = 30 * minute;

export interface Hold {
  /** `DEP-4` */
  readonly deployment: string;
  readonly until: Date;
}

/** While its service is being deployed, an alert that is not urgent waits: at the longest until the window ends. */
export const heldBy = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  service: string | null,
  severity: Severity,
): Promise<Hold | undefined> => {
  if (service === null || isAsUrgent(severity, policy.oncall.urgent)) return undefined;
  const deployment = (await liveDeployments(tx.db)).find((one) => one.service === service);
  if (deployment === undefined) return undefined;
  const now = context.clock.now();
  const train = trainById(policy, deployment.train);
  const window = train && windowState(policy, train.windows, now);
  return {
    deployment: deploymentName(deployment.id),
    until: window?.open === true ? window.closes : new Date(now.getTime() + longestHoldMs),
  };
};

/** The deployment is over: what still fires after a while, in which alerts end by themselves, is paged. */
export const releaseHeld = async (
  tx: Tx,
  context: Context,
  { id }: Pick<Deployment, 'id'>,
): Promise<void> => {
  const settled = new Date(context.clock.now().getTime() + context.policy().oncall.settle);
  for (const page of await livePages(tx.db, { subject: deploymentName(id), states: ['held'] })) {
    if (page.dueAt === null || page.dueAt <= settled) continue;
    await setOff(
      tx,
      context,
      await updatePage(tx.db, page.id, { dueAt: settled, armedAt: context.clock.now() }),
    );
  }
};
