import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Account, serverEnvironment } from './account.ts';
import { observe, type Running, servesFolder } from './process.ts';

export interface LaunchOptions {
  readonly postgres: string;
  readonly account: Account | undefined;
  readonly folder: string;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Loopback only, no Unix socket; in a process group of its own, so that Ctrl-C reaches the bot alone. */
const spawnServer = (options: LaunchOptions, port: number): Running => {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    ...options.settings,
  };
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(
      options.postgres,
      [
        '-D',
        options.folder,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      {
        ...options.account,
        cwd: '/',
        env: serverEnvironment,
        detached: true,
        stdio: ['ignore', log, log],
      },
    );
    child.unref();
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    return { pid: child.pid ?? 0, exited };
  } finally {
    closeSync(log);
  }
};

/** Line 1 is the server's process, line 4 its port, line 7 its shared memory (PostgreSQL's miscadmin.h). */
const pidFile = async (folder: string): Promise<{ path: string; lines: readonly string[] }> => {
  const path = join(folder, 'postmaster.pid');
  return { path, lines: (await readFile(path, 'utf8').catch(() => '')).split('\n') };
};

/** A server that an earlier, killed bot left running on this folder, with its port. */
export const findOrphan = async (folder: string): Promise<{ running: Running; port: number } | undefined> => {
  const { lines } = await pidFile(folder);
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return pid > 0 && servesFolder(pid, folder) ? { running: observe(pid), port } : undefined;
};

/**
 * PostgreSQL refuses to start while the process of its pid file lives, be it a stranger who has the number since
 * the last boot, or a zombie. Naming the server's parent, us, lifts that and keeps the check that matters: whether
 * sessions of a killed server still use its shared memory. Only after `findOrphan` found none.
 */
const disownPidFile = async (folder: string): Promise<void> => {
  const { path, lines } = await pidFile(folder);
  if (lines.length > 1) {
    await writeFile(path, [String(process.pid), ...lines.slice(1)].join('\n'));
  }
};

/** Starts the server; `ready` tells whether it came up. */
export const launch = async (options: LaunchOptions, port: number): Promise<Running> => {
  await disownPidFile(options.folder);
  return spawnServer(options, port);
};

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
};

/** Waits until the server answers (recovery after a crash may take minutes); false when it ends before. */
export const ready = async (running: Running, url: string): Promise<boolean> => {
  let ended = false;
  running.exited.then(() => {
    ended = true;
  });
  for (let tries = 0; !ended; tries += 1) {
    if (await answers(url)) {
      return true;
    }
    await pause(Math.min(20 + tries * 10, 500));
  }
  return false;
};

/** Free now; another program may take it before the server does. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
