import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** `drop`: the connection is closed without an answer. `hang`: it is never answered. */
export type Answered =
  | 'drop'
  | 'hang'
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    };

export interface ProtocolServer {
  readonly url: string;
  readonly received: readonly Received[];
}

/** A real HTTP server that answers as the test's model of a system says; ends with the test. */
export const protocolServer = async (
  answer: (request: Received) => Answered | Promise<Answered>,
): Promise<ProtocolServer> => {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://here');
    const request = {
      method: req.method ?? '',
      path: pathname,
      query: searchParams,
      headers: req.headers,
      body: await text(req),
    };
    received.push(request);
    const reply = await answer(request);
    if (reply === 'hang') return;
    if (reply === 'drop') return void req.socket.destroy();
    const { status, body, headers = {} } = reply;
    const isText = typeof body === 'string';
    res.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
    res.end(body === undefined ? '' : isText ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a TCP port: the address is never a path.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received };
};
