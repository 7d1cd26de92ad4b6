import type { Card, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { Notice } from '../domain/notice.ts';
import type { OncallView } from '../domain/page-view.ts';
import type { Policy } from '../domain/policy.ts';
import type { Reason, Shift } from '../domain/schedule.ts';
import { bullets, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { count, dayTime, instant, joined, list, personSpan } from './words.ts';

/** Who is on call now and why, until when, who is next, and what is open. */
export const oncallCard = ({ schedules, at, pages, policy }: OncallView): Card => {
  const summary =
    schedules.length === 0
      ? 'The policy has no on-call schedules.'
      : `On call: ${list(schedules.map(({ name, current }) => `${nameOf(current, policy)} (${name})`))}.`;
  const items = schedules.map(
    ({ name, current, next }): Item => ({
      mark: current.person === undefined ? 'missing' : 'running',
      text: [
        bold(name),
        ': ',
        ...who(current, policy),
        ...because(current.reason, policy),
        ', until ',
        dayTime(current.until),
        ...(next === undefined ? [] : [', then ', ...who(next, policy)]),
      ],
    }),
  );
  return {
    title: 'On call',
    tone: schedules.some(({ current }) => current.person === undefined) ? 'warning' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary, ...(at === null ? [] : [' At ', dayTime(at), '.'])] },
      ...bullets(items),
      ...(pages.length === 0
        ? []
        : [{ kind: 'note' as const, text: [`${count(pages.length, 'page')} not over.`] }]),
    ],
    buttons: pages.length === 0 ? [] : [button('page list', 'all')],
  };
};

const nameOf = ({ person }: Shift, policy: Policy): string =>
  person === undefined ? 'nobody' : (policy.people.get(person)?.name ?? person);

const who = ({ person }: Shift, policy: Policy): Text => {
  if (person === undefined) return ['nobody'];
  const level = policy.people.get(person)?.level;
  return [personSpan(person, policy), ...(level === undefined ? [] : [` (${level})`])];
};

const because = (reason: Reason, policy: Policy): Text => {
  switch (reason.kind) {
    case 'turn':
      return [`, whose turn it is in ${reason.layer}`];
    case 'stands-in':
      return [`, next in ${reason.layer}, because `, personSpan(reason.away, policy), ' is away'];
    case 'override':
      return reason.insteadOf === null
        ? [', by an override']
        : [', by an override, instead of ', personSpan(reason.insteadOf, policy)];
    case 'nobody':
      return reason.away.length === 0
        ? [', because no rotation is in force']
        : [
            ', because ',
            ...joined(reason.away.map((id) => [personSpan(id, policy)])),
            ' and whoever could stand in are away',
          ];
    default:
      return assertNever(reason);
  }
};

type OncallNotice = Extract<Notice, { kind: 'oncall' }>;

/** To whoever somebody else's arrangement concerns. */
export const oncallNoticeCard = (notice: OncallNotice, policy: Policy): Card => {
  const { what, schedule, by, from, until, swap } = notice;
  const name = policy.people.get(by)?.name ?? by;
  const said = {
    override: `${name} has put you on call for ${schedule}.`,
    // The schedule is whose signatures they are.
    'stand-in': `${name} has named you to stand in for ${policy.people.get(schedule)?.name ?? schedule}: you may sign what ${policy.people.get(schedule)?.name ?? schedule} may.`,
    'swap-asked': `${name} asks you to take over ${schedule}.`,
    'swap-agreed': `${name} takes over ${schedule} for you.`,
    'swap-declined': `${name} cannot take over ${schedule}; you are still on call.`,
  }[what];
  return {
    title: said,
    tone: what === 'swap-agreed' ? 'good' : 'warning',
    summary: said,
    blocks: [{ kind: 'text', text: [said, ' From ', instant(from), ' until ', instant(until), '.'] }],
    buttons:
      what === 'swap-asked' && swap !== null
        ? [button('oncall agree', swap), button('oncall decline', swap)]
        : [],
  };
};

/** The coming shifts of one schedule. */
export const shiftsCard = (schedule: string, shifts: readonly Shift[], policy: Policy): Card => {
  const nobody = shifts.filter(({ person }) => person === undefined).length;
  const summary = `${count(shifts.length, 'shift')} of ${schedule}${nobody === 0 ? '' : `, ${nobody} of them without anybody`}.`;
  return {
    title: `On call: ${schedule}`,
    tone: nobody === 0 ? 'neutral' : 'warning',
    summary,
    blocks: bullets(
      shifts.map(
        (shift): Item => ({
          mark: shift.person === undefined ? 'missing' : 'none',
          text: [
            dayTime(shift.from),
            ' to ',
            dayTime(shift.until),
            ': ',
            ...who(shift, policy),
            ...(shift.reason.kind === 'turn' ? [] : because(shift.reason, policy)),
          ],
        }),
      ),
    ),
    buttons: [],
  };
};
