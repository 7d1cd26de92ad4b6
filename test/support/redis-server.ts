import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../src/store/embedded/server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null when this machine has no redis-server: the Redis lane is skipped. */
    redisUrl: string | null;
  }
}

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

/** A private Redis on a free port, in memory only, where the program is installed. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-redis-'));
  const port = await freePort();
  const server = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--databases',
      '1000',
      '--dir',
      folder,
    ],
    { stdio: 'ignore' },
  );
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      ended = true;
      resolve();
    };
    server.once('error', end);
    server.once('exit', end);
  });
  let up = false;
  while (!ended && !up) {
    up = await answers(port);
    await pause(up ? 0 : 20);
  }
  if (!up) {
    process.stdout.write('The Redis lane is skipped: no redis-server on this machine.\n');
  }
  project.provide('redisUrl', up ? `redis://127.0.0.1:${port}` : null);
  return async () => {
    server.kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
};
