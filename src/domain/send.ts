import type { Destination } from './notice.ts';
import type { Way, WayRule } from './oncall.ts';
import type { PersonId } from './policy.ts';

/** Where a way ends: a conversation of a chat platform, or a telephone. */
export type Address = Destination | { readonly phone: string };

/** One message or call to one person because of a page. */
export interface Send {
  readonly id: number;
  readonly page: number;
  readonly level: number;
  /**
   * `page`: asks for an answer, leaves only while the page is open. `reminder`: to its owner, while it is theirs.
   * `help`: to somebody who was asked to help, until that person has come.
   */
  readonly kind: 'page' | 'reminder' | 'help';
  readonly person: PersonId;
  readonly way: Way;
  readonly address: Address;
  readonly attempts: number;
}

export interface PlannedSend {
  readonly way: Way;
  readonly address: Address;
  /** Milliseconds from now. */
  readonly after: number;
}

/** Loud enough to wake somebody, and quiet for the first minutes in which a chat message may do. */
export const usualWays: readonly WayRule[] = [
  { way: 'chat', after: 0 },
  { way: 'sms', after: 2 * 60_000 },
  { way: 'voice', after: 5 * 60_000 },
];

/** A person's ways as far as they lead anywhere; the first one is taken at once. Empty: the person cannot be reached. */
export const plannedSends = (
  rules: readonly WayRule[] | undefined,
  addressOf: (way: Way) => Address | undefined,
): readonly PlannedSend[] => {
  const possible = (rules ?? usualWays)
    .flatMap(({ way, after }) => {
      const address = addressOf(way);
      return address === undefined ? [] : [{ way, address, after }];
    })
    .sort((a, b) => a.after - b.after);
  const first = possible[0]?.after ?? 0;
  return possible.map((send) => ({ ...send, after: send.after - first }));
};

/** The first way that wakes nobody; by telephone only whom nothing else reaches. */
export const quietly = (ways: readonly PlannedSend[]): readonly PlannedSend[] => {
  const first = ways.find(({ way }) => way !== 'sms' && way !== 'voice') ?? ways[0];
  return first === undefined ? [] : [{ ...first, after: 0 }];
};
