import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type { Pool } from 'pg';
import type { AuditEntry } from '../domain/audit.ts';
import { appendAudit } from './audit.ts';
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
  /** Runs once the commit is durable, never after a rollback. It must not fail the operation: a sweep repairs it. */
  afterCommit(effect: () => Promise<void>): void;
}

export interface Store {
  readonly db: Kysely<Database>;
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
  /** On a broken connection Kysely's rollback fails too, and says less: the first error is told. */
  const inTransaction = async <T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T> => {
    const errors: unknown[] = [];
    const told = (error: unknown): never => {
      errors.push(error);
      throw error;
    };
    try {
      return await db.transaction().execute((trx) => work(trx).catch(told));
    } catch (error) {
      throw errors.length > 0 ? errors[0] : error;
    }
  };
  const once = async <T>(cause: Cause, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const recorded: AuditEntry[] = [];
    const effects: (() => Promise<void>)[] = [];
    const result = await inTransaction(async (trx) => {
      if (cause.request !== undefined) await claim(trx, cause.request, cause.at);
      const value = await work({
        db: trx,
        cause,
        record: (entry) => recorded.push({ ...entry, actor: cause.actor, at: cause.at.toISOString() }),
        afterCommit: (effect) => effects.push(effect),
      });
      await appendAudit(trx, recorded);
      return value;
    });
    for (let start = 0; start < effects.length; start += effectsAtOnce)
      await Promise.all(effects.slice(start, start + effectsAtOnce).map((effect) => effect()));
    return result;
  };
  return {
    db,
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

const claim = async (trx: Transaction<Database>, id: string, at: Date): Promise<void> => {
  const claimed =
    await sql`insert into request (id, at) values (${id}, ${at}) on conflict do nothing returning id`.execute(
      trx,
    );
  if (claimed.rows.length === 0) throw new Repeated(id);
};

export const sqlState = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
