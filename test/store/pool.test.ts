import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { freePort } from '../../src/store/embedded/server.ts';
import { createPool, waitForDatabase } from '../../src/store/pool.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.drop());

describe('the pool', () => {
  it('reads int8 as number, and refuses one that a number cannot hold', async () => {
    const { rows } = await database.pool.query(
      'select 9007199254740991::int8 as id, count(*) from (values (1)) as v',
    );
    expect(rows).toEqual([{ id: Number.MAX_SAFE_INTEGER, count: 1 }]);
    await expect(database.pool.query('select 9007199254740993::int8 as id')).rejects.toThrow(RangeError);
    expect((await database.pool.query('select 1 as still')).rows).toEqual([{ still: 1 }]);
  });

  it('reads dates as text and timestamps as instants', async () => {
    const { rows } = await database.pool.query(
      `select '2026-11-25'::date as day, '2026-11-25T12:00:00.123-05'::timestamptz as at`,
    );
    expect(rows).toEqual([{ day: '2026-11-25', at: new Date('2026-11-25T17:00:00.123Z') }]);
  });

  it('looks names up in the schemas it is given', async () => {
    const pool = createPool(database.url, { max: 1, log: silentLog, schemas: ['other', 'public'] });
    try {
      await pool.query('create schema other; create table here (n int)');
      const { rows } = await pool.query(`select schemaname from pg_tables where tablename = 'here'`);
      expect(rows).toEqual([{ schemaname: 'other' }]);
    } finally {
      await pool.end();
    }
  });

  it('outlives its connections, idle or checked out, and says that they were lost', async () => {
    const lost: string[] = [];
    const log = { ...silentLog, warn: (_facts: object, message: string) => lost.push(message) };
    const pool = createPool(database.url, { max: 2, log, name: 'victim' });
    try {
      const busy = await pool.connect();
      await pool.query('select 1');
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'`,
      );
      await expect.poll(() => lost.length).toBeGreaterThanOrEqual(2);
      busy.release(true);
      // A connection that was handed out before its end was noticed may still fail once.
      const ask = () =>
        pool.query('select 1 as n').then(
          ({ rows }) => rows,
          () => [],
        );
      await expect.poll(ask).toEqual([{ n: 1 }]);
    } finally {
      await pool.end();
    }
  });
});

describe('waiting for the database', () => {
  let impostor: Server | undefined;

  afterEach(() => {
    impostor?.close();
  });

  it('goes on until the database answers, says so, and keeps the password to itself', async () => {
    const port = await freePort();
    const url = `postgres://someone:hush@127.0.0.1:${port}/signalbox`;
    const said: string[] = [];
    const giveUp = new AbortController();
    const log = {
      ...silentLog,
      warn: (facts: object, message: string) => {
        said.push(JSON.stringify(facts), message);
        giveUp.abort();
      },
    };
    await expect(waitForDatabase(url, { log, signal: giveUp.signal })).rejects.toThrow();
    expect(said.join()).toContain(`127.0.0.1:${port}/signalbox does not answer (ECONNREFUSED`);
    expect(said.join()).not.toContain('hush');
  });

  it('is not stopped by a server that hangs up', async () => {
    let calls = 0;
    impostor = createServer((socket) => {
      calls += 1;
      socket.destroy();
    });
    const port = await freePort();
    await new Promise<void>((resolve) => impostor?.listen(port, '127.0.0.1', resolve));
    const giveUp = new AbortController();
    const waiting = waitForDatabase(`postgres://127.0.0.1:${port}/x`, {
      log: silentLog,
      signal: giveUp.signal,
    });
    await expect.poll(() => calls).toBeGreaterThanOrEqual(2);
    giveUp.abort();
    await expect(waiting).rejects.toThrow();
  });

  it('ends as soon as it answers', async () => {
    await waitForDatabase(database.url, { log: silentLog });
  });
});
