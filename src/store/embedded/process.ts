import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Column of `ps`, for systems without /proc. */
const ps = (pid: number, column: string): string | undefined => {
  try {
    return execFileSync('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};

/**
 * Tells one process from a later one with the same number, also over a reboot; undefined when no such process
 * runs. A zombie does not run.
 */
export const incarnation = (pid: number): string | undefined => {
  if (process.platform !== 'linux') {
    return ps(pid, 'lstart') || undefined;
  }
  // proc(5): the name in parentheses may contain anything; state is the first field after it, starttime the 20th.
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state] = fields;
  if (state === undefined || state === 'Z' || state === 'X') {
    return undefined;
  }
  return `${read('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}/${fields[19] ?? ''}`;
};

/** Whether the process was started with `-D folder`. */
export const servesFolder = (pid: number, folder: string): boolean => {
  if (process.platform !== 'linux') {
    return ps(pid, 'command')?.includes(`-D ${folder} `) ?? false;
  }
  const words = read(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  return incarnation(pid) !== undefined && words[words.indexOf('-D') + 1] === folder && words.includes('-D');
};

export interface Running {
  readonly pid: number;
  readonly exited: Promise<void>;
}

/** A process that is not our child: its end is noticed within a quarter of a second. */
export const observe = (pid: number): Running => {
  const self = incarnation(pid);
  const gone = async (): Promise<void> => {
    while (self !== undefined && incarnation(pid) === self) {
      await pause(250, undefined, { ref: false });
    }
  };
  return { pid, exited: gone() };
};

/** Whether the promise was fulfilled within so many milliseconds. */
export const within = async (milliseconds: number, promise: Promise<unknown>): Promise<boolean> => {
  const timer = new AbortController();
  try {
    return await Promise.race([
      promise.then(() => true),
      pause(milliseconds, false, { signal: timer.signal }).catch(() => false),
    ]);
  } finally {
    timer.abort();
  }
};

/** PostgreSQL's shutdowns, politest first: sessions are ended, then the server quits, then nothing is asked. */
export const halt = async ({ pid, exited }: Running): Promise<void> => {
  // The number of an ended process may be another's by now; 0 would be our own process group.
  if (pid <= 0 || (await within(0, exited))) {
    return;
  }
  const shutdowns = [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const;
  for (const [signal, patience] of shutdowns) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await within(patience, exited)) {
      return;
    }
  }
};
