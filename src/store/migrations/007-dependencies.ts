import { type Kysely, sql } from 'kysely';

/** What a change waits for besides services, and why bytes that were rolled back are tried again. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `alter table change add column after jsonb not null default '[]', add column because text`,
  `create index deployment_by_bytes on deployment (artifact)`,
];
