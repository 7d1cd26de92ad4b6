import { App, ExpressReceiver, type ExpressReceiverOptions, type Receiver } from '@slack/bolt';
import { systemClock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Forms } from '../form.ts';
import type { CommandSpec } from '../parse.ts';
import { type Platform, PlatformError } from '../platform.ts';
import type { Answer } from '../reply.ts';
import type { Identity } from '../request.ts';
import { connectApi, type Revealable, sdkLogger, untilAnswered } from './api.ts';
import { createDirectory } from './directory.ts';
import type { Pen } from './mrkdwn.ts';
import { slackPace } from './pace.ts';
import { type Origin, readPayload } from './payloads.ts';
import { slackPlatform } from './post.ts';
import { createSlackReceiver } from './receive.ts';
import type { Memory, SlackReceiver } from './receiver.ts';
import { socketReceiver } from './socket.ts';

type Application = NonNullable<ExpressReceiverOptions['app']>;

export const eventsPath = '/slack/events';
/** Slack's own window, which its SDK keeps for the past only. */
const skewMs = 5 * 60_000;
/** Slack allows twenty questions about groups a minute. */
const refreshEveryMs = 5 * 60_000;

export interface SlackOptions {
  readonly settings: {
    readonly botToken: Revealable;
    /** With it, requests come in over HTTP (`mount`). */
    readonly signingSecret?: Revealable;
    /** With it, they come in over Socket Mode. */
    readonly appToken?: Revealable;
    readonly apiUrl?: string;
  };
  readonly log: Log;
  /** Of the clock that requests are judged by (L3). */
  readonly now: () => Date;
  /** Of the policy in force. */
  readonly policy: () => SlackPolicy;
}

/** What Slack has to know of the policy in force. */
export interface SlackPolicy {
  readonly zone: string;
  readonly people: ReadonlyMap<string, { readonly slack?: string; readonly email?: string }>;
  /** User groups that fill roles. */
  readonly groups: readonly string[];
  readonly pageOf?: Pen['pageOf'];
}

/** What all instances remember together. */
export interface SlackMemory extends Memory {
  keep(channel: string, place: Readonly<Record<string, string>>): Promise<unknown>;
  /** Nothing can be posted there any more: the release managers hear of it once. */
  bury(channel: string, reason: string): Promise<void>;
}

/** What takes the requests; there is none until the database is connected. */
export interface Taking {
  readonly answer: Answer;
  readonly forms: Forms;
  readonly commands: readonly CommandSpec[];
  /** Called the moment something arrives; the returned function when it has been dealt with (L3). */
  readonly enter: (receivedAt: Date) => () => void;
  /** Whether the roster's address may say who somebody is. */
  readonly wantsEmail: (actor: Identity) => boolean;
}

export interface Slack {
  /** Posts from the start on, whether or not this process takes requests. */
  readonly platform: Platform;
  /** Members of a user group by Slack's ids; undefined when Slack has not said for a while. */
  readonly membersOf: (group: string) => readonly string[] | undefined;
  /** Adds `POST /slack/events`; before the server listens, and behind what says 503 while it starts. */
  mount(app: Application): void;
  /** Before `start`: what it posts and answers is remembered, and user groups are asked for now and regularly. */
  remember(memory: SlackMemory): void;
  /** Takes requests from now on. Which workspace is ours is asked of Slack; until it says, requests are refused. */
  start(taking: Taking): void;
  /** Resolves when everything that was begun after an answer is done. */
  idle(): Promise<void>;
  /** Takes no more, and finishes what was begun. */
  close(): Promise<void>;
}

