import { type Change, changeName } from '../domain/change.ts';
import { inForce } from '../domain/evidence.ts';
import { isOfTickets, type Ticket, verdictOf } from '../domain/ticket.ts';
import { listChanges } from '../store/changes.ts';
import { evidenceFor, insertEvidence } from '../store/evidence.ts';
import type { Cause, Tx } from '../store/store.ts';
import { changesNaming, saveTickets, ticketsOf } from '../store/tickets.ts';
import type { Context } from './context.ts';
import { redraw } from './outgoing.ts';
import { wake } from './wake.ts';

/** Where tickets stand: every change that names one of them has its records judged anew. */
export const recordTickets = (context: Context, cause: Cause, tickets: readonly Ticket[]): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    await saveTickets(tx.db, tickets);
    const naming = await changesNaming(
      tx.db,
      tickets.map(({ record }) => record),
    );
    // Locked: a deployment that starts now was judged before this, or is judged with it.
    const changes = await listChanges(tx.db, { ids: naming, states: ['boarded'], lock: true });
    const touched = await judgeRecords(tx, changes);
    await redraw(tx, context, touched);
    await wake(tx, context, touched);
  });

/**
 * What their tickets say of the records of these changes, which the caller has locked. After whatever else is said of
 * them: a ticket that is not ready stays a no. Returns the names of those of which it says something new.
 */
export const judgeRecords = async (tx: Tx, changes: readonly Change[]): Promise<readonly string[]> => {
  const known = await ticketsOf(tx.db, [...new Set(changes.flatMap(({ records }) => records))]);
  if (known.length === 0) return [];
  const evidence = await evidenceFor(tx.db, changes);
  const touched: string[] = [];
  for (const change of changes) {
    const own = evidence.filter((e) => e.kind === 'records' && e.change === change.id);
    const said = inForce(own, (e) => !isOfTickets(e));
    const verdict = verdictOf(change.records, known, said?.outcome);
    const now = inForce(own, () => true);
    if (verdict === undefined) continue;
    const isSame =
      now?.outcome === verdict.outcome && (now.comment === verdict.comment || now.outcome === 'pass');
    if (isSame) continue;
    await insertVerdict(tx, change, verdict);
    touched.push(changeName(change.id));
  }
  return touched;
};

const insertVerdict = async (
  tx: Tx,
  change: Change,
  { outcome, source, comment }: NonNullable<ReturnType<typeof verdictOf>>,
): Promise<void> => {
  const { at } = tx.cause;
  await insertEvidence(tx.db, {
    kind: 'records',
    service: change.service,
    version: change.version,
    artifact: null,
    change: change.id,
    environment: null,
    platform: null,
    role: null,
    builder: null,
    train: null,
    outcome,
    person: null,
    source,
    comment,
    url: null,
    details: null,
    observedAt: at,
    receivedAt: at,
  });
  tx.record({
    kind: 'evidence',
    train: change.train,
    change: changeName(change.id),
    service: change.service,
    outcome,
    facts: { kind: 'records', source, ...(comment === null ? {} : { comment }) },
  });
};
