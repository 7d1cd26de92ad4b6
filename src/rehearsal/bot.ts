/** The bot of a rehearsal: a process of its own, so that it can be killed. Everything it is told comes by IPC. */
import { randomUUID } from 'node:crypto';
import { requestWords } from '../chat/parse.ts';
import type { Platform } from '../chat/platform.ts';
import { scaledClockFrom } from '../clock.ts';
import type { Log } from '../log.ts';
import { type Signalbox, startSignalbox } from '../main.ts';
import { sweep } from '../operations/sweep.ts';
import { type CurrentPolicy, openPolicy } from '../policy/current.ts';
import { Secret, type Settings } from '../settings.ts';
import { type Briefing, type FromBot, type ToBot, talkChannel } from './messages.ts';
import { withProgram } from './program.ts';

const tell = (message: FromBot): void => void process.send?.(message);

/** What needs attention goes to the director's stderr; a rehearsal has no other log. */
const stderrLog: Log = {
  info: () => undefined,
  warn: (facts, message) => write('warn', facts, message),
  error: (facts, message) => write('error', facts, message),
};
const write = (level: string, facts: object, message: string): void => {
  if (level === 'error' || process.env['LOG_LEVEL'] === 'warn')
    process.stderr.write(`${level}: ${message} ${JSON.stringify(facts, describeErrors)}\n`);
};
const describeErrors = (_key: string, value: unknown): unknown =>
  value instanceof Error ? value.stack : value;

const waiting = new Map<string, () => void>();
/** Resolves when the director has shown it. */
const shown = (message: Extract<FromBot, { kind: 'post' | 'update' }>): Promise<void> =>
  new Promise((resolve) => {
    waiting.set(message.id, resolve);
    tell(message);
  });

const screen: Platform = {
  name: 'console',
  post: async (to, card) => {
    const message = randomUUID();
    await shown({ kind: 'post', id: randomUUID(), message, to, card });
    return { message };
  },
  update: ({ message = '' }, card) => shown({ kind: 'update', id: randomUUID(), message, card }),
};

const policyOf = (briefing: Briefing, now: () => Date): CurrentPolicy => {
  const opened = openPolicy(briefing.policyFile, { now, msUntil: () => 0 });
  if (!opened.ok) throw new Error(`the policy ${briefing.policyFile} has faults`);
  const { program } = briefing;
  if (program === undefined) return opened.current;
  const { current } = opened;
  return {
    ...current,
    get: () => ({ ...current.get(), policy: withProgram(current.get().policy, program) }),
  };
};

const settingsOf = (briefing: Briefing): Settings => ({
  databaseUrl: new Secret(briefing.databaseUrl),
  dataFolder: briefing.dataFolder,
  policyFile: briefing.policyFile,
  host: '127.0.0.1',
  port: 0,
  hookSecret: new Secret(briefing.hookSecret),
});

const serve = async (briefing: Briefing): Promise<(message: ToBot) => Promise<void>> => {
  const clock = scaledClockFrom(briefing.clock);
  const bot: Signalbox = await startSignalbox({
    settings: settingsOf(briefing),
    policy: policyOf(briefing, clock.now),
    log: stderrLog,
    clock,
    platforms: new Map([['console', screen]]),
    stepEnvironment: briefing.stepEnvironment,
  });
  const requestOf = (id: string, person: string) => ({
    id,
    actor: { platform: 'console', id: person } as const,
    channel: talkChannel,
    receivedAt: clock.now(),
  });
  tell({ kind: 'ready', url: bot.url ?? '' });
  return async (message) => {
    switch (message.kind) {
      case 'clock':
        return clock.follow(message.clock);
      case 'sweep':
        return sweep(bot.context);
      case 'say': {
        const words = requestWords(message.text, bot.commands);
        const reply = await bot.answer({ ...requestOf(message.id, message.person), ...words });
        return tell({
          kind: 'reply',
          id: message.id,
          card: reply.card,
          inChannel: reply.audience === 'channel',
        });
      }
      case 'press': {
        const { verb, subject, args = [] } = message.button;
        const reply = await bot.answer({ ...requestOf(message.id, message.person), verb, subject, args });
        return tell({
          kind: 'reply',
          id: message.id,
          card: reply.card,
          inChannel: reply.audience === 'channel',
        });
      }
      case 'count': {
        const counts = await bot.queue.counts();
        const jobs = [...counts]
          .filter(([queue]) => queue !== 'deployments')
          .reduce((sum, [, { waiting: idle, active }]) => sum + idle + active, 0);
        return tell({ kind: 'counted', id: message.id, jobs });
      }
      case 'shown':
        waiting.get(message.id)?.();
        waiting.delete(message.id);
        return;
      case 'start':
        return;
    }
  };
};

let serving: Promise<(message: ToBot) => Promise<void>> | undefined;
process.on('message', (message: ToBot) => {
  if (message.kind === 'shown') {
    // While it starts, too: the first cards are posted by its own workers.
    waiting.get(message.id)?.();
    waiting.delete(message.id);
    return;
  }
  serving ??= message.kind === 'start' ? serve(message) : undefined;
  if (message.kind === 'start') {
    serving?.catch((error: unknown) =>
      tell({
        kind: 'failed',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    );
    return;
  }
  serving
    ?.then((handle) => handle(message))
    .catch((error: unknown) => stderrLog.error({ err: error }, `the bot could not act on ${message.kind}`));
});
// Without a director there is nobody to play for, and nobody who would clean up.
process.on('disconnect', () => process.exit(0));
