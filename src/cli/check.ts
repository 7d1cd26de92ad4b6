import type { Policy } from '../domain/policy.ts';
import { readPolicy } from '../policy/current.ts';
import { type Fault, formatFault } from '../policy/fault.ts';

export interface CheckResult {
  /** For people, without a line feed at the end. */
  readonly text: string;
  /** For `--json`. */
  readonly json: {
    readonly file: string;
    readonly ok: boolean;
    readonly digest?: string;
    readonly faults: readonly Fault[];
    readonly warnings: readonly Fault[];
  };
  /** 1 when the policy cannot be used; warnings alone are 0. */
  readonly exit: 0 | 1;
}

/** `signalbox check FILE`. `now` begins the two years that are searched for times that the clocks skip. */
export const checkCommand = (file: string, now: Date): CheckResult => {
  const result = readPolicy(file, now);
  const faults = result.ok ? [] : result.faults;
  const lines = [...faults, ...result.warnings]
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(formatFault);
  const verdict = result.ok
    ? `${file} is valid: ${contents(result.policy)}; ${count(result.warnings.length, 'warning')}`
    : `${file} cannot be used: ${count(faults.length, 'fault')}, ${count(result.warnings.length, 'warning')}`;
  return {
    text: [...lines, verdict].join('\n'),
    json: {
      file,
      ok: result.ok,
      ...(result.ok ? { digest: result.digest } : {}),
      faults,
      warnings: result.warnings,
    },
    exit: result.ok ? 0 : 1,
  };
};

const contents = ({ services, people, trains }: Policy): string =>
  [count(services.size, 'service'), count(people.size, 'person', 'people'), count(trains.size, 'train')].join(
    ', ',
  );

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
