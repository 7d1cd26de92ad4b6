import type { Policy } from './policy.ts';
import { formatDuration, formatLocal } from './time.ts';
import { type Train, trainsBetween } from './train.ts';
import { freezeIntervals } from './window.ts';

export interface TimetableEntry {
  readonly at: Date;
  /** `2026-11-25 12:00` in the policy's zone. */
  readonly local: string;
  readonly kind: TimetableKind;
  /** Of the cutoff, window or freeze; a reminder adds its lead: `in-test 2h`. */
  readonly name: string;
  /** Absent for freezes, which concern every train. */
  readonly train?: string;
}

/** In the order of entries at the same instant: what ends comes before what begins. */
const kinds = [
  'window-closes',
  'freeze-ends',
  'reminder',
  'cutoff',
  'meeting',
  'freeze-begins',
  'window-opens',
] as const;
export type TimetableKind = (typeof kinds)[number];

/**
 * Everything that the policy lets happen in `[from, to)`, by instant, then in the order of `kinds`, then by the
 * train's first cutoff and the policy's order.
 *
 * A window is shown as it can be used: where a freeze cuts into it, it closes and opens at the freeze's edges;
 * one that is wholly frozen does not appear, its freeze does.
 */
export const timetable = (policy: Policy, from: Date, to: Date): readonly TimetableEntry[] => {
  const events = [...trainsBetween(policy, from, to).flatMap(trainEvents), ...freezeEvents(policy)];
  return events
    .filter(({ at }) => from <= at && at < to)
    .sort((a, b) => a.at.getTime() - b.at.getTime() || kinds.indexOf(a.kind) - kinds.indexOf(b.kind))
    .map(({ at, ...event }) => ({ at, local: formatLocal(at, policy.timezone), ...event }));
};

type Event = Omit<TimetableEntry, 'local'>;

const trainEvents = (train: Train): readonly Event[] => {
  const event = (kind: TimetableKind, name: string, at: Date): Event => ({ at, kind, name, train: train.id });
  return [
    ...train.cutoffs.flatMap(({ name, at, meeting, reminders }) => [
      ...reminders.map(({ lead, at: due }) => event('reminder', `${name} ${formatDuration(lead)}`, due)),
      event('cutoff', name, at),
      ...(meeting === undefined ? [] : [event('meeting', name, meeting)]),
    ]),
    ...train.windows.flatMap(({ name, open }) =>
      open.flatMap(({ from, until }) => [
        event('window-opens', name, from),
        event('window-closes', name, until),
      ]),
    ),
  ];
};

const freezeEvents = (policy: Policy): readonly Event[] =>
  freezeIntervals(policy).flatMap(({ name, from, until }): readonly Event[] => [
    { at: from, kind: 'freeze-begins', name },
    { at: until, kind: 'freeze-ends', name },
  ]);
