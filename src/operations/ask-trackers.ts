import type { Change } from '../domain/change.ts';
import { emergencyRequirements } from '../domain/gate.ts';
import type { Policy } from '../domain/policy.ts';
import type { Ticket } from '../domain/ticket.ts';
import { isReady, trackerOf } from '../domain/tracker.ts';
import { trainById } from '../domain/train.ts';
import { windowState } from '../domain/window.ts';
import { listChanges } from '../store/changes.ts';
import { ticketsOf } from '../store/tickets.ts';
import type { Context } from './context.ts';
import { recordTickets } from './record-tickets.ts';

/** Tickets that are asked for at a time, and real milliseconds for all of them. */
const atOnce = 8;
const limitMs = 10_000;

/** Asked again for a start no sooner than that: every deployment that ends rings for the next one. */
const restMs = 60_000;

/** Where the tickets of a train's changes stand now, for a reminder or a cutoff. Never in a transaction; never rejects. */
export const askTrackers = async (context: Context, train: string): Promise<void> => {
  if (context.policy().trackers.length === 0) return;
  await askFor(context, await listChanges(context.store.db, { train, states: ['boarded'] }), 0);
};

/** The same before a start, of what may start now: in an open window, or in an emergency that keeps `records`. */
export const askBeforeStart = async (context: Context, trainId: string): Promise<void> => {
  const policy = context.policy();
  if (policy.trackers.length === 0) return;
  const train = trainById(policy, trainId);
  if (train === undefined) return;
  const isOpen = windowState(policy, train.windows, context.clock.now()).open;
  const inEmergencies = emergencyRequirements(policy).some(({ kind }) => kind === 'records');
  if (!isOpen && !inEmergencies) return;
  const aboard = await listChanges(context.store.db, { train: trainId, states: ['boarded'] });
  const starting = aboard.filter(({ type }) => (type === 'emergency' ? inEmergencies : isOpen));
  await askFor(context, starting, restMs);
};

const askFor = async (context: Context, changes: readonly Change[], rest: number): Promise<void> => {
  const policy = context.policy();
  const records = [...new Set(changes.flatMap((change) => change.records))].filter(
    (record) => trackerOf(policy.trackers, record) !== undefined,
  );
  if (records.length === 0) return;
  try {
    const known = await ticketsOf(context.store.db, records);
    const since = context.clock.now().getTime() - rest;
    const due = records.filter(
      (record) => rest === 0 || !known.some((one) => one.record === record && one.askedAt.getTime() > since),
    );
    if (due.length === 0) return;
    const tickets = await standings(context, policy, due);
    await recordTickets(context, { actor: 'system:tracker', at: context.clock.now() }, tickets);
  } catch (error) {
    // What was not asked for does not start: the gate sees how old the answers are.
    context.log.warn({ err: error }, 'trackers were not asked');
  }
};

/** Those that come too late count as not asked for. */
const standings = async (
  context: Context,
  policy: Policy,
  records: readonly string[],
): Promise<readonly Ticket[]> => {
  const found = new Map<string, Ticket>();
  const waiting = [...records];
  const work = async (): Promise<void> => {
    for (let record = waiting.shift(); record !== undefined; record = waiting.shift())
      found.set(record, await standing(context, policy, record));
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([Promise.all(Array.from({ length: atOnce }, work)), late]);
  clearTimeout(timer);
  waiting.splice(0);
  return records.map(
    (record) => found.get(record) ?? ticket(context, policy, record, { fault: 'there was no time to ask' }),
  );
};

const standing = async (context: Context, policy: Policy, record: string): Promise<Ticket> => {
  const rule = trackerOf(policy.trackers, record);
  const answer =
    rule === undefined || context.trackers === undefined
      ? { fault: 'nobody can ask' }
      : await context.trackers.ask(rule, record);
  return ticket(context, policy, record, answer);
};

const ticket = (
  context: Context,
  policy: Policy,
  record: string,
  answer: { readonly state: string } | { readonly fault: string },
): Ticket => {
  const rule = trackerOf(policy.trackers, record);
  const about = { record, tracker: rule?.name ?? '', askedAt: context.clock.now() };
  return 'fault' in answer
    ? { ...about, state: null, ready: false, fault: answer.fault }
    : {
        ...about,
        state: answer.state,
        ready: rule !== undefined && isReady(rule, answer.state),
        fault: null,
      };
};
