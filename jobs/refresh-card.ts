import { changeCard } from '../src/cards/change-card.ts';
import { pageCard } from '../src/cards/page-card.ts';
import { trainCard } from '../src/cards/train-card.ts';
import type { Card } from '../src/chat/card.ts';
import { type MessageRef, type Platform, PlatformError, type PlatformName } from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { describeChange, describeTrain } from '../src/operations/describe.ts';
import { describePage } from '../src/operations/find-pages.ts';
import { nextRedrawing, type Redrawing } from '../src/operations/outbox.ts';
import { longestWaitMs, waitAfter } from './retry.ts';
import { below } from './thread.ts';

type Platforms = ReadonlyMap<PlatformName, Platform>;

/** Draws every copy of a card that shows an older state, each from the present: a card is posted once, then edited. */
export const refreshCardJob =
  (context: Context, platforms: Platforms) =>
  async (
    { subject }: { readonly subject: string },
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> => {
    while (!signal.aborted) {
      const redrawing = await nextRedrawing(context, subject);
      if (redrawing === undefined) return;
      const platform = platforms.get(redrawing.copy.destination.platform);
      if (platform === undefined) await redrawing.retryAfter(longestWaitMs);
      else await redraw(context, platforms, platform, subject, redrawing);
    }
  };

const redraw = async (
  context: Context,
  platforms: Platforms,
  platform: Platform,
  subject: string,
  redrawing: Redrawing,
): Promise<void> => {
  const { copy } = redrawing;
  const card = await draw(context, subject);
  try {
    await redrawing.drawn(await show(context, platforms, platform, subject, copy, card));
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const facts = { subject, lane: copy.lane, code: error.code };
    if (error.outcome === 'gone') {
      context.log.error(facts, 'a card has no place to be posted any more');
      return redrawing.drawn(copy.ref ?? {});
    }
    context.log.warn(facts, 'a card was not redrawn: tried again');
    await redrawing.retryAfter(waitAfter(error, 1));
  }
};

/** The train's card comes first: what is about the train goes below it. */
export const begin = (context: Context, platforms: Platforms, train: string): Promise<void> =>
  refreshCardJob(context, platforms)({ subject: train }, { signal: new AbortController().signal });

/** A copy that somebody deleted is posted anew. */
const show = async (
  context: Context,
  platforms: Platforms,
  platform: Platform,
  subject: string,
  copy: Redrawing['copy'],
  card: Card,
): Promise<MessageRef> => {
  const { destination, ref, lane } = copy;
  if (ref !== null) {
    try {
      await platform.update(ref, card);
      return ref;
    } catch (error) {
      if (!(error instanceof PlatformError) || error.outcome !== 'gone') throw error;
    }
  }
  // Whoever tried before may have posted it and died before it was written down.
  return platform.post({ kind: destination.kind, id: destination.id }, card, {
    key: `card/${subject}/${lane}`,
    again: true,
    ...(await below(context, platform, subject, lane, (train) => begin(context, platforms, train))),
  });
};

const draw = async (context: Context, subject: string): Promise<Card> => {
  const now = context.clock.now();
  if (subject.startsWith('PAGE-')) return pageCard(await describePage(context, subject, now));
  return subject.startsWith('CHG-')
    ? changeCard(await describeChange(context, subject, now))
    : trainCard(await describeTrain(context, subject, now));
};
