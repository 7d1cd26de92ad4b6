/**
 * A run of a step on disk. The directory holds one token, an empty file whose name is the run's state, and
 * every change of state is a rename of it: atomic, won by exactly one of those who try, and possible on a full
 * disk. The shell program of wrapper.ts plays by the same rules.
 *
 *   ready ─┬─ never-started                       whoever asks before it has begun
 *          └─ started-<pid> ─┬─ exited-<code>     the wrapper
 *                            └─ stopping-<pid> ── stopped-<code>
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type RunState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'never-started' }
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'stopping'; readonly pid: number }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'stopped'; readonly code: number }
  /** No directory, or no token in it. */
  | { readonly kind: 'lost'; readonly reason: string };

const tokenPattern = /^(?:(ready|never-started)|(started|stopping)-(\d+)|(exited|stopped)-(\d+))$/;

const parseToken = (name: string): RunState | undefined => {
  const [matched, plain, alive, pid, ended, code] = tokenPattern.exec(name) ?? [];
  if (matched === undefined) return undefined;
  if (plain === 'ready' || plain === 'never-started') return { kind: plain };
  if (alive === 'started' || alive === 'stopping') return { kind: alive, pid: Number(pid) };
  return { kind: ended === 'exited' ? 'exited' : 'stopped', code: Number(code) };
};

export const tokenOf = (state: RunState): string => {
  if ('pid' in state) return `${state.kind}-${state.pid}`;
  if ('code' in state) return `${state.kind}-${state.code}`;
  return state.kind;
};

/** Creates the run, `ready`; leaves it alone when it exists, whatever its state. Throws what the disk says. */
export const createRun = (directory: string): void => {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  // Made aside and moved into place, so that a directory without a token always means a loss.
  const draft = mkdtempSync(join(dirname(directory), '.draft-'));
  try {
    writeFileSync(join(draft, 'ready'), '');
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
  }
};

export const readRun = async (directory: string): Promise<RunState> => {
  // Listing a directory while the token is renamed may miss both names, so once is not enough to call it lost.
  for (let attempt = 1; attempt <= 3; attempt++) {
    let names: readonly string[];
    try {
      names = await readdir(directory);
    } catch (error) {
      return { kind: 'lost', reason: `the run directory cannot be read (${errorCode(error)})` };
    }
    for (const name of names) {
      const state = parseToken(name);
      if (state !== undefined) return state;
    }
    await pause(5);
  }
  return { kind: 'lost', reason: 'the run directory has no state' };
};

/** True when this call made the change; false when the run was no longer in state `from`. */
export const moveRun = async (directory: string, from: RunState, to: RunState): Promise<boolean> => {
  try {
    await rename(join(directory, tokenOf(from)), join(directory, tokenOf(to)));
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
};

/**
 * Makes sure that a run that has not begun never will; true when this call did. The reason is kept as far as
 * the disk allows. Throws when the state cannot be changed.
 */
export const declineRun = async (directory: string, reason?: string): Promise<boolean> => {
  const declined = await moveRun(directory, { kind: 'ready' }, { kind: 'never-started' });
  if (declined && reason !== undefined) {
    await writeFile(join(directory, 'reason'), reason).catch(() => undefined);
  }
  return declined;
};

/** Why it never started; empty when nobody wrote it down. */
export const readReason = async (directory: string): Promise<string> =>
  (await readFile(join(directory, 'reason'), 'utf8').catch(() => '')).trim();

/** `not-found`: the shell could not find the program. `complete`: all output has been written. */
export const hasMark = (directory: string, mark: 'not-found' | 'complete'): Promise<boolean> =>
  stat(join(directory, mark)).then(
    () => true,
    () => false,
  );

export const removeRun = (directory: string): Promise<void> =>
  rm(directory, { recursive: true, force: true });

/** Directories of runs, and of drafts that a crash left behind, that last changed before `olderThan`. */
export const runsOlderThan = async (base: string, olderThan: Date): Promise<readonly string[]> => {
  const names = await readdir(base).catch(() => []);
  const old: string[] = [];
  for (const name of names.filter((candidate) => /^(run|\.draft)-/.test(candidate))) {
    const found = await stat(join(base, name)).catch(() => undefined);
    if (found !== undefined && found.mtime < olderThan) old.push(join(base, name));
  }
  return old;
};

/** `ENOENT` and the like; the error's text when it has no code. */
export const errorCode = (error: unknown): string => {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return String(error);
};
