import type { Context } from '../src/operations/context.ts';
import { dispatchDeployments } from '../src/operations/dispatch-deployments.ts';

export const dispatchDeploymentsJob =
  (context: Context) =>
  ({ train }: { readonly train: string }): Promise<void> =>
    dispatchDeployments(context, train);
