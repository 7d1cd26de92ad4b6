import type { EnvironmentName, PersonId, RoleName, ServiceName } from './policy.ts';
import type { Doubt } from './provenance.ts';

/** Named as the requirements they meet. */
export const evidenceKinds = [
  'build',
  'deployed',
  'verified',
  'sign-off',
  'records',
  'date-approved',
  'milestone',
] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];
export type Outcome = 'pass' | 'fail';

/**
 * A recorded fact. It belongs to an artifact (L4), or to a change where it is about the request and not the bytes
 * (`records`, `date-approved`), or to a milestone. Never edited: a later observation of the same thing supersedes it.
 */
export interface Evidence {
  readonly id: number;
  readonly kind: EvidenceKind;
  /** Null for a milestone, which is of none. */
  readonly service: ServiceName | null;
  /** Name of it, for `milestone`. */
  readonly milestone?: string;
  /** What was set where it was deployed, as the report said: values, or digests of them. */
  readonly configuration?: Readonly<Record<string, string>>;
  readonly artifact: string | null;
  readonly change: number | null;
  readonly environment: EnvironmentName | null;
  readonly platform: string | null;
  readonly role: RoleName | null;
  /** Who built it, for `build`; a builder that the policy does not trust is shown but does not count. */
  readonly builder: string | null;
  /** Why a build does not count, though its builder may be trusted. */
  readonly doubt?: Doubt;
  /** Who wrote what a `build` was built from, as its report says: ids of people or e-mail addresses. Absent: not said. */
  readonly authors?: readonly string[];
  /** The train whose date was approved, for `date-approved`. */
  readonly train: string | null;
  readonly outcome: Outcome;
  /** Null when a system reported it. */
  readonly person: PersonId | null;
  readonly source: string;
  readonly comment: string | null;
  readonly url: string | null;
  readonly observedAt: Date;
  readonly receivedAt: Date;
}

/** Later observations come last; equal ones in order of arrival. */
const byObservation = (a: Evidence, b: Evidence): number =>
  a.observedAt.getTime() - b.observedAt.getTime() ||
  a.receivedAt.getTime() - b.receivedAt.getTime() ||
  a.id - b.id;

/** The observation in force among those that match: the newest, whatever it says. */
export const inForce = (
  evidence: readonly Evidence[],
  matches: (candidate: Evidence) => boolean,
): Evidence | undefined => evidence.filter(matches).sort(byObservation).at(-1);
