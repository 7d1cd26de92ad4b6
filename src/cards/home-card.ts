import type { Block, Card } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { changeName } from '../domain/change.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import type { TimetableEntry } from '../domain/timetable.ts';
import type { ChangeView } from '../domain/view.ts';
import { bullets } from './blocks.ts';
import { actionButtons, button, few } from './buttons.ts';
import { calendarBlocks } from './calendar-card.ts';
import { excuseMark, excuseText } from './excuse-words.ts';
import { allExcuses, statusOf } from './status.ts';
import { count, dayTime, personSpan, spaced } from './words.ts';

/** The place of one person: what waits for them, what they asked for, who is on call, what comes this week. */
export const homeCard = (
  view: {
    /** With the excuses only that are theirs. */
    readonly waiting: readonly ChangeView[];
    readonly own: readonly ChangeView[];
    readonly week: readonly TimetableEntry[];
    readonly oncall: readonly {
      readonly schedule: string;
      readonly person: PersonId | undefined;
      readonly until: Date;
    }[];
  },
  policy: Policy,
): Card => {
  const { waiting, own, week, oncall } = view;
  const things = waiting.reduce((sum, one) => sum + allExcuses(one).length, 0);
  const summary = things === 0 ? 'Nothing waits for you.' : `${count(things, 'thing')} waiting for you.`;
  return {
    title: ['', 'Signalbox'].includes(policy.organization)
      ? 'Signalbox'
      : `Signalbox · ${policy.organization}`,
    tone: things === 0 ? 'good' : 'neutral',
    summary,
    blocks: [
      { kind: 'heading', text: 'Waits for you' },
      ...(things === 0 ? [{ kind: 'text' as const, text: [summary] }] : bullets(waiting.flatMap(moves), 20)),
      ...(own.length === 0
        ? []
        : [{ kind: 'heading' as const, text: 'Your changes' }, ...bullets(own.map(line), 20)]),
      ...(oncall.length === 0
        ? []
        : [
            { kind: 'heading' as const, text: 'On call' },
            ...bullets(
              oncall.map(({ schedule, person, until }) => ({
                mark: person === undefined ? ('missing' as const) : ('none' as const),
                text: [
                  bold(spaced(schedule)),
                  ': ',
                  person === undefined ? 'nobody' : personSpan(person, policy),
                  ' until ',
                  dayTime(until),
                ],
              })),
            ),
          ]),
      { kind: 'heading', text: 'This week' },
      ...calendarBlocks(week, policy.timezone),
    ],
    buttons: [
      ...few([
        ...waiting.flatMap((one) => actionButtons(allExcuses(one), true)),
        ...own.map(({ change }) => button('change why', changeName(change.id), true)),
      ]),
      button('change submit', ''),
    ],
  };
};

const moves = (view: ChangeView) =>
  allExcuses(view).map((excuse) => ({
    mark: excuseMark(excuse),
    text: [
      bold(changeName(view.change.id)),
      ` ${view.change.service} ${view.change.version}: `,
      ...excuseText(excuse, view.policy),
    ],
  }));

const line = (view: ChangeView): Extract<Block, { kind: 'list' }>['items'][number] => {
  const { mark, phrase } = statusOf(view);
  const { change } = view;
  return { mark, text: [bold(changeName(change.id)), ` ${change.service} ${change.version} ${phrase}`] };
};
