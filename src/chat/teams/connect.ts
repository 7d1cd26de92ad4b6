import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../log.ts';
import type { Button, Card } from '../card.ts';
import type { Forms } from '../form.ts';
import type { CommandSpec } from '../parse.ts';
import { type Platform, PlatformError } from '../platform.ts';
import type { Reply } from '../reply.ts';
import type { Identity, Request } from '../request.ts';
import { readActivity } from './activity.ts';
import type { BotbuilderOptions } from './botbuilder.ts';
import { type Conversations, withoutRepeats } from './conversations.ts';
import { end, readJson } from './http.ts';
import { withPersonas } from './personas.ts';
import { Unverified } from './port.ts';
import { type Poster, teamsPoster } from './post.ts';
import { receiver, type Told } from './receive.ts';
import type { RenderOptions } from './render.ts';
import { createRoster } from './roster.ts';
import { createSpeaker } from './speak.ts';
import type { Pen } from './text.ts';

export const messagesPath = '/api/messages';

export interface TeamsOptions {
  readonly settings:
    | { readonly kind: 'local' }
    | {
        readonly kind: 'azure';
        readonly appId: string;
        readonly appPassword?: { reveal(): string };
        readonly tenantId?: string;
        readonly appType: 'SingleTenant' | 'MultiTenant' | 'UserAssignedMSI';
      };
  readonly log: Log;
  /** Of the clock that requests are judged by (L3). */
  readonly now: () => Date;
  /** Of the policy in force. */
  readonly pen: () => Pen;
  /** Hosts that Teams answers at, for another cloud than the public and the governmental ones. */
  readonly serviceHosts?: readonly string[];
  /** Where Teams answers before anything was heard of it. */
  readonly serviceUrl?: string;
  /** Of another cloud: see `BotbuilderOptions`. */
  readonly sdk?: Pick<BotbuilderOptions, 'cloud' | 'credentials' | 'timeoutMs'>;
}

/** What takes the requests; there is none until the database is connected. */
export interface Taking {
  readonly answer: (request: Request) => Promise<Reply>;
  readonly forms: Forms;
  readonly commands: readonly CommandSpec[];
  /** Called the moment something arrives; the returned function when it has been dealt with (L3). */
  readonly enter: (receivedAt: Date) => () => void;
  /** Whether the roster's address may say who somebody is. */
  readonly wantsEmail: (actor: Identity) => boolean;
}

export interface Teams {
  /** Posts once it has a memory, whether or not this process takes requests. */
  readonly platform: Platform;
  /** Adds `POST /api/messages`; before the server listens, and behind what says 503 while it starts. */
  mount(app: {
    post(path: string, handler: (req: IncomingMessage, res: ServerResponse) => void): unknown;
  }): void;
  /** Posts from now on. */
  remember(conversations: Conversations): void;
  /** Takes requests from now on; after `remember`. */
  start(taking: Taking): void;
  /** Finishes what was begun. */
  close(): Promise<void>;
}

/** Where Teams answers bots: the public cloud, and the United States' governmental ones. */
const teamsHosts = [
  'smba.trafficmanager.net',
  'smba.infra.gcc.teams.microsoft.com',
  'smba.infra.gov.teams.microsoft.us',
  'smba.infra.dod.teams.microsoft.us',
];

