import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import express from 'express';
import type pg from 'pg';
import { systemClock } from '../src/clock.ts';
import { silentLog } from '../src/log.ts';
import { startSignalbox } from '../src/main.ts';
import { openPolicy } from '../src/policy/current.ts';
import { Secret } from '../src/settings.ts';
import { listen } from './clicks.ts';
import { startRedis } from './redis.ts';
import { type Server, using } from './server.ts';
import { ms, quantile, type Row } from './support.ts';

const idleAlerts = 100;
const warmUp = 10;
/** Services of the storm, each with somebody of its own on call. */
const services = 50;
const stormAlerts = 1_000;
const stormAtOnce = 20;
/** Pages whose second step is waited for, and how far apart they are raised. */
const steps = 100;
const stepsApartMs = 60;
const stepMs = 3_000;

const alertKey = 'an alert key of the bench';
const people = Array.from({ length: services }, (_, n) => n);

const policyText = `
timezone: UTC
people:
  rita: {}
  idle: { slack: U0IDLE, phone: "+15551000", pages: [{ by: chat }, { by: sms }] }
  first: { phone: "+15551001", pages: [{ by: sms }] }
  second: { phone: "+15551002", pages: [{ by: sms }] }
${people.map((n) => `  p${n}: { slack: U0P${n}, phone: "+15552${String(n).padStart(3, '0')}", pages: [{ by: chat }, { by: sms }] }`).join('\n')}
roles: { release-manager: [rita], operations: [rita] }
services:
  late: { escalation: late }
${people.map((n) => `  s${n}: { escalation: e${n} }`).join('\n')}
trains: { weekly: { cutoffs: { in-test: { at: Wednesday 12:00, requires: [build] } }, windows: [{ name: night, opens: Saturday 22:00, lasts: 4h }] } }
oncall:
  limits: { sms: 1000 }
  bundle: 0m
  escalations:
    default: [{ page: [person:idle] }]
    late: [{ page: [person:first] }, { after: ${stepMs / 1_000}s, page: [person:second] }]
${people.map((n) => `    e${n}: [{ page: [person:p${n}] }]`).join('\n')}
`;

/**
 * From an alert's HTTP request to the first requests to Slack and Twilio that it leads to: the whole bot, with web server,
 * queue and workers; against the same HTTP in, one commit, and the same HTTP out. One at a time, and in a storm; then how
 * late the second step of an escalation leaves.
 */
export const paging = async (server: Server): Promise<readonly Row[]> => {
  const redis = await startRedis();
  if (redis === undefined) process.stderr.write('Redis is left out: no redis-server on this machine.\n');
  const rows: Row[] = [];
  for (const redisUrl of redis === undefined ? [undefined] : [undefined, redis.url])
    rows.push(...(await onQueue(server, redisUrl)));
  await redis?.stop();
  return rows;
};

const onQueue = async (server: Server, redisUrl: string | undefined): Promise<readonly Row[]> => {
  const database = await server.database();
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, policyText);
  const policy = openPolicy(file, systemClock);
  if (!policy.ok) throw new Error(JSON.stringify(policy.faults));
  const outside = await sink();
  const bot = await startSignalbox({
    settings: {
      databaseUrl: new Secret(database.url),
      ...(redisUrl === undefined ? {} : { redisUrl: new Secret(redisUrl) }),
      dataFolder: folder,
      policyFile: file,
      host: '127.0.0.1',
      port: 0,
      alertKey: new Secret(alertKey),
      slack: {
        botToken: new Secret('xoxb-bench'),
        signingSecret: new Secret('bench'),
        apiUrl: `${outside.url}/api`,
      },
      twilio: {
        accountSid: 'AC1',
        authToken: new Secret('bench'),
        from: '+15550000',
        apiUrl: outside.url,
      },
    },
    policy: policy.current,
    log: silentLog,
    platforms: new Map(),
  });
  try {
    return await using(database, async ({ pool }) => {
      const kind = redisUrl === undefined ? 'PostgreSQL' : 'Redis';
      return [
        ...(await idle(bot.url, outside, pool, kind)),
        ...(await storm(bot.url, outside, kind)),
        ...(await lateSteps(bot.url, outside, pool, kind)),
      ];
    });
  } finally {
    await bot.close();
    await outside.close();
    await server.drop(database);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
};

