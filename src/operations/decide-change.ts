import { type ApprovalCase, type MayApprove, mayApprove, standingOf } from '../domain/approval.ts';
import { approvalCase, type Case } from '../domain/case.ts';
import { type Change, changeName } from '../domain/change.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse, role } from '../domain/refusal.ts';
import { decisionsFor, insertDecision, rescindDecisions } from '../store/decisions.ts';
import { evidenceFor } from '../store/evidence.ts';
import { standInsAt } from '../store/roster.ts';
import type { Cause, Tx } from '../store/store.ts';
import { actAs } from './act-as.ts';
import type { Context } from './context.ts';
import { changeNamed, personNamed, requireBoarded, requiredRules, trainNamed } from './find.ts';
import { redraw } from './outgoing.ts';
import { endSignersPage } from './page-signers.ts';
import { wake } from './wake.ts';

export interface Choice {
  /** `CHG-17` */
  readonly change: string;
  readonly reason?: string;
}

/** Fills one seat for the change as it is at this moment (L5, L6), or says why it would not. */
export const approveChange = (context: Context, cause: Cause, choice: Choice): Promise<void> =>
  decide(context, cause, choice, async (tx, change, approvals) => {
    const may = await mayApproveNow(tx, approvals, cause);
    if (!may.ok)
      return refuse({
        code: may.code,
        facts: { change: changeName(change.id), ...may.facts },
        movers: approvals.rule.map((seat) => role(seat.role)),
      });
    const as = may.onBehalfOf === undefined ? {} : { onBehalfOf: may.onBehalfOf };
    tx.unawaited(insertDecision(tx.db, { ...decision(tx, change, approvals, 'approve', choice), ...as }));
    tx.record({
      kind: 'approval',
      ...about(change),
      facts: { person: cause.actor, ...as, fingerprint: approvals.fingerprint },
    });
  });

/** Only who has no seat of their own is asked for whom they stand in. */
const mayApproveNow = async (tx: Tx, approvals: ApprovalCase, { actor, at }: Cause): Promise<MayApprove> => {
  const may = mayApprove(approvals, actor);
  if (may.ok || (may.code !== 'not-your-seat' && may.code !== 'seats-full')) return may;
  const standIns = await standInsAt(tx.db, at);
  return standIns.some(({ person }) => person === actor)
    ? mayApprove({ ...approvals, standIns }, actor)
    : may;
};

/** Says no to the change as it is now; a new fingerprint is a new question. Only those who could have approved it. */
export const rejectChange = (context: Context, cause: Cause, choice: Choice): Promise<void> =>
  decide(context, cause, choice, async (tx, change, approvals) => {
    const roles = approvals.rule.map((seat) => seat.role);
    const as = await actAs(tx, context.policy(), roles, 'reject');
    await rescindDecisions(tx.db, change.id, cause.actor, ['approve'], cause.at);
    tx.unawaited(insertDecision(tx.db, decision(tx, change, approvals, 'reject', choice)));
    tx.record({
      kind: 'rejection',
      ...about(change),
      facts: { person: cause.actor, ...onBehalf(as, cause), ...withReason(choice) },
    });
  });

/** Ends the change, whatever it becomes, until the veto is rescinded (L6). */
export const vetoChange = (context: Context, cause: Cause, choice: Choice): Promise<void> =>
  decide(context, cause, choice, async (tx, change, approvals) => {
    const as = await actAs(tx, context.policy(), context.policy().vetoes, 'veto');
    tx.unawaited(insertDecision(tx.db, decision(tx, change, approvals, 'veto', choice)));
    tx.record({
      kind: 'veto',
      ...about(change),
      facts: { person: cause.actor, ...onBehalf(as, cause), ...withReason(choice) },
    });
  });

/** Takes back all that the person decided on the change. */
export const rescindDecision = (context: Context, cause: Cause, choice: Choice): Promise<void> =>
  decide(context, cause, choice, async (tx, change) => {
    const kinds = await rescindDecisions(
      tx.db,
      change.id,
      cause.actor,
      ['approve', 'reject', 'veto'],
      cause.at,
    );
    if (kinds.length === 0) refuse({ code: 'nothing-to-rescind', facts: { change: changeName(change.id) } });
    tx.record({ kind: 'rescinded', ...about(change), facts: { person: cause.actor, kinds } });
  });

const decide = (
  context: Context,
  cause: Cause,
  choice: Choice,
  act: (tx: Tx, change: Change, approvals: ApprovalCase) => Promise<void>,
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    personNamed(policy, cause.actor);
    const change = requireBoarded(await changeNamed(tx, choice.change));
    const train = trainNamed(policy, change.train);
    const rules = requiredRules(change, policy);
    const [subject] = await Promise.all([
      signaturesOn(tx, change, policy),
      wake(tx, context, [changeName(change.id)]),
    ]);
    await act(tx, change, approvalCase(subject, rules, train, policy));
    if (change.type === 'emergency') {
      const now = approvalCase(await signaturesOn(tx, change, policy), rules, train, policy);
      const { missing, rejections, vetoes } = standingOf(now);
      if (missing.length === 0 || rejections.length + vetoes.length > 0)
        await endSignersPage(tx, context, change);
    }
    await redraw(tx, context, [changeName(change.id)]);
    // The last signature starts it, at any hour.
    if (change.type === 'emergency')
      tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: change.train }));
  });

/** What a signature is judged by: what else people did for the change only where the policy keeps duties apart. */
const signaturesOn = async (
  tx: Tx,
  change: Change,
  { separation }: Policy,
): Promise<Pick<Case, 'change' | 'evidence' | 'decisions'>> => {
  const [decisions, evidence] = await Promise.all([
    decisionsFor(tx.db, [change.id]),
    separation.length === 0 ? [] : evidenceFor(tx.db, [change]),
  ]);
  return { change, decisions, evidence };
};

const decision = (
  tx: Tx,
  change: Change,
  approvals: ApprovalCase,
  kind: 'approve' | 'reject' | 'veto',
  { reason }: Choice,
) => ({
  change: change.id,
  person: tx.cause.actor,
  kind,
  fingerprint: approvals.fingerprint,
  reason: reason ?? null,
  decidedAt: tx.cause.at,
});

const about = (change: Change) => ({
  train: change.train,
  change: changeName(change.id),
  service: change.service,
});

const onBehalf = (as: string, { actor }: Cause) => (as === actor ? {} : { onBehalfOf: as });

const withReason = ({ reason }: Choice) => (reason === undefined ? {} : { reason });
