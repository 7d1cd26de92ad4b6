import { App, ExpressReceiver } from '@slack/bolt';
import express from 'express';
import { createAnswer, createForms } from '../handlers/answer.ts';
import { handlers } from '../handlers/index.ts';
import { connectSlack, eventsPath } from '../src/chat/slack/connect.ts';
import { systemClock } from '../src/clock.ts';
import { silentLog } from '../src/log.ts';
import type { Context } from '../src/operations/context.ts';
import { conversationsOf } from '../src/operations/conversations.ts';
import {
  credentials,
  type SlackServer,
  sign,
  startSlackServer,
  workspace,
} from '../test/support/slack-server.ts';
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
import { ms, quantile, type Row, type Sample, timed } from './support.ts';

const floors = { row: 'Bolt and one commit', bare: 'Bolt that only acks' } as const;

/**
 * A signed press of Approve, HTTP in to acknowledgement out, with its durable commit; against Bolt that only
 * acknowledges, and against Bolt that commits one row before it does. All three in this process, in turn.
 */
export const slackClick = async (server: Server): Promise<readonly Row[]> => {
  const policy = policyWith(await examplePolicy(), clicks);
  const presser = policy.people.get('remy')?.slack ?? 'U0REMY';
  const known = withAccount(policy, 'remy', { slack: presser });
  const database = await server.database();
  const slack = await startSlackServer();
  const rows = await asBot(database, { policy: known }, async (context, pool) => {
    const train = await readyToSign(context, known);
    await pool.query('create table floor (id serial primary key, note text not null)');
    const ours = await bot(context, slack.apiUrl);
    const bare = await bolt(async () => {});
    const row = await bolt(
      async () => void (await pool.query("insert into floor (note) values ('one row')")),
    );
    const titles = await titlesOf(context, train.id);
    const press = (url: string) => (n: number) => click(url, presser, `CHG-${n + 1}`, titles);
    const measured = await measureClicks('Slack click to ack', floors, {
      ours: press(ours.url),
      bare: press(bare.url),
      row: press(row.url),
    });
    await checkCommitted(pool);
    const slow = await slowed(slack, press(ours.url));
    for (const { close } of [ours, bare, row]) await close();
    return [...measured, ...slow];
  });
  await slack.close();
  await server.drop(database);
  return rows;
};

const [presses, atOnce] = [10, 10];

/** A Slack that answers every call after two seconds must not slow an acknowledgement: refused presses are answered by one. */
const slowed = async (slack: SlackServer, press: (n: number) => Promise<void>): Promise<readonly Row[]> => {
  const rounds = async (): Promise<Sample> => {
    const taken: number[] = [];
    for (let round = 0; round < presses; round += 1)
      await Promise.all(
        Array.from({ length: atOnce }, async (_, n) => taken.push(await timed(() => press(n)))),
      );
    return taken;
  };
  await rounds();
  const prompt = await rounds();
  slack.trouble.set('*', { delayMs: 2_000 });
  const slow = await rounds();
  slack.trouble.clear();
  return (
    [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const
  ).map(([word, q]) => ({
    what: `Slack click to ack, ${atOnce} at once, Slack slow by 2 s, ${word}`,
    figure: ms(quantile(slow, q)),
    floor: `Slack prompt ${ms(quantile(prompt, q))}`,
    ratio: quantile(slow, q) / quantile(prompt, q),
    ...(word === 'p50' ? { aim: 1.2 } : {}),
  }));
};

const bot = async (context: Context, apiUrl: string): Promise<Listening> => {
  const app = connectSlack({
    settings: {
      botToken: { reveal: () => credentials.botToken },
      signingSecret: { reveal: () => credentials.signingSecret },
      apiUrl,
    },
    log: silentLog,
    now: systemClock.now,
    policy: () => ({ zone: context.policy().timezone, people: context.policy().people, groups: [] }),
  });
  const web = express();
  app.mount(web);
  app.remember(conversationsOf(context, 'slack'));
  app.start({
    answer: createAnswer(context),
    forms: createForms(context),
    commands: handlers,
    enter: context.arrivals.enter,
    wantsEmail: () => false,
  });
  const listening = await listen(web, eventsPath);
  // Until Slack has said whose workspace it is, presses are refused.
  while ((await press(listening.url, 'U0NOBODY', 'CHG-0')).status !== 200);
  return {
    url: listening.url,
    close: async () => {
      await listening.close();
      await app.close();
    },
  };
};

/** Bolt as its documentation has it. */
const bolt = async (beforeAck: () => Promise<void>): Promise<Listening> => {
  const web = express();
  const receiver = new ExpressReceiver({
    app: web,
    signingSecret: credentials.signingSecret,
    endpoints: eventsPath,
  });
  const app = new App({ receiver, authorize: async () => ({}), convoStore: false });
  app.action(/^press/, async ({ ack }) => {
    await beforeAck();
    await ack();
  });
  return listen(web, eventsPath);
};

const click = async (
  url: string,
  user: string,
  change: string,
  titles: ReadonlyMap<string, string>,
): Promise<void> => {
  const { status } = await press(url, user, change, titles.get(change));
  if (status !== 200) throw new Error(`${change}: ${status}`);
};

let pressed = 0;
const press = async (
  url: string,
  user: string,
  change: string,
  title = change,
): Promise<{ readonly status: number }> => {
  pressed += 1;
  const payload = {
    type: 'block_actions',
    user: { id: user, team_id: workspace.team },
    team: { id: workspace.team },
    trigger_id: `bench.${pressed}`,
    container: { type: 'message', message_ts: '1.1', channel_id: 'C0' },
    channel: { id: 'C0' },
    // The card of the change, as the channel has it.
    message: { ts: '1.1', blocks: [{ type: 'header', text: { type: 'plain_text', text: `⚪ ${title}` } }] },
    actions: [
      {
        type: 'button',
        action_id: 'press:0',
        value: JSON.stringify({ verb: 'change approve', subject: change, args: [] }),
      },
    ],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const at = Math.floor(systemClock.now().getTime() / 1_000);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': sign(body, at),
    },
    body,
  });
  await response.arrayBuffer();
  return response;
};
