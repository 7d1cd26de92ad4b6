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
    for (const change of short) if (!fitting.includes(change)) why.set(change.id, 'waits-for');
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
  return changes.map((change) => {
    const fit = fits.get(change.id);
    if (fit !== undefined) return fit;
    const known = rulesFor(change, policy) !== undefined;
    const next = known ? nextPlace(change, policy, train, learned) : undefined;
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
  const byId = new Map(planned.map((one) => [one.change.id, one]));
  const chosen = new Set<number>();
  for (const { change } of [...planned].sort(byAge)) {
    const group = new Set<number>([change.id]);
    // A Set is walked in the order of insertion, what is added on the way included.
    for (const id of group) {
      const one = byId.get(id);
      for (const other of one?.before ?? []) if (byId.has(other.id)) group.add(other.id);
      for (const other of planned) if (other.unit === one?.unit) group.add(other.change.id);
    }
    const more = [...group].filter((id) => !chosen.has(id));
    if (used + chosen.size + more.length <= capacity) for (const id of more) chosen.add(id);
  }
  return chosen;
};

const byAge = (a: PlannedChange, b: PlannedChange): number =>
  a.change.submittedAt.getTime() - b.change.submittedAt.getTime() || a.change.id - b.change.id;

/** Trains that are looked through for a window that is long enough. */
const horizon = 12;

const nextPlace = (change: Change, policy: Policy, train: Train, learned: LearnedDurations): Fit['next'] => {
  let later = nextTrain(policy, train.rule, train);
  for (let i = 0; i < horizon && later !== undefined; i += 1) {
    for (const window of later.windows)
      for (const interval of window.open)
        if (needs(change, policy, learned) <= length(interval))
          return { train: later.id, window: window.name, opens: interval.from };
    later = nextTrain(policy, later.rule, later);
  }
  return undefined;
};
