import type { Log } from '../../log.ts';
import { PlatformError } from '../platform.ts';
import type { Reply } from '../reply.ts';
import { type Api, callTimeoutMs } from './api.ts';
import { limits } from './limits.ts';
import type { Pen } from './mrkdwn.ts';
import type { SlackPace } from './pace.ts';
import type { Place } from './payloads.ts';
import { type Message, renderCard } from './render.ts';

/** Answers that nobody keeps: said once, to those who asked. They throw `PlatformError` or what `fetch` throws. */
export interface Speaker {
  /** By the `response_url` where there is one; else by name, to them alone. `replace`: in place of what was pressed. */
  respond(place: Place, user: string, reply: Reply, replace?: boolean): Promise<void>;
  /** To a message: where it was said. */
  say(
    to: {
      readonly channel: string;
      readonly isDirect: boolean;
      readonly user: string;
      readonly thread?: string;
    },
    reply: Reply,
  ): Promise<void>;
  publishHome(user: string, reply: Reply): Promise<void>;
}

export const createSpeaker = ({
  api,
  log,
  pen,
  pace,
}: {
  readonly api: Api;
  readonly log: Log;
  readonly pen: () => Pen;
  readonly pace: Pick<SlackPace, 'noteSaid'>;
}): Speaker => {
  /** To one person, where they are or else directly. */
  const whisper = async (
    channel: string | undefined,
    user: string,
    message: Message,
    thread: { readonly thread_ts?: string } = {},
  ): Promise<void> => {
    if (channel !== undefined)
      try {
        await api.call('chat.postEphemeral', { channel, user, ...thread, ...message });
        return;
      } catch (error) {
        if (!(error instanceof PlatformError) || error.outcome !== 'gone') throw error;
      }
    await api.call('chat.postMessage', { channel: user, ...message });
  };

  return {
    respond: async ({ responseUrl, channel }, user, reply, replace = false) => {
      const message = renderCard(reply.card, pen(), { answer: true });
      if (responseUrl !== undefined) {
        const isPublic = reply.audience === 'channel' && channel !== undefined && !replace;
        const response = await fetch(responseUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            ...message,
            response_type: isPublic ? 'in_channel' : 'ephemeral',
            replace_original: replace,
          }),
          signal: AbortSignal.timeout(callTimeoutMs),
        });
        if (response.ok) return;
        log.warn({ platform: 'slack', status: response.status }, 'a response URL was refused');
      }
      await whisper(channel, user, message);
    },
    say: async ({ channel, isDirect, user, thread }, reply) => {
      const message = renderCard(reply.card, pen(), { answer: true });
      const below = thread === undefined ? {} : { thread_ts: thread };
      if (isDirect || reply.audience === 'channel') {
        pace.noteSaid(channel);
        await api.call('chat.postMessage', { channel, ...below, ...message });
      } else await whisper(channel, user, message, below);
    },
    publishHome: async (user, reply) => {
      const { blocks } = renderCard(reply.card, pen(), { blocks: limits.homeBlocks, total: limits.home });
      await api.call('views.publish', { user_id: user, view: { type: 'home', blocks } });
    },
  };
};