/** Slack and Twilio as far as they are called here; remembers when the first request about an alert came. */
interface Sink {
  readonly url: string;
  /** Milliseconds of `performance.now()`; rejects after half a minute. */
  arrival(way: Way, alert: string): Promise<number>;
  /** Every request about it that came by now. */
  all(way: Way, alert: string): readonly { readonly at: number; readonly body: string }[];
  close(): Promise<void>;
}
type Way = 'chat' | 'sms' | 'floor';

const sink = async (): Promise<Sink> => {
  const came = new Map<string, { at: number; body: string }[]>();
  let ts = 0;
  const http = createServer((req, res) => {
    const at = performance.now();
    let text = '';
    req.on('data', (data) => {
      text += data;
    });
    req.on('end', () => {
      const path = req.url ?? '';
      const body = decodeURIComponent(text.replaceAll('+', ' '));
      const alert = /alert-[a-z]+-\d+/.exec(body)?.[0];
      const way: Way | undefined = path.endsWith('/chat.postMessage')
        ? 'chat'
        : path.endsWith('/Messages.json')
          ? 'sms'
          : path === '/floor'
            ? 'floor'
            : undefined;
      if (way !== undefined && alert !== undefined) {
        const key = `${way} ${alert}`;
        came.set(key, [...(came.get(key) ?? []), { at, body }]);
      }
      ts += 1;
      const user = /U0[A-Z0-9]+/.exec(body)?.[0] ?? '';
      res.writeHead(path.endsWith('/Messages.json') ? 201 : 200, { 'content-type': 'application/json' });
      res.end(
        JSON.stringify({
          ok: true,
          sid: `SM${ts}`,
          ts: `${ts}.1`,
          team_id: 'T1',
          bot_id: 'B1',
          user_id: 'U1',
          channel: path.endsWith('/conversations.open')
            ? { id: `D${user}` }
            : /"?channel"?[=:]"?(\w+)/.exec(body)?.[1],
          members: [],
        }),
      );
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const all: Sink['all'] = (way, alert) => came.get(`${way} ${alert}`) ?? [];
  return {
    url: `http://127.0.0.1:${port}`,
    all,
    arrival: async (way, alert) => {
      for (let waited = 0; waited < 30_000; waited += 2) {
        const [first] = all(way, alert);
        if (first !== undefined) return first.at;
        await pause(2);
      }
      throw new Error(`no ${way} about ${alert}`);
    },
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
};

/** When it was sent, by the same clock as the arrivals. */
const fire = async (url: string, alert: string, service: string): Promise<number> => {
  const at = performance.now();
  const response = await fetch(`${url}/hooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${alertKey}` },
    body: JSON.stringify(bodyOf(alert, service)),
  });
  if (response.status !== 200) throw new Error(`${alert}: ${response.status}`);
  await response.arrayBuffer();
  return at;
};

const bodyOf = (alert: string, service: string) => ({
  version: '4',
  receiver: 'signalbox',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'HighErrors', service, severity: 'critical' },
      annotations: { summary: `${alert} errors are up` },
      startsAt: '2026-11-23T11:59:00Z',
      fingerprint: alert,
    },
  ],
});

