import { refuse } from '../domain/refusal.ts';
import type { RunSheet } from '../domain/run-sheet.ts';
import { day } from '../domain/time.ts';
import { type TimetableEntry, timetable } from '../domain/timetable.ts';
import { nextTrain } from '../domain/train.ts';
import { cutoffsOf } from '../store/trains.ts';
import type { Context } from './context.ts';
import { currentTrain } from './describe.ts';
import { trainNamed } from './find.ts';

/** Whose week it is: the train that is meant when none is named. */
export const currentTrainId = async (context: Context, now: Date): Promise<string> =>
  (await currentTrain(context, context.policy(), now)).id;

/** The one after the current train, of the same rule. */
export const followingTrainId = async (context: Context, now: Date): Promise<string> => {
  const policy = context.policy();
  const current = await currentTrain(context, policy, now);
  return (
    nextTrain(policy, current.rule, current) ??
    refuse({ code: 'unknown-train', facts: { train: current.rule } })
  ).id;
};

/** What is to come, without reminders: those find the people they concern. */
export const calendarFrom = (context: Context, now: Date, weeks: number): readonly TimetableEntry[] =>
  timetable(context.policy(), now, new Date(now.getTime() + weeks * 7 * day)).filter(
    ({ kind }) => kind !== 'reminder',
  );

/** Of the train's cutoff that closed last; refuses `no-run-sheet` as long as none has. */
export const latestSheet = async (
  context: Context,
  name: string | undefined,
  now: Date,
): Promise<RunSheet> => {
  const policy = context.policy();
  const train = name === undefined ? await currentTrain(context, policy, now) : trainNamed(policy, name);
  const rows = await cutoffsOf(context.store.db, train.id);
  const closed = rows.filter((row) => row.closedAt !== null && row.sheet !== null).at(-1)?.sheet;
  const [first] = train.cutoffs;
  return (
    closed ??
    refuse({
      code: 'no-run-sheet',
      facts: { train: train.id, cutoff: first?.name ?? '' },
      ...(first === undefined ? {} : { by: rows[0]?.at ?? first.at }),
    })
  );
};
