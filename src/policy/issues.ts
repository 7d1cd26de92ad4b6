import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import type { Finding, Path } from './fault.ts';
import { found } from './scalars.ts';
import { type JsonSchema, type PolicyFile, policyJsonSchema, policySchema } from './schema.ts';
import { isMapping } from './select.ts';

export interface Parsed {
  /** Absent when there are findings. */
  readonly file?: PolicyFile;
  readonly findings: readonly Finding[];
}

/** Every fault of form. Takes unknown keys out of `value` and goes on, as they would hide what is beside them. */
export const parseFile = (value: unknown): Parsed => {
  const first = policySchema.safeParse(value, { error: describe });
  if (first.success) return { file: first.data, findings: [] };
  const unknown = first.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ parent: toPath(issue.path), key })) : [],
  );
  if (unknown.length === 0) return { findings: first.error.issues.flatMap(toFindings) };
  const schema = policyJsonSchema();
  const findings = unknown.map(({ parent, key }): Finding => {
    const known = keysAt(schema, parent);
    const meant = didYouMean(key, known);
    return {
      path: [...parent, key],
      at: 'key',
      message: `unknown key${meant === '' ? `; known here: ${known.join(', ')}` : meant}`,
    };
  });
  for (const { parent, key } of unknown) remove(value, parent, key);
  return { findings: [...findings, ...parseFile(value).findings] };
};

type Issue = z.core.$ZodIssue;

const toFindings = (issue: Issue): readonly Finding[] => {
  const path = toPath(issue.path);
  if (issue.code !== 'invalid_key') return [{ path, message: issue.message }];
  return issue.issues.map(({ message }) => ({ path, at: 'key' as const, message }));
};

const describe = (issue: z.core.$ZodRawIssue): string => {
  if (issue.input === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected] ?? issue.expected}, found ${found(issue.input)}${hint(issue)}`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = typeof issue.input === 'string' ? didYouMean(issue.input, values) : '';
      return `expected one of ${values.join(', ')}, found ${found(issue.input)}${meant}`;
    }
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message ?? 'is not valid';
  }
};

const kinds: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  int: 'a whole number',
  number: 'a whole number',
  string: 'text',
};

const hint = ({ expected, input }: { readonly expected?: unknown; readonly input?: unknown }): string => {
  if (expected === 'array' && typeof input === 'string') return `; write [${input.slice(0, 60)}]`;
  return input === null && (expected === 'object' || expected === 'record') ? '; {} takes every default' : '';
};

const toPath = (path: readonly PropertyKey[]): Path =>
  path.map((step) => (typeof step === 'number' ? step : String(step)));

const keysAt = (schema: JsonSchema, path: Path): readonly string[] => {
  let at: JsonSchema | boolean | undefined = schema;
  for (const step of path) {
    if (typeof at !== 'object') return [];
    const { items, properties, additionalProperties }: JsonSchema = at;
    at =
      typeof step === 'number' && !Array.isArray(items)
        ? items
        : (properties?.[step] ?? additionalProperties);
  }
  return typeof at === 'object' ? Object.keys(at.properties ?? {}) : [];
};

const remove = (value: unknown, parent: Path, key: string): void => {
  let at = value;
  for (const step of parent) at = isMapping(at) ? at[step] : undefined;
  if (isMapping(at)) delete at[key];
};