const idle = async (url: string, outside: Sink, pool: pg.Pool, kind: string): Promise<readonly Row[]> => {
  await pool.query('create table floor (id serial primary key, body jsonb not null)');
  const web = express();
  web.post('/floor', express.json(), async (req, res) => {
    await pool.query('insert into floor (body) values ($1)', [JSON.stringify(req.body)]);
    res.json({ status: 'recorded' });
    await fetch(`${outside.url}/floor`, { method: 'POST', body: JSON.stringify(req.body) }).then((answer) =>
      answer.arrayBuffer(),
    );
  });
  const bare = await listen(web, '/floor');
  const taken = { chat: [] as number[], sms: [] as number[], floor: [] as number[] };
  for (let n = -warmUp; n < idleAlerts; n += 1) {
    const alert = `alert-idle-${n + warmUp}`;
    // A bundle of its own: services that nobody knows are paged by default.
    const at = await fire(url, alert, `other-${n}`);
    const [chat, sms] = await Promise.all([outside.arrival('chat', alert), outside.arrival('sms', alert)]);
    const begun = performance.now();
    const response = await fetch(bare.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bodyOf(alert, 'other')),
    });
    await response.arrayBuffer();
    const floor = (await outside.arrival('floor', alert)) - begun;
    // What the last page still leads to (its cards) is done before the next one comes.
    await pause(30);
    if (n < 0) continue;
    taken.chat.push(chat - at);
    taken.sms.push(sms - at);
    taken.floor.push(floor);
  }
  await bare.close();
  return (['chat', 'sms'] as const).flatMap((way) =>
    [0.5, 0.99].map((q): Row => {
      const [figure, floor] = [quantile(taken[way], q), quantile(taken.floor, q)];
      return {
        what: `alert in to first ${way} request, idle, ${kind}, p${q * 100}`,
        figure: ms(figure),
        floor: `HTTP, commit, HTTP ${ms(floor)}`,
        ratio: figure / floor,
        ...(q === 0.99 ? { aim: 2 } : {}),
      };
    }),
  );
};

/** The first page of each service: from its first alert's request. Alerts of all services come mixed. */
const storm = async (url: string, outside: Sink, kind: string): Promise<readonly Row[]> => {
  const first = new Map<number, number>();
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let n = next++; n < stormAlerts; n = next++) {
      const service = n % services;
      if (!first.has(service)) first.set(service, performance.now());
      await fire(url, `alert-storm-${n}`, `s${service}`);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: stormAtOnce }, sender));
  const stormMs = performance.now() - begun;
  const taken = { chat: [] as number[], sms: [] as number[] };
  for (const way of ['chat', 'sms'] as const)
    for (const [service, at] of first)
      taken[way].push((await outside.arrival(way, `alert-storm-${service}`)) - at);
  return [
    ...(['chat', 'sms'] as const).flatMap((way) =>
      [0.5, 0.99].map((q): Row => {
        const figure = quantile(taken[way], q);
        return {
          what: `first ${way} of a service in a storm of ${stormAlerts} alerts, ${kind}, p${q * 100}`,
          figure: ms(figure),
          floor: 'a second',
          ratio: figure / 1_000,
          ...(q === 0.99 ? { aim: 1 } : {}),
        };
      }),
    ),
    {
      what: `the storm itself, ${stormAtOnce} requests at a time, ${kind}`,
      figure: `${ms(stormMs)} in all, ${Math.round(stormAlerts / (stormMs / 1_000))}/s`,
      floor: '–',
      ratio: Number.NaN,
    },
  ];
};

/** How long after its instant, as the database has it, the second step's request leaves. */
const lateSteps = async (
  url: string,
  outside: Sink,
  pool: pg.Pool,
  kind: string,
): Promise<readonly Row[]> => {
  const due = new Map<string, number>();
  for (let n = 0; n < steps; n += 1) {
    const alert = `alert-step-${n}`;
    const key = `step-${n}`;
    await pool.query(
      `update page set bundle = bundle || id where bundle = 'service/late' and state = 'open'`,
    );
    await fire(url, alert, 'late');
    const { rows } = await pool.query<{ due: number }>(
      `select extract(epoch from p.due_at)::float8 * 1000 as due from page p join alert a on a.page = p.id
       where a.key like $1 and p.level = 1`,
      [`${alert}/%`],
    );
    due.set(key, rows[0]?.due ?? Number.NaN);
    await pause(stepsApartMs);
  }
  await pause(stepMs + 2_000);
  const offset = systemClock.now().getTime() - performance.now();
  const late = Array.from({ length: steps }, (_, n) => {
    const second = outside.all('sms', `alert-step-${n}`).find(({ body }) => body.includes('15551002'));
    return (second?.at ?? Number.POSITIVE_INFINITY) + offset - (due.get(`step-${n}`) ?? 0);
  });
  return [0.5, 0.99].map((q): Row => {
    const figure = quantile(late, q);
    return {
      what: `second step's request, ${kind}, p${q * 100}`,
      figure: `${ms(figure)} late`,
      floor: '250 ms',
      ratio: figure / 250,
      ...(q === 0.99 ? { aim: 1 } : {}),
    };
  });
};
