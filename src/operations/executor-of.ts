import type { Executor, Executors, Handle, StepStatus } from '../executors/executor.ts';

/** The one that the handle is of. An executor that this instance does not have says so, and runs nothing. */
export const executorOf = (executors: Executors, handle: Handle): Executor => {
  const { executor: name = 'command' } = handle;
  const known = Object.entries(executors).find(([key]) => key === name)?.[1];
  if (known !== undefined) return known;
  const never: StepStatus = { state: 'never-started', reason: `this instance has no executor ${name}` };
  return {
    name,
    prepare: () => ({ executor: name }),
    start: async () => {},
    status: async () => never,
    wait: async () => never,
    cancel: async () => {},
  };
};
