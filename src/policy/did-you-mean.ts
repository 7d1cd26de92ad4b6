import { closest } from '../domain/spelling.ts';

/** `; did you mean "checkout"?`, or nothing when no candidate is near. */
export const didYouMean = (word: string, candidates: Iterable<string>): string => {
  const meant = closest(word, candidates);
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
};
