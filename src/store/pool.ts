import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.ts';

const { builtins } = pg.types;

/**
 * int8 columns here are ids, sequences and counts: numbers, exact up to 2^53.
 * Throws RangeError beyond, which rejects the query, rather than return a wrong id.
 */
const int8 = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`an int8 beyond 2^53: ${text}`);
  }
  return value;
};

/** Calendar dates stay text: pg would make them instants in the host's zone. */
const date = (text: string): string => text;

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (format !== 'binary' && oid === builtins.INT8) {
      return int8;
    }
    if (format !== 'binary' && oid === builtins.DATE) {
      return date;
    }
    return pg.types.getTypeParser(oid, format);
  },
};

export interface PoolOptions {
  /** Connections at most. Every BullMQ worker keeps one for LISTEN: workers + 10, or it hangs for ever. */
  readonly max: number;
  readonly log: Log;
  /** Where unqualified names are looked up; the first is where tables are made. Default public and bullmq. */
  readonly schemas?: readonly string[];
  /** Shown in pg_stat_activity. Default `signalbox`. */
  readonly name?: string;
}

/** Opens no connection yet. `int8` is read as number, `date` as text, `timestamptz` as Date (milliseconds). */
export const createPool = (
  url: string,
  { max, log, schemas = ['public', 'bullmq'], name = 'signalbox' }: PoolOptions,
): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types,
    keepAlive: true,
    // Statements of one connection are sent without waiting for the answers to those before (`connection.ts`).
    pipeline: true,
    // Also the longest wait for a free connection: a burst of thousands waits its turn, a dead server is noticed.
    connectionTimeoutMillis: 30_000,
    application_name: name,
    options: `-c search_path=${schemas.join(',')} -c timezone=UTC`,
  });
  pool.setMaxListeners(0);
  const lost = (error: Error): void => log.warn({ err: error }, 'A database connection was lost.');
  // A lost connection without a listener ends the process; while checked out it is the client that tells.
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
};

/** The first PostgreSQL that BullMQ and our SQL run on. */
const oldest = 130_000;

const probe = async (url: string): Promise<number> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>('select current_setting($1) as version', [
      'server_version_num',
    ]);
    return Number(rows[0]?.version);
  } finally {
    await client.end().catch(() => {});
  }
};

/** Server and database of a URL; the rest of it may hold secrets. */
const place = (url: string): string => {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port || '5432'}${pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
};

/**
 * Resolves once the database answers, however long that takes; says on `log` what it waits for. To be awaited
 * before anything of BullMQ is constructed. Rejects when aborted, or with an Error for a server that is too old.
 */
export const waitForDatabase = async (
  url: string,
  { log, signal }: { readonly log: Log; readonly signal?: AbortSignal },
): Promise<void> => {
  let told = '';
  for (let tries = 0; ; tries += 1) {
    signal?.throwIfAborted();
    const answer = await probe(url).catch((error: unknown) => error);
    if (typeof answer === 'number') {
      if (answer < oldest) {
        throw new Error(
          `The database at ${place(url)} is PostgreSQL ${Math.floor(answer / 10_000)}; 13 is needed.`,
        );
      }
      if (told !== '') {
        log.info({}, `The database at ${place(url)} answers.`);
      }
      return;
    }
    // AggregateError of a refused `localhost` has no message of its own.
    const reason =
      answer instanceof Error && 'code' in answer
        ? `${answer.code} ${answer.message}`.trim()
        : String(answer);
    if (reason !== told || tries % 20 === 0) {
      log.warn({ reason }, `The database at ${place(url)} does not answer (${reason}); trying again.`);
      told = reason;
    }
    await pause(Math.min(100 * 2 ** tries, 1_000), undefined, signal === undefined ? {} : { signal });
  }
};
