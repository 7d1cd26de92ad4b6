import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Log } from '../log.ts';
import { startEmbedded } from '../store/embedded.ts';
import { migrate } from '../store/migrate.ts';
import { createPool, waitForDatabase } from '../store/pool.ts';
import { createStore, type Store } from '../store/store.ts';
import { programText } from './program.ts';

/** Where a rehearsal takes place: a database server, a folder for everything, and a production made of files. */
export interface Stage {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly store: Store;
  readonly hookSecret: string;
  /** What the deployment programs change. */
  readonly target: string;
  readonly program: string;
  break(service: string, verb: string, reason: string): Promise<void>;
  /** Leaves nothing behind. */
  clear(): Promise<void>;
}

/** Always its own, whatever the environment says: a rehearsal touches no database that is in use. */
export const setStage = async (log: Log): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-rehearsal-'));
  // Root's database server runs as another user, who must be able to pass through.
  await chmod(folder, 0o711);
  const undo: (() => Promise<unknown>)[] = [() => removeAll(folder)];
  const clear = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse())
      await step().catch((error: unknown) => log.warn({ err: error }, 'clearing up did not go smoothly'));
  };
  try {
    const target = join(folder, 'target');
    await mkdir(join(target, 'faults'), { recursive: true });
    await writeFile(join(target, 'ledger'), '');
    const program = join(folder, 'program.sh');
    await writeFile(program, programText);
    const server = await startEmbedded(folder, { log, settings: { max_connections: '200' } });
    undo.push(() => server.stop());
    await waitForDatabase(server.url, { log });
    const store = createStore(createPool(server.url, { max: 4, log, name: 'signalbox-rehearsal' }));
    undo.push(() => store.close());
    await migrate(store.db);
    return {
      folder,
      databaseUrl: server.url,
      store,
      hookSecret: randomBytes(24).toString('hex'),
      target,
      program,
      break: (service, verb, reason) =>
        writeFile(join(target, 'faults', `${service}.${verb}`), `${reason}\n`),
      clear,
    };
  } catch (error) {
    await clear();
    throw error;
  }
};

/** The database of root lives elsewhere, behind a link. */
const removeAll = async (folder: string): Promise<void> => {
  const database = await realpath(join(folder, 'postgres')).catch(() => undefined);
  if (database !== undefined && dirname(database) !== (await realpath(folder)))
    await rm(dirname(database), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
};
