import type { Log } from '../../log.ts';
import { PlatformError } from '../platform.ts';
import type { Reply } from '../reply.ts';
import type { Incoming } from './activity.ts';
import { type Conversations, rootOf, serviceKey } from './conversations.ts';
import type { Message } from './port.ts';
import type { Poster } from './post.ts';

export interface SpeakOptions {
  readonly log: Log;
  readonly poster: Poster;
  readonly conversations: Conversations;
  /** Everything is answered where it was asked: there is one reader. */
  readonly alone: boolean;
}

/** What is done after Teams has been told. Nothing here rejects: it must not fail what was acted on. */
export interface Speaker {
  /** Answers the message once, however often it is resent. */
  reply(incoming: Incoming, audience: Reply['audience'], message: Message): Promise<void>;
  /** Draws the card anew that was pressed. */
  redraw(incoming: Incoming, id: string, message: Message): Promise<void>;
  /** Takes the message away when it is one too many of those that were posted under the key; whether it was. */
  sight(incoming: Incoming, id: string, key: string): Promise<boolean>;
  /** Keeps the place, the newest wins; says `greeting` where it was unknown. */
  remember(incoming: Incoming, email?: string, greeting?: () => Message): Promise<void>;
  /** The app was removed. */
  forget(incoming: Incoming): Promise<void>;
}

export const createSpeaker = ({ log, poster, conversations, alone }: SpeakOptions): Speaker => {
  const quietly = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      log.warn({ platform: 'teams', err: error }, what);
    }
  };

  /** To the one who asked, or to all where it was asked; who cannot be written to alone hears it where they asked. */
  const say = async (
    { isPersonal, actor, place }: Incoming,
    audience: Reply['audience'],
    message: Message,
  ): Promise<unknown> => {
    if (alone || isPersonal || audience === 'channel' || actor === undefined)
      return poster.say(place, message);
    try {
      return await poster.tell(actor.id, message);
    } catch (error) {
      // They may have it.
      if (isUnsure(error)) throw error;
      log.info({ platform: 'teams', err: error }, 'an answer is given where it was asked for');
      return poster.say(place, message);
    }
  };

  const keep = async ({ place, isPersonal, actor }: Incoming, email?: string): Promise<boolean> => {
    const root = { ...place, conversation: rootOf(place.conversation) };
    // A person is written to under their own id, or the address that the policy has for them.
    const keys = isPersonal ? [actor?.id, email?.toLowerCase()] : [root.conversation];
    const [isNew] = await Promise.all([
      ...keys.map((key) => (key === undefined ? false : conversations.keep(key, root))),
      conversations.keep(serviceKey, { serviceUrl: place.serviceUrl, tenant: place.tenant }),
    ]);
    return isNew ?? false;
  };

  return {
    reply: (incoming, audience, message) =>
      quietly('an answer was not posted', async () => {
        if (!(await conversations.claimAnswer(incoming.id))) return;
        try {
          await say(incoming, audience, message);
        } catch (error) {
          // It may be there, and would be said twice: only what was surely not posted is said at the next resend.
          if (!isUnsure(error)) await conversations.releaseAnswer(incoming.id);
          throw error;
        }
      }),
    redraw: (incoming, id, message) =>
      quietly('a card was not redrawn after a press', () =>
        poster.redraw({ ...incoming.place, id }, message),
      ),
    sight: async (incoming, id, key) => {
      let isSecond = false;
      await quietly('a message that was posted twice was not taken away', async () => {
        const ref = { ...incoming.place, id };
        isSecond = await conversations.sight(key, ref);
        if (isSecond) await poster.remove(ref);
      });
      return isSecond;
    },
    remember: (incoming, email, greeting) =>
      quietly('a conversation was not remembered', async () => {
        if ((await keep(incoming, email)) && greeting !== undefined)
          await poster.say(incoming.place, greeting());
      }),
    forget: ({ place, isPersonal, actor }) =>
      quietly('a conversation was not given up', () =>
        conversations.bury(
          isPersonal && actor ? actor.id : rootOf(place.conversation),
          'the app was removed',
        ),
      ),
  };
};

const isUnsure = (error: unknown): boolean => error instanceof PlatformError && error.outcome === 'unknown';
