/** Keys and indexes from the root of the file to a value. */
export type Path = readonly (string | number)[];

/** Something wrong with a policy file; a `warning` does not keep the policy from being used. */
export interface Fault {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** Both count from 1; the column counts UTF-16 code units, as editors do. */
  readonly line: number;
  readonly column: number;
  /** `services.checkout.dependsOn[1]`; `(file)` when the fault belongs to no single value. */
  readonly path: string;
  readonly message: string;
}

/** A fault before its place in the file has been looked up. */
export interface Finding {
  readonly path: Path;
  /** Point at the key instead of its value. */
  readonly at?: 'key' | 'value';
  readonly message: string;
}

/** `file:line:column path: message`; a warning's message begins with `warning: `. */
export const formatFault = ({ severity, file, line, column, path, message }: Fault): string =>
  `${file}:${line}:${column} ${path}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;

export const formatPath = (path: Path): string => {
  if (path.length === 0) return '(file)';
  return path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return i === 0 ? step : `.${step}`;
    })
    .join('');
};

/** In the order of the file; what was found twice is said once. */
export const sortFaults = (faults: readonly Fault[]): readonly Fault[] => {
  const distinct = new Map(faults.map((fault) => [formatFault(fault), fault]));
  return [...distinct.values()].sort((a, b) => a.line - b.line || a.column - b.column);
};
