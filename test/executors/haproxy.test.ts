/** A real HAProxy in front of two real HTTP servers, under load. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Run } from '../../src/domain/run.ts';
import { createExecutors } from '../../src/executors/all.ts';
import { haproxyCommand, haproxyServers } from '../../src/executors/haproxy-socket.ts';
import { memoryCalls } from '../support/memory-calls.ts';
import { protocolServer } from '../support/protocol-server.ts';
import { eventually, executorIn, stepOf, temporaryDirectory } from './runs.ts';

const isInstalled = spawnSync('haproxy', ['-v']).status === 0;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

interface Shop {
  readonly socket: string;
  readonly url: string;
  side: { blue: 'up' | 'down'; green: 'up' | 'down' };
  stop(): Promise<void>;
}

/** `blue` is live, `green` waits. */
const openShop = async (): Promise<Shop> => {
  const folder = temporaryDirectory();
  const side: Shop['side'] = { blue: 'up', green: 'up' };
  const serve = (name: 'blue' | 'green') =>
    protocolServer(async ({ path }) => {
      if (path === '/health') return { status: side[name] === 'up' ? 200 : 503 };
      // Some requests are under way whenever sides are switched.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      return { status: 200, body: name };
    });
  const [blue, green] = [await serve('blue'), await serve('green')];
  const port = await freePort();
  // A socket's path has room for some 100 letters and no space in a configuration.
  const socket = `127.0.0.1:${await freePort()}`;
  const server = (name: string, url: string, more = '') =>
    `  server ${name} ${new URL(url).host} check inter 50ms rise 2 fall 2 ${more}`;
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    [
      'global',
      `  stats socket ${socket} level admin`,
      'defaults',
      '  mode http',
      '  timeout connect 2s',
      '  timeout client 10s',
      '  timeout server 10s',
      'frontend web',
      `  bind 127.0.0.1:${port}`,
      '  default_backend shop',
      'backend shop',
      '  option httpchk GET /health',
      server('blue', blue.url),
      server('green', green.url, 'disabled'),
      '',
    ].join('\n'),
  );
  const haproxy = spawn('haproxy', ['-db', '-f', 'haproxy.cfg'], { cwd: folder, stdio: 'ignore' });
  const gone = once(haproxy, 'exit');
  const stop = async () => {
    haproxy.kill('SIGKILL');
    await gone;
  };
  onTestFinished(stop);
  await eventually(async () => {
    const servers = await haproxyServers(socket, 'shop').catch(() => undefined);
    return servers?.get('blue')?.isUp ? true : undefined;
  });
  return { socket, url: `http://127.0.0.1:${port}/`, side, stop };
};

/** Asks without a pause, on connections that are kept, until told to stop; what every request was answered. */
const load = (url: string, workers: number) => {
  /** `since` counts up: what began before and after something. */
  const answers: { readonly by: string; readonly began: number }[] = [];
  let on = true;
  let since = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: workers });
  const ask = (): Promise<string> =>
    new Promise((resolve) => {
      get(url, { agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (data) => {
          text += data;
        });
        response.on('end', () =>
          resolve(response.statusCode === 200 ? text : `status ${response.statusCode}`),
        );
      }).on('error', (error) => resolve(`error ${error.message}`));
    });
  const worker = async () => {
    while (on) {
      const began = since;
      answers.push({ by: await ask(), began });
    }
  };
  const all = Promise.all(Array.from({ length: workers }, worker));
  return {
    by: (from = 0) => answers.filter(({ began }) => began >= from).map(({ by }) => by),
    mark: () => {
      since += 1;
      return since;
    },
    end: async () => {
      on = false;
      await all;
      agent.destroy();
    },
  };
};

const executors = () => {
  const calls = memoryCalls();
  const make = () =>
    createExecutors(executorIn(temporaryDirectory()), { calls, secret: () => undefined, pollMs: 10 });
  return { first: make().haproxy, other: make().haproxy, calls };
};

const to = (shop: Shop, live: string, old: string): Run => ({
  executor: 'haproxy',
  socket: shop.socket,
  backend: 'shop',
  to: live,
  from: [old],
});

