/** Debian's prometheus-alertmanager, as it is, delivering to the hook. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../src/store/embedded/server.ts';
import { openPager, pagingShop } from '../support/pager.ts';
import { openSite, stillQueue } from './site.ts';

const isInstalled = spawnSync('prometheus-alertmanager', ['--version']).status === 0;
const key = 'an alert key of the test';

const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    await pause(100);
  }
  throw new Error('it did not come about within a minute');
};

/** Groups at once, tells again after a second. Resolves to its address. */
const startAlertmanager = async (hook: string): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-alertmanager-'));
  writeFileSync(join(folder, 'key'), key);
  writeFileSync(
    join(folder, 'config.yml'),
    `route: { receiver: signalbox, group_by: [service], group_wait: 1s, group_interval: 1s, repeat_interval: 1s }
receivers:
  - name: signalbox
    webhook_configs:
      - { url: '${hook}', send_resolved: true, http_config: { authorization: { credentials_file: '${folder}/key' } } }
`,
  );
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${folder}/config.yml`,
      `--storage.path=${folder}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  onTestFinished(async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  await until(async () => ((await fetch(`${url}/-/ready`)).ok ? true : undefined));
  return url;
};

describe.skipIf(!isInstalled)('the real Alertmanager (needs prometheus-alertmanager)', () => {
  it('delivers a firing alert, again and again, which is one page, and its end, which ends the page', async () => {
    const pager = await openPager(pagingShop(), '2026-11-23T12:00:00Z');
    const site = await openSite(
      { context: pager.context, queue: stillQueue },
      { alertKey: { reveal: () => key } },
    );
    const deliveries = async (): Promise<number> => {
      const metrics = await (await site.get('/metrics')).text();
      const counted = /hook_requests_total\{hook="\/hooks\/alertmanager",outcome="recorded"\} (\d+)/.exec(
        metrics,
      );
      return Number(counted?.[1] ?? 0);
    };
    const alertmanager = await startAlertmanager(`${site.url}/hooks/alertmanager`);
    const startsAt = new Date(Date.now() - 60_000).toISOString();
    const tell = (endsAt?: string): Promise<Response> =>
      fetch(`${alertmanager}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([
          {
            labels: { alertname: 'HighErrors', service: 'api', severity: 'critical' },
            annotations: { summary: 'errors are up' },
            startsAt,
            ...(endsAt === undefined ? {} : { endsAt }),
          },
        ]),
      });
    const states = async () =>
      (await pager.context.store.db.selectFrom('page').selectAll().orderBy('id').execute()).map(
        ({ id, state, severity, service, summary }) => `${id} ${state} ${severity} ${service} ${summary}`,
      );
    const since = pager.world.clock.now();
    expect((await tell()).status).toBe(200);
    await until(async () => ((await deliveries()) >= 3 ? true : undefined));
    expect(await states()).toEqual(['1 open critical api errors are up']);
    await pager.world.pump();
    expect(pager.told(since)).toEqual(['00:00 chat olga']);
    expect((await tell(new Date(Date.now() - 1_000).toISOString())).status).toBe(200);
    await until(async () => ((await states())[0]?.includes('resolved') === true ? true : undefined));
    expect(await states()).toEqual(['1 resolved critical api errors are up']);
    expect(await pager.hourLater()).toEqual([]);
  }, 120_000);
});
