import { describe, expect, test } from 'vitest';
import { refuse } from '../../src/domain/refusal.ts';
import type { Log } from '../../src/log.ts';
import { connectQueue } from '../../src/queue/backend.ts';
import { createBell } from '../../src/queue/bell.ts';
import { eventually, gate, lanes, quickClock, quickRules, rig, settled } from './lanes.ts';

const recorder = (): Log & { readonly lines: { level: string; facts: object; message: string }[] } => {
  const lines: { level: string; facts: object; message: string }[] = [];
  const note = (level: string) => (facts: object, message: string) =>
    void lines.push({ level, facts, message });
  return { lines, info: note('info'), warn: note('warn'), error: note('error') };
};

describe.each(lanes)('the queue on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    test('a job runs when its time has come on the clock, and carries its ids', async () => {
      const { bell, start } = await rig(await open());
      const runs: { lane: string; ms: number }[] = [];
      const rung = performance.now();
      await bell.ringOrThrow('deliver-notices', { lane: 'later' }, { at: new Date(700_000) });
      await bell.ringOrThrow('deliver-notices', { lane: 'soon' }, { at: new Date(200_000) });
      await bell.ringOrThrow('deliver-notices', { lane: 'overdue' }, { at: new Date(-5_000) });
      start({
        'deliver-notices': async ({ lane }) => void runs.push({ lane, ms: performance.now() - rung }),
      });
      await eventually(() => expect(runs.map((run) => run.lane)).toEqual(['overdue', 'soon', 'later']));
      expect(runs[2]?.ms).toBeGreaterThan(690);
    });

    test('fifty rings while the job waits are one run', async () => {
      const { backend, bell, start } = await rig(await open());
      const runs: number[] = [];
      const at = new Date(300_000);
      await Promise.all(
        Array.from({ length: 50 }, () => bell.ringOrThrow('ring-deadline', { id: 7 }, { at })),
      );
      start({ 'ring-deadline': async ({ id }) => void runs.push(id) });
      await eventually(() => expect(runs).toEqual([7]));
      await settled(backend);
      expect(runs).toEqual([7]);
    });

    test('rings from several processes while the job waits are one run', async () => {
      const lane = await open();
      const processes = await Promise.all([rig(lane), rig(lane), rig(lane)]);
      const runs: number[] = [];
      await Promise.all(
        processes.flatMap(({ bell }) => [1, 2, 3].map((id) => bell.ringOrThrow('run-deployment', { id }))),
      );
      for (const { start } of processes) start({ 'run-deployment': async ({ id }) => void runs.push(id) });
      await eventually(() => expect(runs.toSorted()).toEqual([1, 2, 3]));
      await Promise.all(processes.map(({ backend }) => settled(backend)));
      expect(runs).toHaveLength(3);
    });

    test('a deadline that is moved forward is rung at its new time', async () => {
      const { bell, start } = await rig(await open());
      let runs = 0;
      await bell.ringOrThrow('ring-deadline', { id: 1 }, { at: new Date(3_600_000_000) });
      await bell.ringOrThrow('ring-deadline', { id: 1 }, { at: new Date(100_000) });
      start({
        'ring-deadline': async () => {
          runs += 1;
        },
      });
      await eventually(() => expect(runs).toBe(1));
    });

    test('rings during a run lead to exactly one more run afterwards', async () => {
      const { backend, bell, start } = await rig(await open());
      const [first, ringing] = [gate(), gate()];
      let value = 'old';
      const seen: string[] = [];
      start({
        'refresh-card': async () => {
          seen.push(value);
          ringing.open();
          await first.opened;
        },
      });
      await bell.ringOrThrow('refresh-card', { subject: 'CHG-1' });
      await ringing.opened;
      value = 'new';
      await Promise.all(
        Array.from({ length: 20 }, () => bell.ringOrThrow('refresh-card', { subject: 'CHG-1' })),
      );
      first.open();
      await eventually(() => expect(seen).toEqual(['old', 'new']));
      await settled(backend);
      expect(seen).toEqual(['old', 'new']);
    });

    test('a run starts after every ring, whatever the rings race with', async () => {
      const { backend, bell, start } = await rig(await open());
      let committed = 0;
      let delivered = 0;
      let runs = 0;
      start({
        'deliver-notices': async () => {
          runs += 1;
          const seen = committed;
          await new Promise(setImmediate);
          delivered = Math.max(delivered, seen);
        },
      });
      for (let round = 0; round < 150; round += 1) {
        await Promise.all(
          Array.from({ length: 1 + (round % 4) }, () => {
            committed += 1;
            return bell.ringOrThrow('deliver-notices', { lane: 'one' });
          }),
        );
        if (round % 7 === 0) await eventually(() => expect(delivered).toBe(committed));
      }
      await settled(backend);
      expect(delivered).toBe(committed);
      expect(runs).toBeLessThanOrEqual(committed);
    });

    test('a finished job can be rung again, and a job that is early rings itself again', async () => {
      const { bell, start } = await rig(await open());
      const at = new Date(50_000);
      let runs = 0;
      start({
        'ring-deadline': async ({ id }) => {
          runs += 1;
          if (runs === 1) await bell.ringOrThrow('ring-deadline', { id }, { at });
        },
      });
      await bell.ringOrThrow('ring-deadline', { id: 3 }, { at });
      await eventually(() => expect(runs).toBe(2));
      await bell.ringOrThrow('ring-deadline', { id: 3 }, { at });
      await eventually(() => expect(runs).toBe(3));
    });

    test('an unexpected error is logged with a reference and the job is tried again', async () => {
      const log = recorder();
      const { backend, bell, start } = await rig(await open(), log);
      const attempts: number[] = [];
      start({
        'ring-deadline': async (_payload, { attempt }) => {
          attempts.push(attempt);
          if (attempt < 3) throw new Error('secret detail');
        },
      });
      await bell.ringOrThrow('ring-deadline', { id: 4 });
      await eventually(() => expect(attempts).toEqual([1, 2, 3]));
      await settled(backend);
      const failures = log.lines.filter((line) => line.message === 'job failed');
      expect(failures).toHaveLength(2);
      expect(failures[0]).toMatchObject({
        level: 'error',
        facts: {
          job: 'ring-deadline',
          payload: { id: 4 },
          reference: expect.stringMatching(/^[0-9a-f]{8}$/),
        },
      });
    });

    test('a refusal completes the job', async () => {
      const log = recorder();
      const { backend, bell, start } = await rig(await open(), log);
      let runs = 0;
      start({
        'ring-deadline': async () => {
          runs += 1;
          refuse({ code: 'window-shut', facts: { window: 'saturday-night' } });
        },
      });
      await bell.ringOrThrow('ring-deadline', { id: 5 });
      await eventually(() => expect(runs).toBe(1));
      await settled(backend);
      expect(runs).toBe(1);
      expect((await backend.counts()).get('deadlines')?.failed).toBe(0);
      expect(log.lines.filter((line) => line.level !== 'info')).toEqual([]);
      expect(log.lines[0]).toMatchObject({ level: 'info', facts: { code: 'window-shut' } });
    });

    test('L2: a deployment that throws is not run again; it is reconciled', async () => {
      const { backend, bell, start } = await rig(await open());
      let runs = 0;
      const lost: object[] = [];
      start(
        {
          'run-deployment': async () => {
            runs += 1;
            throw new Error('bug');
          },
        },
        { onLost: { 'run-deployment': async ({ id }, reason) => void lost.push({ id, reason }) } },
      );
      await bell.ringOrThrow('run-deployment', { id: 9 });
      await eventually(() => expect(lost).toEqual([{ id: 9, reason: 'attempts-exhausted' }]));
      await settled(backend);
      expect(runs).toBe(1);
    });

    test('L8: what is overdue is rung by the sweep after the queue has lost everything', async () => {
      const lane = await open();
      const { bell, start } = await rig(lane);
      const at = new Date(400_000);
      const row = { id: 6, dueAt: at, done: false };
      await bell.ringOrThrow('ring-deadline', { id: row.id }, { at });
      await lane.wipe();
      start(
        {
          sweep: async () => {
            if (!row.done) await bell.ring('ring-deadline', { id: row.id }, { at: row.dueAt });
          },
          'ring-deadline': async () => {
            row.done = true;
          },
        },
        { sweepEveryMs: 200 },
      );
      await eventually(() => expect(row.done).toBe(true));
      // Also when it is lost while the workers run.
      row.done = false;
      await bell.ringOrThrow('ring-deadline', { id: row.id }, { at });
      await lane.wipe();
      await eventually(() => expect(row.done).toBe(true));
    });

    test('a shutdown waits for running jobs, then aborts their signals', async () => {
      const { bell, start } = await rig(await open());
      const running = gate();
      const ended: string[] = [];
      const workers = start({
        'ring-deadline': async ({ id }, { signal }) => {
          running.open();
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          ended.push(`${id} aborted`);
        },
      });
      await bell.ringOrThrow('ring-deadline', { id: 8 });
      await running.opened;
      await workers.close(100);
      expect(ended).toEqual(['8 aborted']);
    });

    test('a job whose lock is lost is told so', async () => {
      const lane = await open();
      const { bell, start } = await rig(lane);
      const running = gate();
      let reason: unknown;
      start(
        {
          'ring-deadline': async (_payload, { signal }) => {
            running.open();
            await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
            reason ??= signal.reason;
          },
        },
        { rules: quickRules },
      );
      await bell.ringOrThrow('ring-deadline', { id: 8 });
      await running.opened;
      await lane.wipe();
      await eventually(() => expect(reason).toBe('lock lost'));
    });

    test('queues are counted, and the queue answers a ping', async () => {
      const { backend, bell } = await rig(await open());
      await backend.ping();
      await bell.ringOrThrow('run-deployment', { id: 1 });
      await bell.ringOrThrow('ring-deadline', { id: 1 }, { at: new Date(60_000_000) });
      const counts = await backend.counts();
      expect(counts.get('deployments')).toEqual({ waiting: 1, active: 0, delayed: 0, failed: 0 });
      expect(counts.get('deadlines')).toEqual({ waiting: 0, active: 0, delayed: 1, failed: 0 });
    });

    test('a ring after the end fails quietly, or loudly where asked', async () => {
      const log = recorder();
      const { settings } = await open();
      const backend = await connectQueue(settings, log);
      const bell = createBell(backend, quickClock, log);
      await backend.close();
      await bell.ring('sweep', {});
      expect(log.lines.at(-1)).toMatchObject({ level: 'warn', facts: { job: 'sweep' } });
      await expect(bell.ringOrThrow('sweep', {})).rejects.toThrow();
    });
  });
});
