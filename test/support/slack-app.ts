import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Card } from '../../src/chat/card.ts';
import type { Forms } from '../../src/chat/form.ts';
import type { CommandSpec } from '../../src/chat/parse.ts';
import type { Reply } from '../../src/chat/reply.ts';
import type { Request } from '../../src/chat/request.ts';
import {
  connectSlack,
  type Slack,
  type SlackMemory,
  type SlackOptions,
  type Taking,
} from '../../src/chat/slack/connect.ts';
import { silentLog } from '../../src/log.ts';
import { credentials, type SlackServer, startSlackServer } from './slack-server.ts';

export type Transport = 'http' | 'socket';

const secret = (value: string) => ({ reveal: () => value });

export const cardOf = (title: string, part: Partial<Card> = {}): Card => ({
  title,
  tone: 'neutral',
  summary: title,
  blocks: [],
  buttons: [],
  ...part,
});

/** The Slack rooms alone, connected to a Slack server, with an answer of the test's own. */
export interface SlackApp {
  readonly slack: SlackServer;
  readonly app: Slack;
  readonly requests: Request[];
  /** What the next requests get; default: a card with their words. */
  answer: (request: Request) => Promise<Reply>;
  forms: Forms;
  /** Requests in flight as `enter` counts them. */
  entered: number;
  /** Of channels that are dead, and why. */
  readonly buried: Map<string, string>;
  wantsEmail: boolean;
  close(): Promise<void>;
}

export const startSlackApp = async (
  transport: Transport,
  commands: readonly CommandSpec[],
  over: {
    readonly memory?: SlackMemory;
    readonly options?: Partial<SlackOptions>;
    readonly taking?: Partial<Taking>;
  } = {},
): Promise<SlackApp> => {
  const slack = await startSlackServer();
  const web = express();
  const app = connectSlack({
    settings: {
      botToken: secret(credentials.botToken),
      ...(transport === 'http'
        ? { signingSecret: secret(credentials.signingSecret) }
        : { appToken: secret(credentials.appToken) }),
      apiUrl: slack.apiUrl,
    },
    log: silentLog,
    now: () => new Date(),
    policy: () => ({ zone: 'Etc/UTC', people: new Map(), groups: [] }),
    ...over.options,
  });
  app.mount(web);
  const server = createServer(web);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (transport === 'http') slack.eventsUrls.push(`http://127.0.0.1:${port}/slack/events`);
  const own: SlackApp = {
    slack,
    app,
    requests: [],
    answer: async ({ verb, subject, args }) => ({
      card: cardOf([verb, subject, ...args].filter((word) => word !== undefined).join(' ')),
      audience: 'asker',
    }),
    forms: {
      wants: () => false,
      open: async () => ({ kind: 'reply', reply: { card: cardOf('no form'), audience: 'asker' } }),
    },
    entered: 0,
    buried: new Map(),
    wantsEmail: false,
    close: async () => {
      await app.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await slack.close();
    },
  };
  const answered = new Set<string>();
  app.remember(
    over.memory ?? {
      claimAnswer: async (id) => !answered.has(id) && answered.add(id) !== undefined,
      releaseAnswer: async (id) => void answered.delete(id),
      keep: async (channel) => own.buried.delete(channel),
      bury: async (channel, reason) => void own.buried.set(channel, reason),
    },
  );
  app.start({
    wantsEmail: () => own.wantsEmail,
    answer: (request) => {
      own.requests.push(request);
      return own.answer(request);
    },
    forms: { wants: (request) => own.forms.wants(request), open: (request) => own.forms.open(request) },
    commands,
    enter: () => {
      own.entered += 1;
      return () => {
        own.entered -= 1;
      };
    },
    ...over.taking,
  });
  await until(() =>
    transport === 'socket'
      ? slack.sockets.length > 0
      : slack.calls.some(({ method }) => method === 'auth.test'),
  );
  return own;
};

/** Looks until it is so; what is waited for takes milliseconds. */
export const until = async (isSo: () => boolean, what = 'it never became so'): Promise<void> => {
  for (let i = 0; i < 1_000; i++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(what);
};
