import { type Kysely, type Selectable, sql } from 'kysely';
import type { Decision } from '../domain/approval.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { Database } from './schema.ts';

export type ChangeDecision = Decision & { readonly change: number };

const toDecision = (row: Selectable<Database['decision']>): ChangeDecision => ({
  id: String(row.id),
  change: row.change,
  person: row.person,
  kind: row.kind,
  fingerprint: row.fingerprint,
  decidedAt: row.decided_at,
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.rescinded_at === null ? {} : { rescindedAt: row.rescinded_at }),
});

export const decisionsFor = async (
  db: Kysely<Database>,
  changes: readonly number[],
): Promise<readonly ChangeDecision[]> => {
  if (changes.length === 0) return [];
  const rows = await db
    .selectFrom('decision')
    .selectAll()
    .where(sql<boolean>`change = any(${changes}::int[])`)
    .orderBy('id')
    .execute();
  return rows.map(toDecision);
};

/** Replaces the person's earlier decision of the kind: a renewed signature supersedes the void one. */
export const insertDecision = async (
  db: Kysely<Database>,
  decision: {
    readonly change: number;
    readonly person: string;
    readonly kind: Decision['kind'];
    readonly fingerprint: Fingerprint;
    readonly reason: string | null;
    readonly decidedAt: Date;
  },
): Promise<void> => {
  await rescindDecisions(db, decision.change, decision.person, [decision.kind], decision.decidedAt);
  await db
    .insertInto('decision')
    .values({
      change: decision.change,
      person: decision.person,
      kind: decision.kind,
      fingerprint: JSON.stringify(decision.fingerprint),
      reason: decision.reason,
      decided_at: decision.decidedAt,
    })
    .execute();
};

/** Kinds that were in force and no longer are. */
export const rescindDecisions = async (
  db: Kysely<Database>,
  change: number,
  person: string,
  kinds: readonly Decision['kind'][],
  at: Date,
): Promise<readonly Decision['kind'][]> => {
  const rows = await db
    .updateTable('decision')
    .set({ rescinded_at: at })
    .where('change', '=', change)
    .where('person', '=', person)
    .where('kind', 'in', kinds)
    .where('rescinded_at', 'is', null)
    .returning('kind')
    .execute();
  return rows.map((row) => row.kind);
};
