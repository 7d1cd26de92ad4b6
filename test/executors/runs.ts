import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Run } from '../../src/domain/run.ts';
import {
  type CommandExecutor,
  type CommandOptions,
  createCommandExecutor,
} from '../../src/executors/command.ts';
import type { Handle, StepSpec } from '../../src/executors/executor.ts';

/** A directory of the test's own, removed after it. */
export const temporaryDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox executor '));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return directory;
};

export const executorIn = (
  directory: string,
  options: Partial<Omit<CommandOptions, 'directory'>> = {},
): CommandExecutor =>
  createCommandExecutor({ directory, environment: process.env, graceMs: 300, ...options });

let fences = 0;

/** A step that runs the command in a directory; every one of them is another run. */
export const specOf = (
  cwd: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): StepSpec => ({ ...stepOf({ executor: 'command', command }), cwd, env });

export const stepOf = (run: Run): StepSpec => {
  fences += 1;
  return {
    deployment: 'DEP-1',
    attempt: 1,
    step: 'switch',
    direction: 'do',
    fence: fences,
    run,
    cwd: '.',
    env: {},
  };
};

export const sh = (script: string): readonly string[] => ['sh', '-c', script];

/** A started step: prepared, started, and ended after the test if it should still run. */
export const started = async (executor: CommandExecutor, spec: StepSpec): Promise<Handle> => {
  const handle = executor.prepare(spec);
  onTestFinished(() => executor.cancel(handle));
  await executor.start(handle, spec);
  return handle;
};

/** Looks until there is something to see; a real process cannot be told to hurry. */
export const eventually = async <T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (let attempt = 0; attempt < 500; attempt++) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(20);
  }
  throw new Error('nothing to see within ten seconds');
};

/** A zombie is none: it waits for a parent that may never look. */
export const isProcess = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return platform() !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};
