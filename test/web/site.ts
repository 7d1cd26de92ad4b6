import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { hooks } from '../../handlers/hooks/index.ts';
import type { Log } from '../../src/log.ts';
import type { Ready } from '../../src/web/ready.ts';
import { createWeb, type ListeningWeb, type Web, type WebOptions } from '../../src/web/server.ts';
import { signatureOf } from '../../src/web/signature.ts';

export const secret = 'a secret of the test only';

export interface Logged {
  readonly level: string;
  readonly facts: object;
  readonly message: string;
}

export interface Site extends ListeningWeb {
  readonly logged: readonly Logged[];
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Signed, unless the headers say otherwise; a string goes as it is. Default path: `/hooks/evidence`. */
  post(
    body: unknown,
    headers?: Readonly<Record<string, string | undefined>>,
    path?: string,
  ): Promise<Response>;
  /** What `post` would send. */
  headers(body: Uint8Array): Record<string, string>;
}

/** No jobs, never away. */
export const stillQueue: Ready['queue'] = { ping: async () => {}, counts: async () => new Map() };

export const bytesOf = (body: unknown): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

export interface SiteOptions extends Partial<WebOptions> {
  readonly host?: string;
  /** Adds what chat platforms would. */
  readonly prepare?: (web: Web) => void;
}

/** A server on this machine. The time that signatures have is the world's. */
export const openSite = async (ready: Ready | undefined, options: SiteOptions = {}): Promise<Site> => {
  const { host = '127.0.0.1', prepare, ...over } = options;
  const logged: Logged[] = [];
  const note = (level: string) => (facts: object, message: string) =>
    void logged.push({ level, facts, message });
  const log: Log = { info: note('info'), warn: note('warn'), error: note('error') };
  const web = createWeb({
    log,
    ready: () => ready,
    hooks,
    ...('hookSecret' in over ? {} : { hookSecret: { reveal: () => secret } }),
    ...over,
  });
  prepare?.(web);
  const listening = await web.listen(host, 0);
  onTestFinished(() => listening.close());
  const url = listening.url.replace('0.0.0.0', '127.0.0.1');
  const headers: Site['headers'] = (body) => {
    const timestamp = String(Math.floor((ready?.context.clock.now().getTime() ?? 0) / 1_000));
    return {
      'content-type': 'application/json',
      'x-signalbox-timestamp': timestamp,
      'x-signalbox-signature': signatureOf(secret, timestamp, body),
    };
  };
  return {
    ...listening,
    url,
    logged,
    headers,
    get: (path, more = {}) => fetch(`${url}${path}`, { headers: more, redirect: 'manual' }),
    post: (body, more = {}, path = '/hooks/evidence') => {
      const bytes = bytesOf(body);
      const all = Object.entries({ ...headers(bytes), ...more });
      return fetch(`${url}${path}`, {
        method: 'POST',
        headers: all.flatMap(([name, value]): [string, string][] =>
          value === undefined ? [] : [[name, value]],
        ),
        body: bytes,
      });
    },
  };
};

/** A request whose headers have reached the server (it says 100), and whose body is the caller's to write. */
export const beginPost = async (
  site: Site,
  headers: Readonly<Record<string, string>>,
): Promise<{
  readonly socket: Socket /** Status of the answer, when the server has closed. */;
  readonly status: Promise<number>;
}> => {
  const socket = connect(Number(new URL(site.url).port), '127.0.0.1');
  const all = Object.entries({ host: 'signalbox', connection: 'close', expect: '100-continue', ...headers });
  const lines = ['POST /hooks/evidence HTTP/1.1', ...all.map(([name, value]) => `${name}: ${value}`), '', ''];
  let text = '';
  const status = new Promise<number>((resolve) => {
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 ([2-5]\d\d)/m.exec(text)?.[1])));
  });
  const begun = new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      text += data;
      if (text.includes('100 Continue')) resolve();
    });
  });
  socket.write(lines.join('\r\n'));
  await begun;
  return { socket, status };
};
