import { systemClock } from '../clock.ts';
import type { Policy } from '../domain/policy.ts';
import { type CurrentPolicy, openPolicy } from '../policy/current.ts';
import { type Fault, formatFault } from '../policy/fault.ts';

/** A policy with faults: nothing can be done with it. The message lists all of them, a line each. */
export class FaultyPolicyFile extends Error {
  readonly code = 'faulty-policy';
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map(formatFault).join('\n'));
    this.name = 'FaultyPolicyFile';
    this.faults = faults;
  }
}

export const openPolicyFile = (file: string): CurrentPolicy => {
  const opened = openPolicy(file, systemClock);
  if (!opened.ok) throw new FaultyPolicyFile(opened.faults);
  return opened.current;
};

export const readPolicyFile = (file: string): Policy => openPolicyFile(file).get().policy;
