import { refuse } from './refusal.ts';
import type { LiveQuery, Run } from './run.ts';

/**
 * A command with its placeholders (`{service}`) filled, argument by argument: a value is never split, quoted or
 * looked into for further placeholders. What does not look like a name in braces (JSON, `${…}` with dots) stays.
 * Refuses with `unknown-placeholder` and every name that has no value.
 */
export const fillCommand = (
  command: readonly string[],
  values: Readonly<Record<string, string>>,
): readonly string[] => {
  const known = new Map(Object.entries(values));
  const unknown = new Set(command.flatMap(placeholdersOf).filter((name) => !known.has(name)));
  if (unknown.size > 0)
    refuse({ code: 'unknown-placeholder', facts: { placeholders: [...unknown], known: [...known.keys()] } });
  return command.map((argument) => argument.replaceAll(pattern, (_, name: string) => known.get(name) ?? ''));
};

/** The same for every text of a run, whatever does it. */
export const fillRun = <R extends Run | LiveQuery>(run: R, values: Readonly<Record<string, string>>): R => {
  const texts: string[] = [];
  JSON.stringify(run, (_, value: unknown) => {
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  const filled = new Map(fillCommand(texts, values).map((text, i) => [texts[i], text]));
  return JSON.parse(JSON.stringify(run), (_, value: unknown) =>
    typeof value === 'string' ? (filled.get(value) ?? value) : value,
  );
};

const pattern = /\{([A-Za-z][\w-]*)\}/g;

export const placeholdersOf = (argument: string): readonly string[] =>
  [...argument.matchAll(pattern)].map(([, name = '']) => name);
