import { type Kysely, sql, type Transaction } from 'kysely';
import { type AuditEntry, chainHash, genesis } from '../domain/audit.ts';
import { append, emptyTree, leafHash, rootOf } from '../domain/merkle.ts';
import type { Database } from './schema.ts';

/**
 * Appends in order, as `chainHash` chains, under the chain's lock, which the commit releases: in one round trip, because
 * all other writers wait for it.
 */
export const appendAudit = async (
  trx: Transaction<Database>,
  entries: readonly AuditEntry[],
): Promise<void> => {
  if (entries.length === 0) return;
  const instants = entries.map((entry) => new Date(entry.at));
  const texts = entries.map((entry) => JSON.stringify(entry));
  await sql`select append_audit(${instants}::timestamptz[], ${texts}::text[], ${genesis})`.execute(trx);
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

/** What is on the record about a deployment, or about a train and its changes, oldest first. Reads the whole record. */
export const auditOf = async (
  db: Kysely<Database>,
  about: { readonly deployment: string } | { readonly train: string; readonly changes: readonly string[] },
): Promise<readonly (AuditEntry & { readonly seq: number; readonly hash: string })[]> => {
  const { rows } = await ('deployment' in about
    ? sql<{ seq: string; entry: string; hash: string }>`select seq, entry, hash from audit
        where entry::jsonb ->> 'deployment' = ${about.deployment} order by seq`
    : sql<{ seq: string; entry: string; hash: string }>`select seq, entry, hash from audit
        where entry::jsonb ->> 'train' = ${about.train}
          or entry::jsonb ->> 'change' = any(${about.changes}::text[]) order by seq`
  ).execute(db);
  return rows.map(({ seq, entry, hash }) => ({ ...parseEntry(entry), seq: Number(seq), hash }));
};

// Our own text, verified by its hash: the shape is known.
const parseEntry = (text: string): AuditEntry => JSON.parse(text) as AuditEntry;

export type AuditVerdict =
  | { readonly ok: true; readonly entries: number; readonly head: string }
  | {
      readonly ok: false;
      readonly seq: number;
      /** `rewritten`: the chain fits, but the entries are not those of a checkpoint; `cut`: the end is gone. */
      readonly reason: 'edited' | 'missing' | 'rewritten' | 'cut';
    };

/** Whether the entry is of this instant. Its text ends with it as we write it; any other order is read in full. */
const isOf = (entry: string, at: string): boolean =>
  entry.endsWith(`"at":"${at}"}`) || parseEntry(entry).at === at;

/** As `toISOString` writes it: the server has a core of its own for that. */
const isoOf = sql<string>`to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Recomputes the whole chain, a page at a time, and holds it to the checkpoints: roots in base64 by size. */
export const verifyAudit = async (
  db: Kysely<Database>,
  checkpoints: ReadonlyMap<number, string> = new Map(),
): Promise<AuditVerdict> => {
  const pageAfter = (after: number) =>
    db
      .selectFrom('audit')
      .select(['seq', isoOf.as('at'), 'entry', 'hash'])
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(5_000)
      .execute();
  let seq = 0;
  let hash = genesis;
  let tree = emptyTree;
  let coming = pageAfter(0);
  for (;;) {
    const page = await coming;
    // Read ahead while this one is hashed; nobody waits for it when a fault ends the reading.
    const last = page.at(-1);
    if (last !== undefined) coming = pageAfter(Number(last.seq));
    coming.catch(() => undefined);
    for (const row of page) {
      if (Number(row.seq) !== seq + 1) return { ok: false, seq: seq + 1, reason: 'missing' };
      seq = Number(row.seq);
      hash = chainHash(hash, row.entry);
      if (hash !== row.hash || !isOf(row.entry, row.at)) return { ok: false, seq, reason: 'edited' };
      if (checkpoints.size === 0) continue;
      tree = append(tree, leafHash(row.entry));
      const root = checkpoints.get(seq);
      if (root !== undefined && root !== rootOf(tree).toString('base64'))
        return { ok: false, seq, reason: 'rewritten' };
    }
    if (page.length > 0) continue;
    const beyond = Math.max(0, ...checkpoints.keys());
    return beyond > seq ? { ok: false, seq: seq + 1, reason: 'cut' } : { ok: true, entries: seq, head: hash };
  }
};
