import { readFileSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { type Fault, formatPath } from './fault.ts';
import { type FaultyPolicy, type LoadedPolicy, loadPolicy } from './load.ts';

/** The policy in force. */
export interface CurrentPolicy {
  /** Absolute or relative as it was given; commands of plans are relative to its directory. */
  readonly file: string;
  get(): LoadedPolicy;
  /** Reads the file again; a faulty one changes nothing. Returns its faults, none when it is in force now. */
  reload(): readonly Fault[];
}

export type OpenedPolicy = { readonly ok: true; readonly current: CurrentPolicy } | FaultyPolicy;

/** The first reading must be without faults: there is nothing to fall back on. */
export const openPolicy = (file: string, clock: Clock): OpenedPolicy => {
  const first = readPolicy(file, clock.now());
  if (!first.ok) return first;
  let inForce = first;
  return {
    ok: true,
    current: {
      file,
      get: () => inForce,
      reload: () => {
        const next = readPolicy(file, clock.now());
        if (!next.ok) return next.faults;
        inForce = next;
        return [];
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
