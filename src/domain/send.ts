import type { Destination } from './notice.ts';
import type { Way, WayRule } from './oncall.ts';
import type { PersonId } from './policy.ts';

/** Where a way ends: a conversation of a chat platform, a telephone, a mailbox, or a system that is told. */
export type Address =
  | Destination
  | { readonly phone: string }
  | { readonly email: string }
  /** `secret`: the name of the key that signs what is posted there. */
  | { readonly url: string; readonly secret: string }
  /** The name of the secret that is PagerDuty's routing key. */
  | { readonly routingKey: string };

/** Systems that are told of a page are told of its answer too. */
export const systemWays = ['webhook', 'pagerduty'] as const satisfies readonly Way[];

/** One message or call to one person because of a page. */
export interface Send {
  readonly id: number;
  readonly page: number;
  readonly level: number;
  /**
   * `page`: asks for an answer, leaves only while the page is open. `reminder`: to its owner, while it is theirs.
   * `help`: to somebody who was asked to help, until that person has come. `update`: tells a system that was told of the
   * page that it has been answered.
   */
  readonly kind: 'page' | 'reminder' | 'help' | 'update';
  readonly person: PersonId;
  readonly way: Way;
  readonly address: Address;
  readonly attempts: number;
  /** Calls of this level to this person before this one. */
  readonly nth: number;
}

/** A call that nobody has answered with a key is repeated, so often and after so many milliseconds. */
export const callRepeats = { most: 2, after: 3 * 60_000 };

export interface PlannedSend {
  readonly way: Way;
  readonly address: Address;
  /** Milliseconds from now. */
  readonly after: number;
}

/** Loud enough to wake somebody, and quiet for the first minutes in which a chat message may do. */
export const usualWays: readonly WayRule[] = [
  { way: 'chat', after: 0 },
  { way: 'webhook', after: 0 },
  { way: 'pagerduty', after: 0 },
  { way: 'sms', after: 2 * 60_000 },
  { way: 'voice', after: 5 * 60_000 },
  { way: 'email', after: 5 * 60_000 },
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

/** The first way that wakes nobody; another one only for whom neither chat nor e-mail reaches. */
export const quietly = (ways: readonly PlannedSend[]): readonly PlannedSend[] => {
  const first = ways.find(({ way }) => way === 'chat' || way === 'email') ?? ways[0];
  return first === undefined ? [] : [{ ...first, after: 0 }];
};
