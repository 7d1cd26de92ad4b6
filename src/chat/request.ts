/** Who acts, by the platform's immutable id; the policy maps it to a person. Display names mean nothing. */
export interface Identity {
  readonly platform: 'slack' | 'teams' | 'console';
  /** Workspace or tenant; absent on the console. */
  readonly tenant?: string;
  readonly id: string;
  /** From the platform's own roster, for whom the policy may not know by their id; never what somebody claims. */
  readonly email?: string;
}

/** What a platform's receive.ts makes of a command, a mention or a button. */
export interface Request {
  /** Unique per user action, stable over the platform's retries: a repeat has no second effect (L8). */
  readonly id: string;
  readonly actor: Identity;
  /** Where it was said; absent in a direct conversation. */
  readonly channel?: string;
  /** `change approve`, `train go`: the words as typed, before the subject. Empty for an empty line. */
  readonly verb: string;
  /** `CHG-17`, a train or a deployment; absent when the command names none. */
  readonly subject?: string;
  readonly args: readonly string[];
  /** `--type content` as `type: 'content'`; absent from buttons. */
  readonly flags?: Readonly<Record<string, string>>;
  /** When it reached Signalbox (L3). */
  readonly receivedAt: Date;
}
