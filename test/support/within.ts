import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createAnswer, createForms } from '../../handlers/answer.ts';
import { handlers } from '../../handlers/index.ts';
import { createJobs } from '../../jobs/index.ts';
import { buttonBoard } from '../../src/chat/console/buttons.ts';
import { consolePlatform } from '../../src/chat/console/post.ts';
import { runPrompt } from '../../src/chat/console/receive.ts';
import { openTerminal } from '../../src/chat/console/terminal.ts';
import type { Platform, PlatformName } from '../../src/chat/platform.ts';
import type { TeamsOptions } from '../../src/chat/teams/connect.ts';
import type { Context } from '../../src/operations/context.ts';
import { conversationsOf } from '../../src/operations/conversations.ts';
import { wantsEmail } from '../../src/operations/identify.ts';
import { companyShop, names, type Where } from './company.ts';
import { consoleChat } from './console-chat.ts';
import { type SlackApp, startSlackApp, type Transport } from './slack-app.ts';
import { idOf, type SlackChat, slackChat } from './slack-chat.ts';
import { type Chat, type House, type Stage, setStage } from './stage.ts';
import { startTeamsBot, type TeamsBot } from './teams-bot.ts';
import { type TeamsChat, teamsChat } from './teams-chat.ts';
import { aad } from './teams-server.ts';
import { createWorld, type World } from './world.ts';

/** A company whose people talk in these places, first of all in the first. */
export type Places = readonly ('console' | `slack ${Transport}` | 'teams')[];

export interface Within {
  readonly world: World;
  readonly stage: Stage;
  /** Sends and draws all that waits, and what that leads to within the minute. */
  deliver(): Promise<void>;
  readonly slack?: SlackApp & { readonly chat: SlackChat };
  readonly teams?: TeamsBot & { readonly chat: TeamsChat };
}

interface Room {
  readonly chat: Chat;
  readonly platform: Platform;
  /** Nothing that was asked is still being answered. */
  idle(): Promise<void>;
}

/** The bot in this process, on the test's clock: real database, real processes, real HTTP, real signatures. */
export const startWithin = async (
  places: Places,
  policy = companyShop(places.map(whereOf)),
  /** Of the bot's side of Teams, and of the bot. */
  over: { readonly teams?: Partial<TeamsOptions>; readonly context?: Partial<Context> } = {},
): Promise<Within> => {
  const world = await createWorld({
    policy,
    platforms: places.map(whereOf),
    ...(over.context === undefined ? {} : { over: over.context }),
  });
  const { context, clock } = world;
  const slackPlace = places.find((place) => place.startsWith('slack'));
  const slack =
    slackPlace === undefined
      ? undefined
      : await slackRoom(world, slackPlace === 'slack http' ? 'http' : 'socket');
  const teams = places.includes('teams') ? await teamsRoom(world, over.teams ?? {}) : undefined;
  const terminal = places.includes('console') ? consoleRoom(world) : undefined;
  const rooms = new Map<Where, Room>();
  if (slack !== undefined)
    rooms.set('slack', { chat: slack.chat, platform: slack.app.platform, idle: () => slack.app.idle() });
  if (teams !== undefined)
    rooms.set('teams', { chat: teams.chat, platform: teams.teams.platform, idle: () => teams.settled() });
  if (terminal !== undefined) rooms.set('console', terminal);
  const platforms = new Map<PlatformName, Platform>(
    [...rooms].map(([name, { platform }]) => [name, platform]),
  );
  const jobs = createJobs(context, platforms);
  const running = { signal: new AbortController().signal, attempt: 1 };
  world.hear('send-page', ({ id }) => jobs['send-page']({ id: Number(id) }));

  const deliver = async (): Promise<void> => {
    for (const { idle } of rooms.values()) await idle();
    for (;;) {
      const soon = new Date(clock.now().getTime() + 60_000);
      const next = world.bell.rings.findIndex(
        ({ name, at }) =>
          (name === 'deliver-notices' || name === 'refresh-card') && (at === undefined || at <= soon),
      );
      const [ring] = next === -1 ? [] : world.bell.rings.splice(next, 1);
      if (ring === undefined) return;
      if (ring.at !== undefined && ring.at > clock.now()) clock.set(ring.at);
      if (ring.name === 'deliver-notices')
        await jobs['deliver-notices']({ lane: String(ring.payload['lane']) }, running);
      else await jobs['refresh-card']({ subject: String(ring.payload['subject']) }, running);
    }
  };
  const settle = async (): Promise<void> => {
    // People take their time; platforms count what is sent to them within a second.
    clock.advance(1_000);
    for (const { idle } of rooms.values()) await idle();
    await world.sweep();
    await world.pump();
    await deliver();
  };
  const house: House = {
    store: context.store,
    patienceMs: 0,
    now: clock.now,
    settle,
    advance: async (to) => {
      await world.advance(to);
      await settle();
    },
    report: (report, id) => world.evidence(report, id),
    behave: world.behave,
    ledger: world.ledger,
    audit: world.audit,
  };
  const [first, ...others] = places.flatMap((place) => rooms.get(whereOf(place))?.chat ?? []);
  if (first === undefined) throw new Error('nobody can talk anywhere');
  return {
    world,
    deliver,
    stage: setStage(house, [first, ...others]),
    ...(slack === undefined ? {} : { slack }),
    ...(teams === undefined ? {} : { teams }),
  };
};

