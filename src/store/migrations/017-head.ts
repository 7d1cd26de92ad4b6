import { type Kysely, sql } from 'kysely';

/**
 * The head of the chain is found by its index, however small the table was when a connection planned the function: it
 * keeps that plan, and reading all of a table that has grown since makes every writer wait.
 */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`alter function append_audit(timestamptz[], text[], text) set enable_seqscan = off`.execute(db);
};
