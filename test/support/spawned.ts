import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { connectQueue } from '../../src/queue/backend.ts';
import { createBell } from '../../src/queue/bell.ts';
import { describeUnrest, dueUntil, isCalm, unrestAt } from '../../src/rehearsal/unrest.ts';
import { auditAfter } from '../../src/store/audit.ts';
import { createStore } from '../../src/store/store.ts';
import { companyShop, names } from './company.ts';
import { consoleChat } from './console-chat.ts';
import { testDatabase } from './postgres.ts';
import { week48 } from './shop.ts';
import { idOf, type SlackChat, slackChat } from './slack-chat.ts';
import { credentials, type SlackServer, startSlackServer } from './slack-server.ts';
import { type Chat, type House, type Stage, setStage } from './stage.ts';
import { type TeamsChat, teamsChat } from './teams-chat.ts';
import { people } from './teams-people.ts';
import { aad, company, startTeamsServer, type TeamsServer } from './teams-server.ts';
import { type Places, whereOf } from './within.ts';
import { migrated } from './world.ts';

const root = join(import.meta.dirname, '../..');
const hookSecret = 'hook-secret-of-the-test';

/** A user group of Slack, for policies that fill a role with it. */
export const qaGroup = 'S01QA';

/** `signalbox start` in a process of its own. */
export interface Instance {
  readonly url: string;
  /** SIGKILL, or as an operator stops it; the exit code, null when it was killed. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

export interface Spawned {
  readonly stage: Stage;
  readonly instances: readonly Instance[];
  readonly slack: { readonly server: SlackServer; readonly chat: SlackChat } | undefined;
  readonly teams: { readonly server: TeamsServer; readonly chat: TeamsChat } | undefined;
  /** Holds the step of the service up in its process until it is let go. */
  hold(service: string, step: string): () => void;
  /** Puts the clock forward; nothing that is due then is waited for. */
  leap(to: Date | string): Promise<void>;
  /** Waits for something that happens while not all is at rest. */
  until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void>;
  /** All that the processes logged. */
  log(): string;
  /** Another process on the same database. */
  start(): Promise<Instance>;
}

/**
 * The built program in processes of their own, on a real PostgreSQL, reached and reaching out only as in production:
 * signed requests, tokens, hooks. What is not real is their machine (`outer-world.mjs`): its clock is the test's, and so
 * are the hosts of the internet. The test rings the sweep, which the program rings itself only once a minute of the world.
 */
