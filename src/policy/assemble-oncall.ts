import type { DrillRule, LayerRule, OncallRule, ScheduleRule } from '../domain/oncall.ts';
import { mapValues } from './map-values.ts';
import { beginning, ending } from './scalars.ts';
import type { PolicyFile } from './schema.ts';

type Oncall = PolicyFile['oncall'];
type Schedule = Oncall['schedules'][string];

export const oncallOf = ({ oncall, timezone }: PolicyFile): OncallRule => {
  const {
    again,
    remind,
    bundle,
    urgent,
    settle,
    levels,
    nights,
    catchAll,
    drill,
    checkShifts,
    fairness,
    limits,
    line,
  } = oncall;
  return {
    schedules: mapValues(
      oncall.schedules,
      (schedule, name): ScheduleRule => ({
        name,
        layers: layersOf(schedule, name, timezone),
      }),
    ),
    escalations: mapValues(oncall.escalations, (steps, name) => ({
      name,
      steps: steps.map(({ after, page, inTurn }) => ({
        after,
        targets: page,
        ...(inTurn ? { inTurn } : {}),
      })),
    })),
    catchAll,
    again,
    remind,
    bundle,
    urgent,
    settle,
    absences: oncall.absences.map(({ person, from, to }) => ({ person, ...period(from, to) })),
    overrides: oncall.overrides.map(({ schedule, person, from, to }) => ({
      schedule,
      person,
      ...period(from, to),
    })),
    levels,
    tiers: mapValues(oncall.tiers, (tier, name) => ({ name, ...tier })),
    checkShifts,
    fairness,
    heartbeats: mapValues(oncall.heartbeats, (heartbeat, name) => ({ name, ...heartbeat })),
    ...(drill === undefined ? {} : { drill: drillOf(drill) }),
    ...(nights === undefined ? {} : { nights }),
    limits,
    line,
  };
};

const drillOf = ({ page, ...drill }: NonNullable<Oncall['drill']>): DrillRule => ({
  ...drill,
  targets: page,
});

const period = (from: string, to: string) => ({ from: beginning(from), until: ending(to) });

/** A schedule of one rotation is one of one layer, with its name. */
const layersOf = (
  { rotation, layers, on, hours, timezone }: Schedule,
  name: string,
  zone: string,
): readonly LayerRule[] => {
  const own = rotation === undefined ? [] : [{ name, rotation, on, hours, timezone }];
  return [...own, ...(layers ?? [])].map((layer) => ({
    name: layer.name,
    zone: layer.timezone ?? zone,
    rotation: layer.rotation,
    on: layer.on,
    ...(layer.hours === undefined ? {} : { hours: layer.hours }),
  }));
};
