import { type ChildProcess, fork } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import type { Button, Card } from '../chat/card.ts';
import type { Destination } from '../chat/platform.ts';
import type { ClockState } from '../clock.ts';
import type { Briefing, FromBot, ToBot } from './messages.ts';

/** What the bot shows in chat, in the order in which it is shown. */
export interface Screen {
  post(message: string, to: Destination, card: Card): void;
  update(message: string, card: Card): void;
}

export interface Answer {
  readonly id: string;
  readonly card: Card;
  readonly inChannel: boolean;
}

/** A bot in a process of its own. Whatever is asked of it rejects when it is gone. */
export interface Bot {
  say(person: string, text: string): Promise<Answer>;
  press(person: string, button: Button): Promise<Answer>;
  /** Over HTTP, signed as a CI system would; the response's status and body. */
  report(body: object, now: Date): Promise<{ readonly status: number; readonly body: string }>;
  setClock(clock: ClockState): void;
  sweep(): void;
  /** Jobs that wait or run, deployments left out. */
  countJobs(): Promise<number>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Resolves when it is up. */
export const startBot = async (briefing: Omit<Briefing, 'kind'>, screen: Screen): Promise<Bot> => {
  const child = fork(new URL('./bot.js', import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A terminal's Ctrl-C goes to the director alone, which then ends its bot itself.
    detached: true,
    env: { ...environment(), TZ: 'UTC' },
  });
  const gone = new Promise<never>((_, reject) =>
    child.once('exit', (code, signal) => reject(new Error(`the bot has ended (${signal ?? code})`))),
  );
  gone.catch(() => undefined);
  const pending = new Map<string, (message: FromBot) => void>();
  const tell = (message: ToBot): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  const ask = (message: ToBot & { readonly id: string }): Promise<FromBot> =>
    Promise.race([
      gone,
      new Promise<FromBot>((resolve) => {
        pending.set(message.id, resolve);
        tell(message);
      }),
    ]);

  const ready = new Promise<string>((resolve, reject) => {
    child.on('message', (message: FromBot) => {
      switch (message.kind) {
        case 'ready':
          return resolve(message.url);
        case 'failed':
          return reject(new Error(message.message));
        case 'post':
          screen.post(message.message, message.to, message.card);
          return tell({ kind: 'shown', id: message.id });
        case 'update':
          screen.update(message.message, message.card);
          return tell({ kind: 'shown', id: message.id });
        case 'reply':
        case 'counted':
          pending.get(message.id)?.(message);
          pending.delete(message.id);
          return;
      }
    });
  });
  tell({ kind: 'start', ...briefing });
  let url: string;
  try {
    url = await Promise.race([ready, gone]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }

  const answered = async (message: Extract<ToBot, { kind: 'say' | 'press' }>): Promise<Answer> => {
    const reply = await ask(message);
    if (reply.kind !== 'reply') throw new Error(`the bot answered ${message.kind} with ${reply.kind}`);
    return { id: message.id, card: reply.card, inChannel: reply.inChannel };
  };
  return {
    say: (person, text) => answered({ kind: 'say', id: randomUUID(), person, text }),
    press: (person, button) => answered({ kind: 'press', id: randomUUID(), person, button }),
    report: async (body, now) => {
      const text = JSON.stringify(body);
      const timestamp = String(Math.floor(now.getTime() / 1_000));
      const response = await fetch(`${url}/hooks/evidence`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-signalbox-timestamp': timestamp,
          'x-signalbox-signature': `sha256=${createHmac('sha256', briefing.hookSecret).update(`${timestamp}.${text}`).digest('hex')}`,
        },
        body: text,
        signal: AbortSignal.timeout(30_000),
      });
      return { status: response.status, body: await response.text() };
    },
    setClock: (clock) => tell({ kind: 'clock', clock }),
    sweep: () => tell({ kind: 'sweep' }),
    countJobs: async () => {
      const reply = await ask({ kind: 'count', id: randomUUID() });
      return reply.kind === 'counted' ? reply.jobs : 0;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended(child);
    },
  };
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
};

/** A rehearsal never reaches a real system: nothing of this environment's settings gets through. */
const environment = (): NodeJS.ProcessEnv => {
  const { PATH, HOME, LANG, LOG_LEVEL, TMPDIR, NODE_OPTIONS } = process.env;
  return Object.fromEntries(
    Object.entries({ PATH, HOME, LANG, LOG_LEVEL, TMPDIR, NODE_OPTIONS }).filter(
      ([, value]) => value !== undefined,
    ),
  );
};
