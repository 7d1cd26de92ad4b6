/**
 * The whole bot, with its queue and workers, pages through a Twilio-protocol server while the server that it runs on is
 * killed between two steps of an escalation.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { startSignalbox } from '../../src/main.ts';
import { acknowledgePage } from '../../src/operations/answer-page.ts';
import { openPages } from '../../src/operations/find-pages.ts';
import { openPolicy } from '../../src/policy/current.ts';
import { Secret } from '../../src/settings.ts';
import { ownPostgres, ownRedis } from '../support/mortal-servers.ts';
import { pagingShop } from '../support/pager.ts';
import { testDatabase } from '../support/postgres.ts';
import { noRedis, redisLane } from '../support/redis.ts';
import { twilioServer } from '../support/twilio-server.ts';

const alertKey = 'an alert key of the test';
const [omar, olga, dana] = ['+15550101', '+15550102', '+15550103'];
const policyText = pagingShop(`
oncall:
  escalations:
    default:
      - { page: [person:olga] }
      - { after: 4s, page: [person:omar] }
      - { after: 8s, page: [person:dana] }
`)
  .replace(`olga: { phone: "${olga}" }`, `olga: { phone: "${olga}", pages: [{ by: sms }] }`)
  .replace(`omar: { phone: "${omar}" }`, `omar: { phone: "${omar}", pages: [{ by: sms }] }`)
  .replace(`dana: { phone: "${dana}" }`, `dana: { phone: "${dana}", pages: [{ by: sms }] }`);

const servers = [
  { name: 'PostgreSQL', missing: false, open: ownPostgres },
  {
    name: redisLane,
    missing: noRedis,
    open: async () => {
      const redis = await ownRedis();
      const database = await testDatabase();
      onTestFinished(() => database.drop());
      return { ...redis, settings: { ...redis.settings, databaseUrl: database.url } };
    },
  },
];

describe.each(servers)('while $name is killed and comes back', ({ missing, open }) => {
  test.skipIf(missing)(
    'L10: an escalation goes on with its next step, loses none and repeats none; after an answer nothing waits to leave',
    async () => {
      const { settings, kill, revive } = await open();
      const folder = mkdtempSync(join(tmpdir(), 'signalbox-outage-'));
      const policyFile = join(folder, 'signalbox.yaml');
      writeFileSync(policyFile, policyText);
      const policy = openPolicy(policyFile, systemClock);
      if (!policy.ok) throw new Error(JSON.stringify(policy.faults));
      const left: string[] = [];
      const twilio = await twilioServer({
        publicUrl: '',
        authToken: 'of the test',
        siteUrl: () => '',
        onSms: (to) => void left.push(to),
        onCall: (to) => void left.push(to),
      });
      const { databaseUrl, redisUrl } = settings;
      const bot = await startSignalbox({
        settings: {
          databaseUrl: new Secret(databaseUrl),
          ...(redisUrl === undefined ? {} : { redisUrl: new Secret(redisUrl) }),
          dataFolder: folder,
          policyFile,
          host: '127.0.0.1',
          port: 0,
          alertKey: new Secret(alertKey),
          twilio: {
            accountSid: 'AC1',
            authToken: new Secret('of the test'),
            from: '+15550000',
            apiUrl: twilio.url,
          },
        },
        policy: policy.current,
        log: silentLog,
        platforms: new Map(),
        sweepEveryMs: 500,
      });
      onTestFinished(async () => {
        await bot.close();
        rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      });
      const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
        while (!(await isSo())) await pause(50);
      };
      const answered = await fetch(`${bot.url}/hooks/alertmanager`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${alertKey}` },
        body: JSON.stringify({ alerts: [{ status: 'firing', labels: { alertname: 'Down' } }] }),
      });
      expect(answered.status).toBe(200);
      await until(() => left.length === 1);
      await kill();
      // The second step's time comes while nobody can be asked for it.
      await pause(5_000);
      revive();
      await until(() => left.length >= 2);
      expect(left.slice(0, 2)).toEqual([olga, omar]);
      const { context } = bot;
      await acknowledgePage(context, { actor: 'omar', at: systemClock.now() }, { page: 'PAGE-1' });
      const before = [...left];
      // Nothing has left twice, and nothing is on its way to anybody: the next is the reminder in an hour.
      expect(new Set(before).size).toBe(before.length);
      const { db } = context.store;
      const waiting = await db
        .selectFrom('page_send')
        .select('id')
        .where('state', 'in', ['waiting', 'sending'])
        .execute();
      expect(waiting).toEqual([]);
      const [page] = await openPages(context);
      expect(page?.state).toBe('acknowledged');
      expect((page?.dueAt?.getTime() ?? 0) - systemClock.now().getTime()).toBeGreaterThan(3_500_000);
      await pause(2_000);
      expect(left).toEqual(before);
    },
    90_000,
  );
});
