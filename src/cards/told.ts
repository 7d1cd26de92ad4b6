import type { Span, Text } from '../chat/card.ts';

/** What a refusal says: what was refused, why, and the command that helps, when the refusal itself names none. */
export interface Told {
  readonly title: string;
  /** Whole sentences. */
  readonly why: Text;
  readonly next?: string;
  /** Default: the movers are shown as those whose move it is. */
  /** When it became so. */
  readonly since?: Span;
  readonly movers?: 'who may' | 'nobody';
}
