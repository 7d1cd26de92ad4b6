import { onTestFinished } from 'vitest';
import { createAnswer, createForms } from '../../handlers/answer.ts';
import { handlers } from '../../handlers/index.ts';
import { createJobs } from '../../jobs/index.ts';
import type { Context } from '../../src/operations/context.ts';
import { conversationsOf } from '../../src/operations/conversations.ts';
import { wantsEmail } from '../../src/operations/identify.ts';
import { shop } from './shop.ts';
import { type SlackApp, startSlackApp, type Transport, until } from './slack-app.ts';
import type { Delivered, SlackMessage } from './slack-server.ts';
import { createWorld, type World } from './world.ts';

export const releases = 'C01REL';
export const idOf = (name: string): string => `U0${name.toUpperCase()}`;

/** The shop, whose people are all in Slack but for mira, of whom the policy knows the address. */
export const slackShop = (options: Parameters<typeof shop>[0] = {}): string =>
  `${shop(options).replace(/^ {2}(\w+): \{(?: slack: \w+ )?\}$/gm, (_, name: string) =>
    name === 'mira' ? '  mira: { email: mira@shop.example }' : `  ${name}: { slack: ${idOf(name)} }`,
  )}channels: { releases: { slack: ${releases} } }\n`;

export interface SlackWeek extends SlackApp {
  readonly world: World;
  /** `/change …` and so on, by a name of the shop; what they are told by it. */
  say(person: string, line: string): Promise<string>;
  /** Presses a button on the channel's card of this name; what the presser alone is told by it. */
  press(person: string, card: string, label: string): Promise<string>;
  /** Fills in the modal that is open. */
  fill(person: string, values: Readonly<Record<string, string>>): Promise<Delivered>;
  /** Resolves when a form is open. */
  form(person: string): Promise<string>;
  /** Sends and draws all that waits, and what that leads to within the minute. */
  deliver(): Promise<void>;
  /** The card in the channel, as it is now. */
  card(name: string): SlackMessage;
  /** Its words. */
  words(name: string): string;
  /** First lines of all that was said, with who hears it: `rita: …`, `releases: …`. */
  heard(): readonly string[];
}

/** A release week in which people talk in Slack: the real database and processes, signed requests, real HTTP. */
export const startSlackWeek = async (
  transport: Transport,
  policy = slackShop(),
  over: Partial<Context> = {},
): Promise<SlackWeek> => {
  const world = await createWorld({ policy, platforms: ['slack'], over });
  const { context } = world;
  const bot = await startSlackApp(transport, handlers, {
    memory: conversationsOf(context, 'slack'),
    options: {
      now: () => world.clock.now(),
      policy: () => ({ zone: context.policy().timezone, people: context.policy().people, groups: [] }),
    },
    taking: {
      answer: createAnswer(context),
      forms: createForms(context),
      enter: (at) => context.arrivals.enter(at),
      wantsEmail: (actor) => wantsEmail(context.policy(), actor),
    },
  });
  onTestFinished(() => bot.close());
  const { slack, app } = bot;
  for (const name of context.policy().people.keys())
    slack.users.set(idOf(name), { id: idOf(name), email: `${name}@shop.example` });
  const jobs = createJobs(context, new Map([['slack', app.platform]]));
  const running = { signal: new AbortController().signal, attempt: 1 };

  const deliver: SlackWeek['deliver'] = async () => {
    await app.idle();
    const soon = new Date(world.clock.now().getTime() + 60_000);
    for (;;) {
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
  const card: SlackWeek['card'] = (name) => {
    const found = slack
      .in(releases)
      .filter((message) => new RegExp(`^[^\\p{L}]*${name}\\b`, 'u').test(titleOf(message)));
    const [first] = found;
    if (first === undefined || found.length > 1)
      throw new Error(`${found.length} cards ${name} in the channel`);
    return first;
  };
  /** What one person is told by something, besides cards that everybody sees. */
  const toldBy = async (person: string, deed: Promise<Delivered>): Promise<string> => {
    const before = slack.seenBy(idOf(person)).length;
    const { status, ms } = await deed;
    if (status !== 200 || ms > 3_000) throw new Error(`not acknowledged: ${status} after ${ms} ms`);
    await app.idle();
    return slack
      .seenBy(idOf(person))
      .slice(before)
      .map((message) => wordsOf(message))
      .join('\n');
  };
  const names = new Map([...context.policy().people.keys()].map((name) => [idOf(name), name]));
  return {
    ...bot,
    world,
    deliver,
    card,
    words: (name) => wordsOf(card(name)),
    say: (person, line) => {
      const [command = '', ...rest] = line.split(' ');
      return toldBy(person, slack.command(idOf(person), command, rest.join(' ')));
    },
    press: (person, name, label) => toldBy(person, slack.click(idOf(person), card(name), label)),
    fill: async (person, values) => {
      const delivered = await slack.submit(idOf(person), values);
      await app.idle();
      return delivered;
    },
    form: async (person) => {
      const open = () => slack.modals.get(idOf(person))?.[0];
      await until(() => open()?.['callback_id'] === 'signalbox:form', `no form for ${person}`);
      return JSON.stringify(open());
    },
    heard: () =>
      slack.messages.map((message) => {
        const { onlyFor, channel } = message;
        const who = onlyFor ?? (channel === releases ? 'releases' : channel.replace(/^D/, ''));
        return `${names.get(who) ?? who}: ${titleOf(message)}`;
      }),
  };
};

export const titleOf = ({ blocks }: SlackMessage): string => {
  const [header] = blocks;
  const text = header?.['text'];
  return typeof text === 'object' && text !== null && 'text' in text ? String(text.text) : '';
};

/** All words of the blocks, with buttons in brackets. */
export const wordsOf = ({ blocks }: Pick<SlackMessage, 'blocks'>): string => {
  const words: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) {
      const { type, text, ...rest } = value as Record<string, unknown>;
      if (typeof text === 'string') words.push(text);
      else if (type === 'button') words.push(`[${String((text as Record<string, unknown>)['text'])}]`);
      else walk([text, ...Object.values(rest)]);
    }
  };
  walk(blocks);
  return words.join('\n');
};
