import { createHmac } from 'node:crypto';
import type { Request } from 'express';
import type { Revealable } from './ready.ts';
import { sameSignature } from './signature.ts';

/** Who may open a page: whoever has its signed link, and this machine while nobody else reaches the server. */
export interface PageAccess {
  /** Absent: no link opens a page. */
  readonly secret: Revealable | undefined;
  /** Whether this machine alone reaches the server; asked at each request. */
  readonly isPrivate: () => boolean;
}

/** Begins unlike any signed hook, so that no signature of one serves as the other. */
const keyOf = (path: string, secret: Revealable): string =>
  createHmac('sha256', secret.reveal()).update(`GET ${path}`).digest('hex');

/** Opens the page for whoever has it, until the secret is changed. `base` has no slash at the end. */
export const pageLink = (path: string, base: string, secret: Revealable): string =>
  `${base}${path}?key=${keyOf(path, secret)}`;

/** `path` as the link has it. */
export const mayOpen = (
  req: Request<{ id: string }>,
  path: string,
  { secret, isPrivate }: PageAccess,
): boolean => {
  const hasKey =
    secret !== undefined && sameSignature(`sha256=${req.query['key']}`, `sha256=${keyOf(path, secret)}`);
  // A page of the web can have a name that leads here (DNS rebinding); the browser then says that name.
  return hasKey || (isPrivate() && isLoopback(req.hostname) && !isForwarded(req));
};

/** Behind a proxy the whole world may come from this machine. */
const isForwarded = (req: Request<{ id: string }>): boolean =>
  ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((header) => header in req.headers);

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);

/** Nothing but the page itself: no scripts, no frames, nothing from elsewhere. */
export const pageHeaders = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};
