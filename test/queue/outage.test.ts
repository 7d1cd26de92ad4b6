import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import type { QueueSettings } from '../../src/queue/backend.ts';
import { freePort } from '../../src/store/embedded/server.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { temporaryFolder } from '../support/postgres-server.ts';
import { noRedis, redisLane } from '../support/redis.ts';
import { eventually, gate, quickRules, rig, settled } from './lanes.ts';

/** A server of the test's own, to be killed. */
interface Mortal {
  readonly settings: QueueSettings;
  /** Kills it. */
  kill(): Promise<void>;
  /** Sees to it that it runs again, with what it had. */
  revive(): void;
}

const ownPostgres = async (): Promise<Mortal> => {
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

const ownRedis = async (): Promise<Mortal> => {
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

const servers = [
  { name: 'PostgreSQL', missing: false, open: ownPostgres },
  { name: redisLane, missing: noRedis, open: ownRedis },
];

describe.each(servers)('when $name is killed and comes back', ({ missing, open }) => {
  test.skipIf(missing)(
    'L8, L2: workers resume, acknowledged rings have their run, no deployment runs twice',
    async () => {
      const { settings, kill, revive } = await open();
      const lane = { settings, wipe: async () => {} };
      // The server may need a moment to start: a failed connect leaves nothing behind and is simply repeated.
      const { backend, bell, start } = await eventually(() => rig(lane));
      const acknowledged: number[] = [];
      const runs: number[] = [];
      const deployments: number[] = [];
      const [running, ending] = [gate(), gate()];
      start(
        {
          'ring-deadline': async ({ id }) => void runs.push(id),
          'run-deployment': async ({ id }) => {
            deployments.push(id);
            running.open();
            await ending.opened;
          },
        },
        { rules: quickRules },
      );
      await bell.ringOrThrow('run-deployment', { id: 7 });
      await running.opened;
      for (let id = 1; id <= 50; id += 1) {
        await bell.ringOrThrow('ring-deadline', { id }, { at: new Date(id * 20_000) });
        acknowledged.push(id);
      }
      await kill();
      // The deployment ends while that cannot be recorded.
      ending.open();
      // A command that was answered just now does not fail because its bell could not be rung.
      await bell.ring('ring-deadline', { id: 1_000 });
      revive();
      await eventually(() => backend.ping());
      await eventually(() => bell.ringOrThrow('ring-deadline', { id: 51 }));
      acknowledged.push(51);
      await eventually(() => expect(acknowledged.filter((id) => !runs.includes(id))).toEqual([]));
      await settled(backend);
      // A deadline whose end could not be recorded runs twice, which it tolerates; a deployment never does (L2).
      expect(deployments).toEqual([7]);
    },
  );
});
