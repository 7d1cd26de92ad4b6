import { spawn as start } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPostgresBackend, isPgPool, withBackend } from 'bullmq';
import { dispatchDeploymentsJob } from '../jobs/dispatch-deployments.ts';
import { ringDeadlineJob } from '../jobs/ring-deadline.ts';
import { runDeploymentJob } from '../jobs/run-deployment.ts';
import { scaledClock, systemClock, testClock } from '../src/clock.ts';
import type { Policy } from '../src/domain/policy.ts';
import { createCommandExecutor } from '../src/executors/command.ts';
import { silentLog } from '../src/log.ts';
import { armTimetable } from '../src/operations/arm-timetable.ts';
import type { Context } from '../src/operations/context.ts';
import { decideGo } from '../src/operations/decide-go.ts';
import { recordEvidence } from '../src/operations/record-evidence.ts';
import { ringDeadline } from '../src/operations/ring-deadline.ts';
import { submitChange } from '../src/operations/submit-change.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { connectQueue } from '../src/queue/backend.ts';
import { createBell } from '../src/queue/bell.ts';
import { startWorkers } from '../src/queue/workers.ts';
import { openDeadlines } from '../src/store/deadlines.ts';
import { createPool } from '../src/store/pool.ts';
import { asBot, type Server } from './server.ts';
import { median, ms, type Row } from './support.ts';

const rounds = 12;
const opens = new Date('2026-11-28T22:00:00Z');
/** Real milliseconds from the start of the workers to the window's opening. */
const headStartMs = 2_500;
/** The bare job is due that much later, so that the two do not wait for each other. */
const apartMs = 1_000;

const text = (command: readonly string[]): string => `
timezone: UTC
people: { rita: {}, dev: {} }
roles: { release-manager: [rita], operations: [rita] }
services: { only: { owners: [dev] } }
trains:
  weekly:
    cutoffs:
      in-test: { at: Wednesday 12:00, requires: [build] }
    windows: [{ name: night, opens: Saturday 22:00, lasts: 4h }]
approvals: { normal: [] }
plans: { one: { steps: [{ name: go, run: { command: ${JSON.stringify(command)} } }] } }
`;

/**
 * From the opening of a window to the first process of its first deployment, against a bare delayed job of BullMQ that
 * starts the same process: on the same server, one after the other. The process notes when it runs.
 */
export const spawn = async (server: Server): Promise<readonly Row[]> => {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const one = await night(server);
    // The first one warms up.
    if (round > 0) {
      ours.push(one.ours);
      bare.push(one.bare);
    }
  }
  const behind = median(ours) - median(bare);
  return [
    {
      what: 'window opening to first process, PostgreSQL, median',
      figure: `${ms(median(ours))} late`,
      floor: `bare job that starts it ${ms(median(bare))} late`,
      ratio: median(ours) / median(bare),
    },
    {
      what: 'of that, beyond the bare job',
      figure: ms(behind),
      floor: '50 ms',
      ratio: behind / 50,
      aim: 1,
    },
  ];
};

const night = async (server: Server): Promise<{ readonly ours: number; readonly bare: number }> => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const database = await server.database();
  const [mine, theirs] = [join(folder, 'ours'), join(folder, 'bare')];
  const program = join(folder, 'note.sh');
  writeFileSync(program, '#!/bin/sh\ndate +%s%N > "$1.new" && mv "$1.new" "$1"\n', { mode: 0o755 });
  const loaded = loadPolicy(text([program, mine]), 'bench.yaml', opens);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  try {
    const queue = await connectQueue({ databaseUrl: database.url }, silentLog);
    await asBot(database, { policy: loaded.policy }, (context) => toGo(context, loaded.policy));
    const realOpens = systemClock.now().getTime() + headStartMs;
    const clock = scaledClock({ origin: new Date(opens.getTime() - headStartMs), pace: 1 });
    const bell = createBell(queue, clock, silentLog);
    await asBot(database, { policy: loaded.policy, clock, bell }, async (bot) => {
      const context: Context = {
        ...bot,
        executors: {
          command: createCommandExecutor({ directory: join(folder, 'steps'), environment: process.env }),
        },
      };
      const workers = startWorkers(
        queue,
        {
          'ring-deadline': ringDeadlineJob(context),
          'dispatch-deployments': dispatchDeploymentsJob(context),
          'run-deployment': runDeploymentJob(context),
        },
        { bell, log: silentLog },
      );
      const endBare = await bareJob(database.url, [program, theirs], realOpens + apartMs);
      for (const { id, dueAt } of await openDeadlines(context.store.db, opens))
        await bell.ring('ring-deadline', { id }, { at: dueAt });
      for (let waited = 0; waited < 30_000 && !(existsSync(mine) && existsSync(theirs)); waited += 50)
        await pause(50);
      await workers.close(5_000);
      await endBare();
    });
    await queue.close();
    const at = (file: string): number => Number(readFileSync(file, 'utf8')) / 1e6;
    return { ours: at(mine) - realOpens, bare: at(theirs) - realOpens - apartMs };
  } finally {
    await server.drop(database);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
};

/** One change with its papers and a go, on Saturday morning. */
const toGo = async (bot: Context, policy: Policy): Promise<void> => {
  const clock = testClock('2026-11-23T09:00:00Z');
  const context = { ...bot, clock };
  const by = (actor: string) => ({ actor, at: clock.now() });
  await armTimetable(context);
  await submitChange(context, by('dev'), {
    service: 'only',
    version: '1.0.0',
    type: 'normal',
    records: [],
    note: '',
  });
  await recordEvidence(context, by('system:ci'), {
    kind: 'build',
    service: 'only',
    version: '1.0.0',
    artifact: `sha256:${'a'.repeat(64)}`,
    outcome: 'pass',
    source: 'ci',
  });
  clock.set(new Date('2026-11-28T10:00:00Z'));
  for (const { id } of await openDeadlines(context.store.db, clock.now())) await ringDeadline(context, id);
  const [train] = [...policy.trains.keys()];
  await decideGo(context, by('rita'), { go: 'go', subject: `${train}-2026-W48` });
};

/** BullMQ with nothing of ours around it: a delayed job that starts the program. */
const bareJob = async (
  url: string,
  [program = '', ...args]: readonly string[],
  at: number,
): Promise<() => Promise<void>> => {
  const pool = createPool(url, { max: 6, log: silentLog, schemas: ['bullmq'] });
  if (!isPgPool(pool)) throw new Error('the pool is none that BullMQ knows');
  const bull = withBackend(createPostgresBackend);
  const queue = new bull.Queue<object, void, string>('bare', { connection: pool });
  const worker = new bull.Worker<object, void, string>(
    'bare',
    async () => void start(program, args, { stdio: 'ignore', detached: true }).unref(),
    { connection: pool },
  );
  queue.on('error', () => {});
  worker.on('error', () => {});
  await queue.add('bare', {}, { delay: at - systemClock.now().getTime() });
  return async () => {
    await worker.close();
    await queue.close();
    await pool.end();
  };
};
