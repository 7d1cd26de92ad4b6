import { openCutoffs } from '../store/trains.ts';
import { cutoffId } from './close-cutoff.ts';
import type { Context } from './context.ts';

/** Every second in every instance: holds the cutoffs to come, lets go of those that are past and settled here (L3). */
export const attendCutoffs = async (context: Context): Promise<void> => {
  const open = await openCutoffs(context.store.db);
  await context.arrivals.attend(
    open.map(({ train, name, at }) => ({ id: cutoffId(train, name), at })),
    context.clock.now(),
  );
};
