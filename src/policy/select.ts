import type { Path } from './fault.ts';

export interface Selected {
  readonly path: Path;
  readonly value: unknown;
  readonly at: 'key' | 'value';
}

/**
 * What stands at a pattern of steps in a plain value: `*` is every entry, `key()` the entries' keys instead of
 * their values. What is not there is passed over.
 */
export const select = (value: unknown, pattern: readonly string[], path: Path = []): readonly Selected[] => {
  const [step, ...rest] = pattern;
  if (step === undefined) return [{ path, value, at: 'value' }];
  if (!isMapping(value)) return [];
  if (step === 'key()')
    return Object.keys(value).map((key) => ({ path: [...path, key], value: key, at: 'key' }));
  if (step !== '*') return Object.hasOwn(value, step) ? select(value[step], rest, [...path, step]) : [];
  const steps: readonly (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return steps.flatMap((key) => select(value[key], rest, [...path, key]));
};

/** A mapping or a list. */
export const isMapping = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === 'object' && value !== null;
