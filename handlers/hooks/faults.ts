import type { z } from 'zod';

/** All of them, in the order of the body. */
export const faultsOf = ({ issues }: z.ZodError) =>
  issues.flatMap((issue) => {
    const at = (...path: readonly PropertyKey[]) => [...issue.path, ...path].map(String).join('.');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: at(key), message: 'is not known here' }))
      : [{ path: at(), message: issue.message }];
  });
