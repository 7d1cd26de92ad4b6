import { rulesFor } from './case.ts';
import type { Change } from './change.ts';
import { type PlannedChange, planChanges } from './change-plan.ts';
import { type LearnedDurations, learnedOf, safeDuration } from './learned.ts';
import type { Policy } from './policy.ts';
import type { Interval } from './time.ts';
import { nextTrain, type Train } from './train.ts';
import type { TrainWindow } from './window.ts';

export interface Fit {
  readonly change: Change;
  /** When it is expected to start in one of the train's windows; null: it does not fit. */
  readonly startsAt: Date | null;
  /** `too-long` for any window of the train · `window-full` · `no-time`: it would start too late · `waits-for` one that does not fit. */
  readonly why?: 'too-long' | 'window-full' | 'no-time' | 'waits-for' | 'no-rules';
  /** The next window, of a later train, that is long enough for it. */
  readonly next?: { readonly train: string; readonly window: string; readonly opens: Date };
}

/**
 * Where every change finds its place, window by window, as early as the plan allows. A window that takes only so many
 * changes takes the oldest, with what they depend on; what is left over tries the train's next window. Same order as
 * `changes`.
 */
export const fitChanges = (
  changes: readonly Change[],
  policy: Policy,
  train: Train,
  learned: LearnedDurations,
): readonly Fit[] => {
  const fits = new Map<number, Fit>();
  const why = new Map<number, NonNullable<Fit['why']>>();
  const open = train.windows.flatMap((window) => window.open.map((interval) => ({ window, interval })));
  const all = planChanges(changes, policy, 'quick', learned).planned;
  const before = new Map(all.map((one) => [one.change.id, one.before.map((other) => other.id)]));
  for (const { window, interval } of open) {
    const short = changes.filter(
      (change) => !fits.has(change.id) && needs(change, policy, learned) <= length(interval),
    );
    const fitting = possible(short, before, fits);
    const possibles = new Set(fitting);
    for (const change of short) if (!possibles.has(change)) why.set(change.id, 'waits-for');
    const chosen = oldest(
      planChanges(fitting, policy, 'quick', learned).planned,
      window,
      taken(fits, window),
    );
    for (const change of fitting) if (!chosen.has(change.id)) why.set(change.id, 'window-full');
    const going = fitting.filter((change) => chosen.has(change.id));
    for (const { change, startSeconds } of planChanges(going, policy, 'quick', learned).planned) {
      const at = interval.from.getTime() + startSeconds * 1_000;
      const waits = (before.get(change.id) ?? []).some((other) => !fits.has(other));
      if (waits) why.set(change.id, 'waits-for');
      else if (at + needs(change, policy, learned) > interval.until.getTime()) why.set(change.id, 'no-time');
      else fits.set(change.id, { change, startsAt: new Date(at) });
    }
  }
  const later = changes.every(({ id }) => fits.has(id)) ? [] : laterTrains(policy, train);
  return changes.map((change) => {
    const fit = fits.get(change.id);
    if (fit !== undefined) return fit;
    const known = rulesFor(change, policy) !== undefined;
    const next = known ? nextPlace(change, policy, later, learned) : undefined;
    return {
      change,
      startsAt: null,
      why: known ? (why.get(change.id) ?? 'too-long') : 'no-rules',
      ...(next === undefined ? {} : { next }),
    };
  });
};

/** Without those that wait for something that is neither placed nor among them. */
const possible = (
  changes: readonly Change[],
  before: ReadonlyMap<number, readonly number[]>,
  fits: ReadonlyMap<number, Fit>,
): readonly Change[] => {
  const ids = new Set(changes.map(({ id }) => id));
  const left = changes.filter(({ id }) =>
    (before.get(id) ?? []).every((other) => fits.has(other) || ids.has(other)),
  );
  return left.length === changes.length ? left : possible(left, before, fits);
};

/** Milliseconds of window that it asks for: how long it takes at the most, and its rollback. */
const needs = (change: Change, policy: Policy, learned: LearnedDurations): number => {
  const plan = rulesFor(change, policy)?.plan;
  if (plan === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(1, safeDuration(plan, learnedOf(learned, change, plan)) + plan.reserve);
};

const length = ({ from, until }: Interval): number => until.getTime() - from.getTime();

const taken = (fits: ReadonlyMap<number, Fit>, window: TrainWindow): number =>
  [...fits.values()].filter(
    ({ startsAt }) => startsAt !== null && startsAt >= window.opens && startsAt < window.closes,
  ).length;

/** As many as the window has room for: by age, each with all of its unit and of what must go before it, or not at all. */
const oldest = (
  planned: readonly PlannedChange[],
  { capacity = Number.POSITIVE_INFINITY }: TrainWindow,
  used: number,
): ReadonlySet<number> => {
  const room = capacity - used;
  if (planned.length <= room) return new Set(planned.map(({ change }) => change.id));
  const byId = new Map(planned.map((one) => [one.change.id, one]));
  const ofUnit = new Map<number, number[]>();
  for (const { unit, change } of planned) ofUnit.set(unit, [...(ofUnit.get(unit) ?? []), change.id]);
  const chosen = new Set<number>();
  for (const { change } of [...planned].sort(byAge)) {
    if (chosen.size >= room) break;
    if (chosen.has(change.id)) continue;
    const group = new Set<number>([change.id]);
    // A Set is walked in the order of insertion, what is added on the way included; what is chosen has all it needs.
    for (const id of group) {
      if (chosen.size + group.size > room) break;
      const one = byId.get(id);
      const others = [
        ...(one?.before ?? []).map((other) => other.id),
        ...(ofUnit.get(one?.unit ?? id) ?? []),
      ];
      for (const other of others) if (byId.has(other) && !chosen.has(other)) group.add(other);
    }
    if (chosen.size + group.size <= room) for (const id of group) chosen.add(id);
  }
  return chosen;
};

const byAge = (a: PlannedChange, b: PlannedChange): number =>
  a.change.submittedAt.getTime() - b.change.submittedAt.getTime() || a.change.id - b.change.id;

/** Trains that are looked through for a window that is long enough. */
const horizon = 12;

const laterTrains = (policy: Policy, train: Train): readonly Train[] => {
  const later: Train[] = [];
  for (let last = train; later.length < horizon; ) {
    const next = nextTrain(policy, last.rule, last);
    if (next === undefined) break;
    later.push(next);
    last = next;
  }
  return later;
};

const nextPlace = (
  change: Change,
  policy: Policy,
  later: readonly Train[],
  learned: LearnedDurations,
): Fit['next'] => {
  const asked = needs(change, policy, learned);
  for (const train of later)
    for (const window of train.windows)
      for (const interval of window.open)
        if (asked <= length(interval)) return { train: train.id, window: window.name, opens: interval.from };
  return undefined;
};
