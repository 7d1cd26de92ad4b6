import { changeName, deploymentName } from '../domain/change.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Recorded } from '../store/store.ts';

/** What every entry of the record about a deployment names. */
export const aboutDeployment = (
  deployment: Deployment,
): Pick<Recorded, 'train' | 'change' | 'service' | 'deployment'> => ({
  train: deployment.train,
  change: changeName(deployment.change),
  service: deployment.service,
  deployment: deploymentName(deployment.id),
});
