import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';
import { createStore, Repeated, type Store } from '../../src/store/store.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await testDatabase();
  store = createStore(database.pool);
  await migrate(store.db);
  await database.pool.query('create table note (id int primary key, text text not null)');
});
afterAll(() => database.drop());

const cause = { actor: 'system:test', at: new Date('2026-11-23T09:00:00Z') };
const note = (tx: Pick<Store, 'db'>, id: number, text: string | null = 'x') =>
  sql`insert into note (id, text) values (${id}, ${text})`.execute(tx.db);
const notes = async (): Promise<readonly number[]> =>
  (await database.pool.query<{ id: number }>('select id from note order by id')).rows.map(({ id }) => id);
const entries = async (): Promise<number> =>
  (await database.pool.query<{ n: number }>('select count(*)::int as n from audit')).rows[0]?.n ?? -1;

describe('a transaction', () => {
  it('runs its statements in the order in which they were asked for, each on what the one before it left', async () => {
    const counted = await store.transaction(cause, async (tx) => {
      const [, first, , second] = await Promise.all([
        note(tx, 1),
        sql<{ n: number }>`select count(*)::int as n from note`.execute(tx.db),
        note(tx, 2),
        sql<{ n: number }>`select count(*)::int as n from note`.execute(tx.db),
      ]);
      return [first.rows[0]?.n, second.rows[0]?.n];
    });
    expect(counted).toEqual([1, 2]);
  });

  it('reads behind its lock what another has committed while it waited for the lock', async () => {
    const holder = await database.pool.connect();
    try {
      await holder.query('begin; select 1 from note where id = 1 for update');
      const waiting = store.transaction(cause, async (tx) => {
        const [, after] = await Promise.all([
          sql`select 1 from note where id = 1 for update`.execute(tx.db),
          sql<{ id: number }>`select id from note where id = 3`.execute(tx.db),
        ]);
        return after.rows;
      });
      const locked = () =>
        database.pool.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'");
      await expect.poll(async () => (await locked()).rowCount, { timeout: 10_000 }).toBe(1);
      await holder.query("insert into note (id, text) values (3, 'meanwhile')");
      await holder.query('commit');
      expect(await waiting).toEqual([{ id: 3 }]);
    } finally {
      holder.release();
    }
  });

  it('fails with the first error, and undoes everything, when a write fails that nobody awaited', async () => {
    const before = [await notes(), await entries()];
    let effects = 0;
    const failing = store.transaction(cause, async (tx) => {
      await note(tx, 10);
      tx.unawaited(note(tx, 1));
      tx.record({ kind: 'evidence' });
      tx.afterCommit(async () => {
        effects += 1;
      });
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    const awaiting = store.transaction(cause, async (tx) => {
      tx.unawaited(note(tx, 11, null));
      // Says itself only that the transaction is aborted.
      await note(tx, 12);
    });
    await expect(awaiting).rejects.toMatchObject({ code: '23502' });
    expect([await notes(), await entries(), effects]).toEqual([...before, 0]);
  });

  it('is not committed when its work swallows the failure of a statement', async () => {
    const swallowing = store.transaction(cause, async (tx) => {
      await note(tx, 20);
      await note(tx, 20).catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow();
    expect(await notes()).not.toContain(20);
  });

  it('L8: a repeat has no effect, whatever its work comes to', async () => {
    const request = { ...cause, request: 'test/1' };
    await store.transaction(request, async (tx) => void (await note(tx, 30)));
    const again = store.transaction(request, async (tx) => void (await note(tx, 31)));
    await expect(again).rejects.toBeInstanceOf(Repeated);
    const refused = store.transaction(request, async () => {
      throw new Error('refused now');
    });
    await expect(refused).rejects.toBeInstanceOf(Repeated);
    expect(await notes()).not.toContain(31);
  });

  it('takes no statement after its end, and gives its connection back', async () => {
    const late: Promise<unknown>[] = [];
    for (let n = 0; n < 25; n += 1)
      await store
        .transaction(cause, async (tx) => {
          late.push(Promise.resolve(tx));
          if (n % 2 === 0) throw new Error('no');
        })
        .catch(() => undefined);
    const leaked = (await late[0]) as Pick<Store, 'db'>;
    await expect(note(leaked, 40)).rejects.toThrow('after the end');
    expect(database.pool.idleCount).toBe(database.pool.totalCount);
    expect(await notes()).not.toContain(40);
  });
});