describe.skipIf(!isInstalled)('a step by haproxy (needs haproxy)', () => {
  it('switches the live side and back under load, and no request fails', async () => {
    const shop = await openShop();
    const { first, other } = executors();
    const traffic = load(shop.url, 16);
    const many = (since: number) => eventually(() => (traffic.by(since).length > 200 ? true : undefined));
    await many(0);
    for (const [live, old] of [
      ['green', 'blue'],
      ['blue', 'green'],
    ] as const) {
      const spec = stepOf(to(shop, live, old));
      const handle = first.prepare(spec);
      await first.start(handle, spec);
      expect(await other.wait(handle)).toEqual({
        state: 'finished',
        exitCode: 0,
        tail: `shop: ${live} takes all new requests, ${old} none`,
      });
      const since = traffic.mark();
      await many(since);
      expect(new Set(traffic.by(since))).toEqual(new Set([live]));
    }
    await traffic.end();
    expect(new Set(traffic.by())).toEqual(new Set(['blue', 'green']));
    expect(traffic.by().length).toBeGreaterThan(600);
  }, 60_000);

  it('leaves the live side alone when the other one is not up', async () => {
    const shop = await openShop();
    shop.side.green = 'down';
    const traffic = load(shop.url, 4);
    const { first } = executors();
    const spec = stepOf(to(shop, 'green', 'blue'));
    const handle = first.prepare(spec);
    await first.start(handle, spec);
    expect(await first.status(handle)).toMatchObject({
      state: 'finished',
      exitCode: 1,
      reason: 'green is not up; blue stayed',
    });
    await traffic.end();
    expect(new Set(traffic.by())).toEqual(new Set(['blue']));
    const servers = await haproxyServers(shop.socket, 'shop');
    expect([servers.get('blue')?.isReady, servers.get('green')?.isReady]).toEqual([true, false]);
  }, 60_000);

  it('is asked which side is live; both, none, another answer and no answer are not known', async () => {
    const shop = await openShop();
    const { first } = executors();
    const query = { executor: 'haproxy', socket: shop.socket, backend: 'shop' } as const;
    const spec = stepOf(to(shop, 'green', 'blue'));
    const live = async (names = ['blue', 'green']) => first.liveSide?.(query, names, spec);
    // Its checks may come late on a busy machine.
    const becomes = (side: string) =>
      eventually(async () => {
        const answer = await live();
        return answer?.known === true && answer.side === side ? true : undefined;
      });
    await becomes('blue');
    const handle = first.prepare(spec);
    await first.start(handle, spec);
    await first.wait(handle);
    await becomes('green');
    await haproxyCommand(shop.socket, 'set server shop/blue state ready');
    await eventually(async () => {
      const answer = await live();
      return answer?.known === false && answer.reason === 'both of blue and green take requests'
        ? true
        : undefined;
    });
    expect(await live(['red', 'yellow'])).toMatchObject({
      known: false,
      reason: expect.stringContaining('none of'),
    });
    await shop.stop();
    expect(await live()).toMatchObject({ known: false, reason: expect.stringContaining('does not answer') });
  }, 60_000);

  it('L2: whoever switched died in the middle: what HAProxy does now is the answer, and nothing is done again', async () => {
    const shop = await openShop();
    const { first, calls } = executors();
    const half = first.prepare(stepOf(to(shop, 'green', 'blue')));
    await calls.take(half['run'] ?? '');
    expect(await first.status(half)).toMatchObject({ state: 'finished', exitCode: 1 });
    const whole = first.prepare(stepOf(to(shop, 'green', 'blue')));
    await calls.take(whole['run'] ?? '');
    await haproxyCommand(shop.socket, 'set server shop/green state ready');
    await haproxyCommand(shop.socket, 'set server shop/blue state drain');
    await eventually(async () =>
      (await haproxyServers(shop.socket, 'shop')).get('green')?.isUp ? true : undefined,
    );
    expect(await first.status(whole)).toMatchObject({ state: 'finished', exitCode: 0 });
  });

  it('fails in so many words when HAProxy is gone, or knows no such server', async () => {
    const shop = await openShop();
    const { first, calls } = executors();
    const unknown = stepOf(to(shop, 'red', 'blue'));
    const handle = first.prepare(unknown);
    await first.start(handle, unknown);
    expect(await first.status(handle)).toEqual({ state: 'never-started', reason: 'shop has no server red' });
    await shop.stop();
    const spec = stepOf(to(shop, 'green', 'blue'));
    const late = first.prepare(spec);
    await first.start(late, spec);
    expect(await first.status(late)).toMatchObject({
      state: 'finished',
      exitCode: 1,
      reason: 'HAProxy does not do it (ECONNREFUSED)',
    });
    const taken = first.prepare(stepOf(to(shop, 'green', 'blue')));
    await calls.take(taken['run'] ?? '');
    expect(await first.status(taken)).toMatchObject({ state: 'gone' });
  });
});
