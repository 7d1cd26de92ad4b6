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
  /** The next window, of a later train, that is long enough for it and has room left by the others that do not fit. */
  readonly next?: { readonly train: string; readonly window: string; readonly opens: Date };
}

/**
 * Where every change finds its place, window by window, as early as the plan allows. A window that takes only so many
 * changes takes those of the highest priority and of them the oldest, with what they depend on; what is left over tries the train's next window. Same order as
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
    const chosen = first(
      planChanges(fitting, policy, 'quick', learned).planned,
      policy,
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
  const left = changes.filter((change) => !fits.has(change.id));
  const next = nextPlaces(left, before, policy, train, learned);
  return changes.map((change) => {
    const fit = fits.get(change.id);
    if (fit !== undefined) return fit;
    const known = rulesFor(change, policy) !== undefined;
    return {
      change,
      startsAt: null,
      why: known ? (why.get(change.id) ?? 'too-long') : 'no-rules',
      ...placeOf(next.get(change.id)),
    };
  });
};

const placeOf = (next: Fit['next']): Pick<Fit, 'next'> => (next === undefined ? {} : { next });

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

/** As many as the window has room for, in order: each with all of its unit and of what must go before it, or not at all. */
const first = (
  planned: readonly PlannedChange[],
  policy: Policy,
  { capacity = Number.POSITIVE_INFINITY }: TrainWindow,
  used: number,
): ReadonlySet<number> => {
  const room = capacity - used;
  if (planned.length <= room) return new Set(planned.map(({ change }) => change.id));
  const byId = new Map(planned.map((one) => [one.change.id, one]));
  const ofUnit = new Map<number, number[]>();
  for (const { unit, change } of planned) ofUnit.set(unit, [...(ofUnit.get(unit) ?? []), change.id]);
  const chosen = new Set<number>();
  for (const change of inOrder(
    planned.map((one) => one.change),
    policy,
  )) {
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

/** Who goes first where there is not room for all: the higher priority of its service, then the older change. */
const inOrder = (changes: readonly Change[], policy: Policy): readonly Change[] => {
  const priority = ({ service }: Change): number => policy.services.get(service)?.priority ?? 0;
  return changes.toSorted(
    (a, b) => priority(b) - priority(a) || a.submittedAt.getTime() - b.submittedAt.getTime() || a.id - b.id,
  );
};

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

/**
 * The next window of a later train that is long enough for each and has room left by those that go first: none earlier
 * than what must go before it.
 */
const nextPlaces = (
  left: readonly Change[],
  before: ReadonlyMap<number, readonly number[]>,
  policy: Policy,
  train: Train,
  learned: LearnedDurations,
): ReadonlyMap<number, Fit['next']> => {
  if (left.length === 0) return new Map();
  const windows = laterTrains(policy, train).flatMap((later) =>
    later.windows.map((window) => ({ later, window, room: window.capacity ?? Number.POSITIVE_INFINITY })),
  );
  const byId = new Map(left.map((change) => [change.id, change]));
  const placed = new Map<number, number>();
  const place = (change: Change): void => {
    const earliest = (before.get(change.id) ?? []).map((id) => placed.get(id) ?? 0);
    const asked = needs(change, policy, learned);
    const from = Math.max(0, ...earliest);
    const found = windows.findIndex(
      ({ window, room }, i) => i >= from && room > 0 && window.open.some((one) => asked <= length(one)),
    );
    const at = found === -1 ? windows.length : found;
    const window = windows[at];
    if (window !== undefined) window.room -= 1;
    placed.set(change.id, at);
  };
  // `before` is in the order of the plan: what must go first is placed first.
  const position = new Map([...before.keys()].map((id, i) => [id, i]));
  for (const change of inOrder(left, policy)) {
    const group = new Set([change.id]);
    for (const id of group)
      for (const other of before.get(id) ?? []) if (byId.has(other) && !placed.has(other)) group.add(other);
    const unplaced = [...group].filter((id) => !placed.has(id));
    for (const id of unplaced.sort((x, y) => (position.get(x) ?? 0) - (position.get(y) ?? 0)))
      place(byId.get(id) ?? change);
  }
  const next = new Map<number, Fit['next']>();
  for (const change of left) {
    const found = windows[placed.get(change.id) ?? windows.length];
    const asked = needs(change, policy, learned);
    const opens = found?.window.open.find((one) => asked <= length(one))?.from;
    if (found !== undefined && opens !== undefined)
      next.set(change.id, { train: found.later.id, window: found.window.name, opens });
  }
  return next;
};
