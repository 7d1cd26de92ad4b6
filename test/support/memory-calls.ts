import type { StepCallFacts, StepCalls } from '../../src/domain/step-call.ts';

/** As the database keeps them, for executors that are tested without one. */
export const memoryCalls = (): StepCalls => {
  const calls = new Map<string, StepCallFacts>();
  return {
    take: async (run) => !calls.has(run) && calls.set(run, {}).size > 0,
    decline: async (run, reason) => {
      const known = calls.get(run);
      if (known === undefined) calls.set(run, { declined: reason });
      return known === undefined || known.declined !== undefined;
    },
    note: async (run, facts) => {
      const known = calls.get(run);
      if (known?.ended === undefined) calls.set(run, { ...known, ...facts });
    },
    read: async (run) => calls.get(run),
    forget: async (run) => void calls.delete(run),
  };
};
