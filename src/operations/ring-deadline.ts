import { assertNever } from '../domain/assert-never.ts';
import type { Deadline } from '../domain/deadline.ts';
import { findDeadline, finishDeadline, lockDeadline } from '../store/deadlines.ts';
import type { Tx } from '../store/store.ts';
import { callForSignatures } from './ask-signatures.ts';
import { askTrackers } from './ask-trackers.ts';
import { dailyCheckpoint } from './checkpoint-audit.ts';
import { closeCutoff, cutoffId } from './close-cutoff.ts';
import { type Context, clockActor } from './context.ts';
import { holdDrill } from './drill.ts';
import { endTrain } from './end-train.ts';
import { checkObservation } from './expect-reading.ts';
import { askAgain } from './find-unrecorded.ts';
import { oldSideDue } from './old-side.ts';
import { phaseDue } from './phases.ts';
import { remind } from './remind.ts';
import { remindDebtor } from './settle-obligation.ts';
import { checkShift, handOff } from './shifts.ts';
import { askAtEnd } from './window-end.ts';
import { closeWindow, openWindow } from './windows.ts';

/**
 * The bell of a deadline: early → armed again; done → nothing; due → act, once, however often and wherever it rings.
 * What is done bears the deadline's own instant, not that of the ringing.
 */
export const ringDeadline = async (context: Context, id: number): Promise<void> => {
  const row = await findDeadline(context.store.db, id);
  if (!row || row.doneAt !== null) return;
  if (context.clock.now() < row.dueAt) return context.bell.ring('ring-deadline', { id }, { at: row.dueAt });
  if (row.deadline.kind === 'cutoff')
    await letGo(context, row.deadline.train, row.deadline.cutoff, row.dueAt);
  // Before the transaction: nobody waits for a tracker while holding a lock.
  if (row.deadline.kind === 'reminder' || row.deadline.kind === 'records')
    await askTrackers(context, row.deadline.train);
  await context.store.transaction({ actor: clockActor, at: row.dueAt }, async (tx) => {
    const locked = await lockDeadline(tx.db, id);
    if (!locked || locked.doneAt !== null || context.clock.now() < locked.dueAt) return;
    await act(tx, context, locked.deadline);
    tx.unawaited(finishDeadline(tx.db, id, context.clock.now()));
  });
};

/** This instance's own share of the wait for requests that arrived in time; other instances do theirs (L3). */
const letGo = async (context: Context, train: string, cutoff: string, at: Date): Promise<void> => {
  await context.arrivals.settled(at);
  await context.arrivals.attend([{ id: cutoffId(train, cutoff), at }], context.clock.now());
};

const act = (tx: Tx, context: Context, deadline: Deadline): Promise<void> => {
  switch (deadline.kind) {
    case 'reminder':
      return remind(tx, context, deadline.train, deadline.cutoff, deadline.lead);
    case 'cutoff':
      return closeCutoff(tx, context, deadline.train, deadline.cutoff);
    // All was done before.
    case 'records':
      return Promise.resolve();
    case 'window-opens':
      return openWindow(tx, context, deadline.train, deadline.window);
    case 'window-ending':
      return askAtEnd(tx, context, deadline.train, deadline.window);
    case 'window-closes':
      return closeWindow(tx, context, deadline.train, deadline.window);
    case 'train-ends':
      return endTrain(tx, context, deadline.train);
    case 'obligation':
      return remindDebtor(tx, context, deadline.obligation, deadline.contact);
    case 'signatures':
      return callForSignatures(tx, context, deadline.change, deadline.round);
    case 'observation':
      return checkObservation(tx, context, deadline.deployment, deadline.as);
    case 'claim':
      return askAgain(tx, context, deadline.observed, deadline.contact);
    case 'phase':
      return phaseDue(tx, context, deadline.deployment, deadline.phase);
    case 'old-side':
      return oldSideDue(tx, context, deadline.deployment);
    case 'checkpoint':
      return dailyCheckpoint(tx, context);
    case 'handoff':
      return handOff(tx, context, deadline.schedule);
    case 'shift-check':
      return checkShift(tx, context, deadline.schedule, new Date(deadline.from));
    case 'drill':
      return holdDrill(tx, context, deadline.day);
    default:
      return assertNever(deadline);
  }
};
