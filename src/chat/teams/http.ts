import type { IncomingMessage, ServerResponse } from 'node:http';

/** Teams' messages are far smaller; what is larger is not read to its end. */
const mostBytes = 1_048_576;

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: number };

/**
 * The request's JSON. Only what says that it is JSON: a page of the web can send a browser's POST elsewhere without
 * asking, but not with that type.
 */
export const readJson = async (req: IncomingMessage): Promise<Body> => {
  if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? ''))
    return { ok: false, status: 415 };
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > mostBytes) return { ok: false, status: 413 };
      chunks.push(bytes);
    }
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { ok: false, status: 400 };
  }
};

export const end = (res: ServerResponse, status: number, body?: object): void => {
  if (res.headersSent || res.destroyed) return;
  res.statusCode = status;
  if (body === undefined) return void res.end();
  res.setHeader('content-type', 'application/json; charset=utf-8');
  res.end(JSON.stringify(body));
};
