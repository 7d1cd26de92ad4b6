import { type Kysely, type Migration, Migrator } from 'kysely';
import * as releaseWeek from './migrations/001-release-week.ts';
import * as conversations from './migrations/002-conversations.ts';
import type { Database } from './schema.ts';

/** In order of their names; a migration that has been released is never edited. */
const migrations: Readonly<Record<string, Migration>> = {
  '001-release-week': releaseWeek,
  '002-conversations': conversations,
};

/** Brings the schema up to date; two processes at once: one works, the other finds nothing to do. Returns what ran. */
export const migrate = async (db: Kysely<Database>): Promise<readonly string[]> => {
  const { error, results } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
  }).migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => result.migrationName);
};
