import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Log } from '../../src/log.ts';
import { startSignalbox } from '../../src/main.ts';
import { openPolicy } from '../../src/policy/current.ts';
import { Secret } from '../../src/settings.ts';
import { testDatabase } from '../support/postgres.ts';
import { until } from '../support/slack-app.ts';
import { credentials, startSlackServer } from '../support/slack-server.ts';
import { idOf, slackShop, titleOf, wordsOf } from '../support/slack-week.ts';

it.each(['http', 'socket'] as const)(
  'the whole bot, its queue and workers, talks to Slack by %s, and no token is in its log',
  async (transport) => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-slack-'));
    const database = await testDatabase();
    const slack = await startSlackServer();
    onTestFinished(async () => {
      await slack.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    });
    slack.groups.set('S01QA', [idOf('quinn')]);
    const file = join(folder, 'signalbox.yaml');
    writeFileSync(file, slackShop({ roles: { qa: '[slackGroup: S01QA]' } }));
    const opened = openPolicy(file, systemClock);
    if (!opened.ok) throw new Error(JSON.stringify(opened));
    const lines: string[] = [];
    const keep = (facts: object, message: string): void => void lines.push(JSON.stringify(facts) + message);
    const log: Log = { info: keep, warn: keep, error: keep };
    const bot = await startSignalbox({
      settings: {
        databaseUrl: new Secret(database.url),
        dataFolder: folder,
        policyFile: file,
        host: '127.0.0.1',
        port: 0,
        slack: {
          botToken: new Secret(credentials.botToken),
          ...(transport === 'http'
            ? { signingSecret: new Secret(credentials.signingSecret) }
            : { appToken: new Secret(credentials.appToken) }),
          apiUrl: slack.apiUrl,
        },
      },
      policy: opened.current,
      log,
      platforms: new Map(),
    });
    onTestFinished(() => bot.close());
    if (transport === 'http') slack.eventsUrls.push(`${bot.url}/slack/events`);
    await until(() =>
      transport === 'http'
        ? slack.calls.some(({ method }) => method === 'auth.test')
        : slack.sockets.length === 2,
    );

    await slack.command(idOf('dev'), '/change', 'submit db 1.0.0');
    const card = () => slack.in('C01REL').find((message) => titleOf(message).includes('CHG-1'));
    await until(() => card() !== undefined, 'the card of the change was not posted');
    const posted = card();
    if (posted === undefined) return;
    expect(wordsOf(posted)).toContain('[Records ready]');
    const { status, ms } = await slack.click(idOf('dev'), posted, 'Records ready');
    expect([status, ms < 3_000]).toEqual([200, true]);
    await until(() => !wordsOf(posted).includes('[Records ready]'), 'the card was not redrawn');
    expect(posted.edits).toBeGreaterThan(0);

    // The user group fills its role.
    await until(() => bot.context.policy().roles.get('qa')?.includes('quinn') === true);
    expect(slack.in('C01REL').filter((message) => titleOf(message).includes('CHG-1'))).toHaveLength(1);
    expect(slack.faults).toEqual([]);
    expect(lines.join('\n')).not.toMatch(/xoxb-|xapp-|test-signing-secret/);
  },
);
