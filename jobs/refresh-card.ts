import { changeCard } from '../src/cards/change-card.ts';
import { detailsCard } from '../src/cards/details-card.ts';
import { incidentCard } from '../src/cards/incident-card.ts';
import { pageCard } from '../src/cards/page-card.ts';
import { policyCard } from '../src/cards/policy-card.ts';
import { trainCard } from '../src/cards/train-card.ts';
import type { Card } from '../src/chat/card.ts';
import {
  type MessageRef,
  type Platform,
  PlatformError,
  type PlatformName,
  type Posting,
} from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { describePolicy, isPolicy } from '../src/operations/decide-policy.ts';
import { describeChange, describeTrain } from '../src/operations/describe.ts';
import { describeDetails } from '../src/operations/describe-details.ts';
import { describeIncident } from '../src/operations/describe-incident.ts';
import { describePage } from '../src/operations/find-pages.ts';
import { nextRedrawing, type Redrawing } from '../src/operations/outbox.ts';
import { cardOfDetails } from '../src/operations/thread.ts';
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
  const { destination, lane, ref } = copy;
  try {
    const thread = () =>
      below(context, destination.platform, subject, lane, (card) => begin(context, platforms, card));
    // Before the turn is taken: what it goes below may have to be posted first.
    if (ref === null) await thread();
    const wait = platform.turn?.(destination, ref === null ? 'post' : 'edit') ?? 0;
    if (wait > 0) return await redrawing.wait(wait);
    const card = await draw(context, subject);
    await redrawing.drawn(await show(platform, copy, card, thread));
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const facts = { subject, lane: copy.lane, code: error.code };
    if (error.outcome === 'gone') {
      context.log.error(facts, 'a card has no place to be posted any more');
      return redrawing.drawn(copy.ref ?? {});
    }
    context.log.warn(facts, 'a card was not redrawn: tried again');
    await redrawing.retryAfter(waitAfter(error, copy.tries));
  }
};

/** A card comes before what goes below it. */
export const begin = (context: Context, platforms: Platforms, card: string): Promise<void> =>
  refreshCardJob(context, platforms)({ subject: card }, { signal: new AbortController().signal });

/** A copy that somebody deleted is posted anew. */
const show = async (
  platform: Platform,
  copy: Redrawing['copy'],
  card: Card,
  thread: () => Promise<Pick<Posting, 'thread'>>,
): Promise<MessageRef> => {
  const { destination, ref, tries, token } = copy;
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
    key: `card/${token}`,
    again: tries > 1,
    ...(await thread()),
  });
};

const draw = async (context: Context, subject: string): Promise<Card> => {
  const now = context.clock.now();
  const about = cardOfDetails(subject);
  if (about !== undefined) return detailsCard(await describeDetails(context, about, now));
  if (subject.startsWith('PAGE-')) return pageCard(await describePage(context, subject, now));
  if (subject.startsWith('INC-')) return incidentCard(await describeIncident(context, subject, now));
  if (isPolicy(subject)) return policyCard(await describePolicy(context, subject));
  return subject.startsWith('CHG-')
    ? changeCard(await describeChange(context, subject, now))
    : trainCard(await describeTrain(context, subject, now));
};
