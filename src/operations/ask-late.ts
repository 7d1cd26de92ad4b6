import { rolesOf } from '../domain/case.ts';
import { changeName } from '../domain/change.ts';
import { teamOfService } from '../domain/exception.ts';
import { cutoffsMissed, type Late, lateSeats, trainToCatch } from '../domain/late.ts';
import { refuse } from '../domain/refusal.ts';
import { trainById } from '../domain/train.ts';
import { loadCase } from '../store/cases.ts';
import { boardLate } from '../store/changes.ts';
import { cancelQueued } from '../store/deployments.ts';
import { insertException } from '../store/exceptions.ts';
import type { Cause } from '../store/store.ts';
import { lockTrain, openTrains } from '../store/trains.ts';
import { askForSignatures, signersOf } from './ask-signatures.ts';
import type { Context } from './context.ts';
import { requireBoarded, serviceNamed, trainNamed } from './find.ts';
import { changeToMove } from './move-change.ts';
import { redraw } from './outgoing.ts';
import { refuseDebtors } from './owe.ts';
import { refuseRivals } from './submit-change.ts';
import { announceVoid } from './take-artifact.ts';

export interface LateRequest {
  /** `CHG-9` */
  readonly change: string;
  readonly reason?: string;
}

/**
 * Brings a change back to the train whose cutoff it missed, as long as that has a window ahead. It costs the late seats
 * on top of its own (L11): the gate stays shut for it until all of them are filled and every paper is there. At the
 * train's end an unused request is over, and the change goes on to the next train with its own seats.
 */
export const askLate = (
  context: Context,
  cause: Cause,
  request: LateRequest,
): Promise<{ readonly train: string }> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const change = requireBoarded(await changeToMove(tx, context, request.change, 'late'));
    const name = changeName(change.id);
    if (change.type === 'emergency') refuse({ code: 'on-no-train', facts: { change: name } });
    const aboard = trainNamed(policy, change.train);
    if (change.late !== undefined)
      refuse({ code: 'late-already', facts: { change: name, train: aboard.id } });
    const reason =
      request.reason ??
      refuse({
        code: 'reason-missing',
        facts: { what: 'late' },
        next: `change late ${name} --reason <why>`,
      });
    const running = (await openTrains(tx.db)).flatMap(({ id }) => trainById(policy, id) ?? []);
    const train =
      trainToCatch(aboard, running, cause.at) ??
      refuse({ code: 'no-train-to-catch', facts: { change: name, train: aboard.id } });
    const state = await lockTrain(tx.db, train.id, 'share');
    if (!state || state.endedAt !== null)
      refuse({ code: 'no-train-to-catch', facts: { change: name, train: aboard.id } });
    await refuseDebtors(tx, policy, change.service, train.id);
    await refuseRivals(tx, change.service, change.version, train, change.id);
    const cutoffs = cutoffsMissed(train, cause.at);
    const late: Late = {
      cutoffs,
      ownGo: cutoffs.length === train.cutoffs.length,
      reason,
      by: cause.actor,
      at: cause.at.toISOString(),
    };
    const before = await loadCase(tx.db, change);
    await boardLate(tx.db, change.id, train.id, late);
    await cancelQueued(tx.db, [change.id], cause.at);
    await insertException(tx.db, {
      kind: 'late',
      subject: name,
      train: train.id,
      service: change.service,
      team: teamOfService(policy, change.service),
      person: cause.actor,
      reason,
      askedAt: cause.at,
    });
    const seats = lateSeats(policy, late);
    tx.record({
      kind: 'late',
      train: train.id,
      change: name,
      service: change.service,
      facts: { person: cause.actor, from: aboard.id, cutoffs, reason, seats },
    });
    await announceVoid(tx, context, policy, before, {
      ...before,
      change: { ...change, train: train.id, go: null, goReason: null, late },
    });
    await askForSignatures(tx, context, policy, {
      why: 'late',
      change: name,
      service: change.service,
      train: train.id,
      reason,
      people: signersOf(rolesOf(serviceNamed(policy, change.service), policy), seats, change.requester),
    });
    await redraw(tx, context, [name, aboard.id, train.id]);
    return { train: train.id };
  });
