import type { Log } from '../../log.ts';
import { PlatformError } from '../platform.ts';
import type { Api } from './api.ts';

/** Slack's roster: who has which address, who is in which group. Slack's ids last; addresses and groups change. */
export interface Directory {
  /** A member's confirmed address; undefined for strangers, bots, and when Slack does not say. */
  emailOf(user: string): Promise<string | undefined>;
  /** The member with this address. Throws `PlatformError`: `gone` when there is none. */
  userOf(email: string): Promise<string>;
  /** The same, if it was asked before. */
  knownUserOf(email: string): string | undefined;
  /**
   * The members of a user group. Fails shut: undefined when Slack has not said for a while, so that nobody signs by a
   * membership that may be over.
   */
  membersOf(group: string): readonly string[] | undefined;
  /** Asks for these groups anew; the others are forgotten. */
  refresh(groups: readonly string[]): Promise<void>;
}

const emailLifeMs = 60 * 60_000;
/** Three refreshes at the usual pace may fail. */
const groupLifeMs = 15 * 60_000;

export const createDirectory = (options: {
  readonly api: Api;
  readonly log: Log;
  readonly now: () => Date;
  /** Workspace or organisation of the installation; members of others are strangers. */
  readonly teamId: () => string | undefined;
}): Directory => {
  const { api, log, now, teamId } = options;
  const emails = new Map<string, { readonly email: string | undefined; readonly until: number }>();
  const users = new Map<string, { readonly user: string; readonly until: number }>();
  const groups = new Map<string, { readonly members: readonly string[]; readonly until: number }>();
  const alive = <T extends { readonly until: number }>(entry: T | undefined): T | undefined =>
    entry !== undefined && entry.until > now().getTime() ? entry : undefined;
  const lifeFromNow = (ms: number): number => now().getTime() + ms;

  return {
    emailOf: async (user) => {
      const known = alive(emails.get(user));
      if (known !== undefined) return known.email;
      try {
        const { user: member } = await api.call('users.info', { user });
        const email = addressOf(member, teamId());
        emails.set(user, { email, until: lifeFromNow(emailLifeMs) });
        return email;
      } catch (error) {
        log.warn({ platform: 'slack', code: codeOf(error) }, 'Slack does not say who somebody is');
        return undefined;
      }
    },
    userOf: async (email) => {
      const known = alive(users.get(email));
      if (known !== undefined) return known.user;
      const { user: member } = await api.call('users.lookupByEmail', { email });
      const { id: user } = record(member);
      if (typeof user !== 'string') throw new PlatformError('users_not_found', 'gone');
      users.set(email, { user, until: lifeFromNow(emailLifeMs) });
      return user;
    },
    knownUserOf: (email) => alive(users.get(email))?.user,
    membersOf: (group) => alive(groups.get(group))?.members,
    refresh: async (wanted) => {
      for (const group of groups.keys()) if (!wanted.includes(group)) groups.delete(group);
      for (const group of wanted) {
        try {
          const team = teamId();
          const { users: members } = await api.call('usergroups.users.list', {
            usergroup: group,
            ...(team?.startsWith('T') ? { team_id: team } : {}),
          });
          if (!Array.isArray(members)) throw new PlatformError('no-members', 'retry');
          groups.set(group, { members: members.map(String), until: lifeFromNow(groupLifeMs) });
        } catch (error) {
          log.warn(
            { platform: 'slack', group, code: codeOf(error) },
            'Slack does not say who is in a user group',
          );
        }
      }
    },
  };
};

const addressOf = (member: unknown, team: string | undefined): string | undefined => {
  const { is_bot, deleted, is_stranger, team_id, enterprise_user, is_email_confirmed, profile } =
    record(member);
  const { email } = record(profile);
  const isOurs =
    team_id === undefined || team_id === team || record(enterprise_user)['enterprise_id'] === team;
  const isMember =
    is_bot !== true && deleted !== true && is_stranger !== true && is_email_confirmed !== false;
  return isOurs && isMember && typeof email === 'string' ? email : undefined;
};

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const codeOf = (error: unknown): string => (error instanceof PlatformError ? error.code : 'unknown');
