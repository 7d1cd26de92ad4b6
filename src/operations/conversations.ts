import type { Policy } from '../domain/policy.ts';
import {
  buryConversation,
  type Conversation,
  claimAnswer,
  findConversation,
  keepConversation,
  type Place,
  releaseAnswer,
} from '../store/conversations.ts';
import { sightMessage } from '../store/sightings.ts';
import { type Context, clockActor, type PlatformName } from './context.ts';
import { direct, tell } from './outgoing.ts';

/** A platform's memory of where it can write, and of what it answered. */
export interface Conversations {
  find(key: string): Promise<Conversation | undefined>;
  /** Resolves to whether it was unknown. */
  keep(key: string, place: Place): Promise<boolean>;
  /** Nothing can be sent there any more: the release managers hear of it once. */
  bury(key: string, reason: string): Promise<void>;
  /** Whether the caller is to answer this message; nobody else will. */
  claimAnswer(id: string): Promise<boolean>;
  releaseAnswer(id: string): Promise<void>;
  /**
   * Somebody has the message before their eyes that was posted under this key. One whose posting was in doubt is on
   * record from then on. Resolves to whether it is one too many: the same was posted again.
   */
  sight(key: string, ref: Place): Promise<boolean>;
}

export const conversationsOf = (context: Context, platform: PlatformName): Conversations => {
  const { store, clock } = context;
  return {
    find: (key) => findConversation(store.db, platform, key),
    keep: async (key, place) => (await keepConversation(store.db, platform, key, place)) === 'new',
    bury: (key, reason) =>
      store.transaction({ actor: clockActor, at: clock.now() }, async (tx) => {
        if (!(await buryConversation(tx.db, platform, key, reason))) return;
        const policy = context.policy();
        const managers = policy.releaseManagers.flatMap((role) => policy.roles.get(role) ?? []);
        const place = nameOf(policy, platform, key);
        await tell(tx, context, [
          {
            to: [...new Set(managers)].flatMap((id) => direct(context, policy, id)),
            notice: { kind: 'unreachable', platform, place, reason },
          },
        ]);
      }),
    claimAnswer: (id) => claimAnswer(store.db, id, clock.now()),
    releaseAnswer: (id) => releaseAnswer(store.db, id),
    sight: async (key, ref) => {
      const sighting = await sightMessage(store.db, key, ref);
      if (sighting.kind === 'found-notice')
        await context.bell.ring('deliver-notices', { lane: sighting.lane });
      if (sighting.kind === 'found-card')
        await context.bell.ring('refresh-card', { subject: sighting.subject });
      return sighting.kind === 'second';
    },
  };
};

/** As the policy calls it. */
const nameOf = (policy: Policy, platform: PlatformName, key: string): string => {
  if (platform === 'console') return key;
  const channel = [...policy.channels.values()].find((rule) => rule[platform] === key);
  const person = [...policy.people.values()].find((one) => one[platform] === key);
  return channel?.name ?? person?.name ?? key;
};
