import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const company = {
  app: '11111111-1111-1111-1111-111111111111',
  tenant: '22222222-2222-2222-2222-222222222222',
  channel: '19:releases@thread.tacv2',
  issuer: 'https://api.botframework.com',
};
export const bot = { id: `28:${company.app}`, name: 'Signalbox' };

/** Anybody's Entra object id, by name. */
export const aad = (name: string): string =>
  `00000000-0000-0000-0000-${Buffer.from(name).toString('hex').padStart(12, '0').slice(-12)}`;

type Json = Readonly<Record<string, unknown>>;

/** A message of the bot, as people see it now. */
export interface Posted {
  readonly conversation: string;
  readonly id: string;
  /** Rises with each edit; 0 when there was none. */
  edits: number;
  activity: Json;
}

export interface Failure {
  readonly status: number;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The message is posted all the same, and the connection cut: the answer is lost. */
  readonly lost?: boolean;
  /** Of which call, by its method, path and body; default: of the next one, whatever it is. */
  readonly on?: RegExp;
}

export interface Told {
  readonly status: number;
  readonly body: Json | undefined;
}

export interface TeamsServer {
  /** What stands in for the hosts of the public cloud, by host. */
  readonly network: Readonly<Record<string, string>>;
  /** Where the bot is to answer. */
  readonly serviceUrl: string;
  readonly messages: readonly Posted[];
  /** `METHOD path` of all calls, in order. */
  readonly calls: readonly string[];
  /** Authorization headers of calls of the connector. */
  readonly bearers: ReadonlySet<string>;
  /** For the bot's SDK: this server as its cloud. */
  readonly cloud: Readonly<Record<string, string>>;
  /** What the connector answers to the next calls, in order. */
  readonly failures: Failure[];
  /** E-mail addresses of the roster, by Entra object id. */
  readonly emails: Map<string, string>;
  /** How many access tokens were asked for. */
  tokens(): number;
  /** A signed token of Teams. */
  token(claims?: Json, options?: { readonly forged?: boolean }): string;
  accessToken(): Promise<string>;
  close(): Promise<void>;
}

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;

