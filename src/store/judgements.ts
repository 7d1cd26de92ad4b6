import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

export interface StoredJudgement {
  readonly deployment: number;
  /** As `domain/judgement` writes it. */
  readonly inputs: string;
  /** SHA-256 of the inputs, in hex. */
  readonly digest: string;
  readonly at: Date;
}

/** A deployment starts once. */
export const insertJudgement = async (db: Kysely<Database>, judgement: StoredJudgement): Promise<void> => {
  await db.insertInto('judgement').values(judgement).execute();
};

export const findJudgement = (
  db: Kysely<Database>,
  deployment: number,
): Promise<StoredJudgement | undefined> =>
  db.selectFrom('judgement').selectAll().where('deployment', '=', deployment).executeTakeFirst();
