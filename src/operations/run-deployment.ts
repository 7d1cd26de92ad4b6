import { setTimeout as pause } from 'node:timers/promises';
import { assertNever } from '../domain/assert-never.ts';
import { deploymentName } from '../domain/change.ts';
import { dependentsOf } from '../domain/dependents.ts';
import { type Deployment, isAtWork, type StepRun } from '../domain/deployment.ts';
import { type Move, nextMove } from '../domain/next-move.ts';
import type { StepStatus } from '../executors/executor.ts';
import {
  deploymentsOf,
  fenceDeployment,
  findDeployment,
  lockDeployment,
  releaseDeployment,
} from '../store/deployments.ts';
import { isStopAsked, stepRunsOf } from '../store/step-runs.ts';
import { type Context, clockActor } from './context.ts';
import { askAbout, beginStep, endStep, finishDeployment, forgetStep, turnBack } from './deployment-steps.ts';
import { executorOf } from './executor-of.ts';
import { barredFrom } from './live-side.ts';
import { bakePhase, promotePhase } from './phases.ts';
import { specOf } from './step-spec.ts';

/**
 * Carries a deployment on from wherever it stands, step by step, until it is finished or a person is asked. Whoever
 * runs it holds its fence; a worker that lost it writes nothing more (L2). The executor is asked by the stored handle
 * what became of a step that another process had started.
 */
export const runDeployment = async (context: Context, id: number, signal?: AbortSignal): Promise<void> => {
  const claimed = await claim(context, id, signal);
  if (!claimed) return;
  try {
    await carryOn(context, claimed, signal);
  } finally {
    await letGo(context, claimed, signal);
  }
};

const carryOn = async (
  context: Context,
  { id, fence }: Deployment,
  signal: AbortSignal | undefined,
): Promise<void> => {
  while (!(signal?.aborted ?? false)) {
    const [deployment, runs] = await context.store.reading((db) =>
      Promise.all([findDeployment(db, id), stepRunsOf(db, id)]),
    );
    if (!deployment || deployment.fence !== fence) return;
    const { state } = deployment;
    if (!isAtWork(state)) return;
    if (state === 'undoing' && (await isNeeded(context, deployment, runs))) return;
    const move = nextMove(state, deployment, runs, context.clock.now());
    const goesOn = await make(context, deployment, move, signal);
    if (!goesOn) return;
  }
};

/** Something that depends on it is still being undone: whoever ends that rings for this one. */
const isNeeded = async (
  context: Context,
  deployment: Deployment,
  runs: readonly StepRun[],
): Promise<boolean> => {
  if (runs.some(({ direction, state }) => direction === 'undo' || state === 'running')) return false;
  const all = await deploymentsOf(context.store.db, deployment.train);
  return dependentsOf(context.policy(), deployment, all).some(({ state }) => state === 'undoing');
};

/**
 * Whoever carries it on next, after a person's word or an error here, need not wait for this instance to end. While
 * the database is away this waits for it: an instance that lives and does nothing would never be replaced.
 */
const letGo = async (
  context: Context,
  deployment: Deployment,
  signal: AbortSignal | undefined,
): Promise<void> => {
  for (;;) {
    try {
      return await releaseDeployment(context.store.db, deployment.id, deployment.fence);
    } catch (error) {
      if (signal?.aborted) throw error;
      context.log.warn(
        { deployment: deploymentName(deployment.id), err: error },
        'not let go of: again soon',
      );
      await pause(1_000, undefined, signal === undefined ? {} : { signal });
    }
  }
};

/**
 * Only what no living instance runs is taken over. A commit whose answer was lost with the database may have happened:
 * then this instance holds what it does not run, and lets go of it, or nobody would carry it on while this one lives.
 */
const claim = async (
  context: Context,
  id: number,
  signal: AbortSignal | undefined,
): Promise<Deployment | undefined> => {
  let claimed: Deployment | undefined;
  try {
    await context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) => {
      const known = await lockDeployment(tx.db, id);
      if (
        !known ||
        (known.runner !== null &&
          known.runner !== context.presence.runner &&
          (await context.presence.isAlive(known.runner)))
      )
        return;
      claimed = await fenceDeployment(tx.db, id, context.presence.runner);
    });
    return claimed;
  } catch (error) {
    if (claimed !== undefined) await letGo(context, claimed, signal);
    throw error;
  }
};

/** Whether there is more to do. */
const make = async (
  context: Context,
  deployment: Deployment,
  move: Move,
  signal?: AbortSignal,
): Promise<boolean> => {
  switch (move.kind) {
    case 'start':
      return start(context, deployment, move);
    case 'await':
      return follow(context, deployment, move.run, signal);
    case 'bake':
      await bakePhase(context, deployment, move);
      return false;
    case 'promote':
      return promotePhase(context, deployment);
    case 'turn-back':
      await turnBack(context, deployment, move.step);
      return true;
    case 'ask':
      await askAbout(context, deployment, move.run);
      return false;
    case 'finish':
      await finishDeployment(context, deployment, move.as, move.step);
      return false;
    default:
      return assertNever(move);
  }
};

