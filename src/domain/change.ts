import type { Late } from './late.ts';
import type { ChangeType, PersonId, ServiceName } from './policy.ts';

/**
 * `boarded`: on a train, collecting its papers · `deploying` · `deployed` · `rolled-back`: tried and undone ·
 * `failed`: tried and neither done nor undone, a person is on it · `withdrawn`.
 */
export const changeStates = [
  'boarded',
  'deploying',
  'deployed',
  'rolled-back',
  'failed',
  'withdrawn',
] as const;
export type ChangeState = (typeof changeStates)[number];

export type Go = 'go' | 'nogo';

export interface Change {
  readonly id: number;
  readonly service: ServiceName;
  readonly type: ChangeType;
  readonly version: string;
  /** `sha256:…`; null until a build of the version is reported. */
  readonly artifact: string | null;
  readonly train: string;
  readonly state: ChangeState;
  readonly requester: PersonId;
  /** Ticket references as the requester wrote them. */
  readonly records: readonly string[];
  readonly note: string;
  /** Numbers of changes that must be in production before it. Absent: none. */
  readonly after?: readonly number[];
  /** Names of milestones that must be there before it. Absent: none. */
  readonly milestones?: readonly string[];
  /** Why bytes that were rolled back are tried again. */
  readonly because?: string;
  /** Decided for this change alone; null follows the train's decision. */
  readonly go: Go | null;
  readonly goReason: string | null;
  /** Who decided so. Absent: nobody. */
  readonly goBy?: PersonId;
  /** Absent: it is on its train in time. */
  readonly late?: Late;
  readonly submittedAt: Date;
}

export const changeName = (id: number): string => `CHG-${id}`;
export const deploymentName = (id: number): string => `DEP-${id}`;

const numbered = (prefix: string, text: string): number | undefined => {
  const match = new RegExp(`^(?:${prefix}-)?([1-9][0-9]{0,8})$`, 'i').exec(text.trim());
  return match?.[1] === undefined ? undefined : Number(match[1]);
};

/** `CHG-17`, `chg-17` or `17`; undefined for anything else. */
export const changeNumber = (text: string): number | undefined => numbered('CHG', text);
export const deploymentNumber = (text: string): number | undefined => numbered('DEP', text);

/** What is decided for the change: its own decision, or else its train's, if that meeting could know of it. */
export const goOf = (change: Pick<Change, 'go' | 'late'>, train: { readonly go: Go | null }): Go | null =>
  train.go === 'nogo' ? 'nogo' : (change.go ?? (change.late?.ownGo === true ? null : train.go));

/** Why it may not go: the train's reason, where that is what holds it, or its own. */
export const noGoReason = (
  change: Pick<Change, 'goReason'>,
  train: { readonly go: Go | null; readonly goReason: string | null },
): string | undefined => (train.go === 'nogo' ? train.goReason : change.goReason) ?? undefined;

/** Whose word of go holds for the change; nobody's when it has none. */
export const goBy = (
  change: Pick<Change, 'go' | 'goBy' | 'late'>,
  train: { readonly go: Go | null; readonly goBy?: PersonId },
): PersonId | undefined => {
  if (goOf(change, train) !== 'go') return undefined;
  return change.go === 'go' ? change.goBy : train.goBy;
};

/** The same bytes only: `sha256:` and 64 hex digits, in lower case. */
export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text);

/** A version is passed to programs as an argument: it never looks like an option, and fits on a card. */
export const isVersion = (text: string): boolean => /^[A-Za-z0-9][\w.+-]{0,63}$/.test(text);

/** As people read a digest: `sha256:1f3a9c0d…`. */
export const shortDigest = (artifact: string): string => `${artifact.slice(0, 15)}…`;
