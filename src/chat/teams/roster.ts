import type { Log } from '../../log.ts';
import type { Identity } from '../request.ts';
import type { Incoming } from './activity.ts';
import type { Member, TeamsPort } from './port.ts';

export interface RosterOptions {
  readonly log: Log;
  readonly port: TeamsPort;
  /** Whether the roster's e-mail address may say who somebody is: the policy does not know them by their id. */
  readonly wantsEmail: (actor: Identity) => boolean;
}

export interface Roster {
  /** Who it was, with their address where that is wanted and the roster has one. */
  actorOf(incoming: Incoming): Promise<Identity | undefined>;
  /** As far as it was asked for. */
  emailOf(incoming: Incoming): string | undefined;
}

const remembered = 10_000;

/** Teams vouches for the address: it comes from the roster of the conversation, never from a message. */
export const createRoster = ({ log, port, wantsEmail }: RosterOptions): Roster => {
  const emails = new Map<string, string>();
  return {
    actorOf: async (incoming) => {
      const { actor, user, place } = incoming;
      if (actor === undefined || user === undefined || !wantsEmail(actor)) return actor;
      const key = keyOf(incoming);
      try {
        const email = emails.get(key) ?? addressOf(await port.getMember(place, user), actor.id);
        if (email === undefined) return actor;
        if (emails.size >= remembered) emails.clear();
        emails.set(key, email);
        return { ...actor, email };
      } catch (error) {
        log.warn({ platform: 'teams', err: error }, 'the roster does not say who somebody is');
        return actor;
      }
    },
    emailOf: (incoming) => emails.get(keyOf(incoming)),
  };
};

const keyOf = ({ tenant, actor }: Incoming): string => `${tenant} ${actor?.id}`;

/** Of the member that was asked for, and no other. */
const addressOf = ({ aadObjectId, email, userPrincipalName }: Member, id: string): string | undefined =>
  aadObjectId === undefined || aadObjectId === id ? (email ?? userPrincipalName) : undefined;