const start = async (
  context: Context,
  deployment: Deployment,
  move: Extract<Move, { kind: 'start' }>,
): Promise<boolean> => {
  const rule = deployment.plan.steps[move.step];
  const run = move.direction === 'do' ? rule?.run : rule?.undo;
  if (!rule || !run) throw new Error(`${deploymentName(deployment.id)} has no step ${move.step}`);
  const barred = await barredFrom(context, deployment, rule.part, move.direction);
  if (barred !== undefined) return refuseStep(context, deployment, move, barred);
  const executor = executorOf(context.executors, { executor: run.executor });
  const spec = await specOf(context, deployment, rule, run, move);
  // The handle is durable before anything runs: a new process can always ask what became of it.
  const begun = await beginStep(context, deployment, move, executor.prepare(spec));
  // Turned back meanwhile, or taken over: the next look tells which.
  if (!begun) return true;
  await executor.start(begun.handle, spec);
  return true;
};

/** Nothing is run. Forward it turns back before the step; an undo, or a step for the old side, has failed. */
const refuseStep = async (
  context: Context,
  deployment: Deployment,
  move: Extract<Move, { kind: 'start' }>,
  reason: string,
): Promise<boolean> => {
  if (deployment.state === 'running') {
    await turnBack(context, deployment, move.step, reason);
    return true;
  }
  const run = await beginStep(context, deployment, move, { executor: 'nobody' });
  if (run === undefined) return false;
  return endStep(context, deployment, run, { state: 'failed', exitCode: null, tail: '', reason });
};

/** Waits for a step's end, its timeout or somebody's stop, whoever started it; then writes down what the executor says. */
const follow = async (
  context: Context,
  deployment: Deployment,
  run: StepRun,
  signal?: AbortSignal,
): Promise<boolean> => {
  const rule = deployment.plan.steps[run.step];
  const executor = executorOf(context.executors, run.handle);
  const deadline = new Date(run.startedAt.getTime() + (rule?.timeout ?? 0));
  const stop = stopAsked(context, run);
  const stops = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  let timedOut = false;
  try {
    let status = await waitUntil(context, deadline, (until) => executor.wait(run.handle, until), stops);
    if (status.state === 'running') {
      if (signal?.aborted && !stop.signal.aborted) return false;
      timedOut = !stop.signal.aborted;
      await executor.cancel(run.handle);
      status = await executor.status(run.handle);
    }
    if (status.state === 'never-started' && status.reason === undefined) {
      await forgetStep(context, deployment, run);
      return true;
    }
    return await endStep(context, deployment, run, resultOf(status, timedOut));
  } finally {
    stop.end();
  }
};

/** Real milliseconds between two looks whether another instance was asked to stop the step; this one is rung for. */
const stopLookMs = 1_000;

/** Aborts once somebody wants the step stopped. Until `end` it looks; a database that is away is asked again. */
const stopAsked = (context: Context, run: StepRun): { readonly signal: AbortSignal; end(): void } => {
  const asked = new AbortController();
  const ended = new AbortController();
  const look = async (): Promise<void> => {
    for (;;) {
      await pause(stopLookMs, undefined, { signal: ended.signal });
      if (await isStopAsked(context.store.db, run.id)) return asked.abort();
    }
  };
  const goOnLooking = (): Promise<void> =>
    look().catch(() => (ended.signal.aborted ? undefined : goOnLooking()));
  if (run.stopAsked) asked.abort();
  else void goOnLooking();
  return { signal: asked.signal, end: () => ended.abort() };
};

/** The clock may change its pace meanwhile (a rehearsal), so the time left is asked again until it is over. */
const waitUntil = async (
  context: Context,
  deadline: Date,
  wait: (until: AbortSignal) => Promise<StepStatus>,
  signal: AbortSignal,
): Promise<StepStatus> => {
  for (;;) {
    const left = Math.min(Math.max(0, context.clock.msUntil(deadline)), longestTimerMs);
    const status = await wait(AbortSignal.any([AbortSignal.timeout(Math.ceil(left)), signal]));
    if (status.state !== 'running' || signal.aborted || context.clock.msUntil(deadline) <= 0) return status;
  }
};

const longestTimerMs = 60_000;

const resultOf = (status: StepStatus, timedOut: boolean) => {
  switch (status.state) {
    case 'finished': {
      const reason =
        status.fault ??
        status.reason ??
        (status.signal === undefined ? `exit code ${status.exitCode}` : `killed by ${status.signal}`);
      return status.exitCode === 0
        ? { state: 'succeeded' as const, exitCode: 0, tail: status.tail, reason: null }
        : {
            state: 'failed' as const,
            exitCode: status.exitCode,
            tail: status.tail,
            reason: timedOut ? 'timeout' : reason,
          };
    }
    case 'stopped':
      return {
        state: 'stopped' as const,
        exitCode: null,
        tail: status.tail,
        reason: timedOut ? 'timeout' : 'stopped',
      };
    case 'never-started':
      return { state: 'failed' as const, exitCode: null, tail: '', reason: status.reason ?? 'never started' };
    case 'gone':
      return { state: 'unknown' as const, exitCode: null, tail: '', reason: status.reason };
    case 'running':
      return {
        state: 'unknown' as const,
        exitCode: null,
        tail: status.tail,
        reason: 'it could not be stopped',
      };
    default:
      return assertNever(status);
  }
};
