import { type Platform, PlatformError, type PlatformName } from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { nextSend, type PageDelivery } from '../src/operations/send-page.ts';
import { failureOf, leave } from './page-ways.ts';

/** Between tries of one message; the person's next way does not wait for them. */
const longestWaitMs = 60_000;
const mostAttempts = 8;
/** Real milliseconds after which a send counts as slow, and as having failed; the latter is within its lease. */
const patience = { slowMs: 3_000, mostMs: 12_000 };

/** Sends one message or call, if the page still wants it. */
export const sendPageJob =
  (context: Context, platforms: ReadonlyMap<PlatformName, Platform>, limits = patience) =>
  async ({ id }: { readonly id: number }): Promise<void> => {
    const delivery = await nextSend(context, id);
    if (delivery === undefined) return;
    const { send } = delivery;
    try {
      await delivery.sent(await inTime(context, delivery, limits, leave(context, platforms, delivery)));
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

/** A platform that does not answer holds up nobody: the person's next way is taken meanwhile. */
const inTime = async <T>(
  context: Context,
  delivery: PageDelivery,
  { slowMs, mostMs }: typeof patience,
  leaving: Promise<T>,
): Promise<T> => {
  const slow = setTimeout(() => {
    delivery
      .slow()
      .catch((error: unknown) => context.log.warn({ err: error }, 'a slow page was not hastened'));
  }, slowMs);
  let late: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new PlatformError('no-answer', 'unknown')), mostMs);
  });
  try {
    return await Promise.race([leaving, limit]);
  } finally {
    clearTimeout(slow);
    clearTimeout(late);
  }
};
