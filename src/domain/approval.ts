import type { SeparationRule } from './duty.ts';
import type { Fingerprint, FingerprintPart } from './fingerprint.ts';
import { changedParts, sameFingerprint } from './fingerprint.ts';
import type { PersonId, RoleName, SeatRule } from './policy.ts';
import type { Refusal } from './refusal.ts';

export interface Decision {
  readonly id: string;
  readonly person: PersonId;
  /** Who is away and has the role that this was decided with. Absent: the person. */
  readonly onBehalfOf?: PersonId;
  readonly kind: 'approve' | 'reject' | 'veto';
  /** What the person saw when deciding. */
  readonly fingerprint: Fingerprint;
  readonly reason?: string;
  readonly decidedAt: Date;
  readonly rescindedAt?: Date;
}

/** Somebody lends what an absent person may sign; each of the two counts as having signed then (L6). */
export interface StandIn {
  readonly person: PersonId;
  readonly insteadOf: PersonId;
}

/** Everything the question "is it approved?" depends on. Roles are those of the policy in force (L7). */
export interface ApprovalCase {
  /** An empty rule is a pre-approved change; a type without a rule must not get this far. */
  readonly rule: readonly SeatRule[];
  readonly roles: ReadonlyMap<RoleName, readonly PersonId[]>;
  readonly requester: PersonId;
  /** Who cannot sign for what else they did, by the rule of separation. Absent: nobody. */
  readonly barred?: ReadonlyMap<PersonId, SeparationRule>;
  /** Who may sign in whose place now. Absent: nobody. */
  readonly standIns?: readonly StandIn[];
  /** Of the change as it is now. */
  readonly fingerprint: Fingerprint;
  /** In any order. */
  readonly decisions: readonly Decision[];
}

export interface Seat {
  readonly role: RoleName;
  readonly filledBy?: PersonId;
  /** Who is away and has the role. Absent: who fills the seat. */
  readonly onBehalfOf?: PersonId;
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
  /** Signed for this fingerprint, and cannot for what else they did. */
  readonly barred: readonly { readonly person: PersonId; readonly rule: SeparationRule }[];
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
  const barred = current.flatMap(({ kind, person, onBehalfOf }) => {
    const rule = ruleAgainst(approvals, person) ?? ruleAgainst(approvals, onBehalfOf ?? person);
    return kind !== 'approve' || rule === undefined ? [] : [{ person, rule }];
  });
  const signatures = current
    .filter(({ kind, person }) => kind === 'approve' && !rejecters.has(person))
    .map(({ person, onBehalfOf = person }) => ({ person, as: onBehalfOf }))
    .filter(({ person, as }) => maySign(approvals, person) && maySign(approvals, as));
  const seats = fillSeats(approvals, signatures);
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
    unseated: unique(signatures.map(({ person }) => person)).filter((person) => !seated.has(person)),
    barred,
    rejections,
    vetoes,
    approved: missing.length === 0 && rejections.length === 0 && vetoes.length === 0,
  };
};

export type MayApprove =
  | {
      readonly ok: true;
      /** Whose role the signature would be given with, if not the person's own. */
      readonly onBehalfOf?: PersonId;
    }
  | {
      readonly ok: false;
      readonly code:
        | 'own-change'
        | 'separated'
        | 'already-signed'
        | 'vetoed'
        | 'own-rejection'
        | 'no-seats'
        | 'not-your-seat'
        | 'seats-full';
      readonly facts: Refusal['facts'];
    };

/**
 * Whether an approval by this person, now, would fill one seat more. Facts by code: `separated` {rule}, `vetoed` {by, reason?},
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
  const rule = ruleAgainst(approvals, person);
  if (rule !== undefined) return no('separated', { rule });
  const [veto] = standing.vetoes;
  if (veto !== undefined)
    return no('vetoed', { by: veto.person, ...(veto.reason === undefined ? {} : { reason: veto.reason }) });
  if (standing.rejections.some((rejection) => rejection.person === person)) return no('own-rejection');
  if (standing.seats.some(({ filledBy }) => filledBy === person)) return no('already-signed');
  if (standing.seats.length === 0) return no('no-seats');
  const hats = [
    person,
    ...(approvals.standIns ?? []).flatMap((one) => (one.person === person ? [one.insteadOf] : [])),
  ].filter((hat) => maySign(approvals, hat));
  const own = standing.seats.filter(({ role }) => hats.some((hat) => isMember(approvals, role, hat)));
  const able = standing.missing
    .flatMap((role) => candidatesFor(approvals, standing, role))
    .filter((candidate) => candidate.person === person);
  const one = able.find(({ as }) => as === person) ?? able[0];
  if (one !== undefined) return { ok: true, ...(one.as === person ? {} : { onBehalfOf: one.as }) };
  if (standing.unseated.includes(person)) return no('already-signed');
  if (own.length === 0) return no('not-your-seat', { roles: unique(standing.seats.map(({ role }) => role)) });
  return no('seats-full', {
    roles: unique(own.map(({ role }) => role)),
    by: own.flatMap(({ filledBy }) => filledBy ?? []),
  });
};

/**
 * Whose approval would fill an empty seat of this role: its members first, with those who stand in for them, then
 * people of other roles whose signature would free somebody who sits elsewhere to move here.
 */
