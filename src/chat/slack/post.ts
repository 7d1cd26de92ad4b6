import { createHash } from 'node:crypto';
import type { Card } from '../card.ts';
import {
  type Destination,
  type MessageRef,
  type Platform,
  PlatformError,
  type Posting,
} from '../platform.ts';
import type { Api } from './api.ts';
import type { Pen } from './mrkdwn.ts';
import type { SlackPace } from './pace.ts';
import { type Message, renderCard } from './render.ts';

/** Under this name a message carries what it was posted for, so that it can be found again. */
const metadataType = 'signalbox_message';
/** Messages that are looked through for one that may have been posted. */
const lookBack = 100;

/**
 * Posts and edits cards. A message that may have been posted (`posting.again`) is looked for in the channel's history by
 * its key before it is posted once more: twice only where the app may not read the history. A person may be named by
 * their address. Throws `PlatformError`.
 */
export const slackPlatform = (
  api: Api,
  pen: () => Pen,
  userOf: (email: string) => Promise<string>,
  pace: SlackPace,
): Platform => {
  const conversations = new Map<string, string>();

  const conversationOf = async (to: Destination): Promise<string> => {
    if (to.kind === 'channel') return to.id;
    const known = conversations.get(to.id);
    if (known !== undefined) return known;
    const user = to.id.includes('@') ? await userOf(to.id) : to.id;
    const { channel } = await api.call('conversations.open', { users: user });
    const id = idOf(channel) ?? gone('no-conversation');
    conversations.set(to.id, id);
    return id;
  };

  const find = async (channel: string, key: string, thread?: string): Promise<MessageRef | undefined> => {
    const method = thread === undefined ? 'conversations.history' : 'conversations.replies';
    const about = { channel, limit: lookBack, include_all_metadata: true };
    try {
      const { messages } = await api.call(method, thread === undefined ? about : { ...about, ts: thread });
      const found = Array.isArray(messages) ? messages.find((message) => keyOf(message) === key) : undefined;
      return typeof found?.ts === 'string' ? { channel, ts: found.ts } : undefined;
    } catch (error) {
      if (error instanceof PlatformError && mayNotRead.test(error.code)) return undefined;
      throw error;
    }
  };

  /** Should Slack ever refuse the blocks, people still get the words. */
  const say = async (method: string, args: Record<string, unknown>, { text, blocks }: Message) => {
    try {
      return await api.call(method, { ...args, text, blocks });
    } catch (error) {
      if (!(error instanceof PlatformError) || !blocksRefused.test(error.code)) throw error;
      return api.call(method, { ...args, text, blocks: [] });
    }
  };

  const postOnce = async (
    channel: string,
    card: Card,
    { key: words, again, thread: below }: Posting,
  ): Promise<MessageRef> => {
    const thread = below?.['channel'] === channel ? below['ts'] : undefined;
    const key = words === undefined ? undefined : digest(words);
    if (key !== undefined && again === true) {
      const found = await find(channel, key, thread);
      if (found !== undefined) return found;
    }
    const args = {
      channel,
      unfurl_links: false,
      unfurl_media: false,
      ...(thread === undefined ? {} : { thread_ts: thread }),
      ...(key === undefined ? {} : { metadata: { event_type: metadataType, event_payload: { key } } }),
    };
    const { ts, channel: posted } = await say('chat.postMessage', args, renderCard(card, pen()));
    // A direct message's own `D…` id: no other can be edited.
    return typeof ts === 'string'
      ? { channel: typeof posted === 'string' ? posted : channel, ts }
      : unknownOutcome();
  };

  /** Slack says itself how long to wait: nobody asks it in vain meanwhile. */
  const holding = async <T>(deed: 'post' | 'edit', id: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'ratelimited')
        pace.hold(deed, id, error.retryAfterMs);
      throw error;
    }
  };

  const post = async (to: Destination, card: Card, posting: Posting): Promise<MessageRef> => {
    const channel = await conversationOf(to);
    const { key, thread } = posting;
    const log = card.blocks.filter(({ kind }) => kind === 'output');
    if (key === undefined || thread !== undefined || log.length === 0 || to.kind === 'person')
      return postOnce(channel, card, posting);
    // The channel hears what happened; who wants to know how reads on in the thread. A try that ends between the two
    // finds the first message by its key.
    const about = { ...card, blocks: card.blocks.filter(({ kind }) => kind !== 'output') };
    const ref = await postOnce(channel, about, posting);
    const details: Card = {
      title: card.title,
      tone: card.tone,
      summary: `Log: ${card.summary}`,
      blocks: log,
      buttons: [],
    };
    await postOnce(channel, details, { ...posting, key: `${key}/log`, thread: ref });
    return ref;
  };

  return {
    name: 'slack',
    turn: pace.turn,
    post: (to, card, posting = {}) => holding('post', to.id, () => post(to, card, posting)),
    update: async (ref, card: Card) => {
      const { channel, ts } = ref;
      if (channel === undefined || ts === undefined) return gone('unknown-message');
      await holding('edit', channel, () => say('chat.update', { channel, ts }, renderCard(card, pen())));
    },
  };
};

const mayNotRead =
  /^(missing_scope|not_in_channel|channel_not_found|unknown_method|method_not_supported.*|http-40[0-9])$/;
const blocksRefused = /^(invalid_blocks|invalid_blocks_format|msg_blocks_too_long)$/;

/** Slack refuses metadata with long or odd values. */
const digest = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);

const keyOf = (message: unknown): unknown => {
  const { metadata } = record(message);
  const { event_type, event_payload } = record(metadata);
  return event_type === metadataType ? record(event_payload)['key'] : undefined;
};

const idOf = (channel: unknown): string | undefined => {
  const { id } = record(channel);
  return typeof id === 'string' ? id : undefined;
};

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const gone = (code: string): never => {
  throw new PlatformError(code, 'gone');
};

const unknownOutcome = (): never => {
  throw new PlatformError('no-timestamp', 'unknown');
};
