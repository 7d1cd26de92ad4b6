import { createAnswer, createForms } from '../../handlers/answer.ts';
import { handlers } from '../../handlers/index.ts';
import { createJobs } from '../../jobs/index.ts';
import type { Platform, PlatformName } from '../../src/chat/platform.ts';
import type { TeamsOptions } from '../../src/chat/teams/connect.ts';
import type { Context } from '../../src/operations/context.ts';
import { conversationsOf } from '../../src/operations/conversations.ts';
import { wantsEmail } from '../../src/operations/identify.ts';
import { shop } from './shop.ts';
import { startTeamsBot, type TeamsBot } from './teams-bot.ts';
import { linesOf } from './teams-people.ts';
import { aad, company, type Posted } from './teams-server.ts';
import { createWorld, type World } from './world.ts';

/** The shop, whose people are all in Teams but for mira, of whom the policy knows the address. */
export const teamsShop = (options: Parameters<typeof shop>[0] = {}): string =>
  `${shop(options).replace(/^ {2}(\w+): \{(?: slack: \w+ )?\}$/gm, (_, name: string) =>
    name === 'mira' ? '  mira: { email: mira@shop.example }' : `  ${name}: { teams: ${aad(name)} }`,
  )}channels: { releases: { teams: "${company.channel}" } }\n`;

export interface TeamsWeek extends TeamsBot {
  readonly world: World;
  readonly context: Context;
  /** Sends and draws all that waits, and what that leads to within the minute. */
  deliver(): Promise<void>;
  /** The copy of a card in the channel, as it is now. */
  shared(title: string): Posted;
  /** First lines of all messages, with who or what they are in: `rita: …`, `channel: …`. */
  heard(): readonly string[];
}

/** A release week in which people talk in Teams: the real database and processes, real tokens, real HTTP. */
export const startTeamsWeek = async ({
  policy = teamsShop(),
  others = new Map(),
  over = {},
  context: more = {},
}: {
  policy?: string;
  /** Platforms beside Teams. */
  others?: ReadonlyMap<PlatformName, Platform>;
  over?: Partial<TeamsOptions>;
  /** Of the bot. */
  context?: Partial<Context>;
} = {}): Promise<TeamsWeek> => {
  const world = await createWorld({ policy, platforms: ['teams', ...others.keys()], over: more });
  const { context } = world;
  const bot = await startTeamsBot(
    {
      answer: createAnswer(context),
      forms: createForms(context),
      commands: handlers,
      enter: (at) => context.arrivals.enter(at),
      wantsEmail: (actor) => wantsEmail(context.policy(), actor),
    },
    conversationsOf(context, 'teams'),
    {
      now: () => world.clock.now(),
      pen: () => ({ userOf: (person) => context.policy().people.get(person)?.teams }),
      ...over,
    },
  );
  const jobs = createJobs(context, new Map([['teams', bot.teams.platform], ...others]));
  const running = { signal: new AbortController().signal, attempt: 1 };

  const deliver: TeamsWeek['deliver'] = async () => {
    await bot.settled();
    for (;;) {
      const soon = new Date(world.clock.now().getTime() + 60_000);
      const next = world.bell.rings.findIndex(
        ({ name, at }) =>
          (name === 'deliver-notices' || name === 'refresh-card') && (at === undefined || at <= soon),
      );
      const [ring] = next === -1 ? [] : world.bell.rings.splice(next, 1);
      if (ring === undefined) return;
      if (ring.at !== undefined && ring.at > world.clock.now()) world.clock.set(ring.at);
      if (ring.name === 'deliver-notices')
        await jobs['deliver-notices']({ lane: String(ring.payload['lane']) }, running);
      else await jobs['refresh-card']({ subject: String(ring.payload['subject']) }, running);
    }
  };

  const shared: TeamsWeek['shared'] = (title) => {
    const found = bot.server.messages.filter(
      ({ conversation, activity }) =>
        conversation.startsWith(company.channel) && linesOf(activity)[0]?.includes(title) === true,
    );
    const [first] = found;
    if (first === undefined || found.length > 1)
      throw new Error(`${found.length} cards ${title} in the channel`);
    return first;
  };
  const names = new Map([...context.policy().people.keys()].map((name) => [`a:${aad(name)}`, name]));
  return {
    ...bot,
    world,
    context,
    deliver,
    shared,
    heard: () =>
      bot.server.messages.map(
        ({ conversation, activity }) => `${names.get(conversation) ?? 'channel'}: ${linesOf(activity)[0]}`,
      ),
  };
};
