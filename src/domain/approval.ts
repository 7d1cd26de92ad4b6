import type { Fingerprint, FingerprintPart } from './fingerprint.ts';
import { changedParts, sameFingerprint } from './fingerprint.ts';
import type { PersonId, RoleName, SeatRule } from './policy.ts';
import type { Refusal } from './refusal.ts';

export interface Decision {
  readonly id: string;
  readonly person: PersonId;
  readonly kind: 'approve' | 'reject' | 'veto';
  /** What the person saw when deciding. */
  readonly fingerprint: Fingerprint;
  readonly reason?: string;
  readonly decidedAt: Date;
  readonly rescindedAt?: Date;
}

/** Everything the question "is it approved?" depends on. Roles are those of the policy in force (L7). */
export interface ApprovalCase {
  /** An empty rule is a pre-approved change; a type without a rule must not get this far. */
  readonly rule: readonly SeatRule[];
  readonly roles: ReadonlyMap<RoleName, readonly PersonId[]>;
  readonly requester: PersonId;
  /** Of the change as it is now. */
  readonly fingerprint: Fingerprint;
  /** In any order. */
  readonly decisions: readonly Decision[];
}

export interface Seat {
  readonly role: RoleName;
  readonly filledBy?: PersonId;
}

export interface Standing {
  /** In the order of the rule. */
  readonly seats: readonly Seat[];
  /** The role of every empty seat; a role with two empty seats is there twice. */
  readonly missing: readonly RoleName[];
  /** Signed for an older fingerprint and silent on this one (L5): who, and what changed since. */
  readonly void: readonly { readonly person: PersonId; readonly changed: readonly FingerprintPart[] }[];
  /** Signed for this fingerprint but without a seat: the role was lost, or its seats were taken before. */
  readonly unseated: readonly PersonId[];
  /** Of this fingerprint. */
  readonly rejections: readonly Decision[];
  /** Of every fingerprint. */
  readonly vetoes: readonly Decision[];
  readonly approved: boolean;
}

/**
 * Where the approvals of a change stand. Rejections and vetoes hold until they are rescinded, even when their
 * author has left the role: in doubt it stays shut. A person's own rejection suspends that person's approval.
 */
export const standingOf = (approvals: ApprovalCase): Standing => {
  const { requester, fingerprint } = approvals;
  const live = approvals.decisions.filter((decision) => decision.rescindedAt === undefined).sort(byTime);
  const current = live.filter((decision) => sameFingerprint(decision.fingerprint, fingerprint));
  const vetoes = live.filter(({ kind }) => kind === 'veto');
  const rejections = current.filter(({ kind }) => kind === 'reject');
  const rejecters = new Set(rejections.map(({ person }) => person));
  const signers = peopleOf(current.filter(({ kind }) => kind === 'approve')).filter(
    (person) => person !== requester && !rejecters.has(person),
  );
  const seats = fillSeats(approvals, signers);
  const seated = new Set(seats.map(({ filledBy }) => filledBy));
  const missing = seats.filter(({ filledBy }) => filledBy === undefined).map(({ role }) => role);

  const outdated = new Map<PersonId, readonly FingerprintPart[]>();
  for (const decision of live) {
    if (decision.kind !== 'approve' || decision.person === requester) continue;
    outdated.set(decision.person, changedParts(decision.fingerprint, fingerprint));
  }
  for (const { person, kind } of current) if (kind !== 'veto') outdated.delete(person);

  return {
    seats,
    missing,
    void: [...outdated].map(([person, changed]) => ({ person, changed })),
    unseated: signers.filter((person) => !seated.has(person)),
    rejections,
    vetoes,
    approved: missing.length === 0 && rejections.length === 0 && vetoes.length === 0,
  };
};

export type MayApprove =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code:
        | 'own-change'
        | 'already-signed'
        | 'vetoed'
        | 'own-rejection'
        | 'no-seats'
        | 'not-your-seat'
        | 'seats-full';
      readonly facts: Refusal['facts'];
    };

/**
 * Whether an approval by this person, now, would fill one seat more. Facts by code: `vetoed` {by, reason?},
 * `not-your-seat` {roles: those the rule asks for}, `seats-full` {roles: the person's own, by: who sits there}.
 */
