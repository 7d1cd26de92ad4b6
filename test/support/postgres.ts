import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { createPool } from '../../src/store/pool.ts';

/** A state of a database that many tests start from: prepared once a run, then copied. */
export interface Template {
  readonly name: string;
  prepare(url: string): Promise<void>;
}

export interface TestDatabase {
  readonly url: string;
  readonly pool: pg.Pool;
  /** Ends the pool and drops the database; whoever else is still connected is thrown out. */
  drop(): Promise<void>;
}

const onServer = async <T>(server: string, act: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
};

const urlOf = (server: string, database: string): string => {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
};

const prepared = async (server: string, client: pg.Client, { name, prepare }: Template): Promise<string> => {
  const database = `template_${name}`;
  // Test files run side by side: the first one prepares, the others wait.
  await client.query('select pg_advisory_lock(hashtext($1))', [database]);
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) {
      const draft = `${database}_${process.pid}`;
      await client.query(`create database ${draft}`);
      await prepare(urlOf(server, draft));
      await client.query(`alter database ${draft} rename to ${database}`);
    }
    return database;
  } finally {
    await client.query('select pg_advisory_unlock(hashtext($1))', [database]);
  }
};

/** A database of its own, so that tests never meet; empty unless it starts from a template. On the run's server. */
export const testDatabase = async (
  template?: Template,
  server = inject('postgresUrl'),
): Promise<TestDatabase> => {
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, async (client) => {
    const source = template === undefined ? 'template1' : await prepared(server, client, template);
    await client.query(`create database ${database} template ${source}`);
  });
  const pool = createPool(urlOf(server, database), { max: 20, log: silentLog });
  return {
    url: urlOf(server, database),
    pool,
    drop: async () => {
      await pool.end();
      await onServer(server, (client) => client.query(`drop database ${database} with (force)`));
    },
  };
};
