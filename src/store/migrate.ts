import { type Kysely, type Migration, Migrator } from 'kysely';
import * as releaseWeek from './migrations/001-release-week.ts';
import * as conversations from './migrations/002-conversations.ts';
import * as exceptions from './migrations/003-exceptions.ts';
import * as deployments from './migrations/004-deployments.ts';
import * as incidents from './migrations/005-incidents.ts';
import * as checkpoints from './migrations/006-checkpoints.ts';
import * as dependencies from './migrations/007-dependencies.ts';
import * as pages from './migrations/008-pages.ts';
import * as provenance from './migrations/009-provenance.ts';
import * as tries from './migrations/010-tries.ts';
import * as strategies from './migrations/011-strategies.ts';
import * as nights from './migrations/012-nights.ts';
import * as ways from './migrations/013-ways.ts';
import * as pagerDeeds from './migrations/014-pager-deeds.ts';
import * as readings from './migrations/015-readings.ts';
import * as dutiesAndStandIns from './migrations/016-duties.ts';
import * as head from './migrations/017-head.ts';
import * as policies from './migrations/018-policies.ts';
import * as incidentParts from './migrations/019-incident-parts.ts';
import type { Database } from './schema.ts';

/** In order of their names; a migration that has been released is never edited. */
const migrations: Readonly<Record<string, Migration>> = {
  '001-release-week': releaseWeek,
  '002-conversations': conversations,
  '003-exceptions': exceptions,
  '004-deployments': deployments,
  '005-incidents': incidents,
  '006-checkpoints': checkpoints,
  '007-dependencies': dependencies,
  '008-pages': pages,
  '009-provenance': provenance,
  '010-tries': tries,
  '011-strategies': strategies,
  '012-nights': nights,
  '013-ways': ways,
  '014-pager-deeds': pagerDeeds,
  '015-readings': readings,
  '016-duties': dutiesAndStandIns,
  '017-head': head,
  '018-policies': policies,
  '019-incident-parts': incidentParts,
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
