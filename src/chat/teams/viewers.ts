import { type Place, PortError, type TeamsPort } from './port.ts';

/** Teams draws a card for so many people one by one (`refresh.userIds`). */
export const mostViewers = 60;

const day = 24 * 60 * 60_000;
const tenMinutes = 10 * 60_000;

export interface Viewers {
  /** Teams' own ids of these people, as far as the roster has them; the first ones of many. Never rejects. */
  find(place: Place, people: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The same without asking: somebody waits for the answer. */
  known(people: readonly string[]): readonly string[];
}

/** Who can be shown a card of their own: by ids that Teams gives per bot, which only its roster knows. */
export const createViewers = (options: {
  readonly port: Pick<TeamsPort, 'getMember'>;
  readonly userOf: (person: string) => string | undefined;
  readonly now: () => Date;
}): Viewers => {
  const { port, userOf, now } = options;
  const known = new Map<string, { readonly id: string | undefined; readonly until: number }>();
  const idOf = async (place: Place, user: string): Promise<string | undefined> => {
    const at = now().getTime();
    const before = known.get(user);
    if (before !== undefined && at < before.until) return before.id;
    let id: string | undefined;
    try {
      ({ id } = await port.getMember(place, user));
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
    }
    known.set(user, { id, until: at + (id === undefined ? tenMinutes : day) });
    return id;
  };
  return {
    known: (people) =>
      people.slice(0, mostViewers).flatMap((person) => known.get(userOf(person) ?? '')?.id ?? []),
    find: async (place, people) => {
      const found = new Map<string, string>();
      for (const person of people.slice(0, mostViewers)) {
        const user = userOf(person);
        const id = user === undefined ? undefined : await idOf(place, user);
        if (id !== undefined) found.set(person, id);
      }
      return found;
    },
  };
};
