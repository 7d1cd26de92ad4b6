import { type ApprovalCase, type Decision, type StandIn, standingOf, whoCanFill } from './approval.ts';
import { type Change, changeName } from './change.ts';
import type { Evidence } from './evidence.ts';
import type { Excuse } from './excuse.ts';
import { type Fingerprint, type Fingerprinted, fingerprintOf } from './fingerprint.ts';
import { lateSeats } from './late.ts';
import { openMilestones } from './milestone.ts';
import type { ConfirmedReading } from './observation.ts';
import type { PersonId, PlanRule, Policy, Requirement, RoleName, SeatRule, Service } from './policy.ts';
import { asking, person, role } from './refusal.ts';
import { type Papers, unmet } from './requirement.ts';
import { barredFrom } from './separation.ts';
import type { Ticket } from './ticket.ts';
import type { Train } from './train.ts';

/** A change with everything it is judged by. */
export interface Case {
  readonly change: Change;
  readonly evidence: readonly Evidence[];
  readonly decisions: readonly Decision[];
  /** What was read of its service, everywhere. */
  readonly readings?: readonly ConfirmedReading[];
  /** What was reported of other bytes of the same version. Absent: nothing. */
  readonly rivals?: readonly Evidence[];
  /** Those of its records that a tracker or an event has told of. */
  readonly tickets?: readonly Ticket[];
}

/** The rules that apply to one change: found in the policy in force, never stored. */
export interface CaseRules {
  readonly service: Service;
  readonly plan: PlanRule;
  readonly seats: readonly SeatRule[];
}

/** Undefined when the policy no longer knows the service or its plan: the change is then shut (L1). */
export const rulesFor = (
  change: Pick<Change, 'service' | 'type' | 'late'>,
  policy: Policy,
): CaseRules | undefined => {
  const service = policy.services.get(change.service);
  const plan = service && policy.plans.get(service.plan);
  const own = policy.approvals.get(change.type);
  const seats = own && (change.late === undefined ? own : [...own, ...lateSeats(policy, change.late)]);
  return service && plan && seats ? { service, plan, seats } : undefined;
};

/** What an approval of the change binds to now (L5). */
export const fingerprintFor = (change: Change, rules: CaseRules, train: Train): Fingerprint =>
  fingerprintOf({
    artifact: change.artifact,
    plan: rules.plan,
    // An emergency goes at once, whichever train it is written down with.
    window: change.type === 'emergency' ? atOnce : windowOf(train),
    records: change.records,
    rule: rules.seats,
  });

/** A service's own business owner decides for it, where the policy has no list of them. */
export const rolesOf = (
  { businessOwner }: Pick<Service, 'businessOwner'>,
  { roles, businessOwners }: Pick<Policy, 'roles' | 'businessOwners'>,
): ReadonlyMap<RoleName, readonly PersonId[]> =>
  businessOwner === undefined || businessOwners === 'listed'
    ? roles
    : new Map([...roles, ['business-owner', [businessOwner]]]);

const atOnce: Fingerprinted['window'] = { train: 'emergency', openings: [] };

/** The same object for the same train: its digest is remembered. */
const windowOf = (train: Train): Fingerprinted['window'] => {
  const known = windows.get(train) ?? {
    train: train.id,
    openings: train.windows.map(({ opens }) => opens.toISOString()),
  };
  windows.set(train, known);
  return known;
};
const windows = new WeakMap<Train, Fingerprinted['window']>();

/** What `domain/approval` decides by, for the change as it is now and the policy in force. */
export const approvalCase = (
  subject: Pick<Case, 'change' | 'evidence' | 'decisions'>,
  rules: CaseRules,
  train: Train,
  policy: Policy,
  standIns: readonly StandIn[] = [],
): ApprovalCase => ({
  rule: rules.seats,
  roles: rolesOf(rules.service, policy),
  requester: subject.change.requester,
  barred: barredFrom('approver', subject, policy),
  standIns,
  fingerprint: fingerprintFor(subject.change, rules, train),
  decisions: subject.decisions,
});

/** Excuses of a set of requirements, in the policy's order; none means that they are met. */
export const excusesFor = (
  subject: Case,
  requirements: readonly Requirement[],
  train: Train,
  policy: Policy,
): readonly Excuse[] => {
  const rules = rulesFor(subject.change, policy);
  if (!rules) {
    const facts = { service: subject.change.service, type: subject.change.type };
    return [{ code: 'service-unknown', facts, movers: policy.releaseManagers.map(role) }];
  }
  const papers: Papers = { ...subject, service: rules.service };
  return requirements.flatMap((requirement) => {
    if (requirement.kind === 'approvals') return approvalExcuses(subject, rules, train, policy);
    if (requirement.kind === 'milestones') return openMilestones(subject.change, subject.evidence, policy);
    const excuse = unmet(requirement, papers, policy);
    return excuse ? [excuse] : [];
  });
};

/** Only what had arrived by then counts (L3). `before` is exclusive: at the instant itself it is late. */
export const asOf = (subject: Case, before: Date): Case => ({
  change: subject.change,
  evidence: subject.evidence.filter((e) => e.receivedAt < before),
  tickets: subject.tickets ?? [],
  readings: (subject.readings ?? []).filter((reading) => reading.receivedAt < before),
  decisions: subject.decisions
    .filter((d) => d.decidedAt < before)
    .map((d) => (d.rescindedAt !== undefined && d.rescindedAt >= before ? withoutRescission(d) : d)),
  ...(subject.rivals === undefined ? {} : { rivals: subject.rivals.filter((e) => e.receivedAt < before) }),
});

const withoutRescission = ({ rescindedAt: _later, ...decision }: Decision): Decision => decision;

const approvalExcuses = (
  subject: Case,
  rules: CaseRules,
  train: Train,
  policy: Policy,
): readonly Excuse[] => {
  const approvals = approvalCase(subject, rules, train, policy);
  const standing = standingOf(approvals);
  const name = changeName(subject.change.id);
  const requirement = 'approvals';
  const against = [
    ...standing.vetoes.map((d) => ({ code: 'vetoed' as const, d })),
    ...standing.rejections.map((d) => ({ code: 'rejected' as const, d })),
  ].map(
    ({ code, d }): Excuse => ({
      code,
      requirement,
      facts: { by: d.person, ...(d.reason === undefined ? {} : { reason: d.reason }) },
      movers: code === 'vetoed' ? [person(d.person)] : [person(d.person), person(subject.change.requester)],
      action: { verb: 'change rescind', subject: name },
    }),
  );
  const empty = [...new Set(standing.missing)].map((seat): Excuse => {
    const candidates = whoCanFill(approvals, seat);
    const lapsed = standing.void.filter((v) => candidates.includes(v.person));
    const movers = lapsed.length > 0 ? lapsed.map((v) => person(v.person)) : asking(policy, seat, candidates);
    return {
      code: lapsed.length > 0 ? 'approval-void' : 'seat-empty',
      requirement,
      facts: {
        role: seat,
        seats: standing.missing.filter((r) => r === seat).length,
        ...(lapsed.length > 0
          ? { by: lapsed.map((v) => v.person), changed: [...new Set(lapsed.flatMap((v) => v.changed))] }
          : {}),
      },
      movers,
      action: { verb: 'change approve', subject: name },
    };
  });
  return [...against, ...empty];
};
