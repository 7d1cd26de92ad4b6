import { Refused } from '../domain/refusal.ts';
import { FaultySettings } from '../settings.ts';
import { EmbeddedDatabaseError } from '../store/embedded.ts';
import { FaultyPolicyFile } from './policy-file.ts';

/** What a person at a terminal is told: expected failures in words, anything else with its stack, for a bug report. */
export const describeFailure = (error: unknown): string => {
  if (error instanceof Refused) {
    const { code, facts } = error.refusal;
    const faults = facts['faults'];
    const details = Array.isArray(faults)
      ? faults.map(String)
      : Object.entries(facts).map(([name, value]) => `${name}: ${String(value)}`);
    return [`${code.replaceAll('-', ' ')}`, ...details].join('\n  ');
  }
  if (
    error instanceof FaultySettings ||
    error instanceof FaultyPolicyFile ||
    error instanceof EmbeddedDatabaseError
  )
    return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error)
    return `${String(error.path)}: no such file`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};
