import { pageCard } from '../src/cards/page-card.ts';
import { type AnswerLinks, pageEvent, pagerDutyEvent } from '../src/cards/page-event.ts';
import { pageMail, pageSpeech, pageText } from '../src/cards/page-words.ts';
import { type Platform, PlatformError, type PlatformName } from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { describePage } from '../src/operations/find-pages.ts';
import { asDeliveryError, type PageDelivery, pageName } from '../src/operations/send-page.ts';

type Ref = Readonly<Record<string, string>>;

/** Takes a page as it is now out of the house, by the way that the send names. */
export const leave = async (
  context: Context,
  platforms: ReadonlyMap<PlatformName, Platform>,
  { send, key }: PageDelivery,
): Promise<Ref> => {
  const { address, page, level, person, way } = send;
  const now = context.clock.now();
  const view = await describePage(context, pageName(page), now);
  if ('platform' in address) {
    const { platform: name, kind, id } = address;
    const platform = platforms.get(name) ?? absent('no-such-platform');
    return platform.post({ kind, id }, pageCard(view), { key, again: send.attempts > 1 });
  }
  if ('phone' in address) {
    const telephony = context.telephony ?? absent('no-telephony');
    return {
      id: await (way === 'sms'
        ? telephony.sms(address.phone, pageText(view), send.id)
        : telephony.call(address.phone, { text: pageSpeech(view), page, level, send: send.id })),
    };
  }
  const link = context.answerLink;
  const links: AnswerLinks | undefined = link && {
    acknowledge: link({ deed: 'ack', page, person }, now),
    resolve: link({ deed: 'resolve', page, person }, now),
  };
  if ('email' in address) {
    const mailer = context.mailer ?? absent('no-mailer');
    const mail = { to: address.email, ...pageMail(view, links), key, about: pageName(page) };
    return { id: await mailer.send(mail) };
  }
  if ('url' in address) {
    const webhook = context.webhook ?? absent('no-webhook');
    return { id: await webhook.post(address, key, pageEvent(view, person, send.kind, links)) };
  }
  const pagerduty = context.pagerduty ?? absent('no-pagerduty');
  const { organization } = context.policy();
  return { id: await pagerduty.tell(address.routingKey, pagerDutyEvent(view, { organization, links })) };
};

/** What this company had when the page was raised, and has no longer. */
const absent = (code: string): never => {
  throw new PlatformError(code, 'gone');
};

export interface Failure {
  readonly code: string;
  /** This way leads nowhere: it is not tried again. */
  readonly gone: boolean;
  readonly retryAfterMs: number;
}

/** Undefined for bugs. */
export const failureOf = (error: unknown): Failure | undefined => {
  if (error instanceof PlatformError)
    return { code: error.code, gone: error.outcome === 'gone', retryAfterMs: error.retryAfterMs };
  const delivery = asDeliveryError(error);
  return (
    delivery && {
      code: delivery.code,
      gone: delivery.outcome === 'refused',
      retryAfterMs: delivery.retryAfterMs,
    }
  );
};
