import { type Kysely, type Selectable, sql } from 'kysely';
import type { Decision } from '../domain/approval.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { Database } from './schema.ts';

export type ChangeDecision = Decision & { readonly change: number };

const toDecision = (row: Selectable<Database['decision']>): ChangeDecision => ({
  id: String(row.id),
  change: row.change,
  person: row.person,
  ...(row.on_behalf_of === null ? {} : { onBehalfOf: row.on_behalf_of }),
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
    readonly onBehalfOf?: string;
    readonly kind: Decision['kind'];
    readonly fingerprint: Fingerprint;
    readonly reason: string | null;
    readonly decidedAt: Date;
  },
): Promise<void> => {
  const { change, person, onBehalfOf = null, kind, fingerprint, reason, decidedAt } = decision;
  // Counted, so that the earlier one is rescinded before the index that allows only one is asked.
  await sql`
    with superseded as (
      update decision set rescinded_at = ${decidedAt}
      where change = ${change} and person = ${person} and kind = ${kind} and rescinded_at is null returning id)
    insert into decision (change, person, on_behalf_of, kind, fingerprint, reason, decided_at)
    select ${change}, ${person}, ${onBehalfOf}, ${kind}, ${JSON.stringify(fingerprint)}::jsonb, ${reason}, ${decidedAt}
    from (select count(*) from superseded) as earlier`.execute(db);
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
