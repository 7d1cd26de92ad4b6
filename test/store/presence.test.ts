import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { createArrivals } from '../../src/store/arrivals.ts';
import { createPresence } from '../../src/store/presence.ts';
import { testDatabase } from '../support/postgres.ts';

const cutoff = { id: 'weekly-2026-W48/in-test', at: new Date('2026-11-25T12:00:00Z') };
const before = new Date('2026-11-25T11:00:00Z');

const twoInstances = async () => {
  const database = await testDatabase();
  const first = await createPresence(database.pool, silentLog);
  const second = await createPresence(database.pool, silentLog);
  onTestFinished(async () => {
    await Promise.all([first.close(), second.close()]);
    await database.drop();
  });
  const locks = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ n: number }>(
      `select count(*)::int as n from pg_locks where locktype = 'advisory' and classid = ${0x51_67_02}
         and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows[0]?.n ?? 0;
  };
  return { database, first, second, locks };
};

describe('presence', () => {
  it('is seen by others until the instance ends, however it ends', async () => {
    const { first, second } = await twoInstances();
    expect([await second.isAlive(first.runner), await second.isAlive('12345')]).toEqual([true, false]);
    await first.close();
    await expect.poll(() => second.isAlive(first.runner)).toBe(false);
  });

  it('holds a cutoff once, however often it is asked to, and lets go of it', async () => {
    const { first, locks } = await twoInstances();
    await first.holdCutoff(cutoff.id);
    await first.holdCutoff(cutoff.id);
    expect(await locks()).toBe(1);
    await first.releaseCutoff(cutoff.id);
    await first.releaseCutoff(cutoff.id);
    expect(await locks()).toBe(0);
  });

  it('L3: is announced anew with all that it holds when its connection was lost', async () => {
    const { database, first, second, locks } = await twoInstances();
    const arrivals = createArrivals(first, silentLog);
    await arrivals.attend([cutoff], before);
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = ${0x51_67_01} and objid = $1`,
      [Number(first.runner)],
    );
    await expect.poll(() => second.isAlive(first.runner)).toBe(false);
    // The loss is noticed when the socket says so; until then an attempt may fail, and the next one does it.
    await expect
      .poll(async () => {
        await arrivals.attend([cutoff], before);
        return [await second.isAlive(first.runner), await locks()];
      })
      .toEqual([true, 1]);
  });

  it('L3: a cutoff that is past is let go of when the last request that arrived before it is dealt with', async () => {
    const { first, locks } = await twoInstances();
    const arrivals = createArrivals(first, silentLog);
    await arrivals.attend([cutoff], before);
    const early = arrivals.enter(new Date(cutoff.at.getTime() - 1));
    arrivals.enter(cutoff.at);
    let settled = false;
    const waiting = arrivals.settled(cutoff.at).then(() => {
      settled = true;
    });
    await arrivals.attend([cutoff], cutoff.at);
    expect([await locks(), settled]).toEqual([1, false]);
    early();
    await waiting;
    await arrivals.attend([cutoff], cutoff.at);
    expect(await locks()).toBe(0);
  });
});
