/** So many in so many milliseconds. */
export interface Limit {
  readonly most: number;
  readonly within: number;
}

/** Something that a platform counts: messages to one channel, edits of a workspace. */
export interface Meter {
  readonly key: string;
  /** At least one, the shortest time first. */
  readonly limits: readonly Limit[];
}

export interface Pace {
  /**
   * Milliseconds until what all of these meters count may be sent; 0 takes its place now. Whoever is to wait has a place
   * in the row, so that a hundred who ask at once come one after the other and not all again at the same instant.
   */
  take(meters: readonly [Meter, ...Meter[]], now: Date): number;
  /** Counts what could not wait. */
  note(meters: readonly Meter[], now: Date): void;
  /** The platform itself said how long nothing more is to be sent. */
  hold(key: string, until: Date): void;
}

/** Meters that are remembered; the one longest unused is forgotten first. */
const remembered = 2_000;
/** Milliseconds after which a place in the row is given up whose owner did not come. */
const patience = 30_000;

/** Keeps what this process sends within a platform's limits; of what several send together, the platform says so. */
export const createPace = (): Pace => {
  const sent = new Map<string, readonly number[]>();
  const rows = new Map<string, readonly number[]>();
  const held = new Map<string, number>();

  const freeAt = ({ key, limits }: Meter, at: number): number => {
    const times = sent.get(key) ?? [];
    return Math.max(
      held.get(key) ?? at,
      ...limits.map(({ most, within }) => {
        const nth = times.at(-most);
        return nth === undefined ? at : nth + within;
      }),
    );
  };
  const note = (meters: readonly Meter[], now: Date): void => {
    const at = now.getTime();
    for (const { key, limits } of meters) {
      const longest = Math.max(...limits.map(({ within }) => within));
      keep(sent, key, [...(sent.get(key) ?? []).filter((time) => time > at - longest), at]);
    }
  };

  return {
    note,
    hold: (key, until) => keep(held, key, until.getTime()),
    take: (meters, now) => {
      const at = now.getTime();
      const [{ key, limits }] = meters;
      const row = (rows.get(key) ?? []).filter((place) => place > at - patience);
      const [next] = row;
      const free = Math.max(at, ...meters.map((meter) => freeAt(meter, at)));
      const isDue = next === undefined || next <= at;
      // Whoever comes when a place is due takes it: one who asks is like another.
      const others = next !== undefined && next <= at ? row.slice(1) : row;
      if (free <= at && isDue) {
        note(meters, now);
        keep(rows, key, others);
        return 0;
      }
      const [shortest = { most: 1, within: 0 }] = limits;
      const place = Math.max(free, (others.at(-1) ?? 0) + shortest.within / shortest.most);
      keep(rows, key, [...others, place]);
      return Math.ceil(place - at);
    },
  };
};

const keep = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > remembered && oldest !== undefined) map.delete(oldest);
};
