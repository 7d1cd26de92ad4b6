import type { Mark, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { isBetween } from '../domain/deployment.ts';
import { lastOf } from '../domain/next-move.ts';
import type { PhaseRule, Policy } from '../domain/policy.ts';
import { role } from '../domain/refusal.ts';
import type { DeploymentView } from '../domain/view.ts';
import type { Item } from './blocks.ts';
import { excuseLine } from './excuse-words.ts';
import { clockTime, count, dayTime, duration, move } from './words.ts';

/** A line for each phase; the steps of one of which something is under way, failed or undone. */
export const phaseItems = (
  view: DeploymentView,
  policy: Policy,
  stepItem: (step: number) => Item,
): readonly Item[] => {
  const { deployment, runs } = view;
  const { phases = [], steps } = deployment.plan;
  const isForward =
    deployment.state === 'running' || deployment.state === 'asking' || isBetween(deployment.state);
  return phases.flatMap((phase, i): readonly Item[] => {
    const own = steps.flatMap((step, n) => (step.phase === i ? [n] : []));
    const begun = runs.filter((run) => own.includes(run.step));
    if (begun.length === 0)
      return [
        {
          mark: isForward ? 'waiting' : 'none',
          text: [bold(phase.name), ...(isForward ? [] : [', not started'])],
        },
      ];
    const work = own.filter((n) => steps[n]?.check !== true);
    const isClean = begun.every(
      ({ direction, state, step }) =>
        direction === 'do' && (state === 'succeeded' || (state === 'running' && steps[step]?.check === true)),
    );
    const isIn = work.every((n) => lastOf(runs, n, 'do')?.state === 'succeeded');
    if (!isClean || !isIn)
      return own.filter((n) => isForward || begun.some((run) => run.step === n)).map(stepItem);
    const checks = begun.filter((run) => steps[run.step]?.check === true && run.state === 'succeeded').length;
    const since = lastOf(runs, work.at(-1) ?? -1, 'do')?.finishedAt ?? view.now;
    return [phaseItem(view, policy, phase, i, checks, since)];
  });
};

const phaseItem = (
  view: DeploymentView,
  policy: Policy,
  phase: PhaseRule,
  number: number,
  checks: number,
  since: Date,
): Item => {
  const { deployment } = view;
  const { state, promoted, plan } = deployment;
  const healthy = checks === 0 ? 'no health check yet' : `healthy in ${count(checks, 'check')}`;
  const item = (mark: Mark, ...text: Text): Item => ({ mark, text: [bold(phase.name), ', ', ...text] });
  const next = plan.phases?.[number + 1];
  const isOver = promoted > number || (!isBetween(state) && state !== 'running' && state !== 'asking');
  if (isOver) return item('done', `done after ${duration(phase.bake)} of baking, ${healthy}`);
  if (state !== 'baked') {
    const then =
      next === undefined
        ? 'then it is done'
        : phase.promote === 'button'
          ? `then waits for the button to ${next.name}`
          : `then goes on to ${next.name} by itself`;
    return item(
      'running',
      `in production since `,
      clockTime(since),
      `: ${healthy}, bakes until `,
      clockTime(new Date(since.getTime() + phase.bake)),
      `, ${then}`,
    );
  }
  if (deployment.hold !== null)
    return item(
      'waiting',
      `baked, ${healthy}; ${next?.name ?? 'the next'} has to wait: `,
      ...excuseLine(deployment.hold, policy),
      ...otherwise(view),
    );
  return item(
    'missing',
    `baked, ${healthy}; promote to ${next?.name ?? 'the next'}`,
    ...otherwise(view),
    ...move(promoters(policy), policy),
  );
};

/** By when, and what happens without it. */
const otherwise = ({ deployment, promoteBy }: DeploymentView): Text => {
  if (promoteBy === undefined) return [];
  return deployment.plan.unpromoted === 'keep'
    ? [' by ', dayTime(promoteBy), ', or else in the next window']
    : [' by ', dayTime(promoteBy), ', or else it is rolled back'];
};

export const promoters = (policy: Policy) =>
  [...new Set(['operations', ...policy.releaseManagers])].map(role);
