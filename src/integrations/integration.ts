/** Signs what the record was, with a key that is not in the database, and keeps it where the database cannot reach. */
export interface Notary {
  /** A signed note (C2SP): the text, an empty line, and one line of signature. */
  sign(text: string): string;
  /** Durable when it resolves. */
  keep(note: string): Promise<void>;
  /** For those who verify: `name+key id+key`. */
  readonly verifierKey: string;
}

/** What the outside can be asked to do, in no provider's words. */
export interface Telephony {
  /** Resolves to the provider's id once it has accepted; whether it arrives is another matter. Throws `TelephonyError`. */
  sms(to: string, text: string): Promise<string>;
  /** Calls, says the text and takes a digit: 1 acknowledges, 2 escalates. `page` and `level` come back with the digit. */
  call(to: string, call: Call): Promise<string>;
}

export interface Call {
  readonly text: string;
  readonly page: number;
  readonly level: number;
}

export class TelephonyError extends Error {
  readonly code: string;
  /** `retry`: try again; `refused`: it will never work for this number; `unknown`: it may have left. */
  readonly outcome: 'retry' | 'refused' | 'unknown';
  readonly retryAfterMs: number;
  constructor(code: string, outcome: 'retry' | 'refused' | 'unknown', retryAfterMs = 1_000) {
    super(code);
    this.name = 'TelephonyError';
    this.code = code;
    this.outcome = outcome;
    this.retryAfterMs = retryAfterMs;
  }
}
