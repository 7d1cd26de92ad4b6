/**
 * L2, L8: the real bot with its workers and steps as processes, on a PostgreSQL and a queue of its own. The bot, the
 * database and Redis are killed with SIGKILL at random points, alone and together, until a night is over.
 * `SIGNALBOX_KILLS=300` kills as often on each queue; by default ten times, because every kill costs a start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyAudit } from '../../src/store/audit.ts';
import { freePort } from '../../src/store/embedded/server.ts';
import { temporaryDirectory } from '../executors/runs.ts';
import { type MortalPostgres, mortalPostgres } from '../support/mortal-postgres.ts';
import { noRedis, redisLane } from '../support/redis.ts';
import { type RedisProcess, redisProcess } from '../support/redis-process.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';

const kills = Number(process.env['SIGNALBOX_KILLS'] ?? 10);
/** Of one night: with more, planning its hundreds of changes would be most of the work. */
const mostKills = 30;
const nights = Array.from({ length: Math.ceil(kills / mostKills) }, (_, i) => ({
  night: i + 1,
  kills: Math.min(mostKills, kills - i * mostKills),
}));

type Victim = 'bot' | 'postgres' | 'redis';

const prepared = async (postgres: MortalPostgres, services: readonly string[]) => {
  const policy = shop({
    services: services.map((name) => `${name}: {}`),
    concurrency: 4,
    capacity: 10_000,
    inTestRequires: '[build]',
    seats: '[]',
  }).replace('requires: [sign-off:qa, verified:preproduction, records, approvals]', 'requires: [build]');
  const world = await createWorld({ policy, server: postgres.url });
  const policyFile = join(world.context.workFolder, 'signalbox.yaml');
  writeFileSync(policyFile, policy);
  for (const [i, name] of services.entries()) {
    await world.submit('dev', name);
    await world.build(name, '1.0.0');
    for (const step of ['prepare', 'check', 'switch', 'clean', 'back'])
      world.behave(name, step, 'sleep 0.15');
    // Every third one fails at its end and is undone.
    if (i % 3 === 0) world.behave(name, 'switch', 'sleep 0.15; exit 1');
  }
  await world.advance(week48.meeting);
  await world.go(week48.train);
  return { world, policyFile };
};

/** The bot as a process, born again whenever it has died. Only a start may fail, when what it needs is away. */
const keepAlive = (settings: () => object) => {
  let bot: ChildProcess;
  let ended = false;
  const unasked: string[] = [];
  const born = (): void => {
    const args = ['--import', './test/support/typescript.mjs', 'test/support/mortal-bot.ts'];
    const child = spawn(process.execPath, [...args, JSON.stringify(settings())], {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    bot = child;
    let served = false;
    const serving = child.stdout === null ? Promise.resolve() : once(child.stdout, 'data');
    void serving.then(() => (served = true)).catch(() => undefined);
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL' && served) unasked.push(`code ${code}, ${signal}`);
      if (!ended) born();
    });
  };
  born();
  return {
    /** Endings of a bot that served that nobody had asked for. */
    unasked,
    kill: () => void bot.kill('SIGKILL'),
    end: async () => {
      ended = true;
      bot.kill('SIGKILL');
      if (bot.exitCode === null && bot.signalCode === null) await once(bot, 'exit');
    },
  };
};

/** Asked again while the database is away. */
const ask = async (world: World, query: string): Promise<readonly Record<string, unknown>[]> => {
  for (;;) {
    try {
      return (await world.database.pool.query(query)).rows;
    } catch {
      await pause(100);
    }
  }
};

const states = async (world: World): Promise<readonly string[]> =>
  (await ask(world, 'select state from deployment order by id')).map(({ state }) => String(state));

const entries = async (world: World): Promise<number> =>
  Number((await ask(world, 'select coalesce(max(seq), 0) as n from audit'))[0]?.['n']);

/** Resolves once the bot has done something more; a night that stands still says where. */
const moreThan = async (world: World, known: number): Promise<number> => {
  const began = Date.now();
  for (;;) {
    const now = await entries(world);
    if (now > known) return now;
    if (Date.now() - began > standstillMs)
      throw new Error(
        `nothing happens any more: ${JSON.stringify(await ask(world, "select id, state, runner, fence from deployment where state in ('running', 'undoing')"))}`,
      );
    await pause(50);
  }
};

/** The queue's patience with a worker that died is a minute and a half. */
const standstillMs = 150_000;

const settled = ['succeeded', 'rolled-back', 'failed', 'asking'];

