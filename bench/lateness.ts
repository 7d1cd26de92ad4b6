import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../src/clock.ts';
import { trainToBoard } from '../src/domain/train.ts';
import { silentLog } from '../src/log.ts';
import { armTimetable } from '../src/operations/arm-timetable.ts';
import type { Context } from '../src/operations/context.ts';
import { arm } from '../src/operations/outgoing.ts';
import { ringDeadline } from '../src/operations/ring-deadline.ts';
import { connectQueue, type QueueSettings } from '../src/queue/backend.ts';
import { createBell } from '../src/queue/bell.ts';
import { startWorkers } from '../src/queue/workers.ts';
import { bareQueue } from './bare-queue.ts';
import { startRedis } from './redis.ts';
import { asBot, examplePolicy, type Server } from './server.ts';
import { ms, quantile, type Row } from './support.ts';

/** Deadlines, and as many bare jobs, due in turns; far enough apart not to wait for each other. */
const count = 150;
const apartMs = 80;
/** All are armed before the first is due. */
const headStartMs = 4_000;

/**
 * How long after its instant a deadline (row, bell, `ringDeadline`) is begun and is done and durable, against how late
 * BullMQ runs a delayed job that does nothing: both on the same server, at the same time, in turns.
 */
export const lateness = async (server: Server): Promise<readonly Row[]> => {
  const redis = await startRedis();
  if (redis === undefined) process.stderr.write('Redis is left out: no redis-server on this machine.\n');
  const rows: Row[] = [];
  for (const redisUrl of redis === undefined ? [undefined] : [undefined, redis.url]) {
    const { url: databaseUrl, name } = await server.database();
    rows.push(...(await onQueue({ databaseUrl, ...(redisUrl === undefined ? {} : { redisUrl }) }, name)));
    await server.drop({ url: databaseUrl, name });
  }
  await redis?.stop();
  return rows;
};

const onQueue = async (settings: QueueSettings, name: string): Promise<readonly Row[]> => {
  const policy = await examplePolicy();
  const queue = await connectQueue(settings, silentLog);
  const bell = createBell(queue, systemClock, silentLog);
  const bare = await bareQueue(settings);
  const begun: number[] = [];
  const done: number[] = [];
  await asBot({ name, url: settings.databaseUrl }, { policy, bell }, async (context) => {
    await armTimetable(context);
    const due = new Map<number, Date>();
    const workers = startWorkers(
      queue,
      {
        'ring-deadline': async ({ id }) => {
          const at = due.get(id);
          if (at === undefined) return ringDeadline(context, id);
          const late = -systemClock.msUntil(at);
          await ringDeadline(context, id);
          if (!due.delete(id)) return;
          begun.push(late);
          done.push(-systemClock.msUntil(at));
        },
        'dispatch-deployments': async () => {},
      },
      { bell, log: silentLog },
    );
    const first = systemClock.now().getTime() + headStartMs;
    for (let n = 0; n < count; n += 1) {
      const at = first + n * apartMs;
      const armed = await armWindow(context, `bench-${n}`, new Date(at));
      due.set(armed, new Date(at));
      await bare.add(at + apartMs / 2);
    }
    const end = first + count * apartMs + 30_000;
    while ((due.size > 0 || bare.late.length < count) && systemClock.now().getTime() < end) await pause(50);
    if (due.size > 0) throw new Error(`${due.size} deadlines were not done`);
    await workers.close(5_000);
  });
  await bare.close();
  await queue.close();
  const kind = queue.kind === 'redis' ? 'Redis' : 'PostgreSQL';
  const row = (what: string, sample: readonly number[], q: number): Row => ({
    what: `deadline ${what}, ${kind}, p${q * 100}`,
    figure: `${ms(quantile(sample, q))} late`,
    floor: `bare delayed job ${ms(quantile(bare.late, q))} late`,
    ratio: quantile(sample, q) / quantile(bare.late, q),
  });
  return [
    row('begun', begun, 0.5),
    row('begun', begun, 0.99),
    row('done', done, 0.5),
    row('done', done, 0.99),
  ];
};

/** A window that closes: as little is done about it as about any deadline. */
const armWindow = (context: Context, window: string, at: Date): Promise<number> =>
  context.store.transaction({ actor: 'system:bench', at: systemClock.now() }, async (tx) => {
    const train = trainToBoard(context.policy(), systemClock.now());
    const row = train && (await arm(tx, context, { kind: 'window-closes', train: train.id, window }, at));
    if (row === undefined) throw new Error('not armed');
    return row.id;
  });
