import { randomInt } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Log } from '../log.ts';
import type { Database } from './schema.ts';

/** Namespaces of our two-key advisory locks. */
const instanceSpace = 0x51_67_01;
const cutoffSpace = 0x51_67_02;

/**
 * Says to all other instances that this one lives, and which cutoffs it still has requests for. Both are session
 * locks in PostgreSQL: they end with the process, however it ends, and no clock has to be trusted.
 */
export interface Presence {
  /** Names this run of the bot in `runner` columns. */
  readonly runner: string;
  /** Whether the run of the bot that this names is alive. */
  isAlive(runner: string): Promise<boolean>;
  /** Keeps the cutoff from closing anywhere until released. Repeats are harmless. */
  holdCutoff(cutoffId: string): Promise<void>;
  releaseCutoff(cutoffId: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * For the closing transaction: waits until no instance holds the cutoff any more. One that hangs is not waited for
 * longer than half a minute: the statement then fails with SQLSTATE 55P03 and the closing is tried again.
 */
export const awaitCutoff = async (db: Kysely<Database>, cutoffId: string): Promise<void> => {
  await sql`set local lock_timeout = '30s'`.execute(db);
  await sql`select pg_advisory_xact_lock(${cutoffSpace}::int, hashtext(${cutoffId}))`.execute(db);
};

export const createPresence = async (pool: Pool, log: Log): Promise<Presence> => {
  const instance = randomInt(1, 2 ** 31 - 1);
  const held = new Set<string>();
  let client: PoolClient | undefined;
  let closed = false;
  const givenBack = new WeakSet<PoolClient>();
  // A connection may break while it is being taken and after it was given back: the pool takes it back once.
  const giveBack = (used: PoolClient): void => {
    if (givenBack.has(used)) return;
    givenBack.add(used);
    if (client === used) client = undefined;
    used.release(true);
  };

  const connect = async (): Promise<PoolClient> => {
    const fresh = await pool.connect();
    // A lost connection took its locks with it: the next use takes all of them again.
    fresh.on('error', (error) => {
      if (!closed) log.warn({ err: error }, 'presence lost: it is announced again at the next use');
      giveBack(fresh);
    });
    try {
      await fresh.query('select pg_advisory_lock_shared($1, $2)', [instanceSpace, instance]);
      for (const id of held)
        await fresh.query('select pg_advisory_lock_shared($1, hashtext($2))', [cutoffSpace, id]);
    } catch (error) {
      giveBack(fresh);
      throw error;
    }
    return fresh;
  };
  // One statement at a time on the one connection, in the order they were asked for.
  let turn: Promise<unknown> = Promise.resolve();
  const use = <T>(work: (c: PoolClient) => Promise<T>): Promise<T> => {
    const mine = turn.then(async () => {
      if (closed) throw new Error('presence is closed');
      client ??= await connect();
      return await work(client);
    });
    turn = mine.catch(() => undefined);
    return mine;
  };
  await use(async () => undefined);

  return {
    runner: String(instance),
    isAlive: async (runner) => {
      if (runner === String(instance)) return true;
      const { rows } = await pool.query(
        `select 1 from pg_locks where locktype = 'advisory' and granted and classid = $1 and objid = $2 and objsubid = 2
           and database = (select oid from pg_database where datname = current_database())`,
        [instanceSpace, Number(runner)],
      );
      return rows.length > 0;
    },
    holdCutoff: async (id) => {
      if (held.has(id)) return void (await use(async () => undefined));
      await use((c) => c.query('select pg_advisory_lock_shared($1, hashtext($2))', [cutoffSpace, id]));
      held.add(id);
    },
    releaseCutoff: async (id) => {
      if (!held.delete(id)) return;
      await use((c) => c.query('select pg_advisory_unlock_shared($1, hashtext($2))', [cutoffSpace, id]));
    },
    close: async () => {
      await turn.catch(() => undefined);
      closed = true;
      if (client !== undefined) giveBack(client);
    },
  };
};
