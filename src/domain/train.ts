import { localTrain } from './local-train.ts';
import type { Policy, Requirement, TrainRule, WindowRule } from './policy.ts';
import { quietUntil } from './quiet.ts';
import { type IsoWeek, isoWeekOf, localDateOf, resolveLocal, week, weeksAfter } from './time.ts';
import { type Freeze, freezeIntervals, openIntervals, type TrainWindow } from './window.ts';

export type { TrainWindow } from './window.ts';

/** One run of a weekly rule. */
export interface Train {
  /** `weekly-2026-W48`: the rule and the ISO week of the first cutoff on the policy's wall clock. */
  readonly id: string;
  readonly rule: string;
  /** In the policy's order, which is also that of time. At least one. */
  readonly cutoffs: readonly TrainCutoff[];
  /** In order of opening. */
  readonly windows: readonly TrainWindow[];
}

export interface TrainCutoff {
  readonly name: string;
  /** What arrives at this instant is late (L3). */
  readonly at: Date;
  /** Never before `at`. */
  readonly meeting?: Date;
  /** `lead` ms of elapsed time before `at`, in the policy's order; out of quiet hours where there is time. */
  readonly reminders: readonly { readonly lead: number; readonly at: Date }[];
  readonly requires: readonly Requirement[];
}

/** Undefined when the id is malformed, its year has no such week, or the policy has no such rule. */
export const trainById = (policy: Policy, id: string): Train | undefined => {
  const known = trainsOf.get(policy) ?? new Map<string, Train | undefined>();
  trainsOf.set(policy, known);
  if (!known.has(id)) {
    if (known.size >= maxKnown) known.clear();
    known.set(id, findTrain(policy, id));
  }
  return known.get(id);
};

/** Asked for the same few trains by every operation; working one out costs as much as a statement of its own. */
const trainsOf = new WeakMap<Policy, Map<string, Train | undefined>>();
const maxKnown = 100;

const findTrain = (policy: Policy, id: string): Train | undefined => {
  const [, name = '', year, number] = /^(.+)-(\d{4})-W(\d{2})$/.exec(id) ?? [];
  const rule = policy.trains.get(name);
  if (rule === undefined) return undefined;
  const isoWeek = weeksAfter({ year: Number(year), week: Number(number) }, 0);
  return trainId(rule, isoWeek) === id ? trainOfWeek(policy, rule, isoWeek) : undefined;
};

const trainId = (rule: TrainRule, isoWeek: IsoWeek): string =>
  `${rule.name}-${String(isoWeek.year).padStart(4, '0')}-W${String(isoWeek.week).padStart(2, '0')}`;

/** The train whose first cutoff is in this week. `freezes` are the policy's: a caller of many resolves them once. */
export const trainOfWeek = (
  policy: Policy,
  rule: TrainRule,
  isoWeek: IsoWeek,
  freezes: readonly Freeze[] = freezeIntervals(policy),
): Train => {
  const cutoffs = cutoffsOf(policy, rule, isoWeek);
  const windows = windowsOf(policy, rule, isoWeek, cutoffs.at(-1)?.at, freezes);
  return { id: trainId(rule, isoWeek), rule: rule.name, cutoffs, windows };
};

const cutoffsOf = (policy: Policy, rule: TrainRule, isoWeek: IsoWeek): readonly TrainCutoff[] => {
  // A time in a DST gap moves on, maybe past later ones of the same night, which then wait for it.
  let last: Date | undefined;
  return localTrain(rule, isoWeek).cutoffs.map(({ cutoff, at: local, meeting }) => {
    const at = notBefore(last, resolveLocal(local, policy.timezone).at);
    last = at;
    return {
      name: cutoff.name,
      at,
      ...(meeting === undefined ? {} : { meeting: notBefore(at, resolveLocal(meeting, policy.timezone).at) }),
      reminders: cutoff.reminders.map((lead) => ({ lead, at: reminderAt(policy, at, lead) })),
      requires: cutoff.requires,
    };
  });
};

/** Not in quiet hours, unless the cutoff would be over when they are. */
const reminderAt = (policy: Policy, cutoff: Date, lead: number): Date => {
  const at = new Date(cutoff.getTime() - lead);
  const until = quietUntil(at, policy.quietHours, policy.timezone);
  return until !== undefined && until < cutoff ? until : at;
};

const notBefore = (floor: Date | undefined, at: Date): Date =>
  floor !== undefined && at < floor ? floor : at;

