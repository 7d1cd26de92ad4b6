import type { Aspect } from './aspect.ts';
import { type DeploymentState, isDeployed, isLive } from './deployment.ts';
import type { EnvironmentName, ServiceName } from './policy.ts';
import { minute } from './time.ts';

export interface Place {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
  readonly platform: string;
  readonly aspect: Aspect;
}

/** What is known of a place. */
export interface Observed extends Place {
  /** What two readings agreed on; null before. */
  readonly value: string | null;
  /** Since when it reads so: the first of the two. */
  readonly since: Date | null;
  /** What one reading said since. */
  readonly candidate: string | null;
  readonly candidateAt: Date | null;
  /** Of the newest reading. */
  readonly readAt: Date;
  /** What is in order there though no deployment of ours brought it: the first that was read, or what somebody claimed. */
  readonly accepted: string | null;
  readonly acceptedAt: Date | null;
}

/** What two readings agreed on, kept. */
export interface ConfirmedReading extends Place {
  readonly value: string;
  readonly observedAt: Date;
  /** When it was confirmed. */
  readonly receivedAt: Date;
}

/** `stale`: older than what is known · `same`: nothing new · `first`: something new, once · `confirmed`: twice. */
export type Weight = 'stale' | 'same' | 'first' | 'confirmed';

export const weigh = (known: Observed | undefined, value: string, at: Date): Weight => {
  if (known === undefined) return 'first';
  if (at <= known.readAt) return 'stale';
  if (value === known.value) return 'same';
  return value === known.candidate ? 'confirmed' : 'first';
};

/** What is known after a reading that is not stale. */
export const after = (known: Observed | undefined, place: Place, value: string, at: Date): Observed => {
  const before = known ?? { ...place, ...unknown, readAt: at };
  switch (weigh(known, value, at)) {
    case 'stale':
      return before;
    case 'same':
      return { ...before, candidate: null, candidateAt: null, readAt: at };
    case 'first':
      return { ...before, candidate: value, candidateAt: at, readAt: at };
    case 'confirmed':
      return {
        ...before,
        value,
        since: before.candidateAt,
        candidate: null,
        candidateAt: null,
        readAt: at,
      };
  }
};

const unknown = {
  value: null,
  since: null,
  candidate: null,
  candidateAt: null,
  accepted: null,
  acceptedAt: null,
} as const;

/** A deployment to production that has started, as far as a reading can tell. */
export interface Shipped {
  readonly artifact: string;
  readonly version: string;
  readonly state: DeploymentState;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

/** How long production may still read as before a deployment ended, unless the service says otherwise. */
export const usualDelayMs = 15 * minute;

/**
 * Whether what two readings agree on is in order. `ours`: a deployment brought it · `baseline`: the first that is known ·
 * `accepted`: somebody had claimed it, or it was there from the beginning · `stranger`: nobody has said a word of it.
 */
export const judgeReading = (
  { aspect, value, since, accepted, acceptedAt }: Observed,
  /** Of the service, in the order in which they started. */
  shipped: readonly Shipped[],
  delayMs: number,
): 'ours' | 'baseline' | 'accepted' | 'stranger' => {
  const at = since ?? new Date(0);
  const changing = shipped.filter((one, i) => mayChange(one, i === shipped.length - 1, at, delayMs));
  const standing = shipped.filter(({ state }) => isDeployed(state));
  const last = standing.at(-1);
  if (aspect === 'artifact') {
    // While one of ours is under way, and shortly after, its bytes may be there or those before it.
    const possible = [
      ...(last === undefined ? [] : [last]),
      ...changing,
      ...changing.flatMap((one) => standing.filter((other) => other.startedAt < one.startedAt).at(-1) ?? []),
    ];
    if (possible.some((one) => reads(value, one))) return 'ours';
  } else if (changing.length > 0) return 'ours';
  const superseded =
    aspect === 'artifact' &&
    last !== undefined &&
    acceptedAt !== null &&
    (last.finishedAt ?? at) > acceptedAt;
  if (value === accepted && (!superseded || changing.length > 0)) return 'accepted';
  const nothingKnown =
    accepted === null && (aspect === 'configuration' || standing.every((one) => changing.includes(one)));
  return nothingKnown ? 'baseline' : 'stranger';
};

/** A reading names bytes by their digest, or by a version where that is all that can be seen. */
export const reads = (value: string | null, { artifact, version }: Pick<Shipped, 'artifact' | 'version'>) =>
  value === artifact || value === version;

const mayChange = (
  { state, startedAt, finishedAt }: Shipped,
  isLast: boolean,
  at: Date,
  delayMs: number,
): boolean => {
  if (isLive(state)) return true;
  // Neither done nor undone, and a person is on it.
  if (state === 'failed') return isLast;
  return startedAt <= at && (finishedAt === null || at.getTime() <= finishedAt.getTime() + delayMs);
};

/** What was seen in production and nobody had recorded: somebody claims it, or nobody does and it is an incident. */
export interface ObservedChange extends Place {
  readonly id: number;
  readonly value: string;
  /** What was there before, as far as is known. */
  readonly was: string | null;
  readonly since: Date;
  readonly foundAt: Date;
  readonly state: 'open' | 'claimed' | 'denied';
  readonly answeredBy: string | null;
  readonly answeredAt: Date | null;
  readonly incident: number | null;
  /** How often people were asked. */
  readonly contacts: number;
}

export const observedName = (id: number): string => `OBS-${id}`;

/** `OBS-4`, `obs-4` or `4`; undefined for anything else. */
export const observedNumber = (text: string): number | undefined => {
  const match = /^(?:OBS-)?([1-9][0-9]{0,8})$/i.exec(text.trim());
  return match?.[1] === undefined ? undefined : Number(match[1]);
};
