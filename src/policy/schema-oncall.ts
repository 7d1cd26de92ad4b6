import { z } from 'zod';
import { severities, ways } from '../domain/oncall.ts';
import { day, minute } from '../domain/time.ts';
import { date, dateOrDateTime, distinct, duration, nameOf, report, text, zone } from './scalars.ts';
import { handoff, hours, target, weekday } from './schema-oncall-times.ts';
import { checkShifts, drill, heartbeats } from './schema-proof.ts';

const rotation = z
  .strictObject({
    weekly: distinct(nameOf('person'), 1)
      .exactOptional()
      .describe('Who takes turns of a week each, in this order. Either this or `daily`. Default: none.'),
    daily: distinct(nameOf('person'), 1)
      .exactOptional()
      .describe('Who takes turns of a day each, in this order. Default: none.'),
    every: z
      .int()
      .min(1)
      .max(52)
      .prefault(1)
      .describe('Weeks or days of one turn: `2` with `weekly` is a fortnight. Default: `1`.'),
    handoff: handoff
      .exactOptional()
      .describe(
        'When the turn passes on. Default: `Monday 09:00` of a weekly rotation, `09:00` of a daily one.',
      ),
    start: date
      .prefault('2024-01-01')
      .describe(
        'The first person’s first turn begins with the first hand-off on or after this date. Default: `2024-01-01`.',
      ),
  })
  .check((context) => {
    const { weekly, daily, handoff: at } = context.value;
    if (weekly === undefined && daily === undefined)
      report(context, 'is missing; write weekly: [PERSON …] or daily: [PERSON …]', ['weekly']);
    if (weekly !== undefined && daily !== undefined)
      report(context, 'write either weekly or daily', ['daily']);
    if (daily !== undefined && at?.weekday !== undefined)
      report(context, 'a daily rotation passes on every day: write a time such as 09:00', ['handoff']);
    if (weekly !== undefined && at !== undefined && at.weekday === undefined)
      report(context, 'a weekly rotation needs a weekday: write Monday 09:00', ['handoff']);
  })
  .transform(({ weekly, daily, handoff: at, ...rest }) => ({
    ...rest,
    people: weekly ?? daily ?? [],
    unit: weekly === undefined ? ('day' as const) : ('week' as const),
    handoff: at ?? (weekly === undefined ? nine : { ...nine, weekday: 1 as const }),
  }))
  .describe('Who takes turns, and how long a turn is.');

const nine = { hour: 9, minute: 0 };

const layer = {
  timezone: zone
    .exactOptional()
    .describe('In which its times of day are meant. Default: the timezone of the policy.'),
  on: distinct(weekday)
    .prefault([])
    .describe('Days on which its hours begin, such as `[Saturday, Sunday]`. Default: every day.'),
  hours: hours
    .exactOptional()
    .describe('When it is in force, such as `09:00-17:00`, also over midnight. Default: all day.'),
};

const schedule = z
  .strictObject({
    rotation: rotation
      .exactOptional()
      .describe('Who takes turns, and how long a turn is; or `layers`. Default: none.'),
    ...layer,
    layers: z
      .array(
        z.strictObject({
          name: nameOf('layer').describe('How answers call it, once per schedule.'),
          rotation,
          ...layer,
        }),
      )
      .min(1, 'must not be empty')
      .exactOptional()
      .describe(
        'Instead of one rotation: several, each with its own hours and zone. At any moment the first one that is in force is on call. Default: none.',
      ),
  })
  .check((context) => {
    const { rotation: one, layers, on, hours: given, timezone } = context.value;
    if (one === undefined && layers === undefined)
      report(context, 'is missing; write a rotation, or layers', ['rotation']);
    if (layers === undefined) return;
    if (one !== undefined || on.length > 0 || given !== undefined || timezone !== undefined)
      report(context, 'rotation, hours, on and timezone stand in the layers', ['layers']);
    const names = layers.map(({ name }) => name);
    names.forEach((name, i) => {
      if (names.indexOf(name) < i) report(context, `another layer is named "${name}"`, ['layers', i, 'name']);
    });
  });

const escalation = z
  .array(
    z.strictObject({
      after: duration(0)
        .prefault('0m')
        .describe(
          'Since the page was raised; less when a step before it reaches nobody, which is not waited for. Default: `0m`.',
        ),
      page: distinct(target, 1).describe(
        'Whom: `schedule:NAME` (who is on call), `role:NAME` (all of its people), `person:ID`, `channel:NAME` (posted there, waits for nobody).',
      ),
      inTurn: z
        .boolean()
        .prefault(false)
        .describe(
          'Round-robin: instead of all of them one person, the next one for each page. Default: `false`.',
        ),
    }),
  )
  .min(1, 'must not be empty')
  .check((context) => {
    context.value.forEach(({ after }, i) => {
      if (after < (context.value[i - 1]?.after ?? 0))
        report(context, 'is earlier than the step before it', [i, 'after']);
    });
  })
  .describe('Steps, until somebody acknowledges.');

