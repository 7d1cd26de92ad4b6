import type { Outcome } from './evidence.ts';

/** Where a ticket stood when its tracker last told, by itself or because it was asked. */
export interface Ticket {
  /** As changes name it. */
  readonly record: string;
  /** Which tracker told, by its name in the policy or the kind of event. */
  readonly tracker: string;
  /** As the tracker has it; null when it could not be asked. */
  readonly state: string | null;
  readonly ready: boolean;
  /** Why it could not be asked. */
  readonly fault: string | null;
  readonly askedAt: Date;
}

/** Evidence that is made of tickets says so by its source. */
export const ticketSource = (trackers: readonly string[]): string =>
  `tracker ${[...new Set(trackers)].sort().join(', ')}`;
export const isOfTickets = ({ source }: { readonly source: string }): boolean =>
  source.startsWith('tracker ');

export interface RecordsVerdict {
  readonly outcome: Outcome;
  readonly source: string;
  readonly comment: string | null;
}

/**
 * What the tickets of a change say of its records. One that is not ready is a fail, whatever people say; all of them
 * ready is a pass when nothing else is among the records; else people have to speak for the others. Undefined: nothing.
 */
export const verdictOf = (
  records: readonly string[],
  tickets: readonly Ticket[],
  said: Outcome | undefined,
): RecordsVerdict | undefined => {
  const named = [...new Set(records)];
  const known = named.flatMap((record) => tickets.find((ticket) => ticket.record === record) ?? []);
  if (known.length === 0) return undefined;
  const source = ticketSource(known.map(({ tracker }) => tracker));
  const open = known.filter(({ ready }) => !ready);
  if (open.length > 0) return { outcome: 'fail', source, comment: open.map(standing).join('; ') };
  // A person's no stands until a person takes it back.
  if (said === 'fail') return undefined;
  if (known.length === named.length) return { outcome: 'pass', source, comment: null };
  const untold = named.filter((record) => known.every((ticket) => ticket.record !== record));
  return said === undefined
    ? { outcome: 'fail', source, comment: `nobody has told where ${untold.join(', ')} stands` }
    : { outcome: said, source, comment: null };
};

const standing = ({ record, state, fault }: Ticket): string =>
  state === null ? `${record} could not be asked for: ${fault ?? 'no answer'}` : `${record} is ${state}`;
