import { systemClock } from '../src/clock.ts';
import { silentLog } from '../src/log.ts';
import { approveChange } from '../src/operations/decide-change.ts';
import { connectQueue } from '../src/queue/backend.ts';
import { createBell } from '../src/queue/bell.ts';
import { readyToSign } from './seed.ts';
import { asBot, examplePolicy, policyWith, type Server } from './server.ts';
import { interleaved, median, ms, quantile, type Row, ratioOf } from './support.ts';

const rounds = 7;
const calls = 60;

/**
 * An approval decided and durable, against the least that a durable fact can cost on the same server: one row inserted
 * and committed. Once as it is committed, once with the ring of the card's redrawing, which the answer waits for.
 */
export const approval = async (server: Server): Promise<readonly Row[]> => {
  const policy = policyWith(await examplePolicy(), 2 * (rounds + 1) * calls);
  const database = await server.database();
  const queue = await connectQueue({ databaseUrl: database.url }, silentLog);
  const bell = createBell(queue, systemClock, silentLog);
  const samples = await asBot(database, { policy }, async (context, pool) => {
    const now = systemClock.now();
    await readyToSign(context, policy);
    await pool.query('create table floor (id integer primary key, note text not null)');
    const approve = (n: number, by = context) =>
      approveChange(by, { actor: 'remy', at: now, request: `bench-${n}` }, { change: `CHG-${n + 1}` });
    return interleaved(
      {
        floor: (call) => pool.query('insert into floor (id, note) values ($1, $2)', [call, 'one row']),
        approved: (call) => approve(2 * call),
        answered: (call) => approve(2 * call + 1, { ...context, bell }),
      },
      { rounds, calls },
    );
  });
  await queue.close();
  await server.drop(database);
  const floor = samples.floor.flat();
  const against = `bare commit ${ms(median(floor))}`;
  const approved = samples.approved.flat();
  const answered = samples.answered.flat();
  return [
    {
      what: 'approval committed',
      figure: ms(median(approved)),
      floor: against,
      ratio: ratioOf(samples.approved, samples.floor),
      aim: 4,
    },
    {
      what: 'approval committed, p99',
      figure: ms(quantile(approved, 0.99)),
      floor: `bare commit p99 ${ms(quantile(floor, 0.99))}`,
      ratio: quantile(approved, 0.99) / quantile(floor, 0.99),
    },
    {
      what: 'approval committed and bell rung (PostgreSQL)',
      figure: ms(median(answered)),
      floor: against,
      ratio: ratioOf(samples.answered, samples.floor),
    },
  ];
};
