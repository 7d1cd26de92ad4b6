import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type { Pool } from 'pg';
import type { AuditEntry } from '../domain/audit.ts';
import { appendAudit } from './audit.ts';
import { inTransaction, onConnection, sqlState, type Unawaited } from './connection.ts';
import type { Database } from './schema.ts';

/** Why a transaction is run: who acts, when it arrived (L3), and the id that makes a repeat harmless (L8). */
export interface Cause {
  /** A person's id or `system:…`. */
  readonly actor: string;
  readonly at: Date;
  /** Id of the request or hook; a second transaction with it throws `Repeated` and changes nothing. */
  readonly request?: string;
}

/** The request was acted on before; the answer is the present state. */
export class Repeated extends Error {
  constructor(request: string) {
    super(`already acted on: ${request}`);
    this.name = 'Repeated';
  }
}

export type Recorded = Omit<AuditEntry, 'actor' | 'at'>;

/** One unit of work. What it records is appended to the audit chain last, so that the chain's lock is held briefly. */
export interface Tx {
  readonly db: Transaction<Database>;
  readonly cause: Cause;
  record(entry: Recorded): void;
  readonly unawaited: Unawaited;
  /** Runs once the commit is durable, never after a rollback. It must not fail the operation: a sweep repairs it. */
  afterCommit(effect: () => Promise<void>): void;
}

export interface Store {
  readonly db: Kysely<Database>;
  /** For reading: what is asked at once goes to the server at once. */
  reading<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>;
  transaction<T>(cause: Cause, work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Serialization failures and deadlocks: the work did not happen and may be done again. */
const retryable = new Set(['40001', '40P01']);
const attempts = 5;

/** A cutoff of thousands of changes has as many effects: all at once, most would wait longer than a ring may take. */
const effectsAtOnce = 20;

export const createStore = (pool: Pool): Store => {
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const once = async <T>(cause: Cause, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const recorded: AuditEntry[] = [];
    const effects: (() => Promise<void>)[] = [];
    const result = await inTransaction(pool, async (trx, unawaited) => {
      // Sent before the work's first statement and answered before it. A repeat's work is done and undone.
      const claimed = claim(trx, cause);
      claimed.catch(() => undefined);
      const working = work({
        db: trx,
        cause,
        record: (entry) => recorded.push({ ...entry, actor: cause.actor, at: cause.at.toISOString() }),
        unawaited,
        afterCommit: (effect) => effects.push(effect),
      });
      const value = await working.catch(async (error: unknown) => {
        await claimed;
        throw error;
      });
      await claimed;
      // The commit is sent right behind it: other writers wait for no round trip of this one.
      unawaited(appendAudit(trx, recorded));
      return value;
    });
    for (let start = 0; start < effects.length; start += effectsAtOnce)
      await Promise.all(effects.slice(start, start + effectsAtOnce).map((effect) => effect()));
    return result;
  };
  return {
    db,
    reading: (work) => onConnection(pool, work),
    transaction: async (cause, work) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(cause, work);
        } catch (error) {
          if (attempt === attempts || !retryable.has(sqlState(error))) throw error;
        }
      }
    },
    close: () => db.destroy(),
  };
};

/** Throws `Repeated` for a request that was acted on before. */
const claim = async (trx: Transaction<Database>, { request, at }: Cause): Promise<void> => {
  if (request === undefined) return;
  const claimed =
    await sql`insert into request (id, at) values (${request}, ${at}) on conflict do nothing returning id`.execute(
      trx,
    );
  if (claimed.rows.length === 0) throw new Repeated(request);
};
