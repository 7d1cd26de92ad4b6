import type { Button, Mark, Text, Tone } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import { deploymentName } from '../domain/change.ts';
import type { DeploymentState } from '../domain/deployment.ts';
import { isTransient } from '../domain/hold.ts';
import { lastOf } from '../domain/next-move.ts';
import { phaseReached } from '../domain/promotion.ts';
import type { DeploymentView } from '../domain/view.ts';
import { button, resolveButtons } from './buttons.ts';
import { clip, clockTime, dayTime, duration, list } from './words.ts';

/** All of its phase is in production: it is only looked at, now and then by a health check. */
export const isBaking = ({ deployment, runs }: DeploymentView): boolean => {
  const { state, plan, promoted } = deployment;
  if (state !== 'running' || plan.phases === undefined) return state === 'baking';
  return plan.steps.every(
    ({ phase, check }, i) =>
      phase !== promoted || check === true || lastOf(runs, i, 'do')?.state === 'succeeded',
  );
};

/** What a deployment is doing, after its name: `DEP-4 is running`. */
export const doing = (view: DeploymentView): string => {
  const { deployment } = view;
  const { now: phase, next } = phaseReached(deployment);
  const bakes = `is in ${phase?.name ?? 'its phase'}, which bakes`;
  switch (deployment.state) {
    case 'baking':
      return bakes;
    case 'baked':
      return deployment.hold === null
        ? `has baked in ${phase?.name ?? 'its phase'} and waits to be promoted to ${next?.name ?? 'the next'}`
        : `has baked in ${phase?.name ?? 'its phase'} and is held`;
    case 'refreshing':
      return `is done, and brings ${deployment.sides?.old ?? 'the old side'} up to date`;
    case 'queued':
      return deployment.hold && !isTransient(deployment.hold) ? 'is held' : 'waits for its turn';
    case 'running':
      return isBaking(view) ? bakes : 'is running';
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
    case 'refreshing':
      return 'good';
    case 'baked':
      return 'warning';
    case 'asking':
    case 'failed':
    case 'rolled-back':
      return 'bad';
    case 'undoing':
      return 'warning';
    case 'queued':
      return deployment.hold && !isTransient(deployment.hold) ? 'warning' : 'neutral';
    case 'running':
    case 'baking':
    case 'cancelled':
      return 'neutral';
    default:
      return assertNever(deployment.state);
  }
};

const marks: Readonly<Record<DeploymentState, Mark>> = {
  queued: 'waiting',
  running: 'running',
  baking: 'running',
  baked: 'missing',
  refreshing: 'done',
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
    ...oldSideKept(view),
  ];
};

/** ` · blue stays as it was until Sun 06:10` */
const oldSideKept = ({ deployment: { keptUntil, sides } }: DeploymentView): Text =>
  keptUntil === null ? [] : [` · ${sides?.old ?? 'the old side'} stays as it was until `, dayTime(keptUntil)];

/** What may be done with it now; each press is authorised again (L7). */
export const deploymentButtons = (view: DeploymentView, named = false): readonly Button[] => {
  const { deployment } = view;
  const name = deploymentName(deployment.id);
  switch (deployment.state) {
    case 'running':
      return [button('deploy abort', name, named)];
    case 'asking':
      return resolveButtons(name, named);
    case 'baked':
      return [...promoteButton(view, named), ...rollbackButtons(view, named)];
    case 'baking':
    case 'refreshing':
    case 'succeeded':
    case 'failed':
      return rollbackButtons(view, named);
    case 'queued':
    case 'undoing':
    case 'rolled-back':
    case 'cancelled':
      return [];
    default:
      return assertNever(deployment.state);
  }
};

/** What only the clock or a resume ends has no button. */
const promoteButton = ({ deployment }: DeploymentView, named: boolean): readonly Button[] => {
  const { next } = phaseReached(deployment);
  if (deployment.hold !== null || next === undefined) return [];
  const face = button('deploy promote', deploymentName(deployment.id), named);
  return [named ? face : { ...face, label: `Promote to ${next.name}` }];
};

/** Says who goes along; whoever wants to undo it alone can. */
const rollbackButtons = (
  { deployment, dependents = [] }: DeploymentView,
  named: boolean,
): readonly Button[] => {
  const name = deploymentName(deployment.id);
  const face = button('deploy rollback', name, named);
  if (dependents.length === 0) return [face];
  const others = list(dependents.map(({ service }) => service));
  return [
    {
      ...face,
      confirm: `Roll back ${name}? Everything it did in production is undone; before it ${others}, because of what ${dependents.length === 1 ? 'it needs' : 'they need'}.`,
    },
    ...(named
      ? []
      : [
          {
            ...face,
            label: 'Roll back alone',
            args: ['alone'],
            confirm: `Roll back ${name} alone? ${others} stay in production on top of what was there before.`,
          },
        ]),
  ];
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
