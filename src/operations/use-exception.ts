import { excusesFor } from '../domain/case.ts';
import { type Change, changeName } from '../domain/change.ts';
import { emergencyRequirements } from '../domain/gate.ts';
import type { PersonId, Policy, Requirement, RoleName } from '../domain/policy.ts';
import { requirementName } from '../domain/requirement.ts';
import type { Train } from '../domain/train.ts';
import { loadCase } from '../store/cases.ts';
import { findChange } from '../store/changes.ts';
import { endExceptions } from '../store/exceptions.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { channel, direct, tell } from './outgoing.ts';
import { owe } from './owe.ts';

/** It goes to production as an exception: that is counted, and owed for (L11). Nothing for a change in time. */
export const useException = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  train: Train,
  id: number,
): Promise<void> => {
  const subject = changeName(id);
  for (const { kind, service, person } of await endExceptions(tx.db, [subject], 'used', tx.cause.at)) {
    if (kind === 'late') await owe(tx, context, policy, { kind: 'review', subject, service, owner: person });
    if (kind !== 'emergency') continue;
    const change = await findChange(tx.db, id);
    if (change) await payForEmergency(tx, context, policy, train, change, person);
  }
};

/** Every requirement of its train that is not met is owed; those who were passed over hear of it at once. */
const payForEmergency = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  train: Train,
  change: Change,
  owner: PersonId,
): Promise<void> => {
  const kept = new Set(emergencyRequirements(policy).map(requirementName));
  const subject = await loadCase(tx.db, change);
  const asked = new Map(
    train.cutoffs.flatMap(({ requires }) => requires).map((one) => [requirementName(one), one]),
  );
  const skipped = [...asked]
    .filter(([name, { kind }]) => !kept.has(name) && kind !== 'date-approved' && kind !== 'approvals')
    .filter(([, requirement]) => excusesFor(subject, [requirement], train, policy).length > 0);
  for (const [requirement] of skipped)
    await owe(tx, context, policy, {
      kind: 'paper',
      subject: changeName(change.id),
      requirement,
      service: change.service,
      owner,
    });
  const notice = {
    kind: 'emergency-started',
    change: changeName(change.id),
    service: change.service,
    version: change.version,
    by: owner,
    reason: change.note,
    skipped: skipped.map(([name]) => name),
  } as const;
  const passedOver = rolesPassedOver(
    policy,
    skipped.map(([, requirement]) => requirement),
  ).flatMap((name) => policy.roles.get(name) ?? []);
  await tell(tx, context, [
    { to: channel(context, policy, 'releases'), notice },
    ...[...new Set(passedOver)].map((person) => ({ to: direct(context, policy, person), notice })),
  ]);
};

/** Those whose signature the change would have needed by the usual way and that the emergency did without. */
const rolesPassedOver = (policy: Policy, skipped: readonly Requirement[]): readonly RoleName[] => {
  const asked = new Set((policy.approvals.get('emergency') ?? []).map(({ role }) => role));
  return [
    ...(policy.approvals.get('normal') ?? []).map(({ role }) => role),
    ...skipped.flatMap((requirement) => (requirement.kind === 'sign-off' ? [requirement.role] : [])),
  ].filter((role) => !asked.has(role));
};
