import { noticeCard } from '../src/cards/notice-card.ts';
import type { Card } from '../src/chat/card.ts';
import { type Platform, PlatformError, type PlatformName } from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { type Delivery, nextNotice, sheetOf } from '../src/operations/outbox.ts';
import { presentReminder } from '../src/operations/remind.ts';
import { begin } from './refresh-card.ts';
import { longestWaitMs, waitAfter } from './retry.ts';
import { below } from './thread.ts';

/** Sends what waits for one channel or person, in order, until there is nothing or something must be tried again. */
export const deliverNoticesJob =
  (context: Context, platforms: ReadonlyMap<PlatformName, Platform>) =>
  async (
    { lane }: { readonly lane: string },
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> => {
    while (!signal.aborted) {
      const delivery = await nextNotice(context, lane);
      if (delivery === undefined) return;
      await deliver(context, platforms, lane, delivery);
    }
  };

const deliver = async (
  context: Context,
  platforms: ReadonlyMap<PlatformName, Platform>,
  lane: string,
  delivery: Delivery,
): Promise<void> => {
  const { platform: name, kind, id } = delivery.destination;
  const facts = { lane, notice: delivery.notice.kind, attempt: delivery.attempt };
  const platform = platforms.get(name);
  if (platform === undefined) {
    context.log.warn(facts, 'no such platform in this process: the notice waits');
    return delivery.retryAfter(longestWaitMs);
  }
  try {
    const { key, attempt, notice } = delivery;
    const thread =
      kind === 'channel'
        ? await below(context, name, notice, lane, (card) => begin(context, platforms, card))
        : {};
    const wait = platform.turn?.({ kind, id }, 'post') ?? 0;
    if (wait > 0) return await delivery.wait(wait);
    const card = await draw(context, delivery);
    if (card === undefined) return await delivery.dead();
    await delivery.sent(await platform.post({ kind, id }, card, { key, again: attempt > 1, ...thread }));
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    if (error.outcome === 'gone') {
      context.log.error({ ...facts, code: error.code }, 'a notice has no destination any more');
      return delivery.dead();
    }
    // What may have been posted is posted again where the platform cannot find it: twice is better than never.
    const waitMs = waitAfter(error, delivery.attempt);
    context.log.warn({ ...facts, code: error.code, waitMs }, 'a notice was not delivered: tried again');
    await delivery.retryAfter(waitMs);
  }
};

/** Milliseconds after which a reminder may ask for what has been done meanwhile. */
const promptly = 60_000;

/** Undefined: there is nothing to tell any more. */
const draw = async (context: Context, { notice: told, since }: Delivery): Promise<Card | undefined> => {
  const isLate = context.clock.now().getTime() - since.getTime() > promptly;
  const notice = told.kind === 'reminder' && isLate ? await presentReminder(context, told) : told;
  if (notice === undefined) return undefined;
  const sheet = notice.kind === 'run-sheet' ? await sheetOf(context, notice.train, notice.cutoff) : null;
  try {
    return noticeCard(notice, context.policy(), sheet, context.clock.now());
  } catch (error) {
    // Pure: it would fail again for ever, and hold up all that waits behind it.
    context.log.error({ notice, err: error }, 'a notice cannot be drawn: it is left out');
    return undefined;
  }
};
