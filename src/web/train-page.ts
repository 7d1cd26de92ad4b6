import { createHmac } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { changeCard } from '../cards/change-card.ts';
import { trainCard } from '../cards/train-card.ts';
import { describeTrain } from '../operations/describe.ts';
import { Refused } from '../operations/outcome.ts';
import { refusal, send, starting } from './answers.ts';
import { pageHtml } from './html.ts';
import type { Ready, Revealable } from './ready.ts';
import { sameSignature } from './signature.ts';

/** A week has about 150 changes; a browser takes more, a reader doesn't. */
const mostChanges = 500;

export interface PageSurroundings {
  readonly ready: () => Ready | undefined;
  /** Absent: no link opens a page. */
  readonly secret: Revealable | undefined;
  /** Whether this machine alone reaches the server; asked at each request. */
  readonly isPrivate: () => boolean;
}

const pathOf = (train: string): string => `/trains/${encodeURIComponent(train)}`;

/** Begins unlike any signed hook, so that no signature of one serves as the other. */
const keyOf = (train: string, secret: Revealable): string =>
  createHmac('sha256', secret.reveal())
    .update(`GET ${pathOf(train)}`)
    .digest('hex');

/** Opens the train's page for whoever has it, until the secret is changed. `base` has no slash at the end. */
export const trainLink = (train: string, base: string, secret: Revealable): string =>
  `${base}${pathOf(train)}?key=${keyOf(train, secret)}`;

/** The whole train on a page, for reading. */
export const serveTrainPage =
  ({ ready, secret, isPrivate }: PageSurroundings): RequestHandler<{ id: string }> =>
  async (req, res) => {
    const context = ready()?.context;
    if (context === undefined) return send(res, starting);
    const { id } = req.params;
    const hasKey =
      secret !== undefined && sameSignature(`sha256=${req.query['key']}`, `sha256=${keyOf(id, secret)}`);
    // A page of the web can have a name that leads here (DNS rebinding); the browser then says that name.
    if (!hasKey && !(isPrivate() && isLoopback(req.hostname) && !isForwarded(req)))
      return send(res, refusal(403, 'no-key', 'This page opens with its signed link only.'));
    try {
      const view = await describeTrain(context, id, context.clock.now());
      const cards = [trainCard(view), ...view.changes.slice(0, mostChanges).map(changeCard)];
      const more = view.changes.length - mostChanges;
      res
        .set(
          'Content-Security-Policy',
          "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        )
        .type('html')
        .send(pageHtml({ title: view.train.id, cards, zone: view.policy.timezone, asOf: view.now, more }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      send(res, refusal(404, error.refusal.code, 'There is no such train.'));
    }
  };

/** Behind a proxy the whole world may come from this machine. */
const isForwarded = (req: Request): boolean =>
  ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((header) => header in req.headers);

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);