export const whoCanFill = (approvals: ApprovalCase, role: RoleName): readonly PersonId[] =>
  unique(candidatesFor(approvals, standingOf(approvals), role).map(({ person }) => person));

/** Who signs, and whose role it is. */
interface Signature {
  readonly person: PersonId;
  readonly as: PersonId;
}

const candidatesFor = (approvals: ApprovalCase, standing: Standing, role: RoleName): readonly Signature[] => {
  const elsewhere = new Map(
    standing.seats.flatMap(({ role: seat, filledBy, onBehalfOf = filledBy }) =>
      onBehalfOf === undefined ? [] : [[onBehalfOf, seat]],
    ),
  );
  const spent = new Set([...elsewhere.keys(), ...standing.seats.map(({ filledBy }) => filledBy)]);
  for (const { person: rejecter } of standing.rejections) spent.add(rejecter);
  const isFree = (person: PersonId): boolean => !spent.has(person) && maySign(approvals, person);
  const found: Signature[] = [];
  // Grows while it is walked: the roles whose seats could be given up for this one.
  const reachable = new Set<RoleName>([role]);
  for (const next of reachable)
    for (const member of approvals.roles.get(next) ?? []) {
      const seat = elsewhere.get(member);
      if (seat !== undefined) reachable.add(seat);
      else if (isFree(member)) found.push({ person: member, as: member });
      if (spent.has(member) || !maySign(approvals, member)) continue;
      for (const { person, insteadOf } of approvals.standIns ?? [])
        if (insteadOf === member && isFree(person)) found.push({ person, as: member });
    }
  return found;
};

/**
 * Maximum bipartite matching of signatures and seats by augmenting paths (L6). They come in order of decision;
 * whoever has a seat keeps one, though perhaps another, so the earliest possible approvals count and no
 * signature is lost to an unlucky choice of seat. A free choice takes the seat that the fewest could fill: what
 * is left can be asked of the most people. Who has signed, for oneself or by a stand-in, signs no second time.
 */
const fillSeats = (approvals: ApprovalCase, signatures: readonly Signature[]): readonly Seat[] => {
  const seats = approvals.rule.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  const members = (i: number): number => approvals.roles.get(seats[i] ?? '')?.length ?? 0;
  const scarcestFirst = [...seats.keys()].sort((a, b) => members(a) - members(b));
  const holders = new Map<number, Signature>();
  const seat = (signature: Signature, tried: Set<number>): boolean => {
    const own = scarcestFirst.filter((i) => isMember(approvals, seats[i], signature.as));
    const free = own.find((i) => !holders.has(i));
    if (free !== undefined) {
      holders.set(free, signature);
      return true;
    }
    for (const i of own) {
      const holder = holders.get(i);
      if (holder === undefined || tried.has(i)) continue;
      tried.add(i);
      if (!seat(holder, tried)) continue;
      holders.set(i, signature);
      return true;
    }
    return false;
  };
  const spent = new Set<PersonId>();
  for (const signature of signatures) {
    const { person, as } = signature;
    if (spent.has(person) || spent.has(as) || !seat(signature, new Set())) continue;
    spent.add(person).add(as);
  }
  return seats.map((role, i) => {
    const holder = holders.get(i);
    if (holder === undefined) return { role };
    const { person, as } = holder;
    return { role, filledBy: person, ...(as === person ? {} : { onBehalfOf: as }) };
  });
};

const maySign = (approvals: ApprovalCase, person: PersonId): boolean =>
  person !== approvals.requester && ruleAgainst(approvals, person) === undefined;

const ruleAgainst = (approvals: ApprovalCase, person: PersonId): SeparationRule | undefined =>
  approvals.barred?.get(person);

const isMember = (approvals: ApprovalCase, role: RoleName | undefined, person: PersonId): boolean =>
  role !== undefined && (approvals.roles.get(role) ?? []).includes(person);

/** By time, then by id, so that every reader comes to the same order. */
const byTime = (a: Decision, b: Decision): number =>
  a.decidedAt.getTime() - b.decidedAt.getTime() || (a.id < b.id ? -1 : 1);

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];
