import { z } from 'zod';
import { severities, ways } from '../domain/oncall.ts';
import { day, hour, minute, week } from '../domain/time.ts';
import { distinct, duration, nameOf } from './scalars.ts';
import { target, timeOfDay, weekday } from './schema-oncall-times.ts';

/** How the pager proves that it works, and who else has to prove that they do. */

export const heartbeats = z
  .record(
    nameOf('heartbeat'),
    z.strictObject({
      every: duration(minute, 31 * day).describe('How often the job calls `/hooks/heartbeat/NAME`.'),
      grace: duration(0, 7 * day)
        .prefault('5m')
        .describe('How late it may be. Default: `5m`.'),
      service: nameOf('service')
        .exactOptional()
        .describe('The service whose escalation is paged. Default: the escalation `default`.'),
      severity: z.enum(severities).prefault('error').describe('How urgent its silence is. Default: `error`.'),
    }),
  )
  .prefault({})
  .describe('Jobs that have to call: one that does not raises a page. Default: none.');

export const drill = z
  .strictObject({
    at: timeOfDay.describe('Time of day in the timezone of the policy.'),
    on: distinct(weekday).prefault([]).describe('Days, such as `[Monday]`. Default: every day.'),
    page: distinct(target, 1).describe('Whom, as in an escalation.'),
    by: z
      .enum(ways)
      .exactOptional()
      .describe('This way only. Default: all ways of the person, in their order.'),
    within: duration(minute, week)
      .prefault('15m')
      .describe('How long it may take before the alarm is raised. Default: `15m`.'),
    answer: z
      .enum(['arrival', 'person'])
      .prefault('arrival')
      .describe(
        '`arrival`: it ends by itself once every message of it was taken; `person`: it has to be acknowledged. Default: `arrival`.',
      ),
  })
  .exactOptional()
  .describe(
    'A page that goes the way of all pages, on a schedule; when it does not arrive in time, a real one is raised and the heartbeat outward stops. Default: none.',
  );

export const checkShifts = duration(hour, 14 * day)
  .prefault('1d')
  .describe(
    'How long before each shift it is looked whether there is somebody, who can be reached and is qualified; otherwise the person, the release managers and operations are told. Default: `1d`.',
  );
