import { sql } from 'kysely';
import { systemClock } from '../src/clock.ts';
import { approveChange } from '../src/operations/decide-change.ts';
import { readyToSign } from './seed.ts';
import { asBot, examplePolicy, policyWith, type Server } from './server.ts';
import { interleaved, median, ms, type Row, ratioOf } from './support.ts';

const [rounds, calls] = [5, 60];

/**
 * What the record costs: a transaction that writes one row, with an entry in the hash chain and without; and what that
 * is of the commonest operation, an approval, in the same minute.
 */
export const audit = async (server: Server): Promise<readonly Row[]> => {
  const policy = policyWith(await examplePolicy(), (rounds + 1) * calls);
  const database = await server.database();
  const samples = await asBot(database, { policy }, async (context, pool) => {
    const { store } = context;
    await readyToSign(context, policy);
    await pool.query('create table floor (id integer generated always as identity, note text not null)');
    const cause = { actor: 'system:bench', at: systemClock.now() };
    const write = (entries: number) => () =>
      store.transaction(cause, async (tx) => {
        await sql`insert into floor (note) values ('one row')`.execute(tx.db);
        for (let n = 0; n < entries; n += 1) tx.record({ kind: 'evidence', facts: { n } });
      });
    const approve = (n: number) =>
      approveChange(
        context,
        { actor: 'remy', at: cause.at, request: `bench-${n}` },
        { change: `CHG-${n + 1}` },
      );
    return interleaved(
      { none: write(0), one: write(1), hundred: write(100), approved: approve },
      { rounds, calls },
    );
  });
  await server.drop(database);
  const approved = samples.approved.flat();
  const appended = median(samples.one.map((one, n) => median(one) - median(samples.none[n] ?? [])));
  const floor = `without ${ms(median(samples.none.flat()))}`;
  return [
    {
      what: 'transaction with an audit entry',
      figure: ms(median(samples.one.flat())),
      floor,
      ratio: ratioOf(samples.one, samples.none),
    },
    {
      what: 'transaction with a hundred audit entries',
      figure: ms(median(samples.hundred.flat())),
      floor,
      ratio: ratioOf(samples.hundred, samples.none),
    },
    {
      what: 'audit entry, of an approval',
      figure: ms(appended),
      floor: `approval ${ms(median(approved))}`,
      ratio: appended / median(approved),
      aim: 0.1,
    },
  ];
};
