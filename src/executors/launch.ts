import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { StepSpec } from './executor.ts';
import { errorCode } from './run-directory.ts';
import { wrapperScript } from './wrapper.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Why it cannot even be tried, or the running wrapper. */
export type Launch =
  | { readonly kind: 'impossible'; readonly reason: string }
  /** `ending` resolves when the wrapper has ended. */
  | { readonly kind: 'launched'; readonly ending: Promise<void> };

const defaultPath = '/usr/local/bin:/usr/bin:/bin';

/**
 * Starts the wrapper of a step in a session and process group of its own, without any of the bot's files, and
 * of the bot's environment with PATH, HOME, LANG and TZ only: its secrets stay here.
 * Resolves when the wrapper has taken the run's token or never will.
 */
export const launch = async (
  directory: string,
  spec: StepSpec,
  environment: Environment,
): Promise<Launch> => {
  const cwd = await stat(spec.cwd).catch(() => undefined);
  if (cwd?.isDirectory() !== true) return impossible(`there is no working directory ${spec.cwd}`);
  const { PATH = defaultPath, HOME, LANG, TZ } = environment;
  if (spec.run.executor !== 'command') return impossible(`${spec.run.executor} is no program`);
  const [program = '', ...args] = spec.run.command;
  // The shell's exec would take a leading dash for an option of its own.
  const command = [program.startsWith('-') ? `./${program}` : program, ...args];
  try {
    const child = spawn('/bin/sh', ['-c', wrapperScript, 'step', PATH, directory, ...command], {
      cwd: spec.cwd,
      env: { PATH, ...(HOME && { HOME }), ...(LANG && { LANG }), ...(TZ && { TZ }), ...spec.env },
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(errorCode(error)));
      child.once('exit', () => resolve(''));
    });
    if (child.pid === undefined) return impossible(`the shell cannot be started (${await ended})`);
    child.unref();
    const begun = child.stdio[3];
    await (begun instanceof Readable ? text(begun).catch(() => '') : ended);
    return { kind: 'launched', ending: ended.then(() => undefined) };
  } catch (error) {
    // Arguments that no process can have: too long, or with a NUL.
    return impossible(`the system does not take the command (${errorCode(error)})`);
  }
};

const impossible = (reason: string): Launch => ({ kind: 'impossible', reason });
