import type { CutoffRule, TrainRule, WindowRule } from './policy.ts';
import {
  dateOf,
  type IsoWeek,
  type LocalDateTime,
  localAfterMonday,
  minuteOfWeek,
  mondayOf,
  type WeeklyTime,
} from './time.ts';

/** One week's run of a rule as the wall clock shows it, before the zone has its say. In the rule's order. */
export interface LocalTrain {
  readonly cutoffs: readonly LocalCutoff[];
  /** Of the weekly windows that are not cancelled. */
  readonly openings: readonly { readonly window: WindowRule; readonly opens: LocalDateTime }[];
}

export interface LocalCutoff {
  readonly cutoff: CutoffRule;
  readonly at: LocalDateTime;
  readonly meeting?: LocalDateTime;
}

/**
 * The first cutoff is in the week; each other one is at its weekly time's first occurrence at or after the
 * cutoff before it, a meeting at or after its cutoff, a weekly window at or after the last cutoff.
 */
export const localTrain = (rule: TrainRule, isoWeek: IsoWeek): LocalTrain => {
  const monday = mondayOf(isoWeek);
  let floor = 0;
  const cutoffs = rule.cutoffs.map((cutoff): LocalCutoff => {
    floor = atOrAfter(cutoff.at, floor);
    const at = localAfterMonday(monday, floor);
    if (cutoff.meeting === undefined) return { cutoff, at };
    return { cutoff, at, meeting: localAfterMonday(monday, atOrAfter(cutoff.meeting, floor)) };
  });
  const openings = rule.windows.flatMap((window) => {
    if (window.kind === 'once') return [];
    const opens = localAfterMonday(monday, atOrAfter(window.opens, floor));
    return window.cancelled.includes(dateOf(opens)) ? [] : [{ window, opens }];
  });
  return { cutoffs, openings };
};

const minutesInWeek = 7 * 24 * 60;

/** The weekly time's first occurrence at or after `floor`; both in minutes from the week's Monday 00:00. */
const atOrAfter = (time: WeeklyTime, floor: number): number => {
  const minutes = minuteOfWeek(time);
  return minutes + Math.max(0, Math.ceil((floor - minutes) / minutesInWeek)) * minutesInWeek;
};
