import type { RequestHandler, Response } from 'express';
import { pageCard } from '../cards/page-card.ts';
import { refusalCard } from '../cards/refusal-card.ts';
import type { Card } from '../chat/card.ts';
import { type LinkDeed, type LinkedAnswer, readAnswerLink } from '../operations/answer-link.ts';
import { acknowledgePage, resolvePage } from '../operations/answer-page.ts';
import type { Context } from '../operations/context.ts';
import { describePage } from '../operations/find-pages.ts';
import { Refused } from '../operations/outcome.ts';
import { type Answer, refusal, send, starting } from './answers.ts';
import { pageHtml } from './html.ts';
import type { Ready, Revealable } from './ready.ts';

export const answerLinkPath = '/answers/:deed/:page/:person/:until';

export interface LinkSurroundings {
  readonly ready: () => Ready | undefined;
  /** Absent: no link is good. */
  readonly secret: Revealable | undefined;
}

type Params = Record<'deed' | 'page' | 'person' | 'until', string>;

const labels: Readonly<Record<LinkDeed, string>> = { ack: 'Take it', resolve: 'It is over' };

/**
 * A signed link of a page. To look at it changes nothing, so that what reads mails ahead of people answers no page; its
 * button acts, in the name of the one person it was sent to, on the one page that it names, as the policy in force has it.
 */
export const serveAnswerLink = (
  method: 'GET' | 'POST',
  { ready, secret }: LinkSurroundings,
): RequestHandler<Params> => {
  const act = async (
    context: Context,
    { deed, page, person }: LinkedAnswer,
    at: Date,
  ): Promise<Card | undefined> => {
    const cause = { actor: person, at };
    try {
      if (deed === 'ack') await acknowledgePage(context, cause, { page: `PAGE-${page}` });
      else await resolvePage(context, cause, { page: `PAGE-${page}` });
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return refusalCard(error.refusal, context.policy());
      throw error;
    }
  };
  return async (req, res) => {
    const context = ready()?.context;
    if (context === undefined) return send(res, starting);
    const at = context.clock.now();
    const answer = secret && readAnswerLink(secret.reveal(), req.params, String(req.query['key']));
    if (answer === undefined) return send(res, unsigned);
    if (answer.until <= at) return send(res, expired);
    // L7: whoever has left the company answers nothing.
    if (!context.policy().people.has(answer.person)) return send(res, unsigned);
    const refused = method === 'POST' ? await act(context, answer, at) : undefined;
    const view = await describePage(context, `PAGE-${answer.page}`, at);
    const isOpen = method === 'GET' && view.page.state !== 'resolved';
    show(res, refused === undefined ? 200 : 409, {
      title: `PAGE-${answer.page}`,
      cards: [...(refused === undefined ? [] : [refused]), pageCard(view)],
      zone: view.policy.timezone,
      asOf: at,
      more: 0,
      ...(isOpen ? { button: labels[answer.deed] } : {}),
    });
  };
};

const show = (res: Response, status: number, page: Parameters<typeof pageHtml>[0]): void => {
  res
    .status(status)
    .set(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    )
    .set('X-Robots-Tag', 'noindex')
    .type('html')
    .send(pageHtml(page));
};

const unsigned: Answer = refusal(403, 'no-key', 'This address answers no page.');
const expired: Answer = refusal(410, 'link-expired', 'This link has expired: answer in chat.');
