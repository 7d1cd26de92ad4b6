import { readFileSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { formatPath } from './fault.ts';
import { type FaultyPolicy, type LoadedPolicy, loadPolicy } from './load.ts';

/** The policy in force. */
export interface CurrentPolicy {
  /** Absolute or relative as it was given; commands of plans are relative to its directory. */
  readonly file: string;
  get(): LoadedPolicy;
  /** The file as it is now; nothing comes into force by that. */
  read(): LoadedPolicy | FaultyPolicy;
  /** From now on this one is in force. */
  use(policy: LoadedPolicy): void;
}

export type OpenedPolicy = { readonly ok: true; readonly current: CurrentPolicy } | FaultyPolicy;

/** The first reading must be without faults: there is nothing to fall back on. */
export const openPolicy = (file: string, clock: Clock): OpenedPolicy => {
  const first = readPolicy(file, clock.now());
  if (!first.ok) return first;
  let inForce: LoadedPolicy = first;
  return {
    ok: true,
    current: {
      file,
      get: () => inForce,
      read: () => readPolicy(file, clock.now()),
      use: (policy) => {
        inForce = policy;
      },
    },
  };
};

/** Never throws: a file that cannot be read is a fault. */
export const readPolicy = (file: string, now: Date): LoadedPolicy | FaultyPolicy => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return unreadable(file, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return loadPolicy(new TextDecoder('utf-8', { fatal: true }).decode(bytes), file, now);
  } catch (error) {
    if (error instanceof TypeError) return unreadable(file, 'is not UTF-8 text');
    throw error;
  }
};

const unreadable = (file: string, message: string): FaultyPolicy => ({
  ok: false,
  faults: [{ severity: 'error', file, line: 1, column: 1, path: formatPath([]), message }],
  warnings: [],
});
