import type { Place } from './port.ts';

/** What this adapter remembers, kept by its owner: who can be written to, and which messages were answered. */
export interface Conversations {
  find(
    key: string,
  ): Promise<{ readonly place: Readonly<Record<string, string>>; readonly dead: string | null } | undefined>;
  /** The newest wins. Resolves to whether the key was unknown. */
  keep(key: string, place: Readonly<Record<string, string>>): Promise<boolean>;
  /** Nothing can be sent there any more; somebody is told. */
  bury(key: string, reason: string): Promise<void>;
  /** Whether the caller is to answer the message with this id: nobody else has, or will. */
  claimAnswer(id: string): Promise<boolean>;
  /** The answer could not be given. */
  releaseAnswer(id: string): Promise<void>;
  /** Somebody has the message that was posted under this key before their eyes; whether it is one too many. */
  sight(key: string, ref: Readonly<Record<string, string>>): Promise<boolean>;
}

/** A channel without the thread: `19:…@thread.tacv2` of `19:…@thread.tacv2;messageid=1`. */
export const rootOf = (conversation: string): string => conversation.replace(/;messageid=.*$/, '');

/** Channels of teams; chats with several people have no threads. */
export const isChannel = (conversation: string): boolean => /@thread\.(tacv2|skype)(;|$)/.test(conversation);

/** The chat with one person. */
export const isPersonal = (conversation: string): boolean => conversation.startsWith('a:');

/** Under this key stands where Teams was heard from last, for whatever was never heard of itself. */
export const serviceKey = 'service';

export const asPlace = (stored: Readonly<Record<string, string>>): Place | undefined => {
  const { conversation, serviceUrl, tenant } = stored;
  return conversation === undefined || serviceUrl === undefined || tenant === undefined
    ? undefined
    : { conversation, serviceUrl, tenant };
};

/** Milliseconds for which a place is not kept again; so long may another process's burial outlive a sign of life. */
const staleAfter = 60_000;

/** Asks the memory only for what is new: nearly every message comes from a place that was kept a moment ago. */
export const withoutRepeats = (memory: Conversations, now: () => Date): Conversations => {
  const kept = new Map<string, { readonly place: string; readonly until: number }>();
  return {
    ...memory,
    keep: async (key, place) => {
      const text = JSON.stringify(place);
      const known = kept.get(key);
      const at = now().getTime();
      if (known?.place === text && at < known.until) return false;
      const isNew = await memory.keep(key, place);
      if (kept.size >= 10_000) kept.clear();
      kept.set(key, { place: text, until: at + staleAfter });
      return isNew;
    },
    bury: async (key, reason) => {
      kept.delete(key);
      await memory.bury(key, reason);
    },
  };
};
