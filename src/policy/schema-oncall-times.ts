import type { HandoffRule, Target } from '../domain/oncall.ts';
import type { Weekday } from '../domain/time.ts';
import { form, namePattern, weekdayNames } from './scalars.ts';

/** Forms that on-call rules are written in. */

const clock = '([01][0-9]|2[0-3]):[0-5][0-9]';

export const handoff = form(
  'weekly time or time of day',
  `^((${weekdayNames.join('|')}) )?${clock}$`,
  (value) => `"${value}" is not a hand-off such as Monday 09:00, or 09:00 in a daily rotation`,
).transform((value): HandoffRule => {
  const [time = '', name] = value.split(' ').reverse();
  const [hour = 0, minutes = 0] = time.split(':').map(Number);
  return { ...(name === undefined ? {} : { weekday: weekdayNumber(name) }), hour, minute: minutes };
});

export const weekday = form(
  'weekday',
  `^(${weekdayNames.join('|')})$`,
  (value) => `"${value}" is not a weekday such as Monday`,
).transform(weekdayNumber);

function weekdayNumber(name: string): Weekday {
  const days: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];
  return days.find((_, i) => weekdayNames[i] === name) ?? 1;
}

export const hours = form(
  'hours',
  `^${clock}-(${clock}|24:00)$`,
  (value) => `"${value}" are not hours such as 09:00-17:00 or 22:00-06:00`,
).transform((value) => {
  const [from = 0, to = 0] = value.split('-').map((one) => {
    const [hour = 0, minutes = 0] = one.split(':').map(Number);
    return hour * 60 + minutes;
  });
  return { from, until: to > from ? to : to + 24 * 60 };
});

/** Minutes from midnight. */
export const timeOfDay = form(
  'time of day',
  `^${clock}$`,
  (value) => `"${value}" is not a time of day such as 09:00`,
).transform((value) => {
  const [hour = 0, minutes = 0] = value.split(':').map(Number);
  return { hour, minute: minutes };
});

export const target = form(
  'page target',
  `^(schedule|role|person|channel):${namePattern}$`,
  (value) => `"${value}" is not schedule:NAME, role:NAME, person:ID or channel:NAME`,
).transform((value): Target => {
  const [kind = '', name = ''] = value.split(/:(.*)/s);
  return { kind: kinds.find((one) => one === kind) ?? 'person', name };
});
const kinds = ['schedule', 'role', 'person', 'channel'] as const;
