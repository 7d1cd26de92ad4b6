import { type Kysely, type Selectable, sql } from 'kysely';
import type { PolicyState, PolicyVersion } from '../domain/policy-version.ts';
import type { Database } from './schema.ts';

const toVersion = (
  row: Selectable<Database['policy_version']>,
  decisions: PolicyVersion['decisions'] = [],
): PolicyVersion => ({ ...row, decisions });

/** One at a time decides what is in force. */
export const lockPolicies = async (db: Kysely<Database>): Promise<void> => {
  await sql`lock table policy_version in share row exclusive mode`.execute(db);
};

export const activePolicy = async (db: Kysely<Database>): Promise<PolicyVersion | undefined> => {
  const row = await db
    .selectFrom('policy_version')
    .selectAll()
    .where('state', '=', 'active')
    .executeTakeFirst();
  return row && toVersion(row);
};

/** Cheap enough to be asked every second. */
export const activeDigest = async (db: Kysely<Database>): Promise<string | undefined> =>
  (await db.selectFrom('policy_version').select('digest').where('state', '=', 'active').executeTakeFirst())
    ?.digest;

/** `open`: one that waits or is signed. */
export const findVersion = async (
  db: Kysely<Database>,
  by: { readonly id: number } | { readonly open: string },
): Promise<PolicyVersion | undefined> => {
  const query = db.selectFrom('policy_version').selectAll();
  const row = await ('id' in by
    ? query.where('id', '=', by.id)
    : query.where('digest', '=', by.open).where('state', 'in', ['waiting', 'signed'])
  ).executeTakeFirst();
  return row && toVersion(row, await decisionsOn(db, row.id));
};

/** Newest first. */
export const waitingVersions = async (db: Kysely<Database>): Promise<readonly PolicyVersion[]> => {
  const rows = await db
    .selectFrom('policy_version')
    .selectAll()
    .where('state', '=', 'waiting')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => toVersion(row));
};

export const insertVersion = async (
  db: Kysely<Database>,
  version: Omit<PolicyVersion, 'id' | 'decisions'>,
): Promise<PolicyVersion> => {
  const row = await db
    .insertInto('policy_version')
    .values({
      ...version,
      loosened: JSON.stringify(version.loosened),
      differences: JSON.stringify(version.differences),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toVersion(row);
};

export const settleVersion = async (db: Kysely<Database>, id: number, state: PolicyState): Promise<void> => {
  if (state === 'active')
    await db.updateTable('policy_version').set({ state: 'past' }).where('state', '=', 'active').execute();
  await db.updateTable('policy_version').set({ state }).where('id', '=', id).execute();
};

/** What somebody said before is replaced. */
export const decideVersion = async (
  db: Kysely<Database>,
  version: number,
  decision: PolicyVersion['decisions'][number],
): Promise<void> => {
  await db
    .insertInto('policy_decision')
    .values({ version, ...decision })
    .onConflict((on) => on.columns(['version', 'person']).doUpdateSet(decision))
    .execute();
};

const decisionsOn = (db: Kysely<Database>, version: number): Promise<PolicyVersion['decisions']> =>
  db
    .selectFrom('policy_decision')
    .select(['person', 'kind', 'reason', 'at'])
    .where('version', '=', version)
    .orderBy('at')
    .orderBy('id')
    .execute();
