import type { TrackerRule } from '../domain/tracker.ts';

/** Signs what the record was, with a key that is not in the database, and keeps it where the database cannot reach. */
export interface Notary {
  /** A signed note (C2SP): the text, an empty line, and one line of signature. */
  sign(text: string): string;
  /** Durable when it resolves. */
  keep(note: string): Promise<void>;
  /** For those who verify: `name+key id+key`. */
  readonly verifierKey: string;
}

/**
 * What the outside can be asked to do, in no provider's words. Each resolves to the provider's id once it has accepted;
 * whether it arrives is another matter. Each throws `DeliveryError` and nothing else.
 */
export interface Telephony {
  /** `send` comes back with what becomes of it. */
  sms(to: string, text: string, send: number): Promise<string>;
  /** Calls, says the text and takes a digit: 1 acknowledges, 2 escalates. `page` and `level` come back with the digit. */
  call(to: string, call: Call): Promise<string>;
}

export interface Call {
  readonly text: string;
  readonly page: number;
  readonly level: number;
  readonly send: number;
}

export interface Mailer {
  send(mail: Mail): Promise<string>;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same for every try: a mailbox that gets it twice may show it once. */
  readonly key: string;
  /** What it is about: mails of one page are one conversation. */
  readonly about: string;
}

export interface Webhook {
  /** Posts JSON, signed with the secret of this name. `key`: the same for every try. */
  post(to: { readonly url: string; readonly secret: string }, key: string, body: object): Promise<string>;
}

export interface PagerDuty {
  /** `routingKey`: the name of the secret. */
  tell(routingKey: string, event: PagerDutyEvent): Promise<string>;
}

/** What PagerDuty's Events v2 has besides the routing key. */
export type PagerDutyEvent =
  | { readonly event_action: 'acknowledge' | 'resolve'; readonly dedup_key: string }
  | {
      readonly event_action: 'trigger';
      readonly dedup_key: string;
      readonly payload: {
        /** At most 1,024 characters. */
        readonly summary: string;
        readonly source: string;
        readonly severity: 'critical' | 'error' | 'warning' | 'info';
        readonly timestamp: string;
        readonly component?: string;
        readonly custom_details: Readonly<Record<string, string>>;
      };
      readonly links: readonly { readonly href: string; readonly text: string }[];
    };

/** Where a ticket stands, or why nobody can say. */
export type TicketAnswer = { readonly state: string } | { readonly fault: string };

export interface Trackers {
  /** Never rejects, and never takes long. */
  ask(rule: TrackerRule, record: string): Promise<TicketAnswer>;
}

export class DeliveryError extends Error {
  readonly code: string;
  /** `retry`: try again; `refused`: it will never work for this address; `unknown`: it may have left. */
  readonly outcome: 'retry' | 'refused' | 'unknown';
  readonly retryAfterMs: number;
  constructor(code: string, outcome: 'retry' | 'refused' | 'unknown', retryAfterMs = 1_000) {
    super(code);
    this.name = 'DeliveryError';
    this.code = code;
    this.outcome = outcome;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Who signed what, of which certificate authorities of a trusted root vouch. */
export interface Attestations {
  /** `bundle` as it was sent; `trustedRoot` is a file. Total: whatever a stranger sends is a doubt. */
  verify(
    bundle: unknown,
    trustedRoot: string,
  ): Attested | { readonly ok: false; readonly doubt: 'no-trusted-root' | 'unreadable' | 'bad-signature' };
}

export interface Attested {
  readonly ok: true;
  /** Of the payload, as DSSE names it. */
  readonly type: string;
  readonly payload: Buffer;
  /** Who vouched for the signer's identity, such as `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The identity: of a workflow its URL with its ref. */
  readonly subject: string;
}
