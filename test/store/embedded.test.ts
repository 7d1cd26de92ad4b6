import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, realpath, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { silentLog } from '../../src/log.ts';
import { incarnation } from '../../src/store/embedded/process.ts';
import { type EmbeddedDatabase, startEmbedded } from '../../src/store/embedded.ts';
import { waitForDatabase } from '../../src/store/pool.ts';
import { temporaryFolder } from '../support/postgres-server.ts';

const Said = z.union([z.object({ url: z.string(), pid: z.int() }), z.object({ refused: z.string() })]);

/** Another bot, in a process of its own, and the first thing it says. */
const anotherBot = async (folder: string): Promise<{ bot: ChildProcess; said: z.infer<typeof Said> }> => {
  const bot = spawn(
    process.execPath,
    ['--import', './test/support/typescript.mjs', './test/support/embedded-bot.ts', folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (bot.stdout === null) {
    throw new Error('no output');
  }
  const [line] = await once(createInterface(bot.stdout), 'line');
  return { bot, said: Said.parse(JSON.parse(String(line))) };
};

const ask = async (url: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
};

let folder: string;
let remove: () => Promise<void>;
const started: EmbeddedDatabase[] = [];
const bots: ChildProcess[] = [];

const start = async (): Promise<EmbeddedDatabase> => {
  const database = await startEmbedded(folder, { log: silentLog });
  started.push(database);
  return database;
};

const kill = async (bot: ChildProcess): Promise<void> => {
  bot.kill('SIGKILL');
  await once(bot, 'exit');
};

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});

afterEach(async () => {
  for (const bot of bots.splice(0)) {
    bot.kill('SIGKILL');
  }
  for (const database of started.splice(0)) {
    await database.stop();
  }
  await remove();
});

