import type { Card } from './card.ts';
import type { Identity } from './request.ts';

export type PlatformName = Identity['platform'];

/** Where a message goes: a channel of the platform, or one person, by the platform's own ids. */
export type Destination =
  | { readonly kind: 'channel'; readonly id: string }
  | { readonly kind: 'person'; readonly id: string };

/** Names a posted message on its platform; opaque to everyone else. */
export type MessageRef = Readonly<Record<string, string>>;

/** How a message is posted, beyond where and what. */
export interface Posting {
  /** The same for every try of one message: a platform that can finds by it what may have been posted. */
  readonly key?: string;
  /** An earlier try may have posted it. */
  readonly again?: boolean;
  /** Of a message in the same place: this one belongs below it. */
  readonly thread?: MessageRef;
}

/** What the outbox needs of a chat platform. Throws `PlatformError` and nothing else. */
export interface Platform {
  readonly name: PlatformName;
  /**
   * Milliseconds until a message may be posted there, or one edited, within the platform's limits; 0 takes the turn, which
   * is then to be used. Absent: at any time.
   */
  turn?(to: Destination, deed: 'post' | 'edit'): number;
  post(to: Destination, card: Card, posting?: Posting): Promise<MessageRef>;
  update(ref: MessageRef, card: Card): Promise<void>;
}

export class PlatformError extends Error {
  readonly code: string;
  /** `retry`: try again after `retryAfterMs`; `gone`: the destination is dead; `unknown`: it may have been posted. */
  readonly outcome: 'retry' | 'gone' | 'unknown';
  readonly retryAfterMs: number;
  constructor(code: string, outcome: 'retry' | 'gone' | 'unknown', retryAfterMs = 1_000) {
    super(code);
    this.name = 'PlatformError';
    this.code = code;
    this.outcome = outcome;
    this.retryAfterMs = retryAfterMs;
  }
}
