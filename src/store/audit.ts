import { type Kysely, sql, type Transaction } from 'kysely';
import { type AuditEntry, chainHash, genesis } from '../domain/audit.ts';
import type { Database } from './schema.ts';

/** Any constant of our own: one chain, one writer at a time. */
const chainLock = 0x51_67_4e_41;

/** Appends in order under the chain's lock, which the commit releases. */
export const appendAudit = async (
  trx: Transaction<Database>,
  entries: readonly AuditEntry[],
): Promise<void> => {
  if (entries.length === 0) return;
  await sql`select pg_advisory_xact_lock(${chainLock})`.execute(trx);
  const last = await trx
    .selectFrom('audit')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  let seq = last?.seq ?? 0;
  let hash = last?.hash ?? genesis;
  const rows = entries.map((entry) => {
    const text = JSON.stringify(entry);
    seq += 1;
    hash = chainHash(hash, text);
    return { seq, at: new Date(entry.at), entry: text, hash };
  });
  // One statement, four arrays: thousands of entries stay far below the protocol's limit of parameters.
  await sql`insert into audit (seq, at, entry, hash)
    select * from unnest(${rows.map((r) => r.seq)}::bigint[], ${rows.map((r) => r.at)}::timestamptz[],
                         ${rows.map((r) => r.entry)}::text[], ${rows.map((r) => r.hash)}::text[])`.execute(
    trx,
  );
};

export interface AuditRow {
  readonly seq: number;
  readonly entry: AuditEntry;
}

/** Entries after `seq`, oldest first. */
export const auditAfter = async (
  db: Kysely<Database>,
  seq: number,
  limit = 1_000,
): Promise<readonly AuditRow[]> => {
  const rows = await db
    .selectFrom('audit')
    .select(['seq', 'entry'])
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ seq: Number(row.seq), entry: parseEntry(row.entry) }));
};

// Our own text, verified by its hash: the shape is known.
const parseEntry = (text: string): AuditEntry => JSON.parse(text) as AuditEntry;

export type AuditVerdict =
  | { readonly ok: true; readonly entries: number; readonly head: string }
  | { readonly ok: false; readonly seq: number; readonly reason: 'edited' | 'missing' };

/** Recomputes the whole chain, a page at a time. */
export const verifyAudit = async (db: Kysely<Database>): Promise<AuditVerdict> => {
  let seq = 0;
  let hash = genesis;
  for (;;) {
    const page = await db
      .selectFrom('audit')
      .select(['seq', 'at', 'entry', 'hash'])
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(5_000)
      .execute();
    for (const row of page) {
      if (Number(row.seq) !== seq + 1) return { ok: false, seq: seq + 1, reason: 'missing' };
      seq = Number(row.seq);
      hash = chainHash(hash, row.entry);
      if (hash !== row.hash || row.at.toISOString() !== parseEntry(row.entry).at)
        return { ok: false, seq, reason: 'edited' };
    }
    if (page.length === 0) return { ok: true, entries: seq, head: hash };
  }
};
