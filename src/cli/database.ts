import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkpointIn } from '../domain/checkpoint.ts';
import { checkpointFile, notesIn, openNote, verifierKeyFile } from '../integrations/notary.ts';
import type { Log } from '../log.ts';
import { Refused } from '../operations/outcome.ts';
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
export const withStore = async <T>(
  settings: Settings,
  log: Log,
  work: (store: Store) => Promise<T>,
): Promise<T> => {
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

/** A refusal is an outcome too. */
export const answered = (
  settings: Settings,
  log: Log,
  work: (store: Store) => Promise<Outcome>,
): Promise<Outcome> =>
  withStore(settings, log, async (store) => {
    try {
      return await work(store);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { code, facts } = error.refusal;
      return { text: `${code}: ${Object.values(facts).join(', ')}`, json: { code, facts }, exit: 1 };
    }
  });

export const migrateCommand = (settings: Settings, log: Log): Promise<Outcome> =>
  withStore(settings, log, async (store) => {
    const ran = await migrate(store.db);
    const text = ran.length === 0 ? 'The schema is up to date.' : `Migrated: ${ran.join(', ')}.`;
    return { text, json: { migrated: ran }, exit: 0 };
  });

/** Where the checkpoints and the key to them are; absent: in the data folder, if it has any. */
export interface Proofs {
  readonly checkpoints?: string;
  readonly key?: string;
}

/** Recomputes the whole chain of the record (L12) and holds it to the signed checkpoints outside of the database. */
export const auditVerifyCommand = async (
  settings: Settings,
  log: Log,
  proofs: Proofs = {},
): Promise<Outcome> => {
  const signed = readCheckpoints(resolve(settings.dataFolder), proofs);
  if (typeof signed === 'string')
    return { text: signed, json: { ok: false, reason: 'checkpoints', message: signed }, exit: 1 };
  return withStore(settings, log, async (store) => {
    await migrate(store.db);
    const verdict = await verifyAudit(store.db, signed);
    const held = signed.size === 0 ? 'no checkpoint to hold it to' : `${signed.size} checkpoints hold`;
    return verdict.ok
      ? {
          text: `The record is whole: ${verdict.entries} entries, head ${verdict.head}; ${held}.`,
          json: verdict,
          exit: 0,
        }
      : {
          text: `The record is broken at entry ${verdict.seq}: ${reasons[verdict.reason]}.`,
          json: verdict,
          exit: 1,
        };
  });
};

const reasons = {
  edited: 'it was edited',
  missing: 'it was removed or moved',
  rewritten: 'up to it the entries are not those of the checkpoint that was signed then',
  cut: 'a checkpoint knows of it, and the record ends before it',
} as const;

/** Roots by size; or what is wrong with the file. A note that does not verify is a fault, never passed over. */
const readCheckpoints = (folder: string, proofs: Proofs): ReadonlyMap<number, string> | string => {
  const path = proofs.checkpoints ?? checkpointFile(folder);
  const keyPath = proofs.key ?? verifierKeyFile(folder);
  if (proofs.checkpoints === undefined && !existsSync(path)) return new Map();
  const key = readFileSync(keyPath, 'utf8').trim();
  const roots = new Map<number, string>();
  for (const [i, note] of notesIn(readFileSync(path, 'utf8')).entries()) {
    const text = openNote(note, key);
    const checkpoint = text === undefined ? undefined : checkpointIn(text);
    if (checkpoint === undefined) return `Line ${i + 1} of ${path} is no checkpoint signed by this key.`;
    const known = roots.get(checkpoint.size);
    if (known !== undefined && known !== checkpoint.root)
      return `Two checkpoints of ${path} say different things of ${checkpoint.size} entries.`;
    roots.set(checkpoint.size, checkpoint.root);
  }
  return roots;
};
