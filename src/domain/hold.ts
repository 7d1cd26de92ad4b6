import type { Excuse } from './excuse.ts';

/** A time ends it, and nobody has to do anything about it. */
const passesWithTime = ({ code }: Excuse): boolean =>
  code === 'window-shut' || code === 'frozen' || code === 'cutoff-open';

/** Somebody has to do something about it; whatever comes after is held with it. */
export const needsPerson = (excuse: Excuse): boolean => !isTransient(excuse) && !passesWithTime(excuse);

/**
 * Of several reasons the one that says most: what people have to end, then what time ends, then what passes by itself.
 * What found no room in a window is still told so once it has closed.
 */
export const mostTelling = (excuses: readonly Excuse[], known: Excuse | null): Excuse | undefined => {
  const found = excuses.find(needsPerson) ?? excuses.find(passesWithTime) ?? excuses[0];
  const roomless = known?.code === 'does-not-fit' || known?.code === 'window-full';
  return found?.code === 'window-shut' && roomless ? known : found;
};

/** Passes by itself within the night, as the deployments before it finish; everything else is a hold. */
export const isTransient = (excuse: Excuse): boolean =>
  excuse.code === 'waits-for' ||
  excuse.code === 'records-unasked' ||
  excuse.code === 'service-busy' ||
  excuse.code === 'slots-busy' ||
  excuse.code === 'resource-busy';
