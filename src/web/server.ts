import { createServer, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Log } from '../log.ts';
import { checkDatabase } from '../operations/check-health.ts';
import { answerLinkPath, serveAnswerLink } from './answer-link.ts';
import { refusal, send, starting, statusOf, unexpected } from './answers.ts';
import { serveDeploymentPage } from './deployment-page.ts';
import { type Hook, serveHook } from './hooks.ts';
import { createMetrics } from './metrics.ts';
import { isLoopback } from './page-access.ts';
import type { Ready, Revealable } from './ready.ts';
import { serveTrainPage } from './train-page.ts';

export interface WebLimits {
  /** Milliseconds for a request's headers to arrive. */
  readonly headersMs: number;
  /** Milliseconds for a whole request to arrive; a cutoff waits no longer for one that began before it. */
  readonly requestMs: number;
  /** Of a hook's body. */
  readonly bodyBytes: number;
  /** Milliseconds that requests in flight have left when the server closes. */
  readonly closeMs: number;
}

const usual: WebLimits = { headersMs: 5_000, requestMs: 15_000, bodyBytes: 256 * 1_024, closeMs: 10_000 };

export interface WebOptions {
  readonly log: Log;
  /** Undefined until database and queue are connected: the server is up before them and says so. */
  readonly ready: () => Ready | undefined;
  readonly hooks: readonly Hook[];
  /** Signs hooks and links to pages; absent: hooks are refused, pages are for this machine only. */
  readonly hookSecret?: Revealable | undefined;
  /** Of Alertmanager and of senders of PagerDuty's format; absent: their hooks refuse everything. */
  readonly alertKey?: Revealable | undefined;
  /** Of senders of CDEvents that cannot sign; absent: they have to. */
  readonly eventKey?: Revealable | undefined;
  /** Signs GitHub's webhooks; absent: they are refused. */
  readonly githubSecret?: Revealable | undefined;
  /** With it (and a public URL) Twilio may tell of calls and messages. */
  readonly twilioToken?: Revealable | undefined;
  /** As the world reaches the server; present: no page without its signed link, whatever it is bound to. */
  readonly publicUrl?: string | undefined;
  readonly limits?: Partial<WebLimits>;
}

export interface ListeningWeb {
  readonly url: string;
  /** Takes no more requests, waits for those in flight until the deadline, then cuts them off. */
  close(): Promise<void>;
}

export interface Web {
  /** Chat platforms add their routes before `listen`. Nothing on it parses bodies: each route reads its own. */
  readonly app: express.Application;
  /** Rejects when the address is taken or not ours. Port 0 takes any free one. */
  listen(host: string, port: number): Promise<ListeningWeb>;
}

export const createWeb = (options: WebOptions): Web => {
  const { log, ready, hooks, hookSecret: secret, publicUrl, alertKey, twilioToken } = options;
  const { eventKey, githubSecret } = options;
  const twilio =
    twilioToken === undefined || publicUrl === undefined ? undefined : { authToken: twilioToken, publicUrl };
  const limits = { ...usual, ...options.limits };
  const metrics = createMetrics(log);
  let boundTo = '';
  let closing = false;

  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(metrics.observe, (_req, res, next) => {
    res.set({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    if (closing) res.set('Connection', 'close');
    next();
  });

  only(app, 'GET', '/livez', (_req, res) => void res.json({ ok: true }));
  only(app, 'GET', '/readyz', async (_req, res) => {
    const now = closing ? undefined : ready();
    if (now === undefined)
      return void res.status(503).json({ ok: false, reason: closing ? 'closing' : 'starting' });
    const [database, queue] = await Promise.all([
      passes(checkDatabase(now.context)),
      passes(now.queue.ping()),
    ]);
    const ok = database && queue;
    const say = (up: boolean): string => (up ? 'ok' : 'down');
    res.status(ok ? 200 : 503).json({ ok, database: say(database), queue: say(queue) });
  });
  app.use((_req, res, next) => (ready() === undefined ? send(res, starting) : next()));
  only(app, 'GET', '/metrics', async (_req, res) => {
    const now = ready();
    if (now === undefined) return send(res, starting);
    const { contentType, text } = await metrics.scrape(now);
    res.set('Content-Type', contentType).send(text);
  });
  for (const hook of hooks) {
    const { bodyBytes } = limits;
    only(
      app,
      'POST',
      hook.path,
      serveHook(hook, {
        log,
        ready,
        secret,
        bodyBytes,
        alertKey,
        twilio,
        eventKey,
        githubSecret,
        count: metrics.countHook,
      }),
    );
  }
  const links = { ready, secret };
  app
    .route(answerLinkPath)
    .get(serveAnswerLink('GET', links))
    .post(serveAnswerLink('POST', links))
    .all(wrongMethod('GET, HEAD, POST'));
  const isPrivate = (): boolean => isLoopback(boundTo) && publicUrl === undefined;
  only(app, 'GET', '/trains/:id', serveTrainPage({ ready, secret, isPrivate }));
  only(app, 'GET', '/deployments/:id', serveDeploymentPage({ ready, secret, isPrivate }));

  return {
    app,
    listen: async (host, port) => {
      boundTo = host;
      app.use((_req, res) => send(res, refusal(404, 'not-found', 'There is nothing here.')));
      app.use(failed(log, ready));
      const server = createServer(
        {
          headersTimeout: limits.headersMs,
          requestTimeout: limits.requestMs,
          connectionsCheckingInterval: 500,
        },
        app,
      );
      const url = await listening(server, host, port);
      return {
        url,
        close: async () => {
          closing = true;
          await closed(server, limits.closeMs);
        },
      };
    },
  };
};

/** The one method that a path has; HEAD comes with GET. */
const only = <P>(
  app: express.Application,
  method: 'GET' | 'POST',
  path: string,
  handler: RequestHandler<P>,
): void => {
  if (method === 'GET') app.get(path, handler);
  else app.post(path, handler);
  app.all(path, wrongMethod(method === 'GET' ? 'GET, HEAD' : method));
};

const wrongMethod =
  (allow: string): RequestHandler<unknown> =>
  (_req, res) =>
    send(res, refusal(405, 'wrong-method', `This takes ${allow} only.`, {}, { Allow: allow }));

/** What a route could not deal with itself, a body parser's no among it. */
const failed =
  (log: Log, ready: () => Ready | undefined): ErrorRequestHandler =>
  async (error, req, res, _next) => {
    const status = statusOf(error);
    if (status !== undefined) return send(res, refusal(status, 'malformed', 'The request is malformed.'));
    // The path only: a query may hold a key.
    send(res, await unexpected(error, ready()?.context, log, { method: req.method, path: req.path }));
  };

const passes = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => true,
    () => false,
  );

const listening = (server: Server, host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
      resolve(`http://${name}:${typeof address === 'object' && address !== null ? address.port : port}`);
    });
  });

/** A connection that has just been answered is idle and would be kept alive: it is looked for until all are gone. */
const closed = (server: Server, limitMs: number): Promise<void> =>
  new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const deadline = setTimeout(() => server.closeAllConnections(), limitMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });
