import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { EmbeddedDatabaseError } from './error.ts';
import { incarnation } from './process.ts';

/** Milliseconds between two signs of life of a holder. */
const heartbeat = 1_000;

const Holder = z.object({ pid: z.int().positive(), incarnation: z.string(), scope: z.string() });
type Holder = z.infer<typeof Holder>;

/** Where process numbers mean the same: two containers on one folder cannot see each other's processes. */
const scope = (): string => {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
};

const parse = (text: string): Holder | undefined => {
  try {
    return Holder.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const touched = async (path: string): Promise<number | undefined> =>
  (await stat(path).catch(() => undefined))?.mtimeMs;

const lives = async (path: string, holder: Holder): Promise<boolean> => {
  if (holder.scope === scope()) {
    return incarnation(holder.pid) === holder.incarnation;
  }
  // Another container or machine: only its signs of life can be seen. Compared with each other, never with our clock.
  const before = await touched(path);
  await pause(3 * heartbeat);
  const after = await touched(path);
  return after !== undefined && after !== before;
};

const exists = (code: string) => (error: unknown) => {
  if (error instanceof Error && 'code' in error && error.code === code) {
    return false;
  }
  throw error;
};

/** Removes a dead holder's lock; if another process was faster, what was taken away is its lock: it goes back. */
const clear = async (path: string, dead: string): Promise<void> => {
  const aside = `${path}.${randomUUID()}`;
  if (!(await rename(path, aside).then(() => true, exists('ENOENT')))) {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== dead) {
    await link(aside, path).catch(exists('EEXIST'));
  }
  await rm(aside);
};

/**
 * One process per folder. Survives kill -9 and reboots: a lock counts only while the very process that wrote it
 * runs. Throws `EmbeddedDatabaseError` `data-folder-in-use`.
 */
export const lockFolder = async (folder: string): Promise<{ release(): Promise<void> }> => {
  const path = join(folder, 'signalbox.lock');
  const mine: Holder = { pid: process.pid, incarnation: incarnation(process.pid) ?? '', scope: scope() };
  const text = JSON.stringify({ ...mine, token: randomUUID() });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600 });
  try {
    // link(2) makes the lock appear complete or not at all.
    while (!(await link(draft, path).then(() => true, exists('EEXIST')))) {
      const theirs = await readFile(path, 'utf8').catch(() => undefined);
      if (theirs === undefined) {
        continue;
      }
      const holder = parse(theirs);
      if (holder !== undefined && (await lives(path, holder))) {
        throw new EmbeddedDatabaseError(
          'data-folder-in-use',
          `The data folder ${folder} is in use by another Signalbox (process ${holder.pid}). ` +
            'Stop that one, give this one its own SIGNALBOX_DATA, or run both on one DATABASE_URL.',
          { folder, pid: holder.pid },
        );
      }
      await clear(path, theirs);
    }
  } finally {
    await rm(draft, { force: true });
  }
  const timer = setInterval(() => {
    const now = performance.timeOrigin + performance.now();
    utimes(path, now / 1_000, now / 1_000).catch(() => {});
  }, heartbeat);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      if ((await readFile(path, 'utf8').catch(() => undefined)) === text) {
        await rm(path, { force: true });
      }
    },
  };
};
