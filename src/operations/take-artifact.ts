import { standingOf } from '../domain/approval.ts';
import { approvalCase, type Case, type CaseRules, rulesFor } from '../domain/case.ts';
import { type Change, changeName } from '../domain/change.ts';
import type { Policy } from '../domain/policy.ts';
import { type Train, trainById } from '../domain/train.ts';
import { loadCase } from '../store/cases.ts';
import { updateChange } from '../store/changes.ts';
import { cancelQueued } from '../store/deployments.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { channel, tell } from './outgoing.ts';

/** The change ships other bytes from now on: no evidence and no approval of the old ones counts for it (L4, L5). */
export const takeArtifact = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  change: Change,
  artifact: string,
): Promise<void> => {
  const before = await loadCase(tx.db, change);
  await updateChange(tx.db, change.id, { artifact });
  // What was planned was the old bytes; the next dispatch plans the new ones.
  await cancelQueued(tx.db, [change.id], tx.cause.at);
  const name = changeName(change.id);
  tx.record({
    kind: 'artifact-changed',
    train: change.train,
    change: name,
    service: change.service,
    facts: { from: change.artifact, to: artifact },
  });
  await announceVoid(tx, context, policy, before, { ...before, change: { ...change, artifact } });
};

/** Tells those whose approval counted before and does not any more, and what changed. */
export const announceVoid = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  before: Case,
  after: Case,
): Promise<void> => {
  const then = standingIn(before, policy);
  const now = standingIn(after, policy);
  if (!then || !now) return;
  const seated = new Set(then.seats.flatMap((seat) => seat.filledBy ?? []));
  const lapsed = now.void.filter((v) => seated.has(v.person));
  if (lapsed.length === 0) return;
  const change = changeName(after.change.id);
  const people = lapsed.map((v) => v.person);
  const changed = [...new Set(lapsed.flatMap((v) => v.changed))];
  for (const { person, changed: parts } of lapsed)
    tx.record({
      kind: 'approval-void',
      train: after.change.train,
      change,
      service: after.change.service,
      facts: { person, changed: parts },
    });
  await tell(tx, context, [
    {
      to: channel(context, policy, 'releases'),
      notice: { kind: 'approval-void', change, service: after.change.service, people, changed },
    },
  ]);
};

const standingIn = (subject: Case, policy: Policy) => {
  const rules: CaseRules | undefined = rulesFor(subject.change, policy);
  const train: Train | undefined = trainById(policy, subject.change.train);
  return rules && train ? standingOf(approvalCase(subject, rules, train, policy)) : undefined;
};
