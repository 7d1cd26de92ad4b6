import type { LayerRule, ScheduleRule } from './oncall.ts';
import type { PersonId } from './policy.ts';
import { personOf, type Turn, turnAt } from './rotation.ts';
import { addDays, day, type Interval, localDateOf, resolveLocal, weekdayOf } from './time.ts';

/** Somebody stands in. With `insteadOf` only where the rotation has that person: so it follows a schedule that is edited. */
export interface Override extends Interval {
  readonly schedule: string;
  readonly person: PersonId;
  readonly insteadOf?: PersonId;
}

export interface Absence extends Interval {
  readonly person: PersonId;
}

export interface Roster {
  readonly schedule: ScheduleRule;
  /** In the order in which they were made: a later one is on top. */
  readonly overrides: readonly Override[];
  readonly absences: readonly Absence[];
}

/** Why it is this person, or nobody. */
export type Reason =
  | { readonly kind: 'turn'; readonly layer: string }
  /** It would be the turn of `away`; the next of the rotation who is there takes it. */
  | { readonly kind: 'stands-in'; readonly layer: string; readonly away: PersonId }
  | { readonly kind: 'override'; readonly insteadOf: PersonId | null }
  /** No layer is in force, or everybody of those that are is away. */
  | { readonly kind: 'nobody'; readonly away: readonly PersonId[] };

export interface OnCall {
  readonly person: PersonId | undefined;
  readonly reason: Reason;
}

export interface Shift extends OnCall, Interval {}

/** Who is on call, and why. Exactly one answer at every instant: two shifts meet without a gap or an overlap. */
export const onCallAt = ({ schedule, overrides, absences }: Roster, at: Date): OnCall => {
  const isAway = (person: PersonId): boolean =>
    absences.some((absence) => absence.person === person && covers(absence, at));
  const away: PersonId[] = [];
  let present: OnCall | undefined;
  for (const layer of schedule.layers) {
    if (!inForce(layer, at)) continue;
    const { number, person } = turnAt(layer.rotation, layer.zone, at);
    const able = layer.rotation.people.map((_, ahead) => personOf(layer.rotation, number + ahead));
    const found = able.find((one) => !isAway(one));
    if (found === undefined) {
      away.push(person);
      continue;
    }
    present =
      found === person
        ? { person, reason: { kind: 'turn', layer: layer.name } }
        : { person: found, reason: { kind: 'stands-in', layer: layer.name, away: person } };
    break;
  }
  const planned: OnCall = present ?? { person: undefined, reason: { kind: 'nobody', away } };
  return overrides.reduce(
    (current, override) =>
      override.schedule === schedule.name &&
      covers(override, at) &&
      (override.insteadOf === undefined || override.insteadOf === current.person)
        ? {
            person: override.person,
            reason: { kind: 'override', insteadOf: override.insteadOf ?? current.person ?? null },
          }
        : current,
    planned,
  );
};

const covers = ({ from, until }: Interval, at: Date): boolean => from <= at && at < until;

/** The layer's hours that begin on the local date; undefined when none do, or when the clocks skip them altogether. */
const hoursOn = (layer: LayerRule, date: string): Interval | undefined => {
  if (layer.on.length > 0 && !layer.on.some((weekday) => weekday === weekdayOf(date))) return undefined;
  const { from, until } = layer.hours ?? { from: 0, until: minutesOfDay };
  const interval = { from: wall(layer, date, from), until: wall(layer, date, until) };
  return interval.from < interval.until ? interval : undefined;
};

const minutesOfDay = 24 * 60;

/**
 * Both edges are resolved alike, so that hours that meet on the wall clock meet on the day when the clocks change too.
 */
const wall = ({ zone }: LayerRule, date: string, minutes: number): Date => {
  const days = Math.floor(minutes / minutesOfDay);
  const left = minutes % minutesOfDay;
  const text = `${String(Math.floor(left / 60)).padStart(2, '0')}:${String(left % 60).padStart(2, '0')}`;
  return resolveLocal(`${addDays(date, days)} ${text}`, zone).at;
};

const unrestricted = (layer: LayerRule): boolean => layer.on.length === 0 && layer.hours === undefined;

const inForce = (layer: LayerRule, at: Date): boolean => {
  if (unrestricted(layer)) return true;
  const today = localDateOf(at, layer.zone);
  return [0, -1, -2].some((days) => {
    const hours = hoursOn(layer, addDays(today, days));
    return hours !== undefined && covers(hours, at);
  });
};

/** All shifts that touch the interval, cut to it: in order, without a gap; neighbours differ in person or reason. */
export const shiftsBetween = (roster: Roster, { from, until }: Interval): readonly Shift[] => {
  if (from >= until) return [];
  const edges = [...new Set([from.getTime(), ...edgesWithin(roster, from, until)])].sort((a, b) => a - b);
  const shifts: Shift[] = [];
  for (const [i, edge] of edges.entries()) {
    const piece: Shift = {
      ...onCallAt(roster, new Date(edge)),
      from: new Date(edge),
      until: new Date(edges[i + 1] ?? until.getTime()),
    };
    const before = shifts.at(-1);
    if (before !== undefined && same(before, piece)) shifts.splice(-1, 1, { ...before, until: piece.until });
    else shifts.push(piece);
  }
  return shifts;
};

const same = (a: OnCall, b: OnCall): boolean =>
  a.person === b.person && JSON.stringify(a.reason) === JSON.stringify(b.reason);

/** Every instant inside at which the answer may change. */
const edgesWithin = (
  { schedule, overrides, absences }: Roster,
  from: Date,
  until: Date,
): readonly number[] => {
  const layers = schedule.layers.flatMap((layer) => [
    ...turnEdges(layer, from, until),
    ...hourEdges(layer, from, until),
  ]);
  const covered = [...overrides.filter((o) => o.schedule === schedule.name), ...absences];
  return [...layers, ...covered.flatMap((one) => [one.from, one.until])]
    .map((at) => at.getTime())
    .filter((at) => at > from.getTime() && at < until.getTime());
};

const turnEdges = (layer: LayerRule, from: Date, until: Date): readonly Date[] => {
  const edges: Date[] = [];
  let turn: Turn = turnAt(layer.rotation, layer.zone, from);
  while (turn.until < until) {
    edges.push(turn.until);
    turn = turnAt(layer.rotation, layer.zone, turn.until);
  }
  return edges;
};

const hourEdges = (layer: LayerRule, from: Date, until: Date): readonly Date[] => {
  if (unrestricted(layer)) return [];
  const edges: Date[] = [];
  const last = localDateOf(new Date(until.getTime() + 2 * day), layer.zone);
  for (let date = addDays(localDateOf(from, layer.zone), -3); date <= last; date = addDays(date, 1)) {
    const hours = hoursOn(layer, date);
    if (hours !== undefined) edges.push(hours.from, hours.until);
  }
  return edges;
};

/** Far enough to see the end of the longest turn. */
const horizon = ({ schedule }: Roster): number =>
  Math.max(...schedule.layers.map(({ rotation }) => rotation.every * (rotation.unit === 'week' ? 7 : 1))) *
    day +
  8 * day;

/** The shift that the instant lies in; a shift longer than the horizon (two turns) is cut there. */
export const shiftAt = (roster: Roster, at: Date): Shift => {
  const reach = horizon(roster);
  const around = { from: new Date(at.getTime() - reach), until: new Date(at.getTime() + reach) };
  const found = shiftsBetween(roster, around).find((shift) => covers(shift, at));
  if (found === undefined) throw new RangeError('shifts with a gap');
  return found;
};
