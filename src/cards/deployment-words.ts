import type { Button, Mark, Text, Tone } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import { deploymentName } from '../domain/change.ts';
import type { DeploymentState } from '../domain/deployment.ts';
import { isTransient } from '../domain/gate.ts';
import type { DeploymentView } from '../domain/view.ts';
import { button, resolveButtons } from './buttons.ts';
import { clip, clockTime, duration } from './words.ts';

/** What a deployment is doing, after its name: `DEP-4 is running`. */
export const doing = ({ deployment }: DeploymentView): string => {
  switch (deployment.state) {
    case 'queued':
      return deployment.hold && !isTransient(deployment.hold) ? 'is held' : 'waits for its turn';
    case 'running':
      return 'is running';
    case 'undoing':
      return 'is being rolled back';
    case 'asking':
      return 'needs an answer';
    case 'succeeded':
      return 'is done';
    case 'rolled-back':
      return 'was rolled back';
    case 'failed':
      return 'failed and is not undone';
    case 'cancelled':
      return 'was cancelled';
    default:
      return assertNever(deployment.state);
  }
};

export const deploymentTone = ({ deployment }: DeploymentView): Tone => {
  switch (deployment.state) {
    case 'succeeded':
      return 'good';
    case 'asking':
    case 'failed':
    case 'rolled-back':
      return 'bad';
    case 'undoing':
      return 'warning';
    case 'queued':
      return deployment.hold && !isTransient(deployment.hold) ? 'warning' : 'neutral';
    case 'running':
    case 'cancelled':
      return 'neutral';
    default:
      return assertNever(deployment.state);
  }
};

const marks: Readonly<Record<DeploymentState, Mark>> = {
  queued: 'waiting',
  running: 'running',
  undoing: 'running',
  asking: 'missing',
  succeeded: 'done',
  'rolled-back': 'failed',
  failed: 'failed',
  cancelled: 'none',
};

export const deploymentMark = ({ deployment }: DeploymentView): Mark => marks[deployment.state];

/** ` · started 22:05, 5 min ago`, ` · 22:05 to 22:10, 5 min` */
const times = ({ deployment: { startedAt, finishedAt }, now }: DeploymentView): Text => {
  if (startedAt === null) return [];
  if (finishedAt === null)
    return [' · started ', clockTime(startedAt), `, ${duration(now.getTime() - startedAt.getTime())} ago`];
  const took = duration(finishedAt.getTime() - startedAt.getTime());
  return [' · ', clockTime(startedAt), ' to ', clockTime(finishedAt), `, ${took}`];
};

/** One line on a change's card: `DEP-4 was rolled back · 22:05 to 22:10, 5 min · switch: exit code 3`. */
export const deploymentLine = (view: DeploymentView): Text => {
  const { reason, id } = view.deployment;
  return [
    bold(deploymentName(id)),
    ` ${doing(view)}`,
    ...times(view),
    ...(reason === null || reason === '' ? [] : [` · ${reasonWords(reason)}`]),
  ];
};

/** What may be done with it now; each press is authorised again (L7). */
export const deploymentButtons = ({ deployment }: DeploymentView, named = false): readonly Button[] => {
  const name = deploymentName(deployment.id);
  switch (deployment.state) {
    case 'running':
      return [button('deploy abort', name, named)];
    case 'asking':
      return resolveButtons(name, named);
    case 'succeeded':
    case 'failed':
      return [button('deploy rollback', name, named)];
    case 'queued':
    case 'undoing':
    case 'rolled-back':
    case 'cancelled':
      return [];
    default:
      return assertNever(deployment.state);
  }
};

/** The step that is under way, or that nobody knows about. */
export const currentStep = ({ deployment, runs }: DeploymentView): string | undefined => {
  const open = runs.find((run) => run.state === 'running' || run.state === 'unknown');
  return open && deployment.plan.steps[open.step]?.name;
};

/** A reason as operations write it: `switch: timeout`. */
export const reasonWords = (reason: string): string =>
  clip(reason.replace(/: timeout$/, ': it took too long'), 300);

/** As much of a failure's output as a message holds. */
export const manyLines = (output: string): string =>
  output.trimEnd().split('\n').slice(-40).join('\n').slice(-1_500);

/** As much output as one reads. */
export const lastLines = (output: string): string =>
  output.trimEnd().split('\n').slice(-10).join('\n').slice(-1_500);
