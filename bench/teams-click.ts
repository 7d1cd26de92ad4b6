import {
  type AdaptiveCardInvokeResponse,
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  TeamsActivityHandler,
} from 'botbuilder';
import express from 'express';
import { createAnswer, createForms } from '../handlers/answer.ts';
import { handlers } from '../handlers/index.ts';
import { connectTeams, messagesPath } from '../src/chat/teams/connect.ts';
import { systemClock } from '../src/clock.ts';
import { silentLog } from '../src/log.ts';
import type { Context } from '../src/operations/context.ts';
import { conversationsOf } from '../src/operations/conversations.ts';
import { people, places } from '../test/support/teams-people.ts';
import { aad, company, startTeamsServer, type TeamsServer } from '../test/support/teams-server.ts';
import {
  checkCommitted,
  clicks,
  type Listening,
  listen,
  measureClicks,
  titlesOf,
  withAccount,
} from './clicks.ts';
import { readyToSign } from './seed.ts';
import { asBot, examplePolicy, policyWith, type Server } from './server.ts';
import type { Row } from './support.ts';

const floors = { row: 'botbuilder and one commit', bare: 'botbuilder, constant card' } as const;

/**
 * A press of Approve, signed by Teams: HTTP in to card out, with its durable commit; against botbuilder that returns a
 * constant card, and against botbuilder that commits one row before it does. All three in this process, in turn.
 */
export const teamsClick = async (server: Server): Promise<readonly Row[]> => {
  const policy = withAccount(policyWith(await examplePolicy(), clicks), 'remy', { teams: aad('remy') });
  const database = await server.database();
  const teams = await startTeamsServer();
  const rows = await asBot(database, { policy }, async (context, pool) => {
    const train = await readyToSign(context, policy);
    const titles = await titlesOf(context, train.id);
    await pool.query('create table floor (id serial primary key, note text not null)');
    const ours = await bot(context, teams);
    const bare = await botbuilder(teams, async () => {});
    const row = await botbuilder(
      teams,
      async () => void (await pool.query("insert into floor (note) values ('one row')")),
    );
    const measured = await measureClicks('Teams click to card', floors, {
      ours: presser(teams, ours.url, titles),
      bare: presser(teams, bare.url, titles),
      row: presser(teams, row.url, titles),
    });
    await checkCommitted(pool);
    for (const { close } of [ours, bare, row]) await close();
    return measured;
  });
  await teams.close();
  await server.drop(database);
  return rows;
};

const credentialsFor = (teams: TeamsServer) => ({
  isValidAppId: async (id: string) => id === company.app,
  isAuthenticationDisabled: async () => false,
  createCredentials: async () => {
    const token = await teams.accessToken();
    return {
      signRequest: async <R extends { headers: { set(name: string, value: string): void } }>(request: R) => {
        request.headers.set('authorization', `Bearer ${token}`);
        return request;
      },
    };
  },
});

const bot = async (context: Context, teams: TeamsServer): Promise<Listening> => {
  const connected = await connectTeams({
    settings: { kind: 'azure', appId: company.app, appType: 'SingleTenant', tenantId: company.tenant },
    log: silentLog,
    now: systemClock.now,
    pen: () => ({ userOf: (person) => context.policy().people.get(person)?.teams }),
    serviceHosts: [new URL(teams.serviceUrl).host],
    serviceUrl: teams.serviceUrl,
    sdk: { cloud: teams.cloud, credentials: credentialsFor(teams) },
  });
  const web = express();
  connected.mount(web);
  connected.remember(conversationsOf(context, 'teams'));
  connected.start({
    answer: createAnswer(context),
    forms: createForms(context),
    commands: handlers,
    enter: context.arrivals.enter,
    wantsEmail: () => false,
  });
  const listening = await listen(web, messagesPath);
  return {
    url: listening.url,
    close: async () => {
      await connected.close();
      await listening.close();
    },
  };
};

/** botbuilder as its documentation has it. */
const botbuilder = async (teams: TeamsServer, beforeAnswer: () => Promise<void>): Promise<Listening> => {
  class Constant extends TeamsActivityHandler {
    protected override async onAdaptiveCardInvoke(): Promise<AdaptiveCardInvokeResponse> {
      await beforeAnswer();
      const value = { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: 'Approved' }] };
      return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value };
    }
  }
  const adapter = new CloudAdapter(
    new ConfigurationBotFrameworkAuthentication(
      {
        MicrosoftAppId: company.app,
        MicrosoftAppType: 'SingleTenant',
        MicrosoftAppTenantId: company.tenant,
        ...teams.cloud,
      },
      credentialsFor(teams),
    ),
  );
  const handler = new Constant();
  const web = express();
  web.post(messagesPath, express.json(), (req, res) =>
    adapter.process(req, res, (turn) => handler.run(turn)),
  );
  return listen(web, messagesPath);
};

/** Signing is Teams' work: one token for all, as Teams has one for an hour. */
const presser = (
  teams: TeamsServer,
  url: string,
  titles: ReadonlyMap<string, string>,
): ((n: number) => Promise<void>) => {
  const { invoke } = people({ ...teams, token: constant(teams.token()) }, url);
  return async (n) => {
    const change = `CHG-${n + 1}`;
    // The card of the change, as the channel has it: the answer takes its place, there and for everybody.
    const data = { verb: 'change approve', subject: change, card: titles.get(change) };
    const value = { action: { type: 'Action.Execute', verb: data.verb, data }, trigger: 'manual' };
    const where = places.channel(`${company.channel};messageid=${n}`);
    const { status, body } = await invoke('remy', 'adaptiveCard/action', value, where, { replyToId: '1' });
    if (status !== 200 || body?.['type'] !== 'application/vnd.microsoft.card.adaptive')
      throw new Error(`${change}: ${status} ${JSON.stringify(body)}`);
  };
};

const constant =
  <T>(value: T) =>
  (): T =>
    value;
