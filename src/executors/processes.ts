/** What the operating system knows about processes: Linux through /proc, elsewhere through ps. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Differs after every boot of the machine; empty where there is no such thing. */
export const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
};

/**
 * Whether `pid` is alive and was started with an argument whose last part is `mark`. A number alone proves
 * nothing: the system gives it to another process sooner or later. Zombies have no arguments and count as dead.
 */
export const isAlive = async (pid: number, mark: string): Promise<boolean> => {
  try {
    if (platform() === 'linux') {
      const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
      return args.some((arg) => basename(arg) === mark);
    }
    const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return stdout.includes(`/${mark} `);
  } catch {
    return false;
  }
};

/** Real milliseconds that the kernel may take to end what was killed. */
const killMs = 2_000;

/** SIGTERM to the process group, SIGKILL after the grace. Resolves when it has no members any more. */
export const endGroup = async (group: number, graceMs: number): Promise<void> => {
  signalGroup(group, 'SIGTERM');
  if (await groupEnds(group, graceMs)) return;
  signalGroup(group, 'SIGKILL');
  await groupEnds(group, killMs);
};

/** While a group has members its number is not given to another; once it has none, it is never signalled again. */
const groupEnds = async (group: number, withinMs: number): Promise<boolean> => {
  for (let waited = 0; waited < withinMs; waited += 20) {
    if (!(await hasLiving(group))) return true;
    await pause(20);
  }
  return !(await hasLiving(group));
};

/** Zombies do not count: where nobody reaps orphans (a container without an init) they stay for ever. */
const hasLiving = async (group: number): Promise<boolean> => {
  if (!signalGroup(group, 0)) return false;
  if (platform() !== 'linux') return true;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.some((line) => {
    // pid (name) state parent group …, where the name may hold anything, parentheses too.
    const [state, , itsGroup] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return Number(itsGroup) === group && state !== 'Z' && state !== 'X';
  });
};

/** False when the group has no members. Signal 0 only asks. */
const signalGroup = (group: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // EPERM: there are members, but of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};
