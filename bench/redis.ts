import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../src/store/embedded/server.ts';

export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A private one, with an append-only file as in production; undefined where the program is not installed. */
export const startRedis = async (): Promise<RedisServer | undefined> => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-redis-'));
  const port = await freePort();
  const options = { port, bind: '127.0.0.1', save: '', appendonly: 'yes', dir: folder };
  const server = spawn(
    'redis-server',
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: 'ignore' },
  );
  const exited = new Promise<'ended'>((resolve) => {
    server.once('error', () => resolve('ended'));
    server.once('exit', () => resolve('ended'));
  });
  const up = await Promise.race([exited, answering(port)]);
  const stop = async (): Promise<void> => {
    server.kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  if (up === 'up') return { url: `redis://127.0.0.1:${port}`, stop };
  await stop();
  return undefined;
};

const answering = async (port: number): Promise<'up' | 'never'> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    const answer = await client.connect().then(
      () => client.ping(),
      () => undefined,
    );
    client.disconnect();
    if (answer === 'PONG') return 'up';
    await pause(20);
  }
  return 'never';
};
