import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutorName, Run } from '../domain/run.ts';
import { runName } from '../domain/run-name.ts';
import type { StepCallFacts, StepCalls } from '../domain/step-call.ts';
import type { Executor, Handle, StepSpec, StepStatus } from './executor.ts';
import { createHttp, type Http } from './http.ts';

export interface RemoteOptions {
  readonly calls: StepCalls;
  /** Value of a secret by the policy's name for it. */
  readonly secret: (name: string) => string | undefined;
  readonly http?: Http;
  /** Real milliseconds between two looks. Default 2000. */
  readonly pollMs?: number;
  /** Real milliseconds that a cancelled step has to end. Default 30000. */
  readonly graceMs?: number;
}

export interface Surroundings {
  readonly http: Http;
  readonly secret: (name: string) => string | undefined;
  readonly pollMs: number;
}

/** What came of asking a system for a step. */
export type Begun =
  /** It took it, or may have: it is looked for from now on. */
  | { readonly kind: 'asked'; readonly ref?: string }
  /** It certainly did not take it. */
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'ended';
      readonly as: 'succeeded' | 'failed';
      readonly reason?: string;
      readonly tail: string;
    };

/** What a system says about a step. */
export type Look =
  | { readonly kind: 'running'; readonly tail: string /** Found meanwhile. */; readonly ref?: string }
  | {
      readonly kind: 'ended';
      readonly as: 'succeeded' | 'failed';
      readonly reason?: string;
      readonly tail: string;
    }
  | { readonly kind: 'gone'; readonly reason: string };

/** One kind of system that does steps. None of these rejects for what a system says or does not say. */
export interface Remote<R extends Run> {
  readonly name: ExecutorName;
  takes(run: Run): run is R;
  /** Called at most once for a run, by whoever took it. */
  begin(run: R, name: string, spec: StepSpec, around: Surroundings): Promise<Begun>;
  look(run: R, name: string, facts: StepCallFacts, around: Surroundings): Promise<Look>;
  /** Asks it to stop. False: it cannot be asked. */
  cancel(run: R, name: string, facts: StepCallFacts, around: Surroundings): Promise<boolean>;
}

/** An executor out of a system that is asked for steps and about them. What it needs to find one again is in the handle. */
export const createRemote = <R extends Run>(remote: Remote<R>, options: RemoteOptions): Executor => {
  const { calls, secret, http = createHttp(), pollMs = 2_000, graceMs = 30_000 } = options;
  const around: Surroundings = { http, secret, pollMs };

  const start = async (handle: Handle, spec: StepSpec): Promise<void> => {
    const { name, run } = opened(handle);
    if (run === undefined || !(await calls.take(name))) return;
    const begun = await remote.begin(run, name, spec, around);
    await calls.note(name, factsOf(begun));
  };

  const status = async (handle: Handle): Promise<StepStatus> => {
    const { name, run } = opened(handle);
    if (run === undefined) return { state: 'gone', reason: 'its handle cannot be read' };
    const facts = await calls.read(name);
    if (facts === undefined) {
      await calls.decline(name, '');
      return status(handle);
    }
    if (facts.declined !== undefined)
      return facts.declined === ''
        ? { state: 'never-started' }
        : { state: 'never-started', reason: facts.declined };
    if (facts.ended !== undefined) return ended(facts);
    const seen = await remote.look(run, name, facts, around);
    switch (seen.kind) {
      case 'running':
        if (seen.ref !== undefined && seen.ref !== facts.ref) await calls.note(name, { ref: seen.ref });
        return { state: 'running', tail: seen.tail };
      case 'ended':
        await calls.note(name, factsOf(seen));
        return ended({ ...facts, ...factsOf(seen) });
      case 'gone':
        return { state: 'gone', reason: seen.reason };
    }
  };

  const wait = async (handle: Handle, signal?: AbortSignal): Promise<StepStatus> => {
    for (;;) {
      const now = await status(handle);
      if (now.state !== 'running' || signal?.aborted === true) return now;
      await pause(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  };

  const cancel = async (handle: Handle): Promise<void> => {
    const { name, run } = opened(handle);
    if (run === undefined || (await calls.decline(name, ''))) return;
    const facts = await calls.read(name);
    if (facts === undefined || facts.ended !== undefined || facts.declined !== undefined) return;
    if (!(await remote.cancel(run, name, facts, around))) return;
    await calls.note(name, { stopping: true });
    await wait(handle, AbortSignal.timeout(graceMs));
  };

  const opened = (handle: Handle): { readonly name: string; readonly run: R | undefined } => {
    const { run: name = '', settings = '' } = handle;
    try {
      const run: Run = JSON.parse(settings);
      return { name, run: remote.takes(run) ? run : undefined };
    } catch {
      return { name, run: undefined };
    }
  };

  return {
    name: remote.name,
    prepare: (spec) => ({ executor: remote.name, run: runName(spec), settings: JSON.stringify(spec.run) }),
    start,
    status,
    wait,
    cancel,
    forget: (handle) => calls.forget(opened(handle).name),
  };
};

const factsOf = (what: Begun | Extract<Look, { kind: 'ended' }>): StepCallFacts => {
  switch (what.kind) {
    case 'asked':
      return what.ref === undefined ? {} : { ref: what.ref };
    case 'refused':
      return { declined: what.reason };
    case 'ended':
      return {
        ended: what.as,
        tail: what.tail,
        ...(what.reason === undefined ? {} : { reason: what.reason }),
      };
  }
};

const ended = ({ ended: as, reason, tail = '', stopping }: StepCallFacts): StepStatus => {
  if (as === 'succeeded') return { state: 'finished', exitCode: 0, tail };
  if (stopping === true) return { state: 'stopped', tail };
  return { state: 'finished', exitCode: 1, tail, ...(reason === undefined ? {} : { reason }) };
};

/** For a run whose secret is not there: nothing is asked of anybody without it. */
export const secretMissing = (name: string): Begun => ({
  kind: 'refused',
  reason: `${secretVariable(name)} is not set`,
});

/** `github-prod` is `SIGNALBOX_SECRET_GITHUB_PROD`. */
export const secretVariable = (name: string): string =>
  `SIGNALBOX_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
