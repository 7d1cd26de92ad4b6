import type { PersonId } from '../domain/policy.ts';
import { rosterOf } from '../domain/roster.ts';
import { shiftAt } from '../domain/schedule.ts';
import type { TimetableEntry } from '../domain/timetable.ts';
import type { ChangeView } from '../domain/view.ts';
import { arrangedAfter } from '../store/roster.ts';
import type { Context } from './context.ts';
import { listChangeViews } from './describe.ts';
import { calendarFrom } from './find-train.ts';
import { peopleOf } from './remind.ts';

export interface HomeView {
  readonly person: PersonId;
  /** What is the person's move, with what exactly. */
  readonly waiting: readonly ChangeView[];
  /** Asked for by the person and not over. */
  readonly own: readonly ChangeView[];
  /** Seven days from now. */
  readonly week: readonly TimetableEntry[];
  /** Of every schedule, with what people have arranged; a schedule that cannot be read is left out. */
  readonly oncall: readonly {
    readonly schedule: string;
    readonly person: PersonId | undefined;
    readonly until: Date;
  }[];
}

export const describeHome = async (context: Context, person: PersonId, now: Date): Promise<HomeView> => {
  const policy = context.policy();
  const arranged = await arrangedAfter(context.store.db, now);
  const views = await listChangeViews(context, { states: ['boarded', 'deploying', 'failed'] }, now);
  return {
    person,
    waiting: views.flatMap((view) => {
      const isMine = ({ movers }: ChangeView['gate'][number]): boolean =>
        movers.some((mover) => peopleOf(mover, policy).includes(person));
      const mine: ChangeView = {
        ...view,
        stages: view.stages.map((stage) => ({ ...stage, excuses: stage.excuses.filter(isMine) })),
        gate: view.gate.filter(isMine),
      };
      return mine.gate.length > 0 || mine.stages.some(({ excuses }) => excuses.length > 0) ? [mine] : [];
    }),
    own: views.filter(({ change }) => change.requester === person),
    week: calendarFrom(context, now, 1),
    oncall: [...policy.oncall.schedules.keys()].flatMap((schedule) => {
      const roster = rosterOf(policy, schedule, arranged);
      if (roster === undefined) return [];
      const { person: onCall, until } = shiftAt(roster, now);
      return [{ schedule, person: onCall, until }];
    }),
  };
};