export const connectSlack = ({ settings, log, now, policy }: SlackOptions): Slack => {
  const { botToken, signingSecret, appToken, apiUrl } = settings;
  const about = { log, ...(apiUrl === undefined ? {} : { apiUrl }) };
  const api = connectApi({ token: botToken, ...about });
  const stopped = new AbortController();
  const arrivals = new WeakMap<object, Date>();
  const directory = createDirectory({ api, log, now, teamId: () => ours?.enterprise ?? ours?.team });
  const pen = (): Pen => {
    const { zone, people, pageOf } = policy();
    const userOf = (person: string): string | undefined => {
      const { slack, email } = people.get(person) ?? {};
      return slack ?? (email === undefined ? undefined : directory.knownUserOf(email));
    };
    return { zone, userOf, pageOf };
  };
  const pace = slackPace(now);
  let memory: SlackMemory | undefined;
  let refreshing: NodeJS.Timeout | undefined;
  let taking: Taking | undefined;
  let receiver: SlackReceiver | undefined;
  let ours: Origin | undefined;
  let socket: Receiver | undefined;

  const arrive = () => {
    const receivedAt = now();
    return { receivedAt, leave: taking?.enter(receivedAt) ?? (() => {}) };
  };

  /** Everything that comes in goes through here, once, and is acknowledged here. */
  const connectTo = (bolt: Receiver): void => {
    const app = new App({
      receiver: bolt,
      // Tokens stay out of Bolt: nothing it calls by itself may post.
      authorize: async () => ({}),
      convoStore: false,
      ignoreSelf: false,
      logger: sdkLogger(log),
    });
    app.use(async (args) => {
      const incoming = readPayload(args.body);
      if (receiver === undefined || ours === undefined) throw new NotReady();
      if (!isOurs(incoming.origin, ours)) {
        log.warn({ platform: 'slack', ...incoming.origin }, 'a request of another workspace was refused');
        throw new ForeignWorkspace();
      }
      const at: unknown = args.context['receivedAt'];
      // Bolt acknowledges events itself; the answer is sent when this resolves (`processBeforeResponse`).
      const ack = async (response?: unknown): Promise<void> => {
        if (!('ack' in args) || typeof args.ack !== 'function') return;
        await Reflect.apply(args.ack, undefined, response === undefined ? [] : [response]);
      };
      await receiver.handle(incoming, at instanceof Date ? at : now(), ack);
    });
    app.error(async (error) => {
      throw error.original ?? error;
    });
  };

  return {
    platform: remembering(slackPlatform(api, pen, directory.userOf, pace), () => memory),
    membersOf: directory.membersOf,
    remember: (to) => {
      memory = to;
      const refresh = (): Promise<void> => directory.refresh(policy().groups);
      refreshing = setInterval(refresh, refreshEveryMs);
      refreshing.unref();
      void refresh();
    },
    mount: (app) => {
      if (signingSecret === undefined) return;
      app.use(eventsPath, (req, res, next) => {
        const { receivedAt, leave } = arrive();
        arrivals.set(req, receivedAt);
        res.once('close', leave);
        const signedAt = Number(req.get('x-slack-request-timestamp')) * 1_000;
        if (!(Math.abs(systemClock.now().getTime() - signedAt) <= skewMs)) return void res.status(401).end();
        // Bolt compares the whole header.
        const type = req.headers['content-type'];
        if (type !== undefined) req.headers['content-type'] = type.split(';', 1)[0]?.trim().toLowerCase();
        next();
      });
      connectTo(
        new ExpressReceiver({
          app,
          signingSecret: signingSecret.reveal(),
          endpoints: eventsPath,
          processBeforeResponse: true,
          logger: sdkLogger(log),
          customPropertiesExtractor: (req) => ({ receivedAt: arrivals.get(req) }),
          processEventErrorHandler: async ({ error, response }) => {
            const status = error instanceof ForeignWorkspace ? 403 : error instanceof NotReady ? 503 : 500;
            if (status === 500) log.error({ platform: 'slack', err: error }, 'a request of Slack failed');
            if (!response.headersSent) response.writeHead(status).end();
            return false;
          },
        }),
      );
    },
    start: (to) => {
      if (memory === undefined) throw new Error('Slack was not given a memory');
      taking = to;
      const { answer, forms, commands, wantsEmail } = to;
      const emailOf = async (actor: Identity): Promise<string | undefined> =>
        wantsEmail(actor) ? directory.emailOf(actor.id) : undefined;
      receiver = createSlackReceiver({ api, log, pen, pace, answer, forms, commands, memory, emailOf });
      untilAnswered(() => api.call('auth.test', {}), { log, signal: stopped.signal })
        .then(async (answered) => {
          ours = originOf(answered);
          log.info({ platform: 'slack', ...ours }, 'connected to Slack');
          if (appToken === undefined || stopped.signal.aborted) return;
          socket = socketReceiver({ appToken, arrive, ...about });
          connectTo(socket);
          await socket.start();
        })
        .catch((error: unknown) => {
          if (!stopped.signal.aborted)
            log.error(
              { platform: 'slack', err: error },
              'Slack refuses the credentials: check SLACK_BOT_TOKEN',
            );
        });
    },
    idle: async () => receiver?.idle(),
    close: async () => {
      stopped.abort();
      clearInterval(refreshing);
      await socket?.stop();
      await receiver?.idle();
    },
  };
};

/** A dead channel is reported once; a post that gets through revives it. */
const remembering = (platform: Platform, memory: () => SlackMemory | undefined): Platform => ({
  ...platform,
  post: async (to, card, posting) => {
    try {
      const ref = await platform.post(to, card, posting);
      if (to.kind === 'channel') await memory()?.keep(to.id, {});
      return ref;
    } catch (error) {
      if (error instanceof PlatformError && error.outcome === 'gone' && to.kind === 'channel')
        await memory()?.bury(to.id, error.code);
      throw error;
    }
  },
});

/** Thrown to the receiver that asked: which workspace is ours is not known yet. */
class NotReady extends Error {
  readonly code = 'not-ready';
}
class ForeignWorkspace extends Error {
  readonly code = 'foreign-workspace';
}

const originOf = ({
  team_id,
  enterprise_id,
  is_enterprise_install,
}: Readonly<Record<string, unknown>>): Origin => ({
  ...(typeof team_id === 'string' && is_enterprise_install !== true ? { team: team_id } : {}),
  ...(typeof enterprise_id === 'string' && enterprise_id !== '' && is_enterprise_install === true
    ? { enterprise: enterprise_id }
    : {}),
});

/** An organisation's installation takes all its workspaces; any other takes the one that its token is for. */
const isOurs = (from: Origin, ours: Origin): boolean =>
  ours.enterprise === undefined
    ? ours.team !== undefined && from.team === ours.team
    : from.enterprise === ours.enterprise;
