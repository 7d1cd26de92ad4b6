import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { faultsOfMessage, faultsOfView } from './block-kit.ts';
import { acceptWebSocket, type ServerSocket } from './slack-socket.ts';

type Json = Record<string, unknown>;

export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  text: string;
  blocks: readonly Json[];
  readonly metadata?: Json;
  readonly thread?: string;
  /** Seen by this user only; answers by `response_url` and acks. */
  readonly onlyFor?: string;
  edits: number;
  deleted?: boolean;
}

export interface SlackUser {
  readonly id: string;
  readonly email?: string;
  readonly tz?: string;
}

export interface Delivered {
  readonly status: number;
  readonly body: unknown;
  /** From sending to the ack. */
  readonly ms: number;
}

export const workspace = { team: 'T0SHOP', bot: 'U0SIGNALBOX', botId: 'B0SIGNALBOX', app: 'A0SIGNALBOX' };
export const credentials = {
  botToken: 'xoxb-test-token',
  appToken: 'xapp-test-token',
  signingSecret: 'test-signing-secret',
};

/**
 * A Slack of the tests' own, after its public documentation: the Web API's methods that the app uses, real signatures,
 * Socket Mode, and users who type, click and fill in forms. It checks every message against Block Kit's limits.
 */
export interface SlackServer {
  /** For `SLACK_API_URL`. */
  readonly apiUrl: string;
  readonly messages: readonly SlackMessage[];
  /** Every call of the Web API that was answered, in order. */
  readonly calls: readonly { readonly method: string; readonly args: Json; readonly ok: boolean }[];
  /** What Slack would have refused; a test asserts that there is nothing. */
  readonly faults: string[];
  readonly users: Map<string, SlackUser>;
  readonly groups: Map<string, string[]>;
  readonly archived: Set<string>;
  /** Channels that the app is not in. */
  readonly foreign: Set<string>;
  readonly modals: Map<string, Json[]>;
  readonly homes: Map<string, Json>;
  readonly sockets: readonly ServerSocket[];
  /**
   * How calls go wrong: by method, or all (`*`). `away`: the connection is cut. `down`: 503. `lost`: done, but answered
   * with 500. `hang`: done, but never answered.
   */
  readonly trouble: Map<
    string,
    'away' | 'down' | 'lost' | 'hang' | { readonly retryAfter: number } | { readonly delayMs: number }
  >;
  /** Where events go over HTTP, to one after the other; without any they go by Socket Mode. */
  readonly eventsUrls: string[];
  /** Nobody listens any more: connections are refused. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  in(channel: string): readonly SlackMessage[];
  seenBy(user: string): readonly SlackMessage[];
  command(user: string, command: string, text: string, more?: Json): Promise<Delivered>;
  mention(user: string, channel: string, text: string, more?: Json): Promise<Delivered>;
  direct(user: string, text: string, more?: Json): Promise<Delivered>;
  /** Presses the button with this label (or one that begins with it). */
  click(user: string, message: SlackMessage, label: string, more?: Json): Promise<Delivered>;
  /** Presses a button of App Home. */
  clickHome(user: string, label: string): Promise<Delivered>;
  openHome(user: string): Promise<Delivered>;
  /** Chooses something in the topmost modal, which may tell the app at once; `typed`: what was filled in before. */
  choose(
    user: string,
    field: string,
    value: string,
    typed?: Readonly<Record<string, string>>,
  ): Promise<Delivered>;
  /** Fills in and sends the topmost modal; values by field name. */
  submit(user: string, values: Readonly<Record<string, string>>): Promise<Delivered>;
  /** A signed request as it stands; for refusals and retries. */
  send(body: string, contentType: string, headers?: Record<string, string>): Promise<Delivered>;
  /** Slack delivers the last event again; to another instance, where there are several. */
  redeliver(retry: number): Promise<Delivered>;
  close(): Promise<void>;
}

export const sign = (body: string, timestamp: number, secret = credentials.signingSecret): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

