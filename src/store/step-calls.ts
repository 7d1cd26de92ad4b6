import { type Kysely, sql } from 'kysely';
import type { StepCallFacts, StepCalls } from '../domain/step-call.ts';
import type { Database } from './schema.ts';

export const createStepCalls = (db: Kysely<Database>): StepCalls => ({
  take: (run) => insertCall(db, run, {}),
  decline: async (run, reason) =>
    (await insertCall(db, run, { declined: reason })) || (await readCall(db, run))?.declined !== undefined,
  note: (run, facts) => noteCall(db, run, facts),
  read: (run) => readCall(db, run),
  forget: async (run) => {
    await db.deleteFrom('step_call').where('run', '=', run).execute();
  },
});

/** False when it was there: of two at the same moment one gets in. */
const insertCall = async (db: Kysely<Database>, run: string, facts: StepCallFacts): Promise<boolean> => {
  const row = await db
    .insertInto('step_call')
    .values({ run, facts: JSON.stringify(facts) })
    .onConflict((on) => on.column('run').doNothing())
    .returning('run')
    .executeTakeFirst();
  return row !== undefined;
};

const readCall = async (db: Kysely<Database>, run: string): Promise<StepCallFacts | undefined> =>
  (await db.selectFrom('step_call').select('facts').where('run', '=', run).executeTakeFirst())?.facts;

const noteCall = async (db: Kysely<Database>, run: string, facts: StepCallFacts): Promise<void> => {
  // What has ended stays as it ended: a callback and a look may come at the same moment.
  await db
    .updateTable('step_call')
    .set({ facts: sql`facts || ${JSON.stringify(facts)}::jsonb` })
    .where('run', '=', run)
    .where(sql<boolean>`not facts ? 'ended'`)
    .execute();
};

/** Held until the transaction ends. */
export const lockCall = async (db: Kysely<Database>, run: string): Promise<StepCallFacts | undefined> =>
  (await db.selectFrom('step_call').select('facts').where('run', '=', run).forUpdate().executeTakeFirst())
    ?.facts;

/** A step of a deployment runs under this name. */
export const isAwaited = async (db: Kysely<Database>, run: string): Promise<boolean> => {
  const row = await db
    .selectFrom('step_run')
    .select('id')
    .where(sql<boolean>`handle->>'run' = ${run}`)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return row !== undefined;
};
