import { changeName } from '../domain/change.ts';
import type { Notice } from '../domain/notice.ts';
import { copyRef, touchCards } from '../store/cards.ts';
import { findChange } from '../store/changes.ts';
import type { Context, PlatformName } from './context.ts';

/** In Slack each card has a thread of its own; in Teams a train has one, with everything about it. */
const threads: Readonly<Record<PlatformName, 'card' | 'train' | 'none'>> = {
  slack: 'card',
  teams: 'train',
  console: 'none',
};

const suffix = '/details';

/** What the details are about; undefined when it is a card of its own. */
export const cardOfDetails = (subject: string): string | undefined =>
  subject.endsWith(suffix) ? subject.slice(0, -suffix.length) : undefined;

/** Whether the thread of this card tells how things came to be so. */
export const hasDetails = (platform: PlatformName, card: string): boolean =>
  isTrain.test(card) ? threads[platform] !== 'none' : card.startsWith('CHG-') && threads[platform] === 'card';

/** As trains are called; all other cards, of pages, policies, incidents, have no details. */
const isTrain = /-\d{4}-W\d{2}$/;

/** Of the cards that have any, on the platforms of this company. */
export const detailsOf = (context: Pick<Context, 'platforms'>, cards: readonly string[]): readonly string[] =>
  cards
    .filter((card) => context.platforms.some((platform) => hasDetails(platform, card)))
    .map((card) => `${card}${suffix}`);

/** The card below which something belongs on a platform; undefined when it stands by itself. */
export const cardAbove = async (
  context: Context,
  platform: PlatformName,
  about: string | Notice,
): Promise<string | undefined> => {
  const card = typeof about === 'string' ? cardOfDetails(about) : undefined;
  if (card !== undefined) return card;
  return threads[platform] === 'train' ? trainBehind(context, about) : undefined;
};

/**
 * What a change's card shows has changed, and so have the lists of its train. Where people read those for a week they
 * follow with the next sweep: many changes in a minute are one edit.
 */
export const touchTrain = async (context: Context, platform: PlatformName, card: string): Promise<void> => {
  if (threads[platform] === 'none') return;
  const train = await trainOfChange(context, card);
  if (train !== undefined) await touchCards(context.store.db, [train, ...detailsOf(context, [train])]);
};

/** The train that a card or a notice is about; undefined when it is none, or the train itself. */
const trainBehind = async (context: Context, about: string | Notice): Promise<string | undefined> => {
  if (typeof about === 'string') return trainOfChange(context, about);
  if ('train' in about) return about.train;
  return 'change' in about ? trainOfChange(context, about.change) : undefined;
};

const trainOfChange = async (context: Context, name: string): Promise<string | undefined> => {
  const id = Number(/^CHG-(\d+)$/.exec(name)?.[1]);
  if (!Number.isSafeInteger(id)) return undefined;
  const change = await findChange(context.store.db, id);
  return change && changeName(change.id) === name ? change.train : undefined;
};

/** Where a card is in a lane; undefined when it has no place there, null when it is still to be posted. */
export const postOf = (
  context: Context,
  card: string,
  lane: string,
): Promise<Readonly<Record<string, string>> | null | undefined> => copyRef(context.store.db, card, lane);
