import { pageCard } from '../src/cards/page-card.ts';
import { pageSpeech, pageText } from '../src/cards/page-words.ts';
import { type Platform, PlatformError, type PlatformName } from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { describePage } from '../src/operations/find-pages.ts';
import { asTelephonyError, nextSend, type PageDelivery, pageName } from '../src/operations/send-page.ts';

/** Between tries of one message; the person's next way does not wait for them. */
const longestWaitMs = 60_000;
const mostAttempts = 8;

/** Sends one message or call, if the page still wants it. */
export const sendPageJob =
  (context: Context, platforms: ReadonlyMap<PlatformName, Platform>) =>
  async ({ id }: { readonly id: number }): Promise<void> => {
    const delivery = await nextSend(context, id);
    if (delivery === undefined) return;
    const { send } = delivery;
    try {
      await delivery.sent(await leave(context, platforms, delivery));
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      const { code, gone, retryAfterMs } = failure;
      context.log.warn({ send: id, way: send.way, attempt: send.attempts, code }, 'a page was not delivered');
      if (gone || send.attempts >= mostAttempts) return delivery.failed(code);
      await delivery.retryAfter(
        Math.max(retryAfterMs, Math.min(1_000 * 2 ** (send.attempts - 1), longestWaitMs)),
        code,
      );
    }
  };

const leave = async (
  context: Context,
  platforms: ReadonlyMap<PlatformName, Platform>,
  { send, key }: PageDelivery,
): Promise<Readonly<Record<string, string>>> => {
  const view = await describePage(context, pageName(send.page), context.clock.now());
  if ('platform' in send.address) {
    const { platform: name, kind, id } = send.address;
    const platform = platforms.get(name);
    if (platform === undefined) throw new PlatformError('no-such-platform', 'gone');
    return platform.post({ kind, id }, pageCard(view), { key, again: send.attempts > 1 });
  }
  const { phone } = send.address;
  const telephony = context.telephony;
  if (telephony === undefined) throw new PlatformError('no-telephony', 'gone');
  return {
    id:
      send.way === 'sms'
        ? await telephony.sms(phone, pageText(view))
        : await telephony.call(phone, { text: pageSpeech(view), page: send.page, level: send.level }),
  };
};

const failureOf = (
  error: unknown,
): { readonly code: string; readonly gone: boolean; readonly retryAfterMs: number } | undefined => {
  if (error instanceof PlatformError)
    return { code: error.code, gone: error.outcome === 'gone', retryAfterMs: error.retryAfterMs };
  const telephony = asTelephonyError(error);
  return (
    telephony && {
      code: telephony.code,
      gone: telephony.outcome === 'refused',
      retryAfterMs: telephony.retryAfterMs,
    }
  );
};