const period = {
  person: nameOf('person').describe('Who.'),
  from: dateOrDateTime.describe('First date, or the time at which it begins.'),
  to: dateOrDateTime.describe('Last date, or the time at which it ends.'),
};

const tier = z.strictObject({
  escalation: nameOf('escalation')
    .exactOptional()
    .describe('Who is paged for its services. Default: the escalation `default`, or else the first one.'),
  level: text
    .exactOptional()
    .describe('The least `level` of whoever is paged first, one of `levels`. Default: any.'),
  weekends: nameOf('role')
    .exactOptional()
    .describe('The role that whoever is paged first has at weekends. Default: any.'),
});

export const pageWay = z.strictObject({
  by: z.enum(ways).describe('`chat`, `sms`, `voice`, `email`, `webhook` or `pagerduty`.'),
  after: duration(0).prefault('0m').describe('Since the person was paged. Default: `0m`.'),
});

const most = z.int().min(1).max(1_000);

export const oncall = z
  .strictObject({
    schedules: z
      .record(nameOf('schedule'), schedule)
      .prefault({})
      .describe('Who is on call, by the name of the schedule. Default: none.'),
    escalations: z
      .record(nameOf('escalation'), escalation)
      .prefault({})
      .describe(
        'Who is paged when nobody acknowledges, by name. After the last step the catch-all is paged and it begins again: a page ends only by a person. Default: none, and then the catch-all is paged.',
      ),
    catchAll: distinct(target, 1)
      .prefault(['role:operations', 'channel:oncall'])
      .describe(
        'Who is paged when an escalation has reached nobody. Default: `[role:operations, channel:oncall]`.',
      ),
    again: duration(minute, day)
      .prefault('10m')
      .describe('How long after the last step the escalation begins again. Default: `10m`.'),
    remind: duration(minute, 7 * day)
      .prefault('1h')
      .describe('How often the owner of a page that is not resolved is reminded of it. Default: `1h`.'),
    bundle: duration(0, day)
      .prefault('5m')
      .describe(
        'Alerts of a service within this time of its first one share a page, unless they are more urgent. Default: `5m`.',
      ),
    urgent: z
      .enum(severities)
      .prefault('critical')
      .describe(
        'While a service is being deployed its alerts wait on the page until the window ends, except those that are at least as urgent as this. Default: `critical`.',
      ),
    settle: duration(0, day)
      .prefault('5m')
      .describe(
        'How long after the end of a deployment its alerts may take to end; those that still fire are paged then, or when the window ends. Default: `5m`.',
      ),
    absences: z
      .array(z.strictObject(period))
      .prefault([])
      .describe('Who is away when. The next in the rotation who is there takes the turn. Default: nobody.'),
    overrides: z
      .array(z.strictObject({ schedule: nameOf('schedule').describe('Which one.'), ...period }))
      .prefault([])
      .describe('Who is on call instead, whatever the rotation says. Default: nobody.'),
    levels: distinct(text)
      .prefault([])
      .describe(
        'The levels of people, the lowest first. Needed only by tiers that ask for one. Default: none.',
      ),
    tiers: z
      .record(nameOf('tier'), tier)
      .prefault({})
      .describe('What services demand of whoever is paged for them, by the name of the tier. Default: none.'),
    fairness: z
      .number()
      .min(1)
      .max(100)
      .prefault(1.5)
      .meta({ title: 'number' })
      .describe(
        'Warn of anybody who has more than this many times the average hours of a rotation, such as after absences. Default: `1.5`.',
      ),
    heartbeats,
    drill,
    checkShifts,
    nights: z
      .int()
      .min(1)
      .max(366)
      .exactOptional()
      .describe('Warn of anybody who is on call for more nights in a row than this. Default: never.'),
    limits: z
      .strictObject({
        sms: most.prefault(5).describe('SMS to one number. Default: `5`.'),
        voice: most.prefault(3).describe('Calls to one number. Default: `3`.'),
      })
      .prefault({})
      .describe(
        'The most that leaves to one number within a quarter of an hour; what is more waits, and the page goes on meanwhile. Default: five SMS and three calls.',
      ),
    line: z
      .strictObject({
        services: distinct(nameOf('service'))
          .max(9, 'must not be more than there are keys')
          .prefault([])
          .describe(
            'Services that callers choose from, the first one by pressing 1. Default: none; callers get whoever is on call by default.',
          ),
        ring: duration(10_000, 2 * minute)
          .prefault('20s')
          .describe('How long each telephone rings before the next one does. Default: `20s`.'),
      })
      .prefault({})
      .describe('The number that is answered day and night. Default: no menu.'),
  })
  .prefault({})
  .describe('Who is on call, and who is paged how. Default: nobody is on call.');
