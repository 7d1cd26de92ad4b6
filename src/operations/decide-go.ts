import { changeName, type Go } from '../domain/change.ts';
import { refuse } from '../domain/refusal.ts';
import { updateChange } from '../store/changes.ts';
import type { Cause, Tx } from '../store/store.ts';
import { cutoffsOf, lockTrain, updateTrain } from '../store/trains.ts';
import type { Context } from './context.ts';
import { changeNamed, personNamed, requireBoarded, requireRole, trainNamed } from './find.ts';
import { redraw } from './outgoing.ts';

export interface Decree {
  readonly go: Go;
  /** A train (`weekly-2026-W48`) or one change of it (`CHG-17`). */
  readonly subject: string;
  readonly reason?: string;
}

/** The release manager's word at the final meeting: only once the train's last cutoff has closed, until it has ended. */
export const decideGo = (context: Context, cause: Cause, decree: Decree): Promise<void> =>
  context.store.transaction(cause, (tx) => pronounce(tx, context, decree));

/** Several at once: all of them, or none. */
export const decideEach = (context: Context, cause: Cause, decrees: readonly Decree[]): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    for (const one of decrees) await pronounce(tx, context, one);
  });

const pronounce = async (tx: Tx, context: Context, decree: Decree): Promise<void> => {
  const { cause } = tx;
  const policy = context.policy();
  personNamed(policy, cause.actor);
  requireRole(policy, cause.actor, policy.releaseManagers, decree.go);
  if (decree.go === 'nogo' && (decree.reason ?? '') === '')
    refuse({
      code: 'reason-missing',
      facts: { what: 'nogo' },
      next: `train nogo ${decree.subject} <reason>`,
    });
  const goReason = decree.reason ?? null;
  if (/^chg-?\d+$/i.test(decree.subject)) {
    const seen = requireBoarded(await changeNamed(tx, decree.subject, 'read'));
    await requireClosed(tx, context, seen.train);
    const change = requireBoarded(await changeNamed(tx, decree.subject));
    await updateChange(tx.db, change.id, { go: decree.go, goReason });
    const name = changeName(change.id);
    tx.record({
      kind: decree.go,
      train: change.train,
      change: name,
      service: change.service,
      facts: { person: cause.actor, reason: goReason },
    });
    await redraw(tx, context, [name, change.train]);
    tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: change.train }));
    return;
  }
  const train = trainNamed(policy, decree.subject);
  await requireClosed(tx, context, train.id);
  await updateTrain(tx.db, train.id, { go: decree.go, goReason });
  tx.record({ kind: decree.go, train: train.id, facts: { person: cause.actor, reason: goReason } });
  await redraw(tx, context, [train.id]);
  tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: train.id }));
};

const requireClosed = async (tx: Tx, context: Context, id: string): Promise<void> => {
  const state = await lockTrain(tx.db, id, 'update');
  if (!state) return refuse({ code: 'unknown-train', facts: { train: id } });
  if (state.endedAt !== null) return refuse({ code: 'train-ended', facts: { train: id } });
  const last = (await cutoffsOf(tx.db, id)).findLast((cutoff) => cutoff.closedAt === null);
  if (last) {
    const meeting = trainNamed(context.policy(), id).cutoffs.find((c) => c.name === last.name)?.meeting;
    refuse({ code: 'too-early', facts: { train: id, cutoff: last.name }, by: meeting ?? last.at });
  }
};
