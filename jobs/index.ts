import type { Platform, PlatformName } from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { deliverNoticesJob } from './deliver-notices.ts';
import { dispatchDeploymentsJob } from './dispatch-deployments.ts';
import { refreshCardJob } from './refresh-card.ts';
import { ringDeadlineJob } from './ring-deadline.ts';
import { ringPageJob } from './ring-page.ts';
import { runDeploymentJob, runDeploymentLost } from './run-deployment.ts';
import { sendPageJob } from './send-page.ts';
import { sweepJob } from './sweep.ts';

/** What the queue's workers run, by job name. */
export const createJobs = (context: Context, platforms: ReadonlyMap<PlatformName, Platform>) => ({
  'ring-deadline': ringDeadlineJob(context),
  'dispatch-deployments': dispatchDeploymentsJob(context),
  'run-deployment': runDeploymentJob(context),
  'ring-page': ringPageJob(context),
  'send-page': sendPageJob(context, platforms),
  sweep: sweepJob(context),
  'deliver-notices': deliverNoticesJob(context, platforms),
  'refresh-card': refreshCardJob(context, platforms),
});

/** What becomes of jobs that the queue will not run again; the others are rung by the sweep. */
export const createLossHandlers = (context: Context) => ({
  'run-deployment': runDeploymentLost(context),
});
