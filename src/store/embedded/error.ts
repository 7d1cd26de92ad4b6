/** The embedded database cannot be used, and why. The message is for the person who starts Signalbox. */
export class EmbeddedDatabaseError extends Error {
  readonly code:
    | 'data-folder-in-use'
    | 'data-folder-unusable'
    | 'no-binaries'
    | 'initdb-failed'
    | 'did-not-start';
  readonly facts: Readonly<Record<string, string | number>>;
  constructor(
    code: EmbeddedDatabaseError['code'],
    message: string,
    facts: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.name = 'EmbeddedDatabaseError';
    this.code = code;
    this.facts = facts;
  }
}

/** Ends messages about a machine on which the embedded server cannot run. */
export const orYourOwn = 'Or set DATABASE_URL to a PostgreSQL server (13 or later) of your own.';
