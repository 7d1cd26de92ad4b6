import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { silentLog } from '../../src/log.ts';
import type { QueueSettings } from '../../src/queue/backend.ts';
import { freePort } from '../../src/store/embedded/server.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { temporaryFolder } from './postgres-server.ts';

/** A server of the test's own, to be killed. */
export interface Mortal {
  readonly settings: QueueSettings;
  /** Kills it. */
  kill(): Promise<void>;
  /** Sees to it that it runs again, with what it had. */
  revive(): void;
}

export const ownPostgres = async (): Promise<Mortal> => {
  const { folder, remove } = await temporaryFolder();
  const server = await startEmbedded(folder, { log: silentLog });
  onTestFinished(async () => {
    await server.stop();
    await remove();
  });
  return {
    settings: { databaseUrl: server.url },
    kill: () =>
      new Promise((resolve) => {
        server.onExit(resolve);
        process.kill(server.pid(), 'SIGKILL');
      }),
    // It restarts itself.
    revive: () => {},
  };
};

export const ownRedis = async (): Promise<Mortal> => {
  const { folder, remove } = await temporaryFolder();
  const port = await freePort();
  const start = (): ChildProcess =>
    spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--dir', folder],
      { stdio: 'ignore' },
    );
  const kill = async (): Promise<void> => {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  let server = start();
  onTestFinished(async () => {
    await kill();
    await remove();
  });
  return {
    settings: { databaseUrl: 'unused', redisUrl: `redis://127.0.0.1:${port}` },
    kill,
    revive: () => {
      server = start();
    },
  };
};
