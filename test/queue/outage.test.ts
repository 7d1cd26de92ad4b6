import { describe, expect, test } from 'vitest';
import { ownPostgres, ownRedis } from '../support/mortal-servers.ts';
import { noRedis, redisLane } from '../support/redis.ts';
import { eventually, gate, quickRules, rig, settled } from './lanes.ts';

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
