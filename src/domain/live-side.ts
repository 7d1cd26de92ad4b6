import type { Direction, Sides } from './deployment.ts';
import type { Part, SidesRule } from './policy.ts';

/** What was answered when it was asked which side is live. */
export type LiveSide =
  | { readonly known: true; readonly side: string }
  | { readonly known: false; readonly reason: string };

/** An answer counts when it names one of the two. */
export const sideIn = (names: readonly string[], answer: string): LiveSide =>
  names.includes(answer)
    ? { known: true, side: answer }
    : { known: false, reason: `the answer “${answer.slice(0, 60)}” is neither ${names.join(' nor ')}` };

/** The idle side gets the artifact. Undefined while nobody knows which one that is. */
export const sidesOf = ({ names }: SidesRule, live: LiveSide | undefined): Sides | undefined => {
  if (live?.known !== true) return undefined;
  const [one, other] = names;
  if (live.side === one) return { new: other, old: one };
  return live.side === other ? { new: one, old: other } : undefined;
};

/**
 * The side that has to be live for a step, so that it alters the idle one only. Undefined: it alters neither, or it
 * takes a switch back, which is never kept from anybody (L9).
 */
export const mustBeLive = (
  part: Part | undefined,
  direction: Direction,
  sides: Sides,
): string | undefined => {
  switch (part) {
    case 'prepare':
      return sides.old;
    case 'switch':
      return direction === 'do' ? sides.old : undefined;
    case 'refresh':
      return sides.new;
    case 'verify':
    case 'validate':
    case undefined:
      return undefined;
  }
};