export const startSlackServer = async ({
  now = Date.now,
}: {
  /** Milliseconds since 1970: the time that requests are signed with. */
  readonly now?: () => number;
} = {}): Promise<SlackServer> => {
  const messages: SlackMessage[] = [];
  const calls: { method: string; args: Json; ok: boolean }[] = [];
  const faults: string[] = [];
  const users = new Map<string, SlackUser>();
  const groups = new Map<string, string[]>();
  const archived = new Set<string>();
  const foreign = new Set<string>();
  const modals = new Map<string, Json[]>();
  const homes = new Map<string, Json>();
  const sockets: ServerSocket[] = [];
  const trouble: SlackServer['trouble'] = new Map();
  const responseUrls = new Map<
    string,
    { user: string; channel: string; message?: SlackMessage; uses: number }
  >();
  const triggers = new Map<string, string>();
  const pending = new Map<string, (payload: unknown) => void>();
  let sequence = 0;
  let lastEvent: { type: Envelope; payload: Json } | undefined;
  const next = (): number => ++sequence;
  const timestamp = (): string => `1795600000.${String(next()).padStart(6, '0')}`;

  const methods: Readonly<Record<string, (args: Json) => Json>> = {
    'auth.test': () => ({
      team_id: workspace.team,
      user_id: workspace.bot,
      bot_id: workspace.botId,
      app_id: workspace.app,
      url: 'https://shop.slack.example/',
    }),
    'conversations.open': ({ users: user }) =>
      users.has(String(user)) ? { channel: { id: `D${user}` } } : fail('user_not_found'),
    'chat.postMessage': (args) => {
      const channel = mayPost(String(args['channel']));
      const message: SlackMessage = {
        channel,
        ts: timestamp(),
        ...checked(args),
        edits: 0,
        ...(isJson(args['metadata']) ? { metadata: args['metadata'] } : {}),
        ...(typeof args['thread_ts'] === 'string' ? { thread: args['thread_ts'] } : {}),
      };
      messages.push(message);
      return { channel, ts: message.ts, message };
    },
    'chat.postEphemeral': (args) => {
      const channel = mayPost(String(args['channel']));
      messages.push({ channel, ts: timestamp(), ...checked(args), edits: 0, onlyFor: String(args['user']) });
      return { message_ts: String(sequence) };
    },
    'chat.update': (args) => {
      const found = messages.find(
        ({ channel, ts, onlyFor, deleted }) =>
          channel === args['channel'] && ts === args['ts'] && onlyFor === undefined && deleted !== true,
      );
      if (found === undefined) return fail('message_not_found');
      mayPost(found.channel);
      Object.assign(found, checked(args), { edits: found.edits + 1 });
      return { channel: found.channel, ts: found.ts };
    },
    'conversations.history': ({ channel, include_all_metadata }) => ({
      messages: messages
        .filter(
          (m) => m.channel === channel && m.onlyFor === undefined && m.thread === undefined && !m.deleted,
        )
        .map(({ ts, text, metadata }) => ({
          ts,
          text,
          ...(include_all_metadata === 'true' ? { metadata } : {}),
        }))
        .reverse(),
    }),
    'conversations.replies': ({ channel, ts: root }) => ({
      messages: messages.filter((m) => m.channel === channel && (m.thread === root || m.ts === root)),
    }),
    'views.open': ({ trigger_id, view }) => {
      const user = triggers.get(String(trigger_id)) ?? fail('expired_trigger_id');
      triggers.delete(String(trigger_id));
      const opened = checkedView(view);
      modals.set(user, [opened]);
      return { view: opened };
    },
    'views.update': ({ view_id, view, hash }) => {
      for (const [user, stack] of modals) {
        const at = stack.findIndex(({ id }) => id === view_id);
        if (at === -1) continue;
        if (hash !== undefined && hash !== stack[at]?.['hash']) return fail('hash_conflict');
        const updated = { ...checkedView(view), id: view_id };
        modals.set(user, stack.with(at, updated));
        return { view: updated };
      }
      return fail('not_found');
    },
    'views.publish': ({ user_id, view, hash }) => {
      const before = homes.get(String(user_id));
      if (hash !== undefined && hash !== before?.['hash']) return fail('hash_conflict');
      const home = checkedView(view);
      homes.set(String(user_id), home);
      return { view: home };
    },
    'users.info': ({ user }) => {
      const found = users.get(String(user)) ?? fail('user_not_found');
      const { id, email, tz = 'UTC' } = found;
      return { user: { id, tz, team_id: workspace.team, is_email_confirmed: true, profile: { email } } };
    },
    'users.lookupByEmail': ({ email }) => {
      const found = [...users.values()].find((user) => user.email === email);
      return found === undefined
        ? fail('users_not_found')
        : { user: { id: found.id, tz: found.tz ?? 'UTC' } };
    },
    'usergroups.users.list': ({ usergroup }) => ({
      users: groups.get(String(usergroup)) ?? fail('no_such_subteam'),
    }),
  };

  const mayPost = (channel: string): string => {
    if (archived.has(channel)) return fail('is_archived');
    if (foreign.has(channel)) return fail('not_in_channel');
    return /^[UW]/.test(channel) ? `D${channel}` : channel;
  };
  const checked = (args: Json): { text: string; blocks: readonly Json[] } => {
    const found = faultsOfMessage(args);
    faults.push(...found);
    if (found.length > 0) fail('invalid_blocks');
    return { text: String(args['text']), blocks: listOf(args['blocks']) };
  };
  const checkedView = (view: unknown): Json => {
    const found = faultsOfView(view);
    faults.push(...found);
    if (found.length > 0) fail('invalid_arguments');
    return { ...(isJson(view) ? view : {}), id: `V${next()}`, hash: `h${sequence}` };
  };

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await read(req);
    const path = new URL(req.url ?? '/', 'http://slack.example').pathname;
    const answer = (status: number, value: unknown, headers: Record<string, string> = {}): void => {
      if (res.destroyed) return;
      res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    };
    if (path.startsWith('/response/')) return respond(path, JSON.parse(body), answer);
    const method = path.replace(/^\/api\//, '');
    const args = parse(body, req.headers['content-type'] ?? '');
    const how = trouble.get(method) ?? trouble.get('*');
    if (how === 'away') return void req.socket.destroy();
    if (how === 'down') return answer(503, {});
    if (typeof how === 'object' && 'retryAfter' in how)
      return answer(429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(how.retryAfter) });
    const token = req.headers.authorization ?? `Bearer ${String(args['token'])}`;
    const result = ((): Json => {
      if (method === 'apps.connections.open')
        return token === `Bearer ${credentials.appToken}`
          ? { ok: true, url: `ws://127.0.0.1:${port}/socket?ticket=${next()}` }
          : { ok: false, error: 'invalid_auth' };
      if (token !== `Bearer ${credentials.botToken}`) return { ok: false, error: 'invalid_auth' };
      try {
        return { ok: true, ...(methods[method] ?? (() => fail('unknown_method')))(args) };
      } catch (error) {
        if (!(error instanceof SlackFault)) throw error;
        return { ok: false, error: error.message };
      }
    })();
    calls.push({ method, args, ok: result['ok'] === true });
    if (how === 'hang') return;
    if (how === 'lost') return answer(500, {});
    if (typeof how === 'object') await new Promise((resolve) => setTimeout(resolve, how.delayMs));
    answer(200, result);
  };

  /** A `response_url` works five times. */
  const respond = (path: string, body: Json, answer: (status: number, value: unknown) => void): void => {
    const target = responseUrls.get(path);
    if (target === undefined || target.uses >= 5) {
      answer(404, { ok: false, error: 'used_url' });
      return;
    }
    target.uses += 1;
    if (body['delete_original'] === true && target.message) target.message.deleted = true;
    else if (body['replace_original'] === true && target.message)
      Object.assign(target.message, checked(body), { edits: target.message.edits + 1 });
    else show(body, target.user, target.channel);
    answer(200, { ok: true });
  };
  const show = (body: Json, user: string, channel: string): void => {
    const isPublic = body['response_type'] === 'in_channel';
    messages.push({
      channel,
      ts: timestamp(),
      ...checked(body),
      edits: 0,
      ...(isPublic ? {} : { onlyFor: user }),
    });
  };

  const http = createServer((req, res) => {
    serve(req, res).catch((error: unknown) => {
      if (error instanceof SlackFault) res.writeHead(400).end(error.message);
      else res.writeHead(500).end(String(error));
    });
  });
  http.on('upgrade', (req, stream) => {
    if (['away', 'down'].includes(String(trouble.get('*')))) return void stream.destroy();
    const socket = acceptWebSocket(req, stream);
    sockets.push(socket);
    socket.onClose(() => void sockets.splice(sockets.indexOf(socket), 1));
    socket.onMessage((message) => {
      const { envelope_id, payload } = message as Json;
      pending.get(String(envelope_id))?.(payload);
    });
    socket.send({
      type: 'hello',
      num_connections: sockets.length,
      connection_info: { app_id: workspace.app },
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;

  const send: SlackServer['send'] = async (body, contentType, headers = {}) => {
    const at = Math.floor(now() / 1_000);
    const started = performance.now();
    const response = await fetch(nextUrl(), {
      method: 'POST',
      headers: {
        'content-type': contentType,
        'x-slack-request-timestamp': String(at),
        'x-slack-signature': sign(body, at),
        ...headers,
      },
      body,
    });
    const text = await response.text();
    const ms = performance.now() - started;
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text, ms };
  };
  let turn = 0;
  const nextUrl = (): string => {
    const url = server.eventsUrls[turn++ % server.eventsUrls.length];
    if (url === undefined) throw new Error('no events URL');
    return url;
  };

  const deliver = async (type: Envelope, payload: Json, retry?: number): Promise<Delivered> => {
    const body =
      type === 'events_api'
        ? JSON.stringify(payload)
        : new URLSearchParams(
            type === 'interactive'
              ? { payload: JSON.stringify(payload) }
              : Object.entries(payload).map(([name, value]): [string, string] => [name, String(value)]),
          ).toString();
    const contentType = type === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded';
    lastEvent = { type, payload };
    if (server.eventsUrls.length > 0)
      return send(
        body,
        contentType,
        retry === undefined
          ? {}
          : { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' },
      );
    return overSocket({
      type,
      payload,
      accepts_response_payload: type !== 'events_api',
      ...(retry === undefined ? {} : { retry_attempt: retry, retry_reason: 'timeout' }),
    });
  };
  /** What is lost with a connection goes to another one. */
  const overSocket = async (message: Json): Promise<Delivered> => {
    const id = `E${next()}`;
    const started = performance.now();
    const acked = new Promise<{ readonly body: unknown }>((resolve) => {
      pending.set(id, (body) => resolve({ body }));
    });
    while (performance.now() - started < 10_000) {
      const socket = sockets[turn++ % Math.max(1, sockets.length)];
      const lost = new Promise<undefined>((resolve) => {
        setTimeout(() => resolve(undefined), socket === undefined ? 20 : 10_000).unref();
        socket?.onClose(() => resolve(undefined));
      });
      socket?.send({ ...message, envelope_id: id });
      const answered = await Promise.race([acked, lost]);
      if (answered !== undefined) return { ...answered, status: 200, ms: performance.now() - started };
    }
    throw new Error('no ack within 10 s');
  };

  /** What an ack does to what its user sees. */
  const seen = (delivered: Delivered, user: string, channel: string): Delivered => {
    if (isJson(delivered.body) && ('blocks' in delivered.body || 'text' in delivered.body))
      show(delivered.body, user, channel);
    return delivered;
  };
  const responseUrl = (user: string, channel: string, message?: SlackMessage): string => {
    const path = `/response/${next()}`;
    responseUrls.set(path, { user, channel, uses: 0, ...(message ? { message } : {}) });
    return `http://127.0.0.1:${port}${path}`;
  };
  const trigger = (user: string): string => {
    const id = `${next()}.trigger`;
    triggers.set(id, user);
    return id;
  };
  const event = (event: Json, more: Json): Promise<Delivered> =>
    deliver('events_api', {
      type: 'event_callback',
      team_id: workspace.team,
      api_app_id: workspace.app,
      event_id: `Ev${next()}`,
      event_time: 0,
      authorizations: [{ team_id: workspace.team, user_id: workspace.bot, is_bot: true }],
      event,
      ...more,
    });
  const buttonNamed = (blocks: readonly Json[], label: string): Json => {
    const buttons = blocks
      .flatMap((block) => [
        ...listOf(block['elements']),
        ...(isJson(block['accessory']) ? [block['accessory']] : []),
      ])
      .filter(({ type }) => type === 'button');
    const labelOf = (button: Json): string => String((button['text'] as Json)['text']);
    const found =
      buttons.find((button) => labelOf(button) === label) ??
      buttons.find((button) => labelOf(button).startsWith(label));
    if (found === undefined) throw new Error(`no button ${label} among ${buttons.map(labelOf).join(', ')}`);
    return found;
  };
  const interaction = (user: string, more: Json): Json => ({
    user: { id: user, team_id: workspace.team },
    team: { id: workspace.team, domain: 'shop' },
    api_app_id: workspace.app,
    token: 'verification',
    is_enterprise_install: false,
    enterprise: null,
    trigger_id: trigger(user),
    ...more,
  });

  const leave = async (): Promise<void> => {
    for (const socket of [...sockets]) socket.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };

  const server: SlackServer = {
    apiUrl: `http://127.0.0.1:${port}/api`,
    messages,
    calls,
    faults,
    users,
    groups,
    archived,
    foreign,
    modals,
    homes,
    sockets,
    trouble,
    eventsUrls: [],
    in: (channel) => messages.filter((m) => m.channel === channel && m.onlyFor === undefined && !m.deleted),
    seenBy: (user) =>
      messages.filter((m) => (m.onlyFor === user || m.channel === `D${user}`) && m.deleted !== true),
    command: async (user, command, text, more = {}) => {
      const channel = String(more['channel_id'] ?? 'C0DEV');
      return seen(
        await deliver('slash_commands', {
          token: 'verification',
          team_id: workspace.team,
          team_domain: 'shop',
          channel_id: channel,
          channel_name: 'dev',
          user_id: user,
          user_name: user.toLowerCase(),
          command,
          text,
          api_app_id: workspace.app,
          is_enterprise_install: 'false',
          response_url: responseUrl(user, channel),
          trigger_id: trigger(user),
          ...more,
        }),
        user,
        channel,
      );
    },
    mention: (user, channel, text, more = {}) =>
      event(
        {
          type: 'app_mention',
          user,
          channel,
          text: `<@${workspace.bot}> ${text}`,
          ts: timestamp(),
          team: workspace.team,
        },
        more,
      ),
    direct: (user, text, more = {}) =>
      event({ type: 'message', channel_type: 'im', user, channel: `D${user}`, text, ts: timestamp() }, more),
    click: async (user, message, label, more = {}) =>
      deliver(
        'interactive',
        interaction(user, {
          type: 'block_actions',
          actions: [{ ...buttonNamed(message.blocks, label), action_ts: timestamp() }],
          container: {
            type: 'message',
            message_ts: message.ts,
            channel_id: message.channel,
            is_ephemeral: message.onlyFor !== undefined,
          },
          channel: { id: message.channel, name: 'releases' },
          ...(message.onlyFor === undefined
            ? { message: { ts: message.ts, text: message.text, blocks: message.blocks } }
            : {}),
          response_url: responseUrl(user, message.channel, message),
          ...more,
        }),
      ),
    clickHome: (user, label) => {
      const view = homes.get(user) ?? {};
      return deliver(
        'interactive',
        interaction(user, {
          type: 'block_actions',
          actions: [{ ...buttonNamed(listOf(view['blocks']), label), action_ts: timestamp() }],
          container: { type: 'view', view_id: view['id'] },
          view,
        }),
      );
    },
    openHome: (user) =>
      event({ type: 'app_home_opened', user, channel: `D${user}`, tab: 'home', event_ts: timestamp() }, {}),
    choose: (user, field, value, typed = {}) => {
      const view = modals.get(user)?.at(-1);
      const block = inputsOf(view).find(({ element }) => isJson(element) && element['action_id'] === field);
      if (view === undefined || block?.['dispatch_action'] !== true)
        throw new Error(`choosing ${field} tells nobody`);
      return deliver(
        'interactive',
        interaction(user, {
          type: 'block_actions',
          actions: [
            {
              type: 'static_select',
              action_id: field,
              block_id: block['block_id'],
              selected_option: { value },
              action_ts: timestamp(),
            },
          ],
          container: { type: 'view', view_id: view['id'] },
          view: { ...view, state: { values: filledIn(view, { ...typed, [field]: value }) } },
        }),
      );
    },
    submit: async (user, values) => {
      const stack = modals.get(user) ?? [];
      const view = stack.at(-1);
      if (view === undefined) throw new Error(`${user} has no modal open`);
      const filled = filledIn(view, values);
      const delivered = await deliver(
        'interactive',
        interaction(user, { type: 'view_submission', view: { ...view, state: { values: filled } } }),
      );
      const { response_action: action, view: updated } = isJson(delivered.body) ? delivered.body : {};
      if (action === 'update')
        modals.set(user, [...stack.slice(0, -1), { ...checkedView(updated), id: view['id'] }]);
      else if (action !== 'errors' && delivered.status === 200)
        modals.set(user, action === 'clear' ? [] : stack.slice(0, -1));
      return delivered;
    },
    send,
    redeliver: async (retry) => {
      if (lastEvent === undefined) throw new Error('nothing was delivered yet');
      return deliver(lastEvent.type, lastEvent.payload, retry);
    },
    leave,
    comeBack: () => new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve)),
    close: () => (http.listening ? leave() : Promise.resolve()),
  };
  return server;
};

const inputsOf = (view: Json | undefined): readonly Json[] =>
  listOf(view?.['blocks']).filter(({ type }) => type === 'input');

/** More than a hundred stand in groups. */
const optionsOf = (select: Json): readonly Json[] => [
  ...listOf(select['options']),
  ...listOf(select['option_groups']).flatMap((group) => listOf(group['options'])),
];

/** The state of a modal's inputs, as it is sent; what is not named is as the modal had it. */
const filledIn = (view: Json, values: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    inputsOf(view).map((block) => {
      const element = block['element'] as Json;
      const name = String(element['action_id']);
      const initial = isJson(element['initial_option'])
        ? String(element['initial_option']['value'])
        : (element['initial_value'] as string | undefined);
      const value = values[name] ?? initial ?? null;
      if (element['type'] === 'static_select' && value !== null)
        if (!optionsOf(element).some((option) => option['value'] === value))
          throw new Error(`${name} offers no ${value}`);
      const state =
        element['type'] === 'static_select'
          ? { type: 'static_select', selected_option: value === null ? null : { value } }
          : { type: 'plain_text_input', value };
      return [block['block_id'], { [name]: state }];
    }),
  );

type Envelope = 'events_api' | 'slash_commands' | 'interactive';

class SlackFault extends Error {}
const fail = (code: string): never => {
  throw new SlackFault(code);
};
const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

const read = async (req: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

/** Forms carry objects as JSON. */
const parse = (body: string, contentType: string): Json => {
  if (contentType.includes('json')) return JSON.parse(body);
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => [
      name,
      /^(blocks|view|metadata)$/.test(name) ? JSON.parse(value) : value,
    ]),
  );
};