/** A one-off window belongs to the latest train whose last cutoff is not after its opening. */
const windowsOf = (
  policy: Policy,
  rule: TrainRule,
  isoWeek: IsoWeek,
  lastCutoff: Date | undefined,
  freezes: readonly Freeze[],
): readonly TrainWindow[] => {
  const occurrence = (window: WindowRule, opens: Date): TrainWindow => {
    const closes = new Date(opens.getTime() + window.lasts);
    const open = openIntervals({ from: opens, until: closes }, freezes);
    const { name, capacity } = window;
    return { name, opens, closes, ...(capacity === undefined ? {} : { capacity }), open };
  };
  const weekly = localTrain(rule, isoWeek).openings.map(({ window, opens }) =>
    occurrence(window, notBefore(lastCutoff, resolveLocal(opens, policy.timezone).at)),
  );
  const once = rule.windows.flatMap((window) => {
    if (window.kind === 'weekly' || lastCutoff === undefined) return [];
    const opens = resolveLocal(window.opens, policy.timezone).at;
    if (opens < lastCutoff) return [];
    const next = cutoffsOf(policy, rule, weeksAfter(isoWeek, 1)).at(-1)?.at;
    return next === undefined || next <= opens ? [] : [occurrence(window, opens)];
  });
  return [...weekly, ...once].sort((a, b) => a.opens.getTime() - b.opens.getTime());
};

/** The first train whose first cutoff is after `now` (at that instant it is late: L3), of one rule or of all. */
export const trainToBoard = (policy: Policy, now: Date, ruleName?: string): Train | undefined => {
  const thisWeek = isoWeekOf(localDateOf(now, policy.timezone));
  const freezes = freezeIntervals(policy);
  return rulesOf(policy, ruleName)
    .flatMap((rule) => {
      // The week before, too: a skipped day can push a cutoff out of its week.
      const weeks = [-1, 0, 1].map((n) => weeksAfter(thisWeek, n));
      const open = weeks.find((isoWeek) => {
        const first = cutoffsOf(policy, rule, isoWeek)[0];
        return first !== undefined && first.at > now;
      });
      return open === undefined ? [] : [trainOfWeek(policy, rule, open, freezes)];
    })
    .sort(byFirstCutoff)[0];
};

const rulesOf = (policy: Policy, name?: string): readonly TrainRule[] =>
  [...policy.trains.values()].filter((rule) => name === undefined || rule.name === name);

/** The rule's first train whose first cutoff is after that of `after`; for its own rule, the next week's. */
export const nextTrain = (policy: Policy, ruleName: string, after: Train): Train | undefined =>
  trainToBoard(policy, firstCutoff(after).at, ruleName);

/** Trains whose life, from the first reminder to the end of the last window, meets `[from, to)`; by first cutoff. */
export const trainsBetween = (policy: Policy, from: Date, to: Date): readonly Train[] => {
  const freezes = freezeIntervals(policy);
  return rulesOf(policy)
    .flatMap((rule) =>
      weeksMeeting(policy, rule, from, to).map((isoWeek) => trainOfWeek(policy, rule, isoWeek, freezes)),
    )
    .filter((train) => Math.min(...instantsOf(train)) < to.getTime())
    .filter((train) => Math.max(...instantsOf(train)) >= from.getTime())
    .sort(byFirstCutoff);
};

/** Enough weeks: each cutoff comes within a week of the one before, its meeting and windows within two. */
const weeksMeeting = (policy: Policy, rule: TrainRule, from: Date, to: Date): readonly IsoWeek[] => {
  const leads = rule.cutoffs.flatMap((cutoff) => cutoff.reminders);
  const lasts = rule.windows.map((window) => window.lasts);
  const begin = from.getTime() - (rule.cutoffs.length + 2) * week - Math.max(0, ...lasts);
  const end = to.getTime() + Math.max(0, ...leads) + week;
  const anchor = isoWeekOf(localDateOf(new Date(begin), policy.timezone));
  const count = Math.max(0, Math.ceil((end - begin) / week) + 1);
  return Array.from({ length: count }, (_, n) => weeksAfter(anchor, n));
};

const instantsOf = (train: Train): readonly number[] =>
  [
    ...train.cutoffs.flatMap(({ at, meeting = at, reminders }) => [
      at,
      meeting,
      ...reminders.map((r) => r.at),
    ]),
    ...train.windows.flatMap(({ opens, closes }) => [opens, closes]),
  ].map((at) => at.getTime());

/** When its last window closes; without any, when the last meeting or cutoff is past. */
/** What a cutoff asks of a change: what the policy says, and at the last one what the change itself waits for. */
export const requiredAt = (train: Train, cutoff: string): readonly Requirement[] => {
  const asked = train.cutoffs.find(({ name }) => name === cutoff)?.requires ?? [];
  return train.cutoffs.at(-1)?.name === cutoff ? [...asked, { kind: 'milestones' }] : asked;
};

export const trainEnds = (train: Train): Date => {
  const closes = train.windows.map((window) => window.closes);
  const past = train.cutoffs.map(({ at, meeting = at }) => meeting);
  const ends = closes.length > 0 ? closes : past;
  return new Date(Math.max(...ends.map((at) => at.getTime())));
};

export const firstCutoff = (train: Train): TrainCutoff => {
  const [first] = train.cutoffs;
  if (first === undefined) throw new RangeError(`A train without cutoffs: ${train.id}`);
  return first;
};

const byFirstCutoff = (a: Train, b: Train): number =>
  firstCutoff(a).at.getTime() - firstCutoff(b).at.getTime();
