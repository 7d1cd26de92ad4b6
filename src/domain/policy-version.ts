import type { ApprovalCase } from './approval.ts';
import type { Loosening } from './loosening.ts';
import { seatsFor } from './loosening.ts';
import type { PersonId, Policy } from './policy.ts';

/**
 * `waiting` for signatures · `signed`: in force as soon as the file says so · `active` · `past`: it was in force, or
 * was replaced or rejected before it could be.
 */
export type PolicyState = 'waiting' | 'signed' | 'active' | 'past';

/** A text of the policy that is in force, was, or is proposed. */
export interface PolicyVersion {
  readonly id: number;
  /** SHA-256 of the text, lower-case hex. */
  readonly digest: string;
  readonly text: string;
  readonly source: 'file' | 'hook';
  /** Who proposed it, where that is known: not one of those who sign it. */
  readonly author: PersonId | null;
  readonly url: string | null;
  /** The version that it is compared with; null for the first one. */
  readonly base: number | null;
  readonly loosened: readonly Loosening[];
  /** What it says differently, as JSON on one line each. */
  readonly differences: readonly {
    readonly path: string;
    readonly before?: string;
    readonly after?: string;
  }[];
  readonly state: PolicyState;
  readonly at: Date;
  readonly decisions: readonly {
    readonly person: PersonId;
    readonly kind: 'approve' | 'reject';
    readonly reason: string | null;
    readonly at: Date;
  }[];
}

export const policyName = (id: number): string => `POL-${id}`;

/** `POL-3`; undefined for anything else. */
export const policyNumber = (text: string): number | undefined => {
  const digits = /^pol-([1-9]\d{0,8})$/i.exec(text.trim())?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** The seats of the rules as they are in force: who signs is decided by the policy that is loosened, not the new one. */
export const policyApprovals = (version: PolicyVersion, inForce: Policy): ApprovalCase => {
  const fingerprint = { artifact: version.digest, plan: '', window: '', records: '', rule: '' };
  return {
    rule: seatsFor(version.loosened),
    roles: inForce.roles,
    requester: version.author ?? '',
    fingerprint,
    decisions: version.decisions.map(({ person, kind, reason, at }) => ({
      id: person,
      person,
      kind,
      fingerprint,
      decidedAt: at,
      ...(reason === null ? {} : { reason }),
    })),
  };
};
