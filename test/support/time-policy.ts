import type { OncallRule } from '../../src/domain/oncall.ts';
import type { FreezeRule, Policy, TrainRule, WindowRule } from '../../src/domain/policy.ts';
import { hour, minute, type WeeklyTime } from '../../src/domain/time.ts';

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** `Wednesday 12:00` */
export const weekly = (text: string): WeeklyTime => {
  const [, name = '', hours, minutes] = /^(\w+) (\d\d):(\d\d)$/.exec(text) ?? [];
  const weekday = ([1, 2, 3, 4, 5, 6, 7] as const)[days.indexOf(name)];
  if (weekday === undefined) throw new Error(text);
  return { weekday, hour: Number(hours), minute: Number(minutes) };
};

export const saturdayNight: Extract<WindowRule, { readonly kind: 'weekly' }> = {
  kind: 'weekly',
  name: 'saturday-night',
  opens: weekly('Saturday 22:00'),
  lasts: 4 * hour,
  capacity: 20,
  cancelled: [],
};

const reminders = [24 * hour, 2 * hour, 15 * minute];

/** The week of the design. */
export const weeklyRule: TrainRule = {
  name: 'weekly',
  cutoffs: [
    {
      name: 'in-test',
      at: weekly('Wednesday 12:00'),
      meeting: weekly('Wednesday 13:00'),
      reminders,
      requires: [{ kind: 'build' }],
    },
    {
      name: 'ready-for-production',
      at: weekly('Friday 10:00'),
      meeting: weekly('Friday 11:00'),
      reminders,
      requires: [{ kind: 'approvals' }],
    },
  ],
  windows: [saturdayNight],
};

/** A policy of which only the times matter. */
export const timePolicy = (
  timezone: string,
  trains: readonly TrainRule[] = [weeklyRule],
  freezes: readonly FreezeRule[] = [],
): Policy => ({
  organization: 'Astronomy Shop',
  timezone,
  environments: ['test', 'production'],
  people: new Map(),
  roles: new Map(),
  services: new Map(),
  builderKeys: new Map(),
  builderSecrets: new Map(),
  builderIdentities: new Map(),
  trustedBuilders: [],
  separation: [],
  businessOwners: 'own',
  trains: new Map(trains.map((rule) => [rule.name, rule])),
  freezes,
  approvals: new Map(),
  emergencyRequires: [{ kind: 'build' }],
  vetoes: [],
  releaseManagers: [],
  plans: new Map(),
  concurrency: 1,
  cycles: 'together',
  resources: new Map(),
  oncall: noOncall,
  events: [],
  trackers: [],
  obligations: {
    from: 9 * 60,
    until: 18 * 60,
    terms: {
      review: { kind: 'working-days', days: 3 },
      paper: { kind: 'working-days', days: 2 },
      record: { kind: 'elapsed', ms: 24 * hour },
      propagation: { kind: 'elapsed', ms: 72 * hour },
      'root-cause': { kind: 'working-days', days: 5 },
    },
  },
  channels: new Map(),
});

export const noOncall: OncallRule = {
  schedules: new Map(),
  escalations: new Map(),
  catchAll: [
    { kind: 'role', name: 'operations' },
    { kind: 'channel', name: 'oncall' },
  ],
  again: 600_000,
  remind: 3_600_000,
  bundle: 300_000,
  urgent: 'critical',
  settle: 300_000,
  checkShifts: 86_400_000,
  fairness: 1.5,
  heartbeats: new Map(),
  absences: [],
  overrides: [],
  levels: [],
  limits: { sms: 5, voice: 3 },
  line: { services: [], ring: 20_000 },
  tiers: new Map(),
};
