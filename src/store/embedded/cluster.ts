import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, runAs } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedDatabaseError, orYourOwn } from './error.ts';

export const databaseUser = 'signalbox';

/** A database cluster on disk. */
export interface Cluster {
  /** PGDATA, without symbolic links. */
  readonly folder: string;
  readonly password: string;
}

/**
 * Reads or makes the password; it stays beside the data, readable by its owner only, because the server
 * outlives the process that started it. Hexadecimal, so that it needs no escaping in a URL.
 */
const passwordOf = async (path: string): Promise<string> => {
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept.trim() !== '') {
    return kept.trim();
  }
  const password = randomBytes(24).toString('hex');
  await writeFile(path, `${password}\n`, { mode: 0o600 });
  return password;
};

const initialise = async (
  initdb: string,
  account: Account | undefined,
  folder: string,
  password: string,
): Promise<void> => {
  const passwordFile = `${folder}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (account !== undefined) {
      await chown(passwordFile, account.uid, account.gid);
    }
    // Spelled out because an empty locale environment gives SQL_ASCII.
    await runAs(account, initdb, [
      `--pgdata=${folder}`,
      `--username=${databaseUser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
    ]);
  } catch (error) {
    throw new EmbeddedDatabaseError(
      'initdb-failed',
      `PostgreSQL could not prepare its data in ${folder}: ${String(error)}. ${orYourOwn}`,
      { folder },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
};

/**
 * The cluster under `dataFolder/postgres`, made on first use: built aside and renamed, so that a start that was
 * killed half-way leaves none. When `place`, which the account can reach, is another folder, `postgres` is a
 * symbolic link into it.
 */
export const openCluster = async (
  dataFolder: string,
  place: string,
  account: Account | undefined,
  { initdb }: Binaries,
): Promise<Cluster> => {
  const name = join(dataFolder, 'postgres');
  const password = await passwordOf(`${name}.password`);
  const kept = await realpath(name).catch(() => undefined);
  if (kept !== undefined) {
    return { folder: kept, password };
  }
  // A directory that the account owns: initdb makes its data folder in it.
  const nursery = await mkdtemp(join(place, 'postgres-'));
  if (account !== undefined) {
    await chown(nursery, account.uid, account.gid);
  }
  const born = join(nursery, 'data');
  try {
    await initialise(initdb, account, born, password);
  } catch (error) {
    await rm(nursery, { recursive: true, force: true });
    throw error;
  }
  if (place === dataFolder) {
    await rename(born, name);
    await rm(nursery, { recursive: true });
  } else {
    await rm(name, { force: true });
    await symlink(born, name);
  }
  return { folder: await realpath(name), password };
};
