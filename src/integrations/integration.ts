/** Signs what the record was, with a key that is not in the database, and keeps it where the database cannot reach. */
export interface Notary {
  /** A signed note (C2SP): the text, an empty line, and one line of signature. */
  sign(text: string): string;
  /** Durable when it resolves. */
  keep(note: string): Promise<void>;
  /** For those who verify: `name+key id+key`. */
  readonly verifierKey: string;
}
