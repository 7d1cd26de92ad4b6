import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** A redis-server of this machine, in memory only: a new one knows nothing of what the one before it held. */
export interface RedisProcess {
  readonly url: string;
  /** Resolves when it answers; false when it ends before, or there is no such program. */
  start(): Promise<boolean>;
  /** With SIGKILL, as a crash would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export const redisProcess = (port: number, folder: string): RedisProcess => {
  let server: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    server?.kill(signal);
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      const args = { port, bind: '127.0.0.1', save: '', appendonly: 'no', databases: 1_000, dir: folder };
      const child = spawn(
        'redis-server',
        Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]),
        { stdio: 'ignore' },
      );
      let ended = false;
      exited = new Promise((resolve) => {
        const over = (): void => {
          ended = true;
          resolve();
        };
        child.once('error', over);
        child.once('exit', over);
      });
      server = child;
      for (;;) {
        if (ended) return false;
        if (await answers(port)) return true;
        await pause(20);
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
};

const answers = async (port: number): Promise<boolean> => {
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
};
