import { systemClock } from '../src/clock.ts';
import type { Policy } from '../src/domain/policy.ts';
import { trainToBoard } from '../src/domain/train.ts';
import type { Executor } from '../src/executors/executor.ts';
import { armTimetable } from '../src/operations/arm-timetable.ts';
import { runDeployment } from '../src/operations/run-deployment.ts';
import { updateChange } from '../src/store/changes.ts';
import { insertDeployment, updateDeployment } from '../src/store/deployments.ts';
import { seedChanges } from './seed.ts';
import { asBot, examplePolicy, policyWith, type Server } from './server.ts';
import { ms, type Row, timed } from './support.ts';

const [few, many] = [100, 1_000];
const steps = 3;
const atOnce = 8;

/** Does nothing, and has done it before anybody asks: what is left is what a step costs in books. */
const idle: Executor = {
  name: 'command',
  prepare: ({ deployment, step, attempt }) => ({
    executor: 'command',
    run: `${deployment}/${step}/${attempt}`,
  }),
  start: async () => {},
  status: async () => ({ state: 'finished', exitCode: 0, tail: '' }),
  wait: async () => ({ state: 'finished', exitCode: 0, tail: '' }),
  cancel: async () => {},
};

/** A hundred deployments and a thousand, of three steps that do nothing, eight at once: per step. */
export const step = async (server: Server): Promise<readonly Row[]> => {
  const example = await examplePolicy();
  const warm = await night(server, example, few);
  const [small, large] = [await night(server, example, few), await night(server, example, many)];
  return [
    {
      what: `${many} deployments of ${steps} no-op steps, overhead per step`,
      figure: ms(large.perStep),
      floor: `two bare commits ${ms(2 * large.commit)}`,
      ratio: large.perStep / (2 * large.commit),
    },
    {
      what: `${many} deployments of ${steps} no-op steps, per step`,
      figure: `${ms(large.perStep * many * steps)} in all`,
      floor: `${few}: ${ms(small.perStep * few * steps)} in all`,
      ratio: large.perStep / Math.min(small.perStep, warm.perStep),
      aim: 1.3,
    },
  ];
};

/** Milliseconds that a step takes and that a bare commit takes, both with as many at once. */
const night = async (
  server: Server,
  example: Policy,
  count: number,
): Promise<{ readonly perStep: number; readonly commit: number }> => {
  const policy = policyWith(example, count);
  const database = await server.database();
  const measured = await asBot(database, { policy }, async (bot, pool) => {
    const context = { ...bot, executors: { command: idle } };
    const now = systemClock.now();
    const train = trainToBoard(policy, now);
    if (train === undefined) throw new Error('no train');
    await armTimetable(context);
    const papers = { inTest: () => true, signedOff: () => true, approvers: () => [] };
    await seedChanges(context.store, policy, train, now, papers);
    const ids: number[] = [];
    for (const [n, service] of [...policy.services.values()].entries()) {
      const deployment = await insertDeployment(context.store.db, {
        change: n + 1,
        train: train.id,
        service: service.name,
        artifact: `sha256:${'a'.repeat(64)}`,
        plan: {
          name: 'idle',
          strategy: 'in-place',
          reserve: 0,
          steps: Array.from({ length: steps }, (_, i) => ({
            name: `step-${i}`,
            run: { executor: 'command', command: ['true'] },
            expected: 1_000,
            timeout: 60_000,
          })),
        },
        wave: 0,
        position: n,
        unit: n,
        queuedAt: now,
      });
      if (deployment === undefined) throw new Error('no deployment');
      await updateDeployment(context.store.db, deployment.id, { state: 'running', startedAt: now });
      await updateChange(context.store.db, n + 1, { state: 'deploying' });
      ids.push(deployment.id);
    }
    await pool.query('create table floor (id serial primary key, note text not null)');
    const commits: number[] = [];
    const took = await timed(() => eachAtOnce(ids, (id) => runDeployment(context, id)));
    const bare = await timed(() =>
      eachAtOnce(ids, async () => {
        commits.push(await timed(() => pool.query("insert into floor (note) values ('one row')")));
      }),
    );
    const { rows } = await pool.query<{ count: number }>(
      "select count(*)::int as count from deployment where state = 'succeeded'",
    );
    if (rows[0]?.count !== count) throw new Error(`${rows[0]?.count} of ${count} deployments succeeded`);
    return { perStep: took / (count * steps), commit: bare / commits.length };
  });
  await server.drop(database);
  return measured;
};

const eachAtOnce = async <T>(values: readonly T[], work: (value: T) => Promise<void>): Promise<void> => {
  const rest = [...values];
  const worker = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};
