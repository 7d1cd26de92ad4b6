import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { onTestFinished } from 'vitest';
import {
  connectTeams,
  messagesPath,
  type Taking,
  type Teams,
  type TeamsOptions,
} from '../../src/chat/teams/connect.ts';
import type { Conversations } from '../../src/chat/teams/conversations.ts';
import { silentLog } from '../../src/log.ts';
import { type People, people } from './teams-people.ts';
import { aad, company, startTeamsServer, type TeamsServer } from './teams-server.ts';

export interface TeamsBot extends People {
  readonly server: TeamsServer;
  readonly teams: Teams;
  readonly endpoint: string;
  /** Everything that was begun after an answer is done. */
  settled(): Promise<void>;
}

/** The bot's side of Teams on a real HTTP server, against a Teams of the tests' own, with real tokens both ways. */
export const startTeamsBot = async (
  taking: Omit<Taking, 'enter' | 'wantsEmail'> & Partial<Taking>,
  conversations: Conversations,
  over: Partial<TeamsOptions> = {},
): Promise<TeamsBot> => {
  const server = await startTeamsServer();
  const teams = await connectTeams({
    settings: {
      kind: 'azure',
      appId: company.app,
      appPassword: { reveal: () => 'secret' },
      tenantId: company.tenant,
      appType: 'SingleTenant',
    },
    log: silentLog,
    now: () => new Date(),
    pen: () => ({ userOf: aad }),
    serviceUrl: server.serviceUrl,
    serviceHosts: [new URL(server.serviceUrl).host],
    sdk: {
      cloud: server.cloud,
      timeoutMs: 1_000,
      // The SDK's own asks for a token by HTTPS only.
      credentials: {
        isValidAppId: async (id) => id === company.app,
        isAuthenticationDisabled: async () => false,
        createCredentials: async () => {
          const token = server.accessToken();
          return {
            signRequest: async (request) => {
              request.headers.set('authorization', `Bearer ${await token}`);
              return request;
            },
          };
        },
      },
    },
    ...over,
  });
  teams.remember(conversations);
  teams.start({ enter: () => () => {}, wantsEmail: () => false, ...taking });
  const app = express();
  teams.mount(app);
  const http = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await teams.close();
    await server.close();
  });
  const endpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}${messagesPath}`;
  return { server, teams, endpoint, settled: () => teams.close(), ...people(server, endpoint) };
};

/** A memory without a database. */
export const memory = (): Conversations & {
  readonly buried: Map<string, string>;
  readonly keys: () => readonly string[];
} => {
  const places = new Map<string, Readonly<Record<string, string>>>();
  const buried = new Map<string, string>();
  const answered = new Set<string>();
  return {
    buried,
    keys: () => [...places.keys()],
    find: async (key) => {
      const place = places.get(key);
      return place && { place, dead: buried.get(key) ?? null };
    },
    keep: async (key, place) => {
      const isNew = !places.has(key);
      places.set(key, place);
      buried.delete(key);
      return isNew;
    },
    bury: async (key, reason) => void buried.set(key, reason),
    claimAnswer: async (id) => !answered.has(id) && answered.add(id) !== undefined,
    releaseAnswer: async (id) => void answered.delete(id),
    sight: async () => false,
  };
};
