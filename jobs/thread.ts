import { type MessageRef, type Platform, PlatformError } from '../src/chat/platform.ts';
import type { Context } from '../src/operations/context.ts';
import { trainBehind, trainPost } from '../src/operations/thread.ts';

/**
 * The train's post that a message belongs below, as an object to spread; nothing on platforms that keep no threads.
 * `begin` posts the train's card first. Throws `PlatformError` while somebody else is posting it.
 */
export const below = async (
  context: Context,
  platform: Platform,
  about: Parameters<typeof trainBehind>[1],
  lane: string,
  begin: (train: string) => Promise<void>,
): Promise<{ readonly thread?: MessageRef }> => {
  if (platform.threads !== true) return {};
  const train = await trainBehind(context, about);
  if (train === undefined) return {};
  await begin(train);
  const post = await trainPost(context, train, lane);
  if (post === null) throw new PlatformError('thread-not-begun', 'retry');
  return post === undefined ? {} : { thread: post };
};
