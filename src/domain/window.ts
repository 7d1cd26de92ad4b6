import type { Policy } from './policy.ts';
import { type Interval, resolveLocal } from './time.ts';

/** One occurrence of a window, as a train has it. */
export interface TrainWindow {
  readonly name: string;
  readonly opens: Date;
  /** `opens` plus the elapsed time of the rule: DST neither shortens nor lengthens a window. */
  readonly closes: Date;
  /** Changes that may start in it; absent: no limit. */
  readonly capacity?: number;
  /** When production may really be changed: the window without its freezes. In order, apart from each other. */
  readonly open: readonly Interval[];
}

export interface Freeze extends Interval {
  readonly name: string;
}

/** The policy's freezes in its order; one that no clock ever shows (it lies in a DST gap) is left out. */
export const freezeIntervals = (policy: Policy): readonly Freeze[] =>
  policy.freezes
    .map(({ name, from, until }) => ({
      name,
      from: resolveLocal(from, policy.timezone).at,
      until: resolveLocal(until, policy.timezone, 'end').at,
    }))
    .filter(({ from, until }) => from < until);

/** What the freezes leave of a window: in order, never empty intervals, `[]` when nothing is left. */
export const openIntervals = (window: Interval, freezes: readonly Interval[]): readonly Interval[] =>
  freezes.reduce<readonly Interval[]>(
    (open, freeze) => open.flatMap((interval) => without(interval, freeze)),
    window.from < window.until ? [window] : [],
  );

const without = ({ from, until }: Interval, freeze: Interval): readonly Interval[] => {
  const apart = freeze.until <= from || until <= freeze.from || freeze.until <= freeze.from;
  if (apart) return [{ from, until }];
  const before = from < freeze.from ? [{ from, until: freeze.from }] : [];
  const after = freeze.until < until ? [{ from: freeze.until, until }] : [];
  return [...before, ...after];
};

export const contains = ({ from, until }: Interval, at: Date): boolean => from <= at && at < until;

export type WindowState =
  | { readonly open: true; readonly window: TrainWindow /** Or freezes. */; readonly closes: Date }
  | {
      readonly open: false;
      readonly reason: ShutReason;
      /** The next time that production may be changed in one of the windows, and when that ends. */
      readonly nextOpens?: Date;
      readonly nextCloses?: Date;
    };

/** `name` is the freeze's, or that of the window to come. `no-window`: none of the windows opens again. */
export type ShutReason =
  | { readonly code: 'frozen'; readonly name: string; readonly until: Date }
  | { readonly code: 'between-windows'; readonly name: string }
  | { readonly code: 'no-window' };

/** Whether production may be changed now in one of these windows; of several, the one that stays open longest. */
export const windowState = (policy: Policy, windows: readonly TrainWindow[], now: Date): WindowState => {
  const open = windows.flatMap((window) => window.open.map((interval) => ({ window, ...interval })));
  const current = open
    .filter((interval) => contains(interval, now))
    .reduce<(typeof open)[number] | undefined>(
      (best, one) => (best === undefined || one.until > best.until ? one : best),
      undefined,
    );
  if (current !== undefined) return { open: true, window: current.window, closes: current.until };
  const next = open
    .filter(({ from }) => from > now)
    .reduce<(typeof open)[number] | undefined>(
      (best, one) => (best === undefined || one.from < best.from ? one : best),
      undefined,
    );
  const freeze = freezeIntervals(policy).find((interval) => contains(interval, now));
  const to = next === undefined ? {} : { nextOpens: next.from, nextCloses: next.until };
  if (freeze !== undefined) {
    return { open: false, reason: { code: 'frozen', name: freeze.name, until: freeze.until }, ...to };
  }
  if (next === undefined) return { open: false, reason: { code: 'no-window' } };
  return { open: false, reason: { code: 'between-windows', name: next.window.name }, ...to };
};

/** Whether work of `expected` ms with `reserve` ms for a rollback, started now, ends in time. Shut at `until`. */
export const fits = (interval: Interval, now: Date, expected: number, reserve: number): boolean =>
  contains(interval, now) && now.getTime() + expected + reserve <= interval.until.getTime();

/** The last instant at which the work fits; nothing does when it is before `interval.from`. */
export const lastSafeStart = (interval: Interval, expected: number, reserve: number): Date =>
  new Date(interval.until.getTime() - Math.max(1, expected + reserve));
