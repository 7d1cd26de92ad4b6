import { armTimetable } from './arm-timetable.ts';
import type { Context } from './context.ts';
import { clockActor } from './context.ts';

/** A policy has come into force: it is on the record by its digest, and all that it times is armed. */
export const recordPolicy = async (
  context: Context,
  policy: { readonly digest: string; readonly file: string },
): Promise<void> => {
  await context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) =>
    tx.record({ kind: 'policy-loaded', facts: { digest: policy.digest, file: policy.file } }),
  );
  await armTimetable(context);
};
