import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  DummyDriver,
  Kysely,
  type KyselyProps,
  PostgresAdapter,
  PostgresDialect,
  PostgresQueryCompiler,
  type QueryResult,
  Transaction,
} from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Database } from './schema.ts';

/**
 * One connection for as long as the work lasts. A statement is sent the moment it is asked for, in the order of the
 * calls, and the server runs them in that order, each on what the one before it left: whoever does not need an answer
 * for the next statement need not wait for it. What asks for several at once saves round trips.
 */
export const onConnection = async <T>(pool: Pool, work: (db: Kysely<Database>) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  const lease = leaseOf(client);
  try {
    return await work(new Kysely<Database>(propsOf(pool, lease.connection)));
  } finally {
    lease.end();
    client.release();
  }
};

/** A write that was sent already and whose answer nobody needs: its failure is the transaction's. */
export type Unawaited = (statement: Promise<unknown>) => void;

/** As `onConnection`, from `begin` to `commit`; when anything fails, nothing has happened. */
export const inTransaction = async <T>(
  pool: Pool,
  work: (trx: Transaction<Database>, unawaited: Unawaited) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect();
  const lease = leaseOf(client);
  const sent: Promise<unknown>[] = [];
  const unawaited: Unawaited = (statement) => {
    statement.catch(() => undefined);
    sent.push(statement);
  };
  let broken = false;
  try {
    unawaited(client.query('begin'));
    const value = await work(new Transaction<Database>(propsOf(pool, lease.connection)), unawaited);
    lease.end();
    const committed = client.query('commit');
    // In their order: the first that failed says why.
    await Promise.all([...sent, committed]);
    if ((await committed).command !== 'COMMIT') throw new Error('the server rolled the transaction back');
    return value;
  } catch (error) {
    lease.end();
    // Behind whatever is still under way; after a failed commit it is a warning on the server and nothing else.
    await client.query('rollback').catch(() => {
      broken = true;
    });
    throw lease.firstError(error);
  } finally {
    client.release(broken);
  }
};

interface Lease {
  readonly connection: DatabaseConnection;
  /** No statement from now on. */
  end(): void;
  /** Of an error that only says that there was one before it. */
  firstError(error: unknown): unknown;
}

const afterAnError = '25P02';

const leaseOf = (client: PoolClient): Lease => {
  let ended = false;
  let first: { readonly error: unknown } | undefined;
  return {
    connection: {
      executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
        if (ended) throw new Error('a statement after the end of its transaction');
        try {
          const { command, rowCount, rows } = await client.query(sql, [...parameters]);
          return { rows, ...(changing.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) };
        } catch (error) {
          first ??= { error };
          throw traced(error);
        }
      },
      streamQuery: () => {
        throw new Error('nothing is streamed');
      },
    },
    end: () => {
      ended = true;
    },
    firstError: (error) => (sqlState(error) === afterAnError ? (first?.error ?? error) : error),
  };
};

const changing: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** The driver's error knows the server's message, and this place who asked. */
const traced = (error: unknown): unknown => {
  if (error instanceof Error) error.stack += `\n${new Error().stack?.split('\n').slice(1).join('\n') ?? ''}`;
  return error;
};

const compiler = new PostgresQueryCompiler();
const adapter = new PostgresAdapter();
const driver = new DummyDriver();

/** Kysely's own way to a connection takes turns; this one goes straight through. */
const propsOf = (pool: Pool, connection: DatabaseConnection): KyselyProps => {
  const dialect = new PostgresDialect({ pool });
  const executor = new DefaultQueryExecutor(compiler, adapter, {
    provideConnection: (consumer) => consumer(connection),
  });
  return { config: { dialect }, dialect, driver, executor };
};

export const sqlState = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
