import { type MessageRef, PlatformError, type PlatformName } from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { cardAbove, postOf } from '../src/operations/thread.ts';

/**
 * The post that a message belongs below, as an object to spread; nothing when it stands by itself. `begin` posts that
 * card first. Throws `PlatformError` while somebody else is posting it, or while its turn has not come.
 */
export const below = async (
  context: Context,
  platform: PlatformName,
  about: Parameters<typeof cardAbove>[2],
  lane: string,
  begin: (card: string) => Promise<void>,
): Promise<{ readonly thread?: MessageRef }> => {
  const card = await cardAbove(context, platform, about);
  if (card === undefined) return {};
  let post = await postOf(context, card, lane);
  if (post == null) {
    await begin(card);
    post = await postOf(context, card, lane);
  }
  if (post === null) throw new PlatformError('thread-not-begun', 'retry');
  // Details never stand alone.
  if (post !== undefined && typeof about === 'string' && Object.keys(post).length === 0)
    throw new PlatformError('no-thread', 'gone');
  return post === undefined ? {} : { thread: post };
};
