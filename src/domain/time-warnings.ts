import { localTrain } from './local-train.ts';
import type { Policy, TrainRule } from './policy.ts';
import {
  day,
  formatLocal,
  isoWeekOf,
  type LocalDateTime,
  localDateOf,
  resolveLocal,
  week,
  weekdayOf,
  weeksAfter,
} from './time.ts';

/** A time that may not mean what its author thinks (L13). One per place and code, however often it recurs. */
export interface TimeWarning {
  /** Keys and list indices in the policy file: `['trains', 'weekly', 'windows', '0', 'opens']`. */
  readonly path: readonly string[];
  readonly code: 'time-in-gap' | 'time-ambiguous' | 'windows-overlap' | 'cancels-nothing';
  /** The first local time that it concerns; for `cancels-nothing` a local date. */
  readonly local: string;
  readonly facts: TimeFacts;
}

/** A type, not an interface, so that it passes as a record of facts. */
export type TimeFacts = {
  /** The first few local times (for `cancels-nothing` dates) affected; of an overlap, the later openings. */
  readonly times: readonly string[];
  /** In a gap: the local time that holds instead. Ambiguous: the instant of the two that holds. */
  readonly taken?: string;
  readonly zone?: string;
  /** `rule/window`; an overlap has the earlier one as `other`. */
  readonly window?: string;
  readonly other?: string;
};

/** Times of the `years` from `from` on; one-off windows and freezes however far ahead they lie. */
export const policyTimeWarnings = (policy: Policy, from: Date, years: number): readonly TimeWarning[] => {
  const weeks = Math.ceil((years * 366 * day) / week);
  const times = [
    ...[...policy.trains.values()].flatMap((rule) => trainTimes(policy, rule, from, weeks)),
    ...freezeTimes(policy),
  ].map((time) => ({ ...time, ...resolveLocal(time.local, policy.timezone, time.edge) }));
  const ahead = times.filter(({ at }) => at >= from);
  return grouped([
    ...ahead.flatMap((time) => shiftWarnings(time, policy.timezone)),
    ...overlapWarnings(ahead),
    ...cancelWarnings(policy),
  ]);
};

interface PolicyTime {
  readonly path: readonly string[];
  readonly local: LocalDateTime;
  readonly edge: 'start' | 'end';
  /** Of window openings. */
  readonly window?: { readonly name: string; readonly lasts: number };
}

type ResolvedTime = PolicyTime & ReturnType<typeof resolveLocal>;

const trainTimes = (policy: Policy, rule: TrainRule, from: Date, weeks: number): readonly PolicyTime[] => {
  const anchor = isoWeekOf(localDateOf(from, policy.timezone));
  const start = (local: LocalDateTime, ...path: readonly string[]): PolicyTime => ({
    path: ['trains', rule.name, ...path],
    local,
    edge: 'start',
  });
  const opening = (index: number, local: LocalDateTime, lasts: number): PolicyTime => ({
    ...start(local, 'windows', String(index), 'opens'),
    window: { name: `${rule.name}/${rule.windows[index]?.name}`, lasts },
  });
  const weekly = Array.from({ length: weeks + 1 }, (_, n) => localTrain(rule, weeksAfter(anchor, n)));
  return [
    ...weekly.flatMap(({ cutoffs, openings }) => [
      ...cutoffs.flatMap(({ cutoff, at, meeting }) => [
        start(at, 'cutoffs', cutoff.name, 'at'),
        ...(meeting === undefined ? [] : [start(meeting, 'cutoffs', cutoff.name, 'meeting')]),
      ]),
      ...openings.map(({ window, opens }) => opening(rule.windows.indexOf(window), opens, window.lasts)),
    ]),
    ...rule.windows.flatMap((window, index) =>
      window.kind === 'once' ? [opening(index, window.opens, window.lasts)] : [],
    ),
  ];
};

/** Not those of midnight: that is how whole days are written, and a day begins and ends where it does. */
const freezeTimes = (policy: Policy): readonly PolicyTime[] =>
  policy.freezes
    .flatMap(({ from, until }, index): readonly PolicyTime[] => [
      { path: ['freezes', String(index), 'from'], local: from, edge: 'start' },
      { path: ['freezes', String(index), 'to'], local: until, edge: 'end' },
    ])
    .filter(({ local }) => !local.endsWith(' 00:00'));

const shiftWarnings = ({ path, local, at, kind }: ResolvedTime, zone: string): readonly TimeWarning[] => {
  const facts = { zone, times: [local] };
  switch (kind) {
    case 'exact':
      return [];
    case 'gap':
      return [{ path, code: 'time-in-gap', local, facts: { ...facts, taken: formatLocal(at, zone) } }];
    case 'ambiguous':
      return [{ path, code: 'time-ambiguous', local, facts: { ...facts, taken: at.toISOString() } }];
  }
};

const overlapWarnings = (times: readonly ResolvedTime[]): readonly TimeWarning[] => {
  const windows = times
    .flatMap(({ path, local, at, window }) =>
      window === undefined
        ? []
        : [{ path, local, name: window.name, opens: at.getTime(), closes: at.getTime() + window.lasts }],
    )
    .sort((a, b) => a.opens - b.opens);
  return windows.flatMap((window, index) => {
    const shut = windows.findIndex((later, n) => n > index && later.opens >= window.closes);
    return windows.slice(index + 1, shut === -1 ? undefined : shut).map(
      ({ path, local, name }): TimeWarning => ({
        path,
        code: 'windows-overlap',
        local,
        facts: { window: name, other: window.name, times: [local] },
      }),
    );
  });
};

/** A cancelled date on which the window would not open anyway is a slip that leaves another one open. */
const cancelWarnings = (policy: Policy): readonly TimeWarning[] =>
  [...policy.trains.values()].flatMap((rule) =>
    rule.windows.flatMap((window, index) =>
      window.kind === 'once'
        ? []
        : window.cancelled.flatMap((date, n): readonly TimeWarning[] => {
            if (weekdayOf(date) === window.opens.weekday) return [];
            const path = ['trains', rule.name, 'windows', String(index), 'cancelled', String(n)];
            return [
              {
                path,
                code: 'cancels-nothing',
                local: date,
                facts: { times: [date], window: `${rule.name}/${window.name}` },
              },
            ];
          }),
    ),
  );

const fewTimes = 4;

/** The first of those that differ only in their times, with the times of all. */
const grouped = (warnings: readonly TimeWarning[]): readonly TimeWarning[] => {
  const groups = new Map<string, TimeWarning>();
  for (const warning of warnings) {
    const key = JSON.stringify([warning.path, warning.code, warning.facts.other]);
    const first = groups.get(key) ?? { ...warning, facts: { ...warning.facts, times: [] } };
    const times = [...first.facts.times, ...warning.facts.times].slice(0, fewTimes);
    groups.set(key, { ...first, facts: { ...first.facts, times } });
  }
  return [...groups.values()];
};
