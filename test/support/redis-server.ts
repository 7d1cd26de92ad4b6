import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../src/store/embedded/server.ts';
import { redisProcess } from './redis-process.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null when this machine has no redis-server: the Redis lane is skipped. */
    redisUrl: string | null;
  }
}

/** A private Redis on a free port, in memory only, where the program is installed. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-redis-'));
  const server = redisProcess(await freePort(), folder);
  const up = await server.start();
  if (!up) {
    process.stdout.write('The Redis lane is skipped: no redis-server on this machine.\n');
  }
  project.provide('redisUrl', up ? server.url : null);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
};
