import type { RequestHandler } from 'express';
import { changeCard } from '../cards/change-card.ts';
import { trainCard } from '../cards/train-card.ts';
import { describeTrain } from '../operations/describe.ts';
import { Refused } from '../operations/outcome.ts';
import { refusal, send, starting } from './answers.ts';
import { pageHtml } from './html.ts';
import { mayOpen, type PageAccess, pageHeaders, pageLink } from './page-access.ts';
import type { Ready, Revealable } from './ready.ts';

/** A week has about 150 changes; a browser takes more, a reader doesn't. */
const mostChanges = 500;

export interface PageSurroundings extends PageAccess {
  readonly ready: () => Ready | undefined;
}

const pathOf = (train: string): string => `/trains/${encodeURIComponent(train)}`;

/** Opens the train's page for whoever has it, until the secret is changed. `base` has no slash at the end. */
export const trainLink = (train: string, base: string, secret: Revealable): string =>
  pageLink(pathOf(train), base, secret);

/** The whole train on a page, for reading. */
export const serveTrainPage =
  ({ ready, ...access }: PageSurroundings): RequestHandler<{ id: string }> =>
  async (req, res) => {
    const context = ready()?.context;
    if (context === undefined) return send(res, starting);
    const { id } = req.params;
    if (!mayOpen(req, pathOf(id), access))
      return send(res, refusal(403, 'no-key', 'This page opens with its signed link only.'));
    try {
      const view = await describeTrain(context, id, context.clock.now());
      const cards = [trainCard(view), ...view.changes.slice(0, mostChanges).map(changeCard)];
      const more = view.changes.length - mostChanges;
      res
        .set(pageHeaders)
        .type('html')
        .send(pageHtml({ title: view.train.id, cards, zone: view.policy.timezone, asOf: view.now, more }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      send(res, refusal(404, error.refusal.code, 'There is no such train.'));
    }
  };
