import { type Kysely, sql } from 'kysely';
import type { PersonId } from '../domain/policy.ts';
import type { Database } from './schema.ts';

/** Who had the last turn of each step, by its index. Held until the transaction ends: two pages take two turns. */
export const lockTurns = async (
  db: Kysely<Database>,
  escalation: string,
): Promise<ReadonlyMap<number, PersonId>> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('turns of ' || ${escalation}::text, 0))`.execute(
    db,
  );
  const rows = await db.selectFrom('page_turn').selectAll().where('escalation', '=', escalation).execute();
  return new Map(rows.map(({ step, person }) => [step, person]));
};

export const saveTurns = async (
  db: Kysely<Database>,
  escalation: string,
  turns: ReadonlyMap<number, PersonId>,
): Promise<void> => {
  if (turns.size === 0) return;
  await db
    .insertInto('page_turn')
    .values([...turns].map(([step, person]) => ({ escalation, step, person })))
    .onConflict((on) =>
      on.columns(['escalation', 'step']).doUpdateSet({ person: (row) => row.ref('excluded.person') }),
    )
    .execute();
};