/** The Agents Playground's connector, by its default port. */
const playground = 'http://localhost:56150/_connector';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Loads the SDK, which takes a second: only where Teams is on. Throws when nothing would be verified. */
export const connectTeams = async (options: TeamsOptions): Promise<Teams> => {
  const { settings, log, now } = options;
  const local = settings.kind === 'local';
  // An empty app id turns the SDK's whole verification off.
  if (!local && settings.appId.trim() === '') throw new Error('Teams needs an app id');
  const tenants = local || settings.tenantId === undefined ? [] : [settings.tenantId];
  if (!local && tenants.length === 0)
    throw new Error('Teams needs the id of the tenant whose people are let in');
  const { botbuilderPort } = await import('./botbuilder.ts');
  const port = botbuilderPort(
    local
      ? { appId: '', ...options.sdk }
      : {
          appId: settings.appId,
          appType: settings.appType,
          ...(settings.tenantId === undefined ? {} : { tenantId: settings.tenantId }),
          ...(settings.appPassword === undefined ? {} : { appPassword: settings.appPassword.reveal() }),
          ...options.sdk,
        },
  );
  const hosts = new Set(options.serviceHosts ?? teamsHosts);
  const isOurs = (serviceUrl: string): boolean => {
    if (!URL.canParse(serviceUrl)) return false;
    const { protocol, hostname, host } = new URL(serviceUrl);
    if (local) return loopback.test(hostname);
    return hosts.has(host) && (protocol === 'https:' || options.serviceHosts !== undefined);
  };

  let taking: Taking | undefined;
  let poster: Poster | undefined;
  let receive: ReturnType<typeof receiver> | undefined;
  let memory: Conversations | undefined;
  const busy = new Set<Promise<unknown>>();

  // The Agents Playground has no dialogs: there a form is a message.
  const opensForm = ({ verb, subject, args = [] }: Button): boolean =>
    !local &&
    (taking?.forms.wants({
      id: '',
      actor: { platform: 'teams', id: '' },
      verb,
      ...(subject === '' ? {} : { subject }),
      args,
      receivedAt: now(),
    }) ??
      false);
  const render = (): RenderOptions => ({ ...options.pen(), opensForm, wide: !local });

  const judge = async (req: IncomingMessage, receivedAt: Date): Promise<Told> => {
    if (receive === undefined) return { status: 503 };
    if (local && !loopback.test(hostOf(req))) return { status: 403 };
    const body = await readJson(req);
    if (!body.ok) return { status: body.status };
    const incoming = readActivity(body.value);
    if (incoming === undefined) return { status: 400 };
    // Before anything else: no token of ours, and no key of Teams, is asked for on behalf of a foreign host.
    if (!isOurs(incoming.place.serviceUrl)) {
      log.warn(
        { platform: 'teams', serviceUrl: incoming.place.serviceUrl },
        'a foreign service URL was refused',
      );
      return { status: 403 };
    }
    if (!local) {
      try {
        await port.verify(body.value, req.headers.authorization ?? '');
      } catch (error) {
        if (!(error instanceof Unverified)) throw error;
        log.warn({ platform: 'teams', reason: error.reason, err: error.cause }, 'a message was not verified');
        return { status: error.reason === 'forged' ? 401 : 503 };
      }
      // The token says that Teams sent it, not for whom.
      if (!tenants.includes(incoming.tenant)) {
        log.warn({ platform: 'teams', tenant: incoming.tenant }, 'a message of a foreign tenant was refused');
        return { status: 403 };
      }
    }
    return receive(incoming, receivedAt);
  };

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const receivedAt = now();
    // Entered before the body is read, so that no cutoff closes over a message that is on its way (L3).
    const leave = taking?.enter(receivedAt);
    try {
      const { status, body, afterwards } = await judge(req, receivedAt);
      end(res, status, body);
      leave?.();
      await afterwards?.();
    } catch (error) {
      const reference = randomUUID().slice(0, 8);
      log.error({ platform: 'teams', err: error, reference }, 'a message of Teams failed');
      end(res, 500, { code: 'internal', reference });
    } finally {
      leave?.();
    }
  };

  const posting = async <T>(act: (poster: Poster) => Promise<T>): Promise<T> => {
    if (poster === undefined) throw new PlatformError('starting', 'retry');
    return act(poster);
  };

  return {
    platform: {
      name: 'teams',
      turn: (to, deed) => poster?.turn?.(to, deed) ?? 0,
      post: (to, card, about) => posting((ready) => ready.post(to, card, about)),
      update: (ref, card) => posting((ready) => ready.update(ref, card)),
    },
    mount: (app) => {
      app.post(messagesPath, (req, res) => {
        const done = handle(req, res).finally(() => busy.delete(done));
        busy.add(done);
      });
    },
    remember: (kept) => {
      const conversations = withoutRepeats(kept, now);
      memory = conversations;
      poster = teamsPoster({
        port,
        conversations,
        render,
        now,
        isOurs,
        alone: local,
        home: {
          tenant: tenants[0] ?? '',
          serviceUrl: options.serviceUrl ?? (local ? playground : 'https://smba.trafficmanager.net/teams/'),
        },
      });
    },
    start: (to) => {
      if (poster === undefined || memory === undefined) throw new Error('Teams was not given a memory');
      taking = to;
      const { answer, forms, commands, wantsEmail } = to;
      const judged = receiver({
        roster: createRoster({ log, port, wantsEmail }),
        speaker: createSpeaker({ log, poster, conversations: memory, alone: local }),
        ...poster,
        commands,
        answer,
        forms,
        greeting,
      });
      receive = local
        ? withPersonas(judged, { poster, userOf: (person) => options.pen().userOf(person) })
        : judged;
      log.info({ platform: 'teams', kind: settings.kind }, 'takes messages of Teams');
    },
    close: async () => {
      while (busy.size > 0) await Promise.allSettled([...busy]);
    },
  };
};

/** Without the port. A page of the web can have a name that leads to this machine (DNS rebinding). */
const hostOf = (req: IncomingMessage): string => (req.headers.host ?? '').replace(/:\d+$/, '');

const greeting = (): Card => ({
  title: 'Signalbox',
  tone: 'neutral',
  summary: 'I run the release week from here.',
  blocks: [
    {
      kind: 'text',
      text: [
        'I run the release week from here. Mention me and say ',
        { kind: 'code', text: 'train' },
        ', ',
        { kind: 'code', text: 'change submit' },
        ' or ',
        { kind: 'code', text: 'help' },
        '.',
      ],
    },
  ],
  buttons: [
    { label: 'Train', verb: 'train status', subject: '', style: 'primary' },
    { label: 'Submit a change', verb: 'change submit', subject: '' },
    { label: 'Help', verb: 'help', subject: '' },
  ],
});
