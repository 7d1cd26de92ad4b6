import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { reachableFolder, serverAccount } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import { databaseUser, openCluster } from './embedded/cluster.ts';
import { EmbeddedDatabaseError, orYourOwn } from './embedded/error.ts';
import { lockFolder } from './embedded/lock.ts';
import { halt, type Running, within } from './embedded/process.ts';
import { findOrphan, freePort, type LaunchOptions, launch, ready } from './embedded/server.ts';

export { EmbeddedDatabaseError } from './embedded/error.ts';

export interface EmbeddedDatabase {
  /** Holds the password; stays valid when the server is restarted. */
  readonly url: string;
  /** The server's process; another one after a restart. */
  pid(): number;
  /** Told when the server ended unasked, before it is started again. */
  onExit(listener: () => void): void;
  /** Ends the server's sessions and the server; frees the folder. */
  stop(): Promise<void>;
}

const tail = async (path: string): Promise<string> =>
  (await readFile(path, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join('\n');

const claim = async (folder: string): Promise<{ release(): Promise<void> }> => {
  try {
    // Others may pass through, not look: root's server runs as another user.
    await mkdir(folder, { recursive: true, mode: 0o711 });
    return await lockFolder(folder);
  } catch (error) {
    if (error instanceof EmbeddedDatabaseError) {
      throw error;
    }
    throw new EmbeddedDatabaseError(
      'data-folder-unusable',
      `Signalbox cannot write to its data folder: ${String(error)}. Set SIGNALBOX_DATA to one that it can. ${orYourOwn}`,
      { folder },
    );
  }
};

const firstStart = async (
  options: LaunchOptions,
  urlOf: (port: number) => string,
  log: Log,
): Promise<{ running: Running; port: number }> => {
  const orphan = await findOrphan(options.folder);
  if (orphan !== undefined) {
    const answered = ready(orphan.running, urlOf(orphan.port));
    if ((await within(60_000, answered)) && (await answered)) {
      log.info(
        { pid: orphan.running.pid },
        'The database server of an earlier run is still there; using it.',
      );
      return orphan;
    }
    await halt(orphan.running);
  }
  // Another program may take the port, or backends of a killed server may still hold its memory: try again.
  for (let tries = 0; tries < 8; tries += 1) {
    const port = await freePort();
    const running = await launch(options, port);
    if (await ready(running, urlOf(port))) {
      return { running, port };
    }
    await pause(100 * 2 ** tries);
  }
  throw new EmbeddedDatabaseError(
    'did-not-start',
    `The embedded PostgreSQL does not start. Its log (${options.logFile}) ends with:\n${await tail(options.logFile)}\n${orYourOwn}`,
    { logFile: options.logFile },
  );
};

/**
 * Starts a real PostgreSQL 18 in `dataFolder` (made if need be): data in `postgres/`, its log in `postgres.log`.
 * Commits are on disk when acknowledged. A server that an earlier, killed process left behind is taken over; one
 * that crashes is started again on the same port. One process per folder.
 *
 * `settings` are PostgreSQL's own (`max_connections`); they do not reach a server that was taken over.
 * Throws `EmbeddedDatabaseError`.
 */
export const startEmbedded = async (
  dataFolder: string,
  { log, settings = {} }: { readonly log: Log; readonly settings?: Readonly<Record<string, string>> },
): Promise<EmbeddedDatabase> => {
  const base = resolve(dataFolder);
  const lock = await claim(base);
  try {
    const account = await serverAccount(join(base, 'postgres'));
    const place = await reachableFolder(account, base);
    if (place !== base) {
      log.info({ place }, `Only root can reach ${base}; the database keeps its data in ${place}.`);
    }
    const binaries = await findBinaries(account, place);
    const { folder, password } = await openCluster(base, place, account, binaries);
    const urlOf = (port: number): string =>
      `postgres://${databaseUser}:${password}@127.0.0.1:${port}/postgres`;
    const options = {
      postgres: binaries.postgres,
      account,
      folder,
      logFile: join(base, 'postgres.log'),
      settings,
    };
    const started = await firstStart(options, urlOf, log);
    const supervisor = supervise(started.running, options, started.port, urlOf(started.port), log);
    return {
      url: urlOf(started.port),
      pid: supervisor.pid,
      onExit: supervisor.onExit,
      stop: async () => {
        await supervisor.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
};

/** Keeps one server running until told to stop. */
const supervise = (first: Running, options: LaunchOptions, port: number, url: string, log: Log) => {
  const listeners: (() => void)[] = [];
  const stopping = new AbortController();
  let running = first;
  const watch = async (): Promise<void> => {
    for (let failures = 0; ; ) {
      await running.exited;
      if (stopping.signal.aborted) {
        return;
      }
      if (failures === 0) {
        log.error({ logFile: options.logFile }, 'The database server ended; starting it again.');
        for (const listener of listeners) {
          listener();
        }
      }
      running = await launch(options, port);
      if (stopping.signal.aborted) {
        await halt(running);
      } else if (await ready(running, url)) {
        failures = 0;
        log.info({ pid: running.pid }, 'The database server is back.');
      } else {
        failures += 1;
        await pause(Math.min(50 * 2 ** failures, 5_000), undefined, { signal: stopping.signal }).catch(
          () => {},
        );
      }
    }
  };
  const watching = watch();
  return {
    pid: () => running.pid,
    onExit: (listener: () => void) => {
      listeners.push(listener);
    },
    stop: async () => {
      stopping.abort();
      await halt(running);
      await watching;
    },
  };
};
