import { execFile, execFileSync } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedDatabaseError, orYourOwn } from './error.ts';

/** The user as whom the server runs; PostgreSQL refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** `signalbox`, where an administrator made one, keeps the data from other software that runs as nobody. */
const candidates = ['signalbox', 'nobody', 'daemon'];

const idOf = (kind: '-u' | '-g', name: string): number => {
  try {
    return Number(
      execFileSync('id', [kind, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return Number.NaN;
  }
};

/**
 * Undefined when this process is not root: the server then runs as the same user. Data that exists keeps its
 * owner, who may be the person who now uses sudo.
 */
export const serverAccount = async (data: string): Promise<Account | undefined> => {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const owner = await stat(data).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) {
    return { uid: owner.uid, gid: owner.gid };
  }
  for (const name of candidates) {
    const account = { uid: idOf('-u', name), gid: idOf('-g', name) };
    // spawn takes 32-bit signed ids; macOS numbers nobody above them.
    if (account.uid > 0 && account.uid < 2 ** 31 && account.gid < 2 ** 31) {
      return account;
    }
  }
  throw new EmbeddedDatabaseError(
    'data-folder-unusable',
    `Signalbox runs as root, PostgreSQL refuses to, and this machine has no user to run it as (${candidates.join(', ')}). ` +
      `Run Signalbox as an ordinary user. ${orYourOwn}`,
  );
};

/** Nothing else of our environment, which holds secrets, reaches the server. */
const { PATH = '/usr/bin:/bin' } = process.env;
export const serverEnvironment = { PATH, LC_ALL: 'C', TZ: 'UTC' };

const execute = promisify(execFile);

/** Runs a program as the account and returns what it printed; rejects with its diagnostics. */
export const runAs = async (
  account: Account | undefined,
  program: string,
  args: readonly string[],
): Promise<string> => {
  const { stdout } = await execute(program, args, { ...account, cwd: '/', env: serverEnvironment });
  return stdout;
};

const canWork = (account: Account | undefined, folder: string): Promise<boolean> =>
  runAs(account, 'test', ['-x', folder]).then(
    () => true,
    () => false,
  );

/** Where root's data goes when the chosen folder lies under one that only root may enter, such as its home. */
const commonGround = '/var/lib/signalbox';

/** A folder that the account can reach: the data folder itself, wherever possible. */
export const reachableFolder = async (account: Account | undefined, folder: string): Promise<string> => {
  if (account === undefined || (await canWork(account, folder))) {
    return folder;
  }
  await mkdir(commonGround, { recursive: true, mode: 0o755 }).catch(() => {});
  if (await canWork(account, commonGround)) {
    return commonGround;
  }
  throw new EmbeddedDatabaseError(
    'data-folder-unusable',
    `Signalbox runs as root, PostgreSQL refuses to, and no other user can reach ${folder} or ${commonGround}. ` +
      `Choose a SIGNALBOX_DATA that others may enter, or run Signalbox as an ordinary user. ${orYourOwn}`,
    { folder },
  );
};
