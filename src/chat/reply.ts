import type { Card } from './card.ts';

export interface Reply {
  readonly card: Card;
  /** `asker`: only the one who asked sees it; `channel`: everyone where it was asked. */
  readonly audience: 'asker' | 'channel';
  /** Nothing was done. `field`: which field of the form that was filled in is at fault. */
  readonly refused?: { readonly field?: string };
  /** Of a press that was refused: what it acts on, as it is now. The card that was pressed may be of before. */
  readonly present?: Card;
}