export const mayApprove = (approvals: ApprovalCase, person: PersonId): MayApprove => {
  const standing = standingOf(approvals);
  const no = (code: Exclude<MayApprove, { ok: true }>['code'], facts: Refusal['facts'] = {}): MayApprove => ({
    ok: false,
    code,
    facts,
  });
  if (person === approvals.requester) return no('own-change');
  const [veto] = standing.vetoes;
  if (veto !== undefined)
    return no('vetoed', { by: veto.person, ...(veto.reason === undefined ? {} : { reason: veto.reason }) });
  if (standing.rejections.some((rejection) => rejection.person === person)) return no('own-rejection');
  if (standing.unseated.includes(person) || standing.seats.some(({ filledBy }) => filledBy === person))
    return no('already-signed');
  if (standing.seats.length === 0) return no('no-seats');
  const own = standing.seats.filter(({ role }) => isMember(approvals, role, person));
  if (own.length === 0) return no('not-your-seat', { roles: unique(standing.seats.map(({ role }) => role)) });
  if (standing.missing.some((role) => candidatesFor(approvals, standing, role).includes(person)))
    return { ok: true };
  return no('seats-full', {
    roles: unique(own.map(({ role }) => role)),
    by: own.flatMap(({ filledBy }) => filledBy ?? []),
  });
};

/**
 * Whose approval would fill an empty seat of this role: its members first, then people of other roles whose
 * signature would free somebody who sits elsewhere to move here.
 */
export const whoCanFill = (approvals: ApprovalCase, role: RoleName): readonly PersonId[] =>
  candidatesFor(approvals, standingOf(approvals), role);

const candidatesFor = (approvals: ApprovalCase, standing: Standing, role: RoleName): readonly PersonId[] => {
  const elsewhere = new Map(
    standing.seats.flatMap((seat) => (seat.filledBy === undefined ? [] : [[seat.filledBy, seat.role]])),
  );
  const rejecters = standing.rejections.map(({ person }) => person);
  const found = new Set<PersonId>();
  // Grows while it is walked: the roles whose seats could be given up for this one.
  const reachable = new Set<RoleName>([role]);
  for (const next of reachable)
    for (const member of approvals.roles.get(next) ?? []) {
      const seat = elsewhere.get(member);
      if (seat !== undefined) reachable.add(seat);
      else if (member !== approvals.requester && !rejecters.includes(member)) found.add(member);
    }
  return [...found];
};

/**
 * Maximum bipartite matching of signers and seats by augmenting paths (L6). Signers come in order of decision;
 * whoever has a seat keeps one, though perhaps another, so the earliest possible approvals count and no
 * signature is lost to an unlucky choice of seat. A free choice takes the seat that the fewest could fill: what
 * is left can be asked of the most people.
 */
const fillSeats = (approvals: ApprovalCase, signers: readonly PersonId[]): readonly Seat[] => {
  const seats = approvals.rule.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  const members = (i: number): number => approvals.roles.get(seats[i] ?? '')?.length ?? 0;
  const scarcestFirst = [...seats.keys()].sort((a, b) => members(a) - members(b));
  const holders = new Map<number, PersonId>();
  const seat = (person: PersonId, tried: Set<number>): boolean => {
    const own = scarcestFirst.filter((i) => isMember(approvals, seats[i], person));
    const free = own.find((i) => !holders.has(i));
    if (free !== undefined) {
      holders.set(free, person);
      return true;
    }
    for (const i of own) {
      const holder = holders.get(i);
      if (holder === undefined || tried.has(i)) continue;
      tried.add(i);
      if (!seat(holder, tried)) continue;
      holders.set(i, person);
      return true;
    }
    return false;
  };
  for (const person of signers) seat(person, new Set());
  return seats.map((role, i) => {
    const filledBy = holders.get(i);
    return filledBy === undefined ? { role } : { role, filledBy };
  });
};

const isMember = (approvals: ApprovalCase, role: RoleName | undefined, person: PersonId): boolean =>
  role !== undefined && (approvals.roles.get(role) ?? []).includes(person);

/** By time, then by id, so that every reader comes to the same order. */
const byTime = (a: Decision, b: Decision): number =>
  a.decidedAt.getTime() - b.decidedAt.getTime() || (a.id < b.id ? -1 : 1);

const peopleOf = (decisions: readonly Decision[]): readonly PersonId[] =>
  unique(decisions.map(({ person }) => person));

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];
