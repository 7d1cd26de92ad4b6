import { sql } from 'kysely';
import { systemClock } from '../src/clock.ts';
import { type Server, using } from './server.ts';
import { interleaved, median, ms, type Row, ratioOf } from './support.ts';

/** What the record costs: a transaction that writes one row, with an entry in the hash chain and without. */
export const audit = async (server: Server): Promise<readonly Row[]> => {
  const database = await server.database();
  const samples = await using(database, async ({ store, pool }) => {
    await pool.query('create table floor (id integer generated always as identity, note text not null)');
    const cause = { actor: 'system:bench', at: systemClock.now() };
    const write = (entries: number) => () =>
      store.transaction(cause, async (tx) => {
        await sql`insert into floor (note) values ('one row')`.execute(tx.db);
        for (let n = 0; n < entries; n += 1) tx.record({ kind: 'evidence', facts: { n } });
      });
    return interleaved({ none: write(0), one: write(1), hundred: write(100) }, { rounds: 5, calls: 60 });
  });
  await server.drop(database);
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
  ];
};
