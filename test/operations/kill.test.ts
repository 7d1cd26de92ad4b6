/**
 * L2, L8: the real bot, with its queue, workers and steps as processes, killed with SIGKILL at random points until a
 * night is over. `SIGNALBOX_KILLS=300` kills as often; by default a few times, because every kill costs a start.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { auditAfter } from '../../src/store/audit.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';

const kills = Number(process.env['SIGNALBOX_KILLS'] ?? 6);
/** Enough to do that most kills find something under way. */
const count = Math.max(8, Math.ceil(kills * 1.5));
const names = Array.from({ length: count }, (_, i) => `s${i}`);

const prepared = async (): Promise<{ readonly world: World; readonly policyFile: string }> => {
  const policy = shop({
    services: names.map((name) => `${name}: {}`),
    concurrency: 3,
    capacity: 10_000,
    inTestRequires: '[build]',
    seats: '[]',
  }).replace('requires: [sign-off:qa, verified:preproduction, records, approvals]', 'requires: [build]');
  const world = await createWorld({ policy });
  const policyFile = join(world.context.workFolder, 'signalbox.yaml');
  writeFileSync(policyFile, policy);
  for (const [i, name] of names.entries()) {
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

const states = async (world: World): Promise<readonly string[]> =>
  (await world.database.pool.query('select state from deployment order by id')).rows.map(
    ({ state }) => state,
  );

const isOver = (all: readonly string[]): boolean =>
  all.length === count &&
  all.every((state) => ['succeeded', 'rolled-back', 'failed', 'asking'].includes(state));

it(
  `every step is finished, undone or asked about, and none ran twice: killed ${kills} times`,
  async () => {
    const { world, policyFile } = await prepared();
    const began = Date.now();
    const born = () => {
      const settings = {
        databaseUrl: world.database.url,
        folder: join(world.context.workFolder, 'data'),
        policyFile,
        from: new Date(Date.parse(week48.opens) + Date.now() - began),
        stepEnvironment: world.context.stepEnvironment,
      };
      const args = [
        '--import',
        './test/support/typescript.mjs',
        'test/support/mortal-bot.ts',
        JSON.stringify(settings),
      ];
      const bot = spawn(process.execPath, args, {
        cwd: fileURLToPath(new URL('../../', import.meta.url)),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      return {
        ready: Promise.race([once(bot.stdout, 'data'), once(bot, 'exit')]),
        gone: once(bot, 'exit'),
        kill: () => bot.kill('SIGKILL'),
      };
    };

    let killed = 0;
    while (killed < kills && !isOver(await states(world))) {
      const bot = born();
      // Some die while they start.
      if (Math.random() < 0.8) await bot.ready;
      await pause(Math.random() * 1_500);
      bot.kill();
      // One that ended by itself was not killed.
      expect(await bot.gone).toEqual([null, 'SIGKILL']);
      killed += 1;
    }
    const last = born();
    for (;;) {
      const now = await states(world);
      if (isOver(now)) break;
      await pause(100);
    }
    last.kill();
    expect(await last.gone).toEqual([null, 'SIGKILL']);

    expect(killed).toBeGreaterThan(Math.min(3, kills - 1));
    const lines = world.ledger();
    expect(lines.filter((line, i) => lines.indexOf(line) !== i)).toEqual([]);
    const all = await states(world);
    for (const [i, name] of names.entries()) {
      const { id, state } = await world.deployment(`CHG-${i + 1}`);
      const mine = lines
        .filter((line) => line.startsWith(`${name} `))
        .map((line) => line.slice(name.length + 1));
      const done = ['prepare', 'check', 'switch'];
      // What is asked about has a step that nobody knows of; it has begun at most.
      if (state === 'asking') {
        const runs = await world.database.pool.query('select state from step_run where deployment = $1', [
          id,
        ]);
        expect(runs.rows.map((run) => run.state)).toContain('unknown');
      } else
        expect([name, state, mine]).toEqual(
          i % 3 === 0 ? [name, 'rolled-back', [...done, 'back', 'clean']] : [name, 'succeeded', done],
        );
    }
    expect(all.filter((state) => state === 'asking').length).toBeLessThan(count);
    expect((await auditAfter(world.context.store.db, 0, 1_000_000)).length).toBeGreaterThan(count);
  },
  60_000 + kills * 15_000,
);
