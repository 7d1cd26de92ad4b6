import type { AdaptiveCard } from './render.ts';

/** Where a message can be sent. It is stored as JSON. */
export interface Place {
  /** Of a channel: `19:…@thread.tacv2`, of a thread in it `…;messageid=ROOT`; of a chat any other id. */
  readonly conversation: string;
  /** Changes from time to time; the newest is the right one. */
  readonly serviceUrl: string;
  readonly tenant: string;
}

export interface Message {
  /** For notifications; Teams splits a message with text and card in two. */
  readonly summary: string;
  readonly card: AdaptiveCard;
  /** Raises a notification even where the channel is muted for posts of apps. */
  readonly alert?: boolean;
}

export interface Member {
  /** Teams' own, per bot. */
  readonly id?: string;
  readonly aadObjectId?: string;
  readonly email?: string;
  readonly userPrincipalName?: string;
}

/**
 * What Signalbox needs of a Teams SDK, and all of it: a successor SDK is one other implementation. Methods that send
 * try once, and throw `PortError` and nothing else.
 */
export interface TeamsPort {
  /** Whether the message is from Teams, by its signed token. Throws `Unverified`. */
  verify(activity: unknown, authorization: string): Promise<void>;
  /** Resolves to the message's id. */
  send(place: Place, message: Message): Promise<string>;
  update(place: Place, id: string, message: Message): Promise<void>;
  /** Takes one of our own messages away. */
  remove(place: Place, id: string): Promise<void>;
  /** A new post in a channel: the thread that it begins, and its own id. */
  createRoot(
    channel: Place,
    message: Message,
  ): Promise<{ readonly conversation: string; readonly id: string }>;
  /** The chat with one person, by their Entra object id; the same one whenever it is asked for. */
  createPersonal(place: Omit<Place, 'conversation'>, user: string): Promise<string>;
  /** From the roster of a conversation that the bot is in. `user` is Teams' id for them there. */
  getMember(place: Place, user: string): Promise<Member>;
}

/** `forged`: it is not from Teams. `unsure`: that could not be found out now. */
export class Unverified extends Error {
  readonly reason: 'forged' | 'unsure';
  constructor(reason: 'forged' | 'unsure', cause: unknown) {
    super(reason, { cause });
    this.name = 'Unverified';
    this.reason = reason;
  }
}

export class PortError extends Error {
  /** Absent: there was no answer. */
  readonly status: number | undefined;
  /** Teams' own, `BotNotInConversationRoster`; or the system's, `ECONNREFUSED`. */
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  constructor(
    code: string,
    { status, retryAfterMs, cause }: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(`${status ?? 'no answer'} ${code}`, { cause });
    this.name = 'PortError';
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