describe('the embedded database', () => {
  it('is a UTF-8 PostgreSQL 18 on loopback that waits for the disk, and keeps its data over a restart', async () => {
    const first = await start();
    expect(
      await ask(
        first.url,
        `select current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),
           current_setting('fsync'), current_setting('synchronous_commit'), current_setting('listen_addresses'),
           current_setting('unix_socket_directories'), current_setting('TimeZone'), lower('ÄÖ')`,
      ),
    ).toEqual([18, 'UTF8', 'on', 'on', '127.0.0.1', '', 'UTC', 'äö']);
    await ask(first.url, 'create table kept as select 17 as n');
    await first.stop();
    const second = await start();
    expect(await ask(second.url, 'select n from kept')).toEqual([17]);
  });

  it('wants the password, which only its owner can read', async () => {
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(ask(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    const path = join(folder, 'postgres.password');
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect((await readFile(path, 'utf8')).trim()).toBe(new URL(url).password);
    expect(await readFile(join(folder, 'postgres.log'), 'utf8')).not.toContain(new URL(url).password);
  });

  it('is started again at the same address when it crashes, with everything that was acknowledged', async () => {
    const database = await start();
    const before = database.pid();
    await ask(database.url, 'create table kept as select 17 as n');
    const crashed = new Promise<void>((resolve) => database.onExit(resolve));
    process.kill(before, 'SIGKILL');
    await crashed;
    await waitForDatabase(database.url, { log: silentLog });
    expect(await ask(database.url, 'select n from kept')).toEqual([17]);
    expect(database.pid()).not.toBe(before);
  });

  it('refuses a second bot on its folder, which can have it once the first has stopped', async () => {
    const database = await start();
    await expect(startEmbedded(folder, { log: silentLog })).rejects.toMatchObject({
      code: 'data-folder-in-use',
    });
    const refused = await anotherBot(folder);
    bots.push(refused.bot);
    expect(refused.said).toEqual({ refused: 'data-folder-in-use' });
    expect(await ask(database.url, 'select 1')).toEqual([1]);
    await database.stop();
    const next = await anotherBot(folder);
    bots.push(next.bot);
    expect(next.said).toHaveProperty('url');
    await kill(next.bot);
    await start();
  });

  it('takes over the running server of a bot that was killed', async () => {
    const { bot, said } = await anotherBot(folder);
    bots.push(bot);
    await ask('url' in said ? said.url : '', 'create table kept as select 17 as n');
    await kill(bot);
    const database = await start();
    expect({ url: database.url, pid: database.pid() }).toEqual(said);
    expect(await ask(database.url, 'select n from kept')).toEqual([17]);
    await database.stop();
    expect(incarnation(database.pid())).toBeUndefined();
  });

  it('restarts a server that it took over and that then crashes', async () => {
    const { bot } = await anotherBot(folder);
    bots.push(bot);
    await kill(bot);
    const database = await start();
    const crashed = new Promise<void>((resolve) => database.onExit(resolve));
    process.kill(database.pid(), 'SIGKILL');
    await crashed;
    await waitForDatabase(database.url, { log: silentLog });
    expect(await ask(database.url, 'select 1')).toEqual([1]);
  });

  it('is not taken in by the pid file of before a reboot whose number another process has now', async () => {
    const database = await start();
    const pidFile = join(folder, 'postgres', 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await database.stop();
    await writeFile(pidFile, [String(process.ppid), ...lines.slice(1)].join('\n'));
    const again = await start();
    expect(again.pid()).not.toBe(process.ppid);
    expect(await ask(again.url, 'select 1')).toEqual([1]);
  });

  it('begins anew when it was killed while its data was being prepared', async () => {
    await (await start()).stop();
    // What such a kill leaves: the password, and a half-made cluster under another name.
    const place = join(folder, 'postgres');
    await rename(place, join(folder, 'postgres-half'));
    expect(await ask((await start()).url, 'select 1')).toEqual([1]);
  });

  it('ends what it started although a client is connected', async () => {
    const database = await start();
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => {});
    await client.connect();
    await database.stop();
    expect(incarnation(database.pid())).toBeUndefined();
    await expect(client.query('select 1')).rejects.toThrow();
  });
});

describe.runIf(process.getuid?.() === 0)('the embedded database of root', () => {
  it('runs as another user', async () => {
    const database = await start();
    expect((await stat(join(folder, 'postgres'))).uid).not.toBe(0);
    expect(await ask(database.url, 'select 1')).toEqual([1]);
  });

  it('keeps its data where that user can reach it, when the folder is in a place of root alone', async () => {
    await chmod(folder, 0o700);
    const database = await start();
    await ask(database.url, 'create table kept as select 17 as n');
    await database.stop();
    expect(await realpath(join(folder, 'postgres'))).not.toContain(folder);
    expect(await ask((await start()).url, 'select n from kept')).toEqual([17]);
  });
});

describe('the lock on the data folder', () => {
  const lock = (): string => join(folder, 'signalbox.lock');

  it('of a process whose number another one has now is void', async () => {
    await (await start()).stop();
    const scope = await scopeOf();
    await writeFile(lock(), JSON.stringify({ pid: process.pid, incarnation: 'an earlier one', scope }));
    expect(await ask((await start()).url, 'select 1')).toEqual([1]);
  });

  it('of another machine holds while it shows signs of life, and is void when it does not', async () => {
    await writeFile(lock(), JSON.stringify({ pid: 1, incarnation: 'x', scope: `not-${hostname()}` }));
    let beats = 0;
    const beating = setInterval(() => {
      beats += 1;
      const time = 1_000_000 + beats;
      utimes(lock(), time, time);
    }, 100);
    await expect(start()).rejects.toMatchObject({ code: 'data-folder-in-use' });
    clearInterval(beating);
    expect(await ask((await start()).url, 'select 1')).toEqual([1]);
  });

  it('that cannot be read is void', async () => {
    await writeFile(lock(), '{"pid":');
    await start();
    await rm(lock(), { force: true });
  });

  /** As this process would write it. */
  const scopeOf = async (): Promise<unknown> => {
    const database = await start();
    const { scope } = z.looseObject({ scope: z.string() }).parse(JSON.parse(await readFile(lock(), 'utf8')));
    await database.stop();
    return scope;
  };
});
