/**
 * Steps as processes of this machine. Each has a run directory (run-directory.ts) and a process group of its
 * own, watched over by a small shell program (wrapper.ts); neither needs the bot to stay alive.
 */
import { constants, hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { assertNever } from '../domain/assert-never.ts';
import { runName } from '../domain/run-name.ts';
import type { Executor, Handle, StepSpec, StepStatus } from './executor.ts';
import { type Environment, launch } from './launch.ts';
import { liveSideByCommand } from './live-side.ts';
import { outputTail, wholeOutput } from './output-tail.ts';
import { bootId, endGroup, isAlive } from './processes.ts';
import {
  createRun,
  declineRun,
  errorCode,
  hasMark,
  moveRun,
  readReason,
  readRun,
  removeRun,
  runsOlderThan,
  tokenOf,
} from './run-directory.ts';

export interface CommandOptions {
  /** Where run directories are kept; made when missing. It must survive restarts of the bot: without it steps are `gone`. */
  readonly directory: string;
  /** The bot's own environment; of it, steps get PATH, HOME, LANG and TZ only. */
  readonly environment: Environment;
  /** Real milliseconds between SIGTERM and SIGKILL. Default 5000. */
  readonly graceMs?: number;
  /** Most bytes of output in a status. Default 8192. */
  readonly tailBytes?: number;
  /** This machine's name. Default: the host name. */
  readonly host?: string;
  /** What differs after every boot of this machine. Default: the kernel's boot id. */
  readonly boot?: string;
}

export interface CommandExecutor extends Executor {
  /** Removes what was kept of the runs that ended, or were prepared in vain, before `olderThan`. Returns how many. */
  sweep(olderThan: Date): Promise<number>;
}

const pollMs = 100;
/** How long `wait` waits for the last output of a step that has ended: a daemon may hold the pipe for ever. */
const drainMs = 2_000;

export const createCommandExecutor = (options: CommandOptions): CommandExecutor => {
  const { environment, graceMs = 5_000, tailBytes = 8_192, host = hostname(), boot = bootId() } = options;
  const base = resolve(options.directory);
  /** By run directory, of the steps that this process started. */
  const endings = new Map<string, Promise<void>>();

  const locate = (handle: Handle) => {
    const { run = 'unnamed', host: machine = 'an unknown machine', boot: bootThen, fault } = handle;
    const name = basename(run);
    return {
      directory: join(base, name),
      fault,
      machine,
      isHere: machine === host,
      isThisBoot: bootThen === boot,
      isAlive: async (pid: number) => bootThen === boot && (await isAlive(pid, name)),
    };
  };

  const prepare = (spec: StepSpec): Handle => {
    const handle = { executor: 'command', host, boot, run: runName(spec) };
    try {
      createRun(locate(handle).directory);
      return handle;
    } catch (error) {
      return { ...handle, fault: `the run directory cannot be made (${errorCode(error)})` };
    }
  };

  const start = async (handle: Handle, spec: StepSpec): Promise<void> => {
    const { directory, fault, isHere } = locate(handle);
    if (fault !== undefined || !isHere || (await readRun(directory)).kind !== 'ready') return;
    const launched = await launch(directory, spec, environment);
    if (launched.kind === 'launched' && !endings.has(directory)) {
      endings.set(
        directory,
        launched.ending.then(() => void endings.delete(directory)),
      );
    }
    // Whatever kept the wrapper from taking the token, nothing may take it later.
    const reason = launched.kind === 'impossible' ? launched.reason : 'the shell did not begin';
    await declineRun(directory, reason).catch(() => false);
  };

  const status = async (handle: Handle): Promise<StepStatus> => {
    const run = locate(handle);
    const { directory } = run;
    if (run.fault !== undefined) return { state: 'never-started', reason: run.fault };
    if (!run.isHere) return gone(`it was started on ${run.machine}, and this is ${host}`);
    const state = await readRun(directory);
    const tail = () => outputTail(directory, tailBytes);
    switch (state.kind) {
      case 'ready':
        // After a power cut, what had not reached the disk is missing: it may have begun.
        if (!run.isThisBoot) return gone('the machine was restarted when it was about to start');
        try {
          await declineRun(directory);
        } catch (error) {
          return gone(`it cannot be kept from starting later (${errorCode(error)})`);
        }
        return status(handle);
      case 'never-started': {
        const reason = await readReason(directory);
        return reason === '' ? { state: 'never-started' } : { state: 'never-started', reason };
      }
      case 'started':
      case 'stopping':
        if (await run.isAlive(state.pid)) return { state: 'running', tail: await tail() };
        // It may have ended in good order between the two looks.
        if (tokenOf(await readRun(directory)) !== tokenOf(state)) return status(handle);
        if (state.kind === 'stopping') return { state: 'stopped', tail: await tail() };
        return gone(
          run.isThisBoot
            ? 'its process was killed and left no exit code'
            : 'the machine was restarted while it ran',
        );
      case 'exited':
        return finished(state.code, await tail(), await hasMark(directory, 'not-found'));
      case 'stopped':
        return { state: 'stopped', tail: await tail() };
      case 'lost':
        return gone(state.reason);
      default:
        return assertNever(state);
    }
  };

  const wait = async (handle: Handle, signal?: AbortSignal): Promise<StepStatus> => {
    const { directory } = locate(handle);
    const abort = signal === undefined ? {} : { signal };
    for (;;) {
      // Taken first: it is forgotten when the step ends, which may be while its status is read.
      const ending = endings.get(directory);
      const now = await status(handle);
      if (now.state === 'finished' || now.state === 'stopped') {
        // A wrapper that was killed with its step writes no more.
        if ('code' in (await readRun(directory))) await outputComplete(directory);
        return status(handle);
      }
      if (now.state !== 'running' || signal?.aborted === true) return now;
      const nextLook = pause(pollMs, undefined, abort).catch(() => undefined);
      await Promise.race([nextLook, ending ?? nextLook]);
    }
  };

  const cancel = async (handle: Handle): Promise<void> => {
    const run = locate(handle);
    const { directory } = run;
    if (run.fault !== undefined || !run.isHere) return;
    const state = await readRun(directory);
    if (state.kind === 'ready') {
      const settled = await declineRun(directory).catch(() => true);
      return settled ? undefined : cancel(handle);
    }
    if (!('pid' in state) || !(await run.isAlive(state.pid))) return;
    if (state.kind === 'started') {
      // On a disk that takes no change it is ended all the same.
      const marked = await moveRun(directory, state, { ...state, kind: 'stopping' }).catch(() => true);
      if (!marked) return cancel(handle);
    }
    await endGroup(state.pid, graceMs);
  };

  /** False when it still runs. */
  const remove = async (directory: string): Promise<boolean> => {
    const state = await readRun(directory);
    if ('pid' in state && (await isAlive(state.pid, basename(directory)))) return false;
    await removeRun(directory);
    return true;
  };

  const sweep = async (olderThan: Date): Promise<number> => {
    let removed = 0;
    for (const directory of await runsOlderThan(base, olderThan)) {
      if (await remove(directory)) removed += 1;
    }
    return removed;
  };

  const forget = async (handle: Handle): Promise<void> => {
    await remove(locate(handle).directory);
  };

  const liveSide = liveSideByCommand({ prepare, start, wait, cancel, forget });

  const output = async (handle: Handle): Promise<string | undefined> => {
    const { directory, isHere } = locate(handle);
    return isHere ? wholeOutput(directory) : undefined;
  };

  return { name: 'command', prepare, start, status, wait, cancel, liveSide, output, forget, sweep };
};

const gone = (reason: string): StepStatus => ({ state: 'gone', reason });

/** Of names for the same number, the first: SIGABRT, not SIGIOT. */
const signalNames = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .reverse(),
);

const finished = (exitCode: number, tail: string, notFound: boolean): StepStatus => {
  const signal = signalNames.get(exitCode - 128);
  return {
    state: 'finished',
    exitCode,
    tail,
    ...(signal === undefined ? {} : { signal }),
    ...(exitCode === 127 && notFound ? { fault: 'program-not-found' } : {}),
    ...(exitCode === 126 ? { fault: 'program-not-executable' } : {}),
  };
};

const outputComplete = async (directory: string): Promise<void> => {
  for (let waited = 0; waited < drainMs; waited += 10) {
    if (await hasMark(directory, 'complete')) return;
    await pause(10);
  }
};
