import { readYaml } from './yaml.ts';

/** One value that is another now; absent: it is not there. */
export interface Difference {
  /** `approvals.normal.0.operations` */
  readonly path: string;
  /** As JSON on one line. */
  readonly before?: string;
  readonly after?: string;
}

/** What one text of a policy says differently from another, in the order of the first and then of the second. */
export const comparePolicies = (before: string, after: string): readonly Difference[] =>
  differences(readYaml(before).file?.value, readYaml(after).file?.value, '');

const differences = (before: unknown, after: unknown, path: string): readonly Difference[] => {
  if (isTable(before) && isTable(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  const [was, is] = [text(before), text(after)];
  return was === is
    ? []
    : [
        {
          path,
          ...(was === undefined ? {} : { before: was }),
          ...(is === undefined ? {} : { after: is }),
        },
      ];
};

/** Lists are compared whole: `[operations: 1, qa: 1]` reads better than a place in it. */
const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);
