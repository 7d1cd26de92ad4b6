import type { Card } from './card.ts';
import type { Request } from './request.ts';

export interface Reply {
  readonly card: Card;
  /** `asker`: only the one who asked sees it; `channel`: everyone where it was asked. */
  readonly audience: 'asker' | 'channel';
  /** Nothing was done. `field`: which field of the form that was filled in is at fault. */
  readonly refused?: { readonly field?: string };
  /** Of a press that was refused: what it acts on, as it is now. The card that was pressed may be of before. */
  readonly present?: Card;
}

/** What every platform asks; total. */
export interface Answer {
  (request: Request): Promise<Reply>;
  /** Undefined: what would be drawn is redrawn by itself where it was pressed. */
  (request: Request, press: Pressing): Promise<Reply | undefined>;
}

export interface Pressing {
  /** Called as soon as what was asked for is durable, which is before its answer is drawn. */
  readonly committed: () => void;
  /** The posted card of the request's subject was pressed. */
  readonly onItsCard: boolean;
}
