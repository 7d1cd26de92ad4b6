import { createHash } from 'node:crypto';
import type { Policy } from '../domain/policy.ts';
import { assemble } from './assemble.ts';
import { type Fault, type Finding, formatPath, sortFaults } from './fault.ts';
import { parseFile } from './issues.ts';
import { referenceFindings } from './references.ts';
import { warningsOf } from './warnings.ts';
import { readYaml, type YamlFile } from './yaml.ts';

export interface LoadedPolicy {
  readonly ok: true;
  readonly policy: Policy;
  readonly warnings: readonly Fault[];
  readonly text: string;
  /** SHA-256 of the text, lower-case hex. */
  readonly digest: string;
}

export interface FaultyPolicy {
  readonly ok: false;
  /** All of them, in the order of the file. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

/** Never throws. `file` is how faults call the text; `now` begins the two years that warnings look ahead. */
export const loadPolicy = (text: string, file: string, now: Date): LoadedPolicy | FaultyPolicy => {
  const reading = readYaml(text);
  const inText = reading.faults.map((fault): Fault => ({ ...fault, file, path: formatPath(fault.path) }));
  const faults = inText.filter(({ severity }) => severity === 'error');
  const warnings = inText.filter(({ severity }) => severity === 'warning');
  if (reading.file === undefined) return { ok: false, faults: sortFaults(faults), warnings };

  const place = placer(reading.file, file);
  const references = referenceFindings(reading.file.value);
  const parsed = parseFile(reading.file.value);
  faults.push(...[...references, ...parsed.findings].map(place('error')));
  if (parsed.file === undefined || faults.length > 0)
    return { ok: false, faults: sortFaults(faults), warnings };

  const policy = assemble(parsed.file);
  warnings.push(...warningsOf(policy, now).map(place('warning')));
  return { ok: true, policy, warnings: sortFaults(warnings), text, digest: digestOf(text) };
};

const placer =
  ({ locate }: YamlFile, file: string) =>
  (severity: Fault['severity']) =>
  ({ path, at = 'value', message }: Finding): Fault => ({
    severity,
    file,
    ...locate(path, at),
    path: formatPath(path),
    message,
  });

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
