import { type Change, changeName, type Go } from '../domain/change.ts';
import { refuse, role } from '../domain/refusal.ts';
import { brokenBy } from '../domain/separation.ts';
import { loadCase } from '../store/cases.ts';
import { decideChangeGo } from '../store/changes.ts';
import type { Cause, Tx } from '../store/store.ts';
import { cutoffsOf, decideTrainGo, lockTrain } from '../store/trains.ts';
import { actAs } from './act-as.ts';
import type { Context } from './context.ts';
import { changeNamed, personNamed, requireBoarded, trainNamed } from './find.ts';
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
  const as = await actAs(tx, policy, policy.releaseManagers, decree.go);
  if (decree.go === 'nogo' && (decree.reason ?? '') === '')
    refuse({
      code: 'reason-missing',
      facts: { what: 'nogo' },
      next: `train nogo ${decree.subject} <reason>`,
    });
  const decision = { go: decree.go, reason: decree.reason ?? null, by: cause.actor };
  const facts = {
    person: cause.actor,
    ...(as === cause.actor ? {} : { onBehalfOf: as }),
    reason: decision.reason,
  };
  if (/^chg-?\d+$/i.test(decree.subject)) {
    const seen = requireBoarded(await changeNamed(tx, decree.subject, 'read'));
    await requireClosed(tx, context, seen.train);
    const change = requireBoarded(await changeNamed(tx, decree.subject));
    if (decree.go === 'go') await requireApart(tx, context, change);
    await decideChangeGo(tx.db, change.id, decision);
    const name = changeName(change.id);
    tx.record({
      kind: decree.go,
      train: change.train,
      change: name,
      service: change.service,
      facts,
    });
    await redraw(tx, context, [name, change.train]);
    tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: change.train }));
    return;
  }
  const train = trainNamed(policy, decree.subject);
  await requireClosed(tx, context, train.id);
  await decideTrainGo(tx.db, train.id, decision);
  tx.record({ kind: decree.go, train: train.id, facts });
  await redraw(tx, context, [train.id]);
  tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: train.id }));
};

/** A train's go may come from somebody who worked on one of its changes: only that change then waits for another's. */
const requireApart = async (tx: Tx, context: Context, change: Change): Promise<void> => {
  const rule = brokenBy(tx.cause.actor, 'deployer', await loadCase(tx.db, change), context.policy());
  if (rule === undefined) return;
  const movers = context.policy().releaseManagers.map(role);
  refuse({ code: 'separated', facts: { change: changeName(change.id), rule }, movers });
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