export const startSpawned = async (
  places: Places,
  { policy, instances: count = 1 }: { readonly policy?: string; readonly instances?: number } = {},
): Promise<Spawned> => {
  if (spawnSync(process.execPath, ['setup.mjs'], { cwd: root }).status !== 0) throw new Error('no build');
  const wheres = places.map(whereOf);
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-spawned-'));
  const ledger = join(folder, 'ledger');
  const behaviour = join(folder, 'behaviour');
  mkdirSync(behaviour);
  writeFileSync(join(folder, 'step.sh'), stepScript(ledger, behaviour));
  chmodSync(join(folder, 'step.sh'), 0o755);
  writeFileSync(join(folder, 'signalbox.yaml'), policy ?? companyShop(wheres));
  const database = await testDatabase(migrated);
  const store = createStore(database.pool);

  let ahead = new Date(week48.monday).getTime() - systemClock.now().getTime();
  const clock: Clock = {
    now: () => new Date(systemClock.now().getTime() + ahead),
    msUntil: (at) => at.getTime() - clock.now().getTime(),
  };
  const now = (): number => clock.now().getTime();
  const processes: { readonly child: ChildProcess; readonly instance: Instance }[] = [];
  let log = '';
  let printed = '';
  const alive = (): readonly (typeof processes)[number][] =>
    processes.filter(({ child }) => child.exitCode === null && child.signalCode === null);
  const urls = (): readonly string[] => alive().map(({ instance }) => instance.url);
  let turn = 0;
  const nextUrl = (): string => urls()[turn++ % urls().length] ?? 'http://nobody.invalid';

  const slackServer = wheres.includes('slack') ? await startSlackServer({ now }) : undefined;
  const isHttp = places.includes('slack http');
  for (const name of names)
    slackServer?.users.set(idOf(name), { id: idOf(name), email: `${name}@shop.example` });
  slackServer?.groups.set(qaGroup, ['quinn', 'quincy'].map(idOf));
  const teamsServer = wheres.includes('teams')
    ? await startTeamsServer({ now, serviceUrl: 'https://smba.trafficmanager.net/teams/' })
    : undefined;
  teamsServer?.emails.set(aad('mira'), 'mira@shop.example');
  const environment = {
    ...(process.env['PATH'] === undefined ? {} : { PATH: process.env['PATH'] }),
    DATABASE_URL: database.url,
    SIGNALBOX_DATA: join(folder, 'data'),
    SIGNALBOX_POLICY: join(folder, 'signalbox.yaml'),
    SIGNALBOX_HOOK_SECRET: hookSecret,
    PORT: '0',
    TEST_NETWORK: JSON.stringify(teamsServer?.network ?? {}),
    ...(slackServer === undefined
      ? {}
      : {
          SLACK_BOT_TOKEN: credentials.botToken,
          SLACK_API_URL: slackServer.apiUrl,
          ...(isHttp
            ? { SLACK_SIGNING_SECRET: credentials.signingSecret }
            : { SLACK_APP_TOKEN: credentials.appToken }),
        }),
    ...(teamsServer === undefined
      ? {}
      : {
          MicrosoftAppId: company.app,
          MicrosoftAppPassword: 'test-app-password',
          MicrosoftAppTenantId: company.tenant,
          MicrosoftAppType: 'SingleTenant',
        }),
  };

  const start = async (): Promise<Instance> => {
    const sockets = slackServer?.sockets.length ?? 0;
    const child = spawn(
      process.execPath,
      ['--import', './test/support/outer-world.mjs', 'dist/src/cli.js', 'start'],
      {
        cwd: root,
        env: { ...environment, TEST_CLOCK_AHEAD: String(ahead) },
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      },
    );
    let mine = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      mine += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      mine += text;
    });
    const isUp = (): string | undefined => {
      const url = /"url":"([^"]+)"[^\n]*Signalbox runs|report to (\S+)\/hooks/.exec(mine);
      const isConnected =
        (slackServer === undefined || /connected to Slack/.test(mine)) &&
        (slackServer === undefined || isHttp || slackServer.sockets.length >= sockets + 2);
      return isConnected ? (url?.[1] ?? url?.[2]) : undefined;
    };
    for (const since = performance.now(); isUp() === undefined; await pause(20))
      if (child.exitCode !== null || performance.now() - since > 60_000) throw new Error(`not up: ${mine}`);
    const instance: Instance = {
      url: isUp() ?? '',
      end: async (signal) => {
        child.kill(signal);
        if (child.exitCode === null && child.signalCode === null)
          await new Promise((resolve) => child.once('exit', resolve));
        slackServer?.eventsUrls.splice(0, Number.POSITIVE_INFINITY, ...eventsUrls());
        return child.exitCode;
      },
    };
    processes.push({ child, instance });
    slackServer?.eventsUrls.splice(0, Number.POSITIVE_INFINITY, ...eventsUrls());
    return instance;
  };
  const eventsUrls = (): readonly string[] => (isHttp ? urls().map((url) => `${url}/slack/events`) : []);

  onTestFinished(async () => {
    await Promise.all(alive().map(({ instance }) => instance.end('SIGKILL')));
    await slackServer?.close();
    await teamsServer?.close();
    await queue?.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  let queue: Awaited<ReturnType<typeof connectQueue>> | undefined;
  const instances: Instance[] = [];
  for (let i = 0; i < count; i++) instances.push(await start());
  const connected = await connectQueue({ databaseUrl: database.url }, silentLog);
  queue = connected;
  const bell = createBell(connected, clock, silentLog);

  const until: Spawned['until'] = async (isSo, what) => {
    let swept = Number.NEGATIVE_INFINITY;
    for (const began = performance.now(); !(await isSo()); await pause(25)) {
      if (performance.now() - swept > 500) {
        await bell.ring('sweep', {});
        swept = performance.now();
      }
      if (performance.now() - began > 120_000)
        throw new Error(
          `${what}: ${describeUnrest(await unrestAt(store, clock.now()))}\n${log.slice(-5_000)}`,
        );
    }
  };
  const leap = async (to: Date): Promise<void> => {
    ahead += Math.max(0, clock.msUntil(to));
    await Promise.all(
      alive().map(
        ({ child }) =>
          new Promise<void>((resolve) => {
            child.once('message', () => resolve());
            child.send({ ahead });
          }),
      ),
    );
  };
  const settle = async (): Promise<void> => {
    let calm = 0;
    let leapt = performance.now();
    // Twice: a bell is rung a moment after the commit that it tells of.
    await until(async () => {
      const unrest = await unrestAt(store, clock.now());
      const jobs = [...(await connected.counts())]
        .filter(([name]) => name !== 'deployments')
        .reduce((sum, [, { waiting, active }]) => sum + waiting + active, 0);
      // What is paced waits by the clock; a step's limit does not pass while its process works.
      if (unrest.deployments.length === 0 && performance.now() - leapt > 200) {
        await leap(new Date(now() + 2_000));
        leapt = performance.now();
      }
      calm = isCalm(unrest) && unrest.deployments.length === 0 && jobs === 0 ? calm + 1 : 0;
      return calm === 2;
    }, 'it does not come to rest');
  };
  const house: House = {
    store,
    patienceMs: 20_000,
    now: clock.now,
    settle,
    advance: async (to) => {
      const end = new Date(to);
      for (;;) {
        await settle();
        const next = (await dueUntil(store, end)).find((at) => at > clock.now());
        await leap(next ?? end);
        if (next === undefined) return settle();
      }
    },
    report: async ({ builder, change, comment, ...report }, id = randomUUID()) => {
      const body = JSON.stringify({ outcome: 'pass', ...report, id, details: { builder, change, comment } });
      const timestamp = String(Math.floor(now() / 1_000));
      const mac = createHmac('sha256', hookSecret).update(`${timestamp}.${body}`).digest('hex');
      const { status } = await fetch(`${nextUrl()}/hooks/evidence`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-signalbox-timestamp': timestamp,
          'x-signalbox-signature': `sha256=${mac}`,
        },
        body,
      });
      if (status !== 200) throw new Error(`a report was answered with ${status}`);
    },
    behave: (service, step, script) => writeFileSync(join(behaviour, `${service}.${step}`), script),
    ledger: () =>
      existsSync(ledger)
        ? readFileSync(ledger, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
        : [],
    audit: async (kind) =>
      (await auditAfter(store.db, 0, 100_000))
        .map(({ entry }) => entry)
        .filter((entry) => kind === undefined || entry.kind === kind),
  };

  const slack = slackServer && { server: slackServer, chat: slackChat(slackServer) };
  const teams = teamsServer && {
    server: teamsServer,
    chat: teamsChat(
      teamsServer,
      people(teamsServer, () => `${nextUrl()}/api/messages`),
      names,
    ),
  };
  const typing = consoleChat({
    type: (line) => void processes[0]?.child.stdin?.write(`${line}\n`),
    screen: () => printed,
  });
  const [first, ...others] = wheres.map(
    (where): Chat =>
      (where === 'slack' ? slack?.chat : where === 'teams' ? teams?.chat : undefined) ?? typing,
  );
  if (first === undefined) throw new Error('nobody can talk anywhere');
  return {
    stage: setStage(house, [first, ...others]),
    instances,
    slack,
    teams,
    hold: (service, step) => {
      const open = join(behaviour, `${service}.${step}.go`);
      house.behave(service, step, `while [ ! -f "${open}" ]; do sleep 0.05; done\n`);
      return () => writeFileSync(open, '');
    },
    leap: (to) => leap(new Date(to)),
    until,
    log: () => log,
    start,
  };
};

const stepScript = (ledger: string, behaviour: string): string => `#!/bin/sh
echo "$2 $1" >> "${ledger}"
echo "$1 of $2"
[ ! -f "${behaviour}/$2.$1" ] || . "${behaviour}/$2.$1"
`;
