/** A system that knows where tickets stand, and how it is asked. */
export type TrackerRule = {
  readonly name: string;
  /** Patterns of the records that are its tickets; `*` stands for anything. */
  readonly records: readonly string[];
  /** States in which a ticket is ready, in any case of letters. */
  readonly ready: readonly string[];
  readonly url: string;
  /** Whose the secret is; absent: the secret is a bearer token. */
  readonly user?: string;
  /** Name of the secret; absent: anybody may ask. */
  readonly secret?: string;
} & (
  | { readonly kind: 'jira'; readonly api: '3' | '2' }
  | { readonly kind: 'github' }
  | { readonly kind: 'servicenow'; readonly table: string; readonly field: string }
  /** `url` has `{record}` in it. */
  | { readonly kind: 'json'; readonly pointer: string }
);

/** The first one that the record is a ticket of. */
export const trackerOf = (trackers: readonly TrackerRule[], record: string): TrackerRule | undefined =>
  trackers.find(({ records }) => records.some((pattern) => fits(pattern, record)));

export const isReady = ({ ready }: Pick<TrackerRule, 'ready'>, state: string): boolean =>
  ready.some((one) => one.toLowerCase() === state.trim().toLowerCase());

/** Every part between two stars, one after the other: linear, whatever the pattern. */
const fits = (pattern: string, record: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return record === first;
  if (!record.startsWith(first) || !record.endsWith(last)) return false;
  let from = first.length;
  const until = record.length - last.length;
  for (const part of rest) {
    const found = record.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return from <= until;
};

/** How old an answer may be when a deployment starts by it. */
export const freshForMs = 10 * 60_000;

/** Tickets that have to be asked for before anything can start by them: never asked, or too long ago. */
export const unasked = (
  trackers: readonly TrackerRule[],
  records: readonly string[],
  tickets: readonly { readonly record: string; readonly askedAt: Date }[],
  now: Date,
): readonly string[] =>
  records.filter((record) => {
    if (trackerOf(trackers, record) === undefined) return false;
    const ticket = tickets.find((one) => one.record === record);
    return ticket === undefined || now.getTime() - ticket.askedAt.getTime() > freshForMs;
  });