const play = async (total: number, redis?: RedisProcess): Promise<void> => {
  const postgres = await mortalPostgres();
  onTestFinished(() => postgres.stop());
  // Enough to do that most kills find something under way.
  const services = Array.from({ length: Math.max(20, total * 3) }, (_, i) => `s${i}`);
  const { world, policyFile } = await prepared(postgres, services);
  const isOver = (all: readonly string[]) =>
    all.length === services.length && all.every((state) => settled.includes(state));
  const began = Date.now();
  const bot = keepAlive(() => ({
    databaseUrl: world.database.url,
    ...(redis === undefined ? {} : { redisUrl: redis.url }),
    folder: join(world.context.workFolder, 'data'),
    policyFile,
    from: new Date(Date.parse(week48.opens) + Date.now() - began),
    stepEnvironment: world.context.stepEnvironment,
  }));
  onTestFinished(() => bot.end());

  const deaths: Readonly<Record<Victim, () => Promise<void>>> = {
    bot: async () => bot.kill(),
    postgres: async () => postgres.kill(),
    redis: async () => {
      await redis?.kill();
      await redis?.start();
    },
  };
  const victims: readonly Victim[] = redis === undefined ? ['bot', 'postgres'] : ['bot', 'postgres', 'redis'];
  const killed: Victim[] = [];
  let recorded = await entries(world);
  while (killed.length < total && !isOver(await states(world))) {
    // Some die while they start, the others when something is under way.
    if (Math.random() < 0.8) recorded = await moreThan(world, recorded);
    await pause(Math.random() * 1_000);
    // Each in its turn, and now and then two at once.
    const first = victims[killed.length % victims.length] ?? 'bot';
    const second = victims[Math.floor(Math.random() * victims.length)] ?? 'bot';
    const dying = Math.random() < 0.2 && second !== first ? [first, second] : [first];
    await Promise.all(dying.map((victim) => deaths[victim]()));
    killed.push(...dying);
  }
  for (let seen = 0; !isOver(await states(world)); ) seen = await moreThan(world, seen);
  await bot.end();

  expect(bot.unasked).toEqual([]);
  expect(killed.length).toBeGreaterThanOrEqual(total);
  expect(new Set(killed)).toEqual(new Set(victims));
  const lines = world.ledger();
  expect(lines.filter((line, i) => lines.indexOf(line) !== i)).toEqual([]);
  const asked = (await world.notices()).flatMap((n) => (n.kind === 'step-unknown' ? [n.deployment] : []));
  for (const [i, name] of services.entries()) {
    const { id, state } = await world.deployment(`CHG-${i + 1}`);
    const mine = lines
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => line.slice(name.length + 1));
    const done = ['prepare', 'check', 'switch'];
    // What is asked about has a step that nobody knows of; it has begun at most.
    if (state === 'asking') {
      const runs = await world.database.pool.query('select state from step_run where deployment = $1', [id]);
      expect(runs.rows.map((run) => run.state)).toContain('unknown');
      expect(asked).toContain(`DEP-${id}`);
    } else
      expect([name, state, mine]).toEqual(
        i % 3 === 0 ? [name, 'rolled-back', [...done, 'back', 'clean']] : [name, 'succeeded', done],
      );
  }
  const all = await states(world);
  expect(all.filter((state) => state === 'asking').length).toBeLessThan(services.length / 2);
  // L12: no kill has torn the record.
  expect(await verifyAudit(world.context.store.db)).toMatchObject({ ok: true });
  process.stdout.write(
    `killed ${killed.length}: ${victims.map((v) => `${v} ${killed.filter((k) => k === v).length}`).join(', ')}; ${all.filter((s) => s === 'asking').length} of ${all.length} asked about\n`,
  );
};

const limit = ({ kills: total }: { readonly kills: number }): number => 150_000 + total * 15_000;

describe('L2, L8: every step is finished, undone or asked about, and none ran twice', () => {
  for (const one of nights) {
    it(
      `queue on PostgreSQL, night ${one.night}: bot and database killed ${one.kills} times`,
      () => play(one.kills),
      limit(one),
    );

    it.skipIf(noRedis)(
      `queue on ${redisLane}, night ${one.night}: bot, database and Redis killed ${one.kills} times`,
      async () => {
        const redis = redisProcess(await freePort(), temporaryDirectory());
        expect(await redis.start()).toBe(true);
        onTestFinished(() => redis.stop());
        await play(one.kills, redis);
      },
      limit(one),
    );
  }
});
