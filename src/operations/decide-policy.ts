import { mayApprove, standingOf } from '../domain/approval.ts';
import { type PolicyVersion, policyApprovals, policyName, policyNumber } from '../domain/policy-version.ts';
import { refuse, role } from '../domain/refusal.ts';
import type { PolicyView } from '../domain/view.ts';
import { touchCards } from '../store/cards.ts';
import { decideVersion, findVersion, lockPolicies, settleVersion } from '../store/policies.ts';
import type { Cause, Store, Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { personNamed, requireRole } from './find.ts';
import { redraw } from './outgoing.ts';

export const isPolicy = (name: string): boolean => policyNumber(name) !== undefined;

export interface PolicyChoice {
  /** `POL-3` */
  readonly policy: string;
  readonly reason?: string;
}

/** Fills one seat of the rules that are loosened; with the last one the policy is in force, or will be with the file. */
export const approvePolicy = (context: Context, cause: Cause, choice: PolicyChoice): Promise<void> =>
  decide(context, cause, choice, 'approve', async (tx, version) => {
    const approvals = policyApprovals(version, context.policy());
    const may = mayApprove(approvals, cause.actor);
    if (!may.ok)
      refuse({
        code: may.code,
        facts: { change: policyName(version.id), ...may.facts },
        movers: approvals.rule.map((seat) => role(seat.role)),
      });
    await decideVersion(tx.db, version.id, decisionOf(cause, choice, 'approve'));
    const signed = { ...version, decisions: [...version.decisions, decisionOf(cause, choice, 'approve')] };
    if (!standingOf(policyApprovals(signed, context.policy())).approved) return;
    await settleVersion(tx.db, version.id, version.source === 'file' ? 'active' : 'signed');
    tx.record({ kind: 'policy-signed', facts: { policy: policyName(version.id), digest: version.digest } });
  });

/** One no of those who could sign ends the proposal. */
export const rejectPolicy = (context: Context, cause: Cause, choice: PolicyChoice): Promise<void> =>
  decide(context, cause, choice, 'reject', async (tx, version) => {
    const { rule } = policyApprovals(version, context.policy());
    const roles = rule.map((seat) => seat.role);
    requireRole(context.policy(), cause.actor, roles, 'reject');
    await decideVersion(tx.db, version.id, decisionOf(cause, choice, 'reject'));
    await settleVersion(tx.db, version.id, 'past');
  });

/** Without the seats, by whoever has the bot's own database at hand: for the night when they cannot be had. */
export const forcePolicy = (
  store: Store,
  cause: Cause,
  order: { readonly policy: string; readonly reason: string },
): Promise<string> =>
  store.transaction(cause, async (tx) => {
    await lockPolicies(tx.db);
    const version = await requireWaiting(tx, order.policy);
    const name = policyName(version.id);
    await settleVersion(tx.db, version.id, 'active');
    tx.record({
      kind: 'policy-forced',
      facts: {
        policy: name,
        digest: version.digest,
        reason: order.reason,
        rules: version.loosened.map(({ rule }) => rule),
      },
    });
    // The bot that runs redraws it with its next sweep.
    await touchCards(tx.db, [name]);
    return name;
  });

export const describePolicy = async (context: Context, name: string): Promise<PolicyView> => {
  const version = await versionNamed(context.store, name);
  const policy = context.policy();
  return { version, standing: standingOf(policyApprovals(version, policy)), policy };
};

const decide = (
  context: Context,
  cause: Cause,
  choice: PolicyChoice,
  kind: 'approve' | 'reject',
  act: (tx: Tx, version: PolicyVersion) => Promise<void>,
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    personNamed(context.policy(), cause.actor);
    await lockPolicies(tx.db);
    const version = await requireWaiting(tx, choice.policy);
    tx.record({
      kind: kind === 'approve' ? 'approval' : 'rejection',
      facts: {
        policy: policyName(version.id),
        person: cause.actor,
        digest: version.digest,
        ...(choice.reason === undefined ? {} : { reason: choice.reason }),
      },
    });
    await act(tx, version);
    await redraw(tx, context, [policyName(version.id)]);
  });

const requireWaiting = async (tx: Tx, name: string): Promise<PolicyVersion> => {
  const version = await versionNamed(tx, name);
  return version.state === 'waiting'
    ? version
    : refuse({ code: 'policy-settled', facts: { policy: policyName(version.id), state: version.state } });
};

const versionNamed = async (tx: Pick<Store, 'db'>, name: string): Promise<PolicyVersion> => {
  const id = policyNumber(name);
  const version = id === undefined ? undefined : await findVersion(tx.db, { id });
  return version ?? refuse({ code: 'unknown-policy', facts: { policy: name } });
};

const decisionOf = ({ actor, at }: Cause, { reason }: PolicyChoice, kind: 'approve' | 'reject') => ({
  person: actor,
  kind,
  reason: reason ?? null,
  at,
});
