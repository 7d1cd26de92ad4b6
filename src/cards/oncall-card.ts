import type { Card, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { OncallView } from '../domain/page-view.ts';
import type { Policy } from '../domain/policy.ts';
import type { Reason, Shift } from '../domain/schedule.ts';
import { bullets, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { count, dayTime, joined, list, personSpan } from './words.ts';

/** Who is on call now and why, until when, who is next, and what is open. */
export const oncallCard = ({ schedules, pages, policy }: OncallView): Card => {
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
      { kind: 'text', text: [summary] },
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
