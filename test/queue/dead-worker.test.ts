import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually, lanes, quickRules, rig, settled } from './lanes.ts';

const program = fileURLToPath(new URL('dying-worker.mjs', import.meta.url));

describe.each(lanes)('a worker that is killed in mid-job, on $name', ({ missing, open }) => {
  test.skipIf(missing)('L2: its deadline is run again, its deployment is reconciled instead', async () => {
    const lane = await open();
    const { backend, bell, start } = await rig(lane);
    const child = spawn(
      process.execPath,
      [program, JSON.stringify({ settings: lane.settings, rules: quickRules })],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    await bell.ringOrThrow('ring-deadline', { id: 1 });
    await bell.ringOrThrow('run-deployment', { id: 2 });
    await eventually(() =>
      expect(said.trim().split('\n').toSorted()).toEqual(['ring-deadline runs', 'run-deployment runs']),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');

    const deadlines: object[] = [];
    const deployments: object[] = [];
    const lost: object[] = [];
    start(
      {
        'ring-deadline': async ({ id }, { attempt }) => void deadlines.push({ id, attempt }),
        'run-deployment': async ({ id }) => void deployments.push({ id }),
      },
      {
        rules: quickRules,
        onLost: { 'run-deployment': async ({ id }, reason) => void lost.push({ id, reason }) },
      },
    );
    await eventually(() => expect(deadlines).toEqual([{ id: 1, attempt: 2 }]));
    await eventually(() => expect(lost).toEqual([{ id: 2, reason: 'worker-died' }]));
    await settled(backend);
    expect(deployments).toEqual([]);

    // The loss does not block the name: a person's decision to deploy again is a ring like any other.
    await bell.ringOrThrow('run-deployment', { id: 2 });
    await eventually(() => expect(deployments).toEqual([{ id: 2 }]));
  });
});
