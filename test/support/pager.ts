import { refreshCardJob } from '../../jobs/refresh-card.ts';
import { sendPageJob } from '../../jobs/send-page.ts';
import { renderCard } from '../../src/chat/console/render.ts';
import {
  type Destination,
  type Platform,
  PlatformError,
  type PlatformName,
} from '../../src/chat/platform.ts';
import type { Way } from '../../src/domain/oncall.ts';
import { type Call, DeliveryError, type Telephony } from '../../src/integrations/integration.ts';
import type { Context } from '../../src/operations/context.ts';
import { ringDeadline } from '../../src/operations/ring-deadline.ts';
import { type Desk, openDesk } from './desk.ts';
import { shop } from './shop.ts';
import { createWorld, type World } from './world.ts';

/** What left for a person, in order: `10:05:00 chat olga`, `sms +15550104`. Redrawn cards wake nobody. */
export interface Left {
  readonly at: Date;
  readonly way: Way | 'card';
  readonly to: string;
  readonly text: string;
}

export interface Pager {
  readonly world: World;
  /** The bot, with telephones. */
  readonly context: Context;
  readonly desk: Desk;
  readonly left: readonly Left[];
  /** `MM:SS way to` after the given instant, of what has left since the last time it was asked. */
  told(since: Date): readonly string[];
  /** From now on the way does this instead of accepting; undefined: it works again. */
  breaks(way: 'chat' | 'sms' | 'voice', how: 'retry' | 'gone' | undefined): void;
  /**
   * Goes on for an hour with the sweep, and returns what left in it, by every way: the end of every story, which proves
   * that nothing unexpected does.
   */
  hourLater(): Promise<readonly string[]>;
  /** For what it takes, in seconds. */
  after(seconds: number): Promise<void>;
}

/**
 * `real`: what leaves by other providers than the built-in telephones, each of which notes what it delivers as the
 * built-in ones do.
 */
export const openPager = async (
  policy: string,
  start?: string,
  real: (note: (way: Way, to: string, text: string) => void, world: World) => Partial<Context> = () => ({}),
): Promise<Pager> => {
  const world = await createWorld({ policy, ...(start === undefined ? {} : { start }) });
  const left: Left[] = [];
  let seen = 0;
  const broken = new Map<string, 'retry' | 'gone'>();
  const post = (way: Left['way'], to: string, text: string): string => {
    const how = broken.get(way);
    if (how !== undefined && way === 'chat') throw new PlatformError('broken', how, 1_000);
    if (how !== undefined) throw new DeliveryError('broken', how === 'gone' ? 'refused' : 'retry', 1_000);
    left.push({ at: world.clock.now(), way, to, text });
    return String(left.length);
  };
  const console_: Platform = {
    name: 'console',
    post: async (to: Destination, card) => {
      const { text } = renderCard(card, { zone: 'UTC', width: 120, color: false });
      return { id: post(to.kind === 'person' ? 'chat' : 'card', to.id, text) };
    },
    update: async () => undefined,
  };
  const telephony: Telephony = {
    sms: async (to, text) => post('sms', to, text),
    call: async (to, call: Call) => post('voice', to, call.text),
  };
  const note = (way: Way, to: string, text: string): void =>
    void left.push({ at: world.clock.now(), way, to, text });
  const context = await world.instance({ telephony, ...real(note, world) });
  const platforms: ReadonlyMap<PlatformName, Platform> = new Map([['console', console_]]);
  const signal = new AbortController().signal;
  const sendPage = sendPageJob(context, platforms);
  const refresh = refreshCardJob(context, platforms);
  world.hear('send-page', ({ id }) => sendPage({ id: Number(id) }));
  world.hear('refresh-card', async ({ subject }) => {
    if (String(subject).startsWith('PAGE-')) await refresh({ subject: String(subject) }, { signal });
  });
  world.hear('ring-deadline', ({ id }) => ringDeadline(context, Number(id)));
  world.hear('ring-page', async ({ id }) => {
    const { ringPage } = await import('../../src/operations/ring-page.ts');
    await ringPage(context, Number(id));
  });
  const told: Pager['told'] = (since) => {
    const lines = left.slice(seen).flatMap(({ at, way, to }) => {
      if (way === 'card') return [];
      const seconds = Math.round((at.getTime() - since.getTime()) / 1_000);
      const two = (n: number): string => String(n).padStart(2, '0');
      return [`${two(Math.floor(seconds / 60))}:${two(seconds % 60)} ${way} ${to}`];
    });
    seen = left.length;
    return lines;
  };
  const advance = (seconds: number): Promise<void> =>
    world.advance(new Date(world.clock.now().getTime() + seconds * 1_000));
  return {
    world,
    context,
    desk: openDesk(context),
    left,
    told,
    breaks: (way, how) => void (how === undefined ? broken.delete(way) : broken.set(way, how)),
    after: (seconds) => advance(seconds),
    hourLater: async () => {
      seen = left.length;
      const since = world.clock.now();
      await anHour(world);
      return told(since);
    },
  };
};

/** An hour with its bells, and the sweep every five minutes. */
export const anHour = async (world: World): Promise<void> => {
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await world.advance(new Date(world.clock.now().getTime() + 5 * 60_000));
    await world.sweep();
    await world.pump();
  }
};

export const pagingShop = (oncall = usualOncall): string =>
  `${shop()
    .replace('  omar: {}', '  omar: { phone: "+15550101" }')
    .replace('  olga: {}', '  olga: { phone: "+15550102" }')
    .replace('  dana: {}', '  dana: { phone: "+15550103" }')}${oncall}`;

/** olga's week of 23 November 2026; everybody of operations after five minutes, rita after fifteen. */
const usualOncall = `
oncall:
  schedules:
    operations: { rotation: { weekly: [omar, olga], start: 2026-11-16 } }
  escalations:
    default:
      - { after: 0m, page: [schedule:operations] }
      - { after: 5m, page: [role:operations] }
      - { after: 15m, page: [person:rita] }
  catchAll: [role:release-manager]
channels: {}
`;