export const whereOf = (place: Places[number]): Where =>
  place === 'console' || place === 'teams' ? place : 'slack';

const takingOf = (context: Context) => ({
  answer: createAnswer(context),
  forms: createForms(context),
  enter: (at: Date) => context.arrivals.enter(at),
  wantsEmail: (actor: Parameters<typeof wantsEmail>[1]) => wantsEmail(context.policy(), actor),
});

const slackRoom = async ({ context, clock }: World, transport: Transport) => {
  const bot = await startSlackApp(transport, handlers, {
    memory: conversationsOf(context, 'slack'),
    options: {
      now: () => clock.now(),
      policy: () => ({ zone: context.policy().timezone, people: context.policy().people, groups: [] }),
    },
    taking: takingOf(context),
  });
  onTestFinished(() => bot.close());
  for (const name of names)
    bot.slack.users.set(idOf(name), { id: idOf(name), email: `${name}@shop.example` });
  return { ...bot, chat: slackChat(bot.slack) };
};

const teamsRoom = async ({ context, clock }: World, over: Partial<TeamsOptions>) => {
  const bot = await startTeamsBot(
    { ...takingOf(context), commands: handlers },
    conversationsOf(context, 'teams'),
    {
      now: () => clock.now(),
      pen: () => ({ userOf: (person) => context.policy().people.get(person)?.teams }),
      ...over,
    },
  );
  bot.server.emails.set(aad('mira'), 'mira@shop.example');
  return { ...bot, chat: teamsChat(bot.server, bot, names) };
};

const consoleRoom = ({ context, clock }: World): Room => {
  const input = new PassThrough();
  let printed = '';
  const output = new PassThrough().on('data', (text: Buffer) => {
    printed += text.toString();
  });
  const terminal = openTerminal({ input, output, now: () => clock.now() });
  const screen = {
    zone: context.policy().timezone,
    color: false,
    now: () => clock.now(),
    buttons: buttonBoard(),
  };
  const answer = createAnswer(context);
  const people = () => new Map([...context.policy().people].map(([id, { name }]) => [id, name]));
  const prompt = runPrompt({ ...screen, terminal, commands: handlers, people, answer });
  onTestFinished(async () => {
    input.end();
    await prompt;
  });
  return {
    platform: consolePlatform({ ...screen, write: terminal.print }),
    chat: consoleChat({ type: (line) => void input.write(`${line}\n`), screen: () => printed }),
    idle: async () => {},
  };
};
