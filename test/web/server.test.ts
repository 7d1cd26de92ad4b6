import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { connectQueue } from '../../src/queue/backend.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createPool } from '../../src/store/pool.ts';
import { createStore } from '../../src/store/store.ts';
import type { Ready } from '../../src/web/ready.ts';
import { createWeb } from '../../src/web/server.ts';
import { temporaryFolder } from '../support/postgres-server.ts';
import { createWorld, digest } from '../support/world.ts';
import { openForwarder } from './forwarder.ts';
import { openSite, stillQueue } from './site.ts';

const build = {
  id: 'ci-1',
  kind: 'build',
  service: 'api',
  version: '1.0.0',
  artifact: digest('api', '1.0.0'),
  outcome: 'pass',
};

const readyWorld = async (): Promise<Ready> => ({
  context: (await createWorld()).context,
  queue: stillQueue,
});

describe('the server, before the database is up', () => {
  it('lives, is not ready and says why, and asks everyone else to come again', async () => {
    let ready: Ready | undefined;
    const site = await openSite(undefined, { ready: () => ready });
    expect((await site.get('/livez')).status).toBe(200);
    const readyz = await site.get('/readyz');
    expect([readyz.status, await readyz.json()]).toEqual([503, { ok: false, reason: 'starting' }]);
    for (const response of [
      await site.post(build),
      await site.get('/trains/weekly-2026-W48'),
      await site.get('/metrics'),
      await site.get('/nowhere'),
    ]) {
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ code: 'unavailable' });
    }
    ready = await readyWorld();
    expect((await site.get('/readyz')).status).toBe(200);
  });
});

describe('the server, on a database of its own', () => {
  it('says which part is down, loses nothing meanwhile, and recovers by itself', async () => {
    const { folder, remove } = await temporaryFolder();
    onTestFinished(remove);
    const options = { log: silentLog, settings: { fsync: 'off' } };
    let server = await startEmbedded(folder, options);
    onTestFinished(() => server.stop());
    const forwarder = await openForwarder();
    const url = new URL(server.url);
    forwarder.leadTo(Number(url.port));
    url.port = String(forwarder.port);
    const pool = createPool(url.href, { max: 5, log: silentLog });
    const store = createStore(pool);
    onTestFinished(() => store.close());
    await migrate(store.db);
    const queue = await connectQueue({ databaseUrl: url.href }, silentLog);
    onTestFinished(() => queue.close());
    const world = await createWorld();
    const context = await world.instance({ store });
    const site = await openSite({ context, queue });

    expect(await (await site.get('/readyz')).json()).toEqual({ ok: true, database: 'ok', queue: 'ok' });
    await site.post(build);
    const up = await (await site.get('/metrics')).text();
    expect(up).toMatch(/^signalbox_database_up 1$/m);
    expect(up).toMatch(/^signalbox_queue_jobs\{queue="deadlines",state="waiting"\} 0$/m);

    await server.stop();
    const readyz = await site.get('/readyz');
    expect([readyz.status, await readyz.json()]).toEqual([
      503,
      { ok: false, database: 'down', queue: 'down' },
    ]);
    expect((await site.get('/livez')).status).toBe(200);
    const waits = await site.post({ ...build, id: 'ci-2' });
    expect([waits.status, waits.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await site.get('/trains/weekly-2026-W48')).status).toBe(503);
    const down = await site.get('/metrics');
    expect(down.status).toBe(200);
    const text = await down.text();
    expect(text).toMatch(/^signalbox_database_up 0$/m);
    expect(text).toMatch(/^signalbox_queue_up 0$/m);
    expect(text).not.toMatch(/^signalbox_(trains_open|deadlines_overdue|notices_waiting|queue_jobs)\b/m);
    expect(text).toMatch(/outcome="unavailable"\} 1$/m);

    server = await startEmbedded(folder, options);
    forwarder.leadTo(Number(new URL(server.url).port));
    await expect.poll(async () => (await site.get('/readyz')).status, { timeout: 20_000 }).toBe(200);
    expect(await (await site.post(build)).json()).toEqual({ status: 'repeated' });
    expect(await (await site.post({ ...build, id: 'ci-2' })).json()).toEqual({ status: 'recorded' });
  });
});

