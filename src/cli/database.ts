import { resolve } from 'node:path';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { verifyAudit } from '../store/audit.ts';
import { startEmbedded } from '../store/embedded.ts';
import { migrate } from '../store/migrate.ts';
import { createPool, waitForDatabase } from '../store/pool.ts';
import { createStore, type Store } from '../store/store.ts';

export interface Outcome {
  readonly text: string;
  readonly json: object;
  readonly exit: 0 | 1;
}

/** The bot's database for the length of a command: its server, or the embedded one in a folder that no bot uses. */
const withStore = async <T>(settings: Settings, log: Log, work: (store: Store) => Promise<T>): Promise<T> => {
  const given = settings.databaseUrl?.reveal();
  const server = given === undefined ? await startEmbedded(resolve(settings.dataFolder), { log }) : undefined;
  const url = given ?? server?.url ?? '';
  try {
    await waitForDatabase(url, { log });
    const store = createStore(createPool(url, { max: 2, log }));
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } finally {
    await server?.stop();
  }
};

export const migrateCommand = (settings: Settings, log: Log): Promise<Outcome> =>
  withStore(settings, log, async (store) => {
    const ran = await migrate(store.db);
    const text = ran.length === 0 ? 'The schema is up to date.' : `Migrated: ${ran.join(', ')}.`;
    return { text, json: { migrated: ran }, exit: 0 };
  });

/** Recomputes the whole chain of the record (L12). */
export const auditVerifyCommand = (settings: Settings, log: Log): Promise<Outcome> =>
  withStore(settings, log, async (store) => {
    await migrate(store.db);
    const verdict = await verifyAudit(store.db);
    return verdict.ok
      ? {
          text: `The record is whole: ${verdict.entries} entries, head ${verdict.head}.`,
          json: verdict,
          exit: 0,
        }
      : {
          text: `The record is broken at entry ${verdict.seq}: it was ${verdict.reason}.`,
          json: verdict,
          exit: 1,
        };
  });
