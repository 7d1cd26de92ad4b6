import { createPace, type Meter } from '../pace.ts';
import type { Destination } from '../platform.ts';

/** `chat.postMessage`: one a second in each channel, and several hundred a minute in the workspace. */
const posts: Meter = { key: 'posts', limits: [{ most: 200, within: 60_000 }] };
const inChannel = (id: string): Meter => ({ key: `to ${id}`, limits: [{ most: 1, within: 1_000 }] });
/** `chat.update`: tier 3, of the workspace. */
const edits: Meter = { key: 'edits', limits: [{ most: 50, within: 60_000 }] };

export interface SlackPace {
  /** Milliseconds until it may be done; 0 takes the turn. */
  turn(to: Destination, deed: 'post' | 'edit'): number;
  /** A message that did not wait for its turn. */
  noteSaid(channel: string): void;
  /** Slack answered 429. */
  hold(deed: 'post' | 'edit', channel: string, ms: number): void;
}

/** Slack's rate limits, kept before Slack has to ask for it. Pages and answers do not wait; the outbox does. */
export const slackPace = (now: () => Date): SlackPace => {
  const pace = createPace();
  return {
    turn: ({ id }, deed) => pace.take(deed === 'edit' ? [edits] : [inChannel(id), posts], now()),
    noteSaid: (channel) => pace.note([inChannel(channel), posts], now()),
    hold: (deed, channel, ms) =>
      pace.hold(deed === 'edit' ? edits.key : inChannel(channel).key, new Date(now().getTime() + ms)),
  };
};
