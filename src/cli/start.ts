import { unwatchFile, watchFile } from 'node:fs';
import { type Logger, pino } from 'pino';
import { buttonBoard } from '../chat/console/buttons.ts';
import { consolePlatform } from '../chat/console/post.ts';
import { runPrompt } from '../chat/console/receive.ts';
import { openTerminal } from '../chat/console/terminal.ts';
import type { Platform, PlatformName } from '../chat/platform.ts';
import { systemClock } from '../clock.ts';
import type { Signalbox, startSignalbox } from '../main.ts';
import type { CurrentPolicy } from '../policy/current.ts';
import { formatFault } from '../policy/fault.ts';
import type { Settings } from '../settings.ts';
import { openPolicyFile } from './policy-file.ts';

export interface StartOptions {
  readonly settings: Settings;
  readonly only?: 'web' | 'jobs';
  /** Handed in by the composition root. */
  readonly start: typeof startSignalbox;
}

/** `signalbox start`: runs until a signal or the end of the prompt. Resolves to the exit code. */
export const startCommand = async ({ settings, only, start }: StartOptions): Promise<number> => {
  const policy = openPolicyFile(settings.policyFile);
  const hasPrompt = settings.slack === undefined && settings.teams === undefined && only === undefined;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal));
  const log = logger(hasPrompt && process.stdin.isTTY === true);
  const buttons = buttonBoard();
  const terminal = hasPrompt
    ? openTerminal({
        input: process.stdin,
        output: process.stdout,
        now: systemClock.now,
        interactive: process.stdin.isTTY === true,
      })
    : undefined;
  const screen = {
    write: terminal?.print ?? ((text: string) => void process.stdout.write(text)),
    zone: policy.get().policy.timezone,
    color: process.stdout.isTTY === true,
    now: systemClock.now,
    buttons,
    nameOf: (person: string) => policy.get().policy.people.get(person)?.name ?? person,
  };
  // With another chat there is nobody at the terminal: a notice there would reach no one.
  const hasChat = settings.slack !== undefined || settings.teams !== undefined;
  const platforms = new Map<PlatformName, Platform>(hasChat ? [] : [['console', consolePlatform(screen)]]);
  const bot = await start({
    settings,
    policy,
    log,
    platforms,
    signal: stop.signal,
    ...(only === undefined ? {} : { only }),
  });
  const unwatch = watchPolicy(bot, policy, log);
  try {
    if (terminal) {
      terminal.print(greeting(policy, bot.url));
      stop.signal.addEventListener('abort', () => terminal.close());
      await runPrompt({
        ...screen,
        terminal,
        commands: bot.commands,
        people: () => names(policy),
        answer: bot.answer,
      });
    } else {
      log.info({ url: bot.url }, 'Signalbox runs.');
      if (!stop.signal.aborted)
        await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
    }
  } finally {
    unwatch();
    await bot.close();
    terminal?.close();
  }
  return 0;
};

/** At the prompt only what needs attention is logged, so that the conversation stays readable. */
const logger = (atPrompt: boolean): Logger =>
  pino({ level: process.env['LOG_LEVEL'] ?? (atPrompt ? 'error' : 'info'), base: null }, pino.destination(2));

const names = (policy: CurrentPolicy): ReadonlyMap<string, string> =>
  new Map([...policy.get().policy.people].map(([id, person]) => [id, person.name]));

const greeting = (policy: CurrentPolicy, url: string | undefined): string => {
  const { organization, services, people } = policy.get().policy;
  const [someone = 'rita'] = people.keys();
  return [
    `Signalbox${organization === 'Signalbox' ? '' : ` for ${organization}`}: ${services.size} services, ${people.size} people. Policy: ${policy.file}.`,
    'There are no Slack or Teams credentials, so the chat is here, at this prompt.',
    `Say who you are ("as ${someone}"), then "train", "change submit …" or "help". A number presses a button; "quit" ends.`,
    ...(url === undefined ? [] : [`Systems report to ${url}/hooks/evidence.`]),
    '',
  ].join('\n');
};

/** A policy file that changes is read again; a faulty one is refused and the last good one stays in force. */
const watchPolicy = (bot: Signalbox, policy: CurrentPolicy, log: Logger): (() => void) => {
  let turn = Promise.resolve();
  const reload = (): void => {
    turn = turn
      .then(async () => {
        const faults = await bot.reloadPolicy();
        if (faults.length === 0) log.info({ file: policy.file }, 'The policy file was read again.');
        else
          log.error(
            { faults: faults.map(formatFault) },
            'The policy file has faults; the last good policy stays in force.',
          );
      })
      .catch((error: unknown) => log.error({ err: error }, 'The policy could not be put into force.'));
  };
  // Polling sees through editors that replace files, mounted volumes and symlinks; SIGHUP is for those who cannot wait.
  watchFile(policy.file, { interval: 2_000 }, (now, before) => {
    if (now.mtimeMs !== before.mtimeMs) reload();
  });
  process.on('SIGHUP', reload);
  return () => {
    unwatchFile(policy.file);
    process.off('SIGHUP', reload);
  };
};