describe('the server', () => {
  it('is not ready while the queue does not answer', async () => {
    const { context } = await readyWorld();
    const ping = async (): Promise<void> => {
      throw new Error('away');
    };
    const site = await openSite({ context, queue: { ...stillQueue, ping } });
    const readyz = await site.get('/readyz');
    expect([readyz.status, await readyz.json()]).toEqual([503, { ok: false, database: 'ok', queue: 'down' }]);
  });

  it('answers 404 to what is not there and 405 to what is not done there', async () => {
    const site = await openSite(await readyWorld());
    const missing = await site.get('/hooks/unheard-of');
    expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'not-found' }]);
    const wrong = await site.get('/hooks/evidence');
    expect([wrong.status, wrong.headers.get('allow'), await wrong.json()]).toMatchObject([
      405,
      'POST',
      { code: 'wrong-method' },
    ]);
    for (const path of ['/livez', '/readyz', '/metrics', '/trains/x']) {
      const response = await fetch(`${site.url}${path}`, { method: 'DELETE' });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      expect((await fetch(`${site.url}${path}`, { method: 'HEAD' })).status).toBe(
        path === '/trains/x' ? 404 : 200,
      );
    }
  });

  it('answers 400 to a path that is no text, and to no HTTP at all', async () => {
    const site = await openSite(await readyWorld());
    expect((await site.get('/trains/%ff')).status).toBe(400);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(site.url).port), '127.0.0.1', () => socket.write('HELO\r\n\r\n'));
      socket.once('data', (data) => resolve(String(data)));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(site.logged).toEqual([]);
  });

  it('says nothing about itself', async () => {
    const site = await openSite(await readyWorld());
    for (const path of ['/livez', '/nowhere', '/trains/%ff']) {
      const { headers } = await site.get(path);
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('tells of a fault of its own only a reference, which the log has too', async () => {
    const site = await openSite(await readyWorld(), {
      prepare: ({ app }) =>
        void app.get('/broken', () => {
          throw new Error('a secret of the inside');
        }),
    });
    const response = await site.get('/broken?key=private');
    const text = await response.text();
    const { reference } = JSON.parse(text);
    expect(response.status).toBe(500);
    expect(reference).toMatch(/^[0-9a-f]{8}$/);
    expect(text).not.toMatch(/secret|Error|at /);
    expect(site.logged).toMatchObject([{ level: 'error', facts: { reference, path: '/broken' } }]);
    expect(JSON.stringify(site.logged)).not.toContain('private');
  });

  it('leaves the bodies of the chat platforms’ routes alone', async () => {
    const site = await openSite(await readyWorld(), {
      prepare: ({ app }) =>
        void app.post('/slack/events', async (req, res) => {
          const chunks: Buffer[] = [];
          for await (const chunk of req) chunks.push(chunk);
          res.send(Buffer.concat(chunks).toString());
        }),
    });
    const response = await fetch(`${site.url}/slack/events`, {
      method: 'POST',
      body: '{"raw":  1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await response.text()).toBe('{"raw":  1}');
  });

  it('counts requests and reports by what became of them, under names that nobody outside can add to', async () => {
    const world = await createWorld();
    const site = await openSite({ context: world.context, queue: stillQueue });
    await site.post(build);
    await site.post(build);
    await site.post(build, { 'x-signalbox-signature': 'no' });
    await site.post({ ...build, id: 'other', service: 'nobody' });
    await site.get('/made-up');
    await site.get('/trains/weekly-2026-W48');
    world.clock.set(new Date('2026-11-25T12:00:01Z'));
    const text = await (await site.get('/metrics')).text();
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length),
      );
    const reports = (outcome: string) =>
      value(`signalbox_hook_requests_total{hook="/hooks/evidence",outcome="${outcome}"}`);
    expect(['recorded', 'repeated', 'unauthenticated', 'refused'].map(reports)).toEqual([1, 1, 1, 1]);
    const answered = (labels: string) => value(`signalbox_http_request_duration_seconds_count{${labels}}`);
    expect(answered('method="POST",route="/hooks/evidence",status="200"')).toBe(2);
    expect(answered('method="GET",route="/trains/:id",status="200"')).toBe(1);
    expect(answered('method="any",route="none",status="404"')).toBe(1);
    expect(text).not.toContain('made-up');
    expect(value('signalbox_deadlines_overdue')).toBeGreaterThan(0);
    expect(value('signalbox_trains_open')).toBeGreaterThan(0);
    expect(value('signalbox_notices_waiting')).toBe(0);
    expect(text).toContain('process_cpu_user_seconds_total');
  });

  it('counts deployments by their state', async () => {
    const world = await createWorld();
    await world.toGo('alone', 'db');
    const site = await openSite({ context: world.context, queue: stillQueue });
    expect(await (await site.get('/metrics')).text()).not.toMatch(/^signalbox_deployments\{/m);
    await world.advance('2026-11-28T22:10:00Z');
    expect(await (await site.get('/metrics')).text()).toMatch(
      /^signalbox_deployments\{state="succeeded"\} 2$/m,
    );
  });

  it('when it closes, answers what is in flight, takes nothing new, and keeps nobody waiting', async () => {
    let begin = (): void => {};
    let finish = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const site = await openSite(await readyWorld(), {
      prepare: ({ app }) =>
        void app.get('/slow', (_req, res) => {
          begin();
          finish = () => res.send('done');
        }),
    });
    await site.get('/livez');
    const slow = site.get('/slow');
    await begun;
    const closed = site.close();
    await expect(fetch(`${site.url}/livez`, { headers: { connection: 'close' } })).rejects.toThrow();
    finish();
    expect(await (await slow).text()).toBe('done');
    await closed;
  });

  it('cuts off what does not end in time', async () => {
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const site = await openSite(await readyWorld(), {
      limits: { closeMs: 100 },
      prepare: ({ app }) => void app.get('/stuck', () => begin()),
    });
    const stuck = expect(site.get('/stuck')).rejects.toThrow();
    await begun;
    await site.close();
    await stuck;
  });

  it('says so when the address is taken', async () => {
    const site = await openSite(await readyWorld());
    const second = createWeb({ log: silentLog, ready: () => undefined, hooks: [] });
    await expect(second.listen('127.0.0.1', Number(new URL(site.url).port))).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