const encoded = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Teams' connector, its token endpoint and its keys, by the Bot Framework protocol. */
export const startTeamsServer = async ({
  now = Date.now,
  ...over
}: {
  /** Milliseconds since 1970: the time that tokens are signed with. */
  readonly now?: () => number;
  /** Where people's messages say that the bot is to answer. */
  readonly serviceUrl?: string;
} = {}): Promise<TeamsServer> => {
  // The SDK keeps keys by their id for its process's life.
  const kid = randomUUID();
  const messages: Posted[] = [];
  const calls: string[] = [];
  const bearers = new Set<string>();
  const failures: Failure[] = [];
  const emails = new Map<string, string>();
  let last = 1_700_000_000_000;
  let tokens = 0;
  let url = '';

  const post = (conversation: string, activity: Json): string => {
    last += 1;
    const id = String(last);
    messages.push({ conversation, id, edits: 0, activity });
    return id;
  };

  const connector = (
    method: string,
    path: string,
    body: Json,
  ): { readonly status: number; readonly body?: Json } => {
    const [conversation, verb, id] = path
      .split('/')
      .slice(3)
      .map((part) => decodeURIComponent(part));
    if (method === 'POST' && conversation === undefined) return create(body);
    if (conversation === undefined) return { status: 404 };
    if (verb === 'members' && method === 'GET' && id !== undefined) {
      const person = id.replace(/^29:/, '');
      const email = emails.get(person);
      return {
        status: 200,
        body: { id: `29:${person}`, aadObjectId: person, ...(email === undefined ? {} : { email }) },
      };
    }
    if (verb === 'activities' && method === 'POST')
      return { status: 201, body: { id: post(conversation, body) } };
    if (verb === 'activities' && method === 'DELETE') {
      const found = messages.findIndex((one) => one.conversation === conversation && one.id === id);
      if (found === -1) return { status: 404, body: { error: { code: 'ActivityNotFoundInConversation' } } };
      messages.splice(found, 1);
      return { status: 200 };
    }
    if (verb === 'activities' && method === 'PUT') {
      const found = messages.find((one) => one.conversation === conversation && one.id === id);
      if (found === undefined)
        return { status: 404, body: { error: { code: 'ActivityNotFoundInConversation' } } };
      found.activity = body;
      found.edits += 1;
      return { status: 200, body: { id } };
    }
    return { status: 404 };
  };

  const create = (body: Json): { readonly status: number; readonly body: Json } => {
    const { isGroup, activity, channelData, members } = body as {
      isGroup?: boolean;
      activity?: Json;
      channelData?: { channel?: { id?: string } };
      members?: readonly { id: string }[];
    };
    if (isGroup !== true) return { status: 201, body: { id: `a:${members?.[0]?.id}` } };
    const root = `${channelData?.channel?.id};messageid=${last + 1}`;
    const id = post(root, activity ?? {});
    return { status: 201, body: { id: root, activityId: id } };
  };

  const server: Server = createServer(async (req, res) => {
    const path = new URL(req.url ?? '/', url).pathname;
    const text = await textOf(req);
    const answer = (status: number, body: Json = {}, headers: Readonly<Record<string, string>> = {}): void =>
      void res
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    if (path === '/openid' || path === '/botframework/v1/.well-known/openidconfiguration')
      return answer(200, { jwks_uri: `${url}/keys`, issuer: company.issuer });
    if (path === '/keys')
      return answer(200, {
        keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', endorsements: ['msteams'] }],
      });
    if (path === '/token' || /^\/login\/[^/]+\/oauth2\/v2.0\/token$/.test(path)) {
      tokens += 1;
      return answer(200, { access_token: `access-${tokens}`, token_type: 'Bearer', expires_in: 3_600 });
    }
    calls.push(`${req.method} ${decodeURIComponent(path)}`);
    bearers.add(req.headers.authorization ?? '');
    const body: Json = text === '' ? {} : JSON.parse(text);
    const called = `${calls.at(-1)} ${text}`;
    const nth = failures.findIndex(({ on }) => on === undefined || on.test(called));
    const [failure] = nth === -1 ? [] : failures.splice(nth, 1);
    if (failure !== undefined) {
      if (failure.lost !== true)
        return answer(failure.status, { error: { code: failure.code ?? 'Unknown' } }, failure.headers);
      connector(req.method ?? '', path.replace(/^\/connector(\/teams)?/, ''), body);
      return void req.socket.destroy();
    }
    const { status, body: said } = connector(
      req.method ?? '',
      path.replace(/^\/connector(\/teams)?/, ''),
      body,
    );
    answer(status, said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { serviceUrl = `${url}/connector/` } = over;

  return {
    serviceUrl,
    messages,
    calls,
    bearers,
    failures,
    emails,
    cloud: {
      ToChannelFromBotLoginUrl: `${url}/login`,
      ToChannelFromBotOAuthScope: 'https://api.botframework.com/.default',
      ToBotFromChannelTokenIssuer: company.issuer,
      OAuthUrl: url,
      ToBotFromChannelOpenIdMetadataUrl: `${url}/openid`,
      ToBotFromEmulatorOpenIdMetadataUrl: `${url}/openid`,
    },
    network: {
      'login.botframework.com': `${url}/botframework`,
      'login.microsoftonline.com': `${url}/login`,
      'smba.trafficmanager.net': `${url}/connector`,
    },
    tokens: () => tokens,
    token: (claims = {}, { forged = false } = {}) => {
      const seconds = Math.floor(now() / 1_000);
      const head = encoded({ alg: 'RS256', typ: 'JWT', kid });
      const payload = encoded({
        iss: company.issuer,
        aud: company.app,
        serviceurl: serviceUrl,
        nbf: seconds - 60,
        exp: seconds + 3_600,
        ...claims,
      });
      const key = forged ? stranger : privateKey;
      return `${head}.${payload}.${createSign('RSA-SHA256').update(`${head}.${payload}`).sign(key, 'base64url')}`;
    },
    accessToken: async () => {
      const { access_token } = (await (await fetch(`${url}/token`)).json()) as { access_token: string };
      return access_token;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const textOf = async (req: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  return text;
};
