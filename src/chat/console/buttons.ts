import type { Button } from '../card.ts';

export interface ShownButton {
  readonly button: Button;
  /** Where its card was posted; absent for a private one. */
  readonly channel?: string;
}

/** Which number presses which button, over all cards that were shown lately. */
export interface ButtonBoard {
  /**
   * The numbers of a card's buttons, in their order. A card that is shown again keeps the number of a button
   * that does the same, and the numbers of its other buttons mean nothing any more.
   */
  numbersFor(card: string, buttons: readonly Button[], channel?: string): readonly number[];
  pressed(number: number): ShownButton | undefined;
}

/** Remembers the last `cards` cards with buttons. A number comes round again only after about a hundred others. */
export const buttonBoard = (cards = 20): ButtonBoard => {
  const shown = new Map<string, ReadonlyMap<number, ShownButton>>();
  let last = 0;
  const nextFree = (taken: ReadonlySet<number>): number => {
    const highest = Math.max(99, 2 * taken.size);
    do last = (last % highest) + 1;
    while (taken.has(last));
    return last;
  };
  return {
    numbersFor: (card, buttons, channel) => {
      const before = [...(shown.get(card) ?? [])];
      const taken = new Set([...shown.values()].flatMap((numbered) => [...numbered.keys()]));
      const numbered = new Map<number, ShownButton>();
      for (const button of buttons) {
        const kept = before.find(([number, old]) => doesTheSame(old.button, button) && !numbered.has(number));
        const number = kept?.[0] ?? nextFree(taken);
        taken.add(number);
        numbered.set(number, { button, ...(channel === undefined ? {} : { channel }) });
      }
      shown.delete(card);
      if (numbered.size > 0) shown.set(card, numbered);
      for (const oldest of shown.keys()) if (shown.size > cards) shown.delete(oldest);
      return [...numbered.keys()];
    },
    pressed: (number) => {
      for (const numbered of shown.values()) {
        const button = numbered.get(number);
        if (button !== undefined) return button;
      }
      return undefined;
    },
  };
};

const doesTheSame = (a: Button, b: Button): boolean =>
  JSON.stringify([a.verb, a.subject, a.args ?? []]) === JSON.stringify([b.verb, b.subject, b.args ?? []]);
