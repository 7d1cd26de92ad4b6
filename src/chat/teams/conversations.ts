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
}

/** A channel without the thread: `19:…@thread.tacv2` of `19:…@thread.tacv2;messageid=1`. */
export const rootOf = (conversation: string): string => conversation.replace(/;messageid=.*$/, '');

/** Channels of teams; chats with several people have no threads. */
export const isChannel = (conversation: string): boolean => /@thread\.(tacv2|skype)(;|$)/.test(conversation);

/** Under this key stands where Teams was heard from last, for whatever was never heard of itself. */
export const serviceKey = 'service';

export const asPlace = (stored: Readonly<Record<string, string>>): Place | undefined => {
  const { conversation, serviceUrl, tenant } = stored;
  return conversation === undefined || serviceUrl === undefined || tenant === undefined
    ? undefined
    : { conversation, serviceUrl, tenant };
};
