import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { silentLog } from '../../src/log.ts';
import { startEmbedded } from '../../src/store/embedded.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A role that may create databases, on the server of this run. */
    postgresUrl: string;
  }
}

/** A data folder that goes away, wherever its database had to live. */
export const temporaryFolder = async (): Promise<{ folder: string; remove(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-'));
  await chmod(folder, 0o711);
  return {
    folder,
    remove: async () => {
      const database = await realpath(join(folder, 'postgres')).catch(() => undefined);
      if (database !== undefined) {
        const elsewhere = dirname(database) !== (await realpath(folder));
        await rm(elsewhere ? dirname(database) : database, { recursive: true, force: true });
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** One PostgreSQL a run. Tests do not outlive it, so it need not wait for the disk. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const { folder, remove } = await temporaryFolder();
  const server = await startEmbedded(folder, {
    log: silentLog,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    await remove();
  };
};
