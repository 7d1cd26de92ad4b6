import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultySettings, readSettings, Secret, type SettingsFault } from '../src/settings.ts';

const faultsOf = (variables: Record<string, string>): readonly SettingsFault[] => {
  try {
    readSettings(variables);
  } catch (error) {
    if (error instanceof FaultySettings) {
      return error.faults;
    }
    throw error;
  }
  return [];
};

const blamed = (variables: Record<string, string>): readonly string[] =>
  faultsOf(variables).map((f) => f.variable);

describe('the settings', () => {
  it('have a default for everything', () => {
    expect(readSettings({})).toEqual({
      dataFolder: './.signalbox',
      policyFile: 'signalbox.yaml',
      host: '127.0.0.1',
      port: 3_000,
      systems: { pagerdutyUrl: 'https://events.pagerduty.com' },
    });
  });

  it('have what mails and systems need, and show no password', () => {
    const settings = readSettings({
      SMTP_URL: 'smtps://bot:pa55@mail.example:465',
      SMTP_FROM: 'Signalbox <signalbox@shop.example>',
      PAGERDUTY_API_URL: 'https://events.eu.pagerduty.com/',
    });
    expect(settings.smtp?.url.reveal()).toBe('smtps://bot:pa55@mail.example:465');
    expect(settings.systems).toEqual({ pagerdutyUrl: 'https://events.eu.pagerduty.com' });
    expect(JSON.stringify(settings)).not.toContain('pa55');
    expect(blamed({ SMTP_URL: 'smtp://mail.example' })).toEqual(['SMTP_FROM']);
    expect(blamed({ SMTP_URL: 'mail.example', SMTP_FROM: 'nobody' })).toEqual(['SMTP_URL', 'SMTP_FROM']);
  });

  it('hold what the environment says', () => {
    const settings = readSettings({
      DATABASE_URL: 'postgres://u:p@db/signalbox',
      REDIS_URL: 'rediss://cache:6380/1',
      SIGNALBOX_DATA: 'data',
      SIGNALBOX_POLICY: 'policy.yaml',
      HOST: '0.0.0.0',
      PORT: '8080',
      PUBLIC_URL: 'https://signalbox.example/',
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_SIGNING_SECRET: 'sign',
      SLACK_APP_TOKEN: 'xapp-1',
      SLACK_API_URL: 'http://127.0.0.1:4000/api/',
      MicrosoftAppId: 'app',
      MicrosoftAppPassword: 'pass',
      MicrosoftAppTenantId: 'tenant',
      SIGNALBOX_HOOK_SECRET: 'sixteen characters',
      UNRELATED: 'x',
    });
    expect(settings).toMatchObject({
      dataFolder: 'data',
      policyFile: 'policy.yaml',
      host: '0.0.0.0',
      port: 8080,
      publicUrl: 'https://signalbox.example',
      slack: { apiUrl: 'http://127.0.0.1:4000/api' },
      teams: { kind: 'azure', appId: 'app', tenantId: 'tenant', appType: 'SingleTenant' },
    });
    expect(settings.databaseUrl?.reveal()).toBe('postgres://u:p@db/signalbox');
    expect(settings.redisUrl?.reveal()).toBe('rediss://cache:6380/1');
    expect(settings.slack?.botToken.reveal()).toBe('xoxb-1');
    expect(settings.slack?.signingSecret?.reveal()).toBe('sign');
    expect(settings.slack?.appToken?.reveal()).toBe('xapp-1');
    expect(settings.hookSecret?.reveal()).toBe('sixteen characters');
  });

  it('take an empty variable for an absent one', () => {
    expect(readSettings({ DATABASE_URL: '', PORT: ' ', SLACK_BOT_TOKEN: '', REDIS_URL_FILE: '' })).toEqual(
      readSettings({}),
    );
  });

  it('name every fault at once, and show no secret in it', () => {
    const variables = {
      DATABASE_URL: 'mysql://root:hush@db',
      REDIS_URL: 'hush',
      PORT: '70000',
      PUBLIC_URL: 'signalbox.example',
      SLACK_BOT_TOKEN: 'xoxp-hush',
      MicrosoftAppPassword: 'hush',
      SIGNALBOX_TEAMS_LOCAL: 'yes',
      SIGNALBOX_HOOK_SECRET: 'hush',
    };
    expect(new Set(blamed(variables))).toEqual(
      new Set([
        ...Object.keys(variables).filter((name) => name !== 'MicrosoftAppPassword'),
        'MicrosoftAppId',
      ]),
    );
    expect(() => readSettings(variables)).toThrow(/^DATABASE_URL: must be a URL/m);
    expect(() => readSettings(variables)).not.toThrow(/hush/);
  });

  it.each(['abc', '-1', '3000.5', '1e3', '65536'])('refuse the port %s', (port) => {
    expect(blamed({ PORT: port })).toEqual(['PORT']);
  });

  it.each([
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, ['SLACK_BOT_TOKEN']],
    [{ SLACK_APP_TOKEN: 'xapp-1' }, ['SLACK_BOT_TOKEN']],
    [{ SLACK_SIGNING_SECRET: 's' }, ['SLACK_BOT_TOKEN']],
    [{ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }, []],
    [{ MicrosoftAppId: 'a' }, ['MicrosoftAppPassword', 'MicrosoftAppTenantId']],
    [
      { MicrosoftAppId: 'a', MicrosoftAppPassword: 'p', MicrosoftAppType: 'MultiTenant' },
      ['MicrosoftAppTenantId'],
    ],
    [{ MicrosoftAppId: 'a', MicrosoftAppTenantId: 't', MicrosoftAppType: 'UserAssignedMSI' }, []],
    [{ MicrosoftAppId: 'a', SIGNALBOX_TEAMS_LOCAL: '1' }, expect.arrayContaining(['SIGNALBOX_TEAMS_LOCAL'])],
  ])('tell half a set of credentials from a whole one: %j', (variables, expected) => {
    expect(blamed(variables)).toEqual(expected);
  });

  it.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('allow Teams without credentials on %s', (host) => {
    expect(readSettings({ SIGNALBOX_TEAMS_LOCAL: '1', HOST: host }).teams).toEqual({ kind: 'local' });
  });

  it.each(['0.0.0.0', '::', '10.0.0.7', '127.example', 'localhost.example'])(
    'refuse Teams without credentials on %s',
    (host) => {
      expect(blamed({ SIGNALBOX_TEAMS_LOCAL: '1', HOST: host })).toEqual(['SIGNALBOX_TEAMS_LOCAL']);
    },
  );
});

describe('secrets in files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'signalbox-settings-'));
    await writeFile(join(folder, 'token'), 'xoxb-from-file\n');
    await writeFile(join(folder, 'empty'), '\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read without the line end', () => {
    const { slack } = readSettings({
      SLACK_BOT_TOKEN_FILE: join(folder, 'token'),
      SLACK_SIGNING_SECRET: 's',
    });
    expect(slack?.botToken.reveal()).toBe('xoxb-from-file');
  });

  it.each([
    'DATABASE_URL',
    'REDIS_URL',
    'SLACK_BOT_TOKEN',
    'SLACK_SIGNING_SECRET',
    'SLACK_APP_TOKEN',
    'MicrosoftAppPassword',
    'SIGNALBOX_HOOK_SECRET',
  ])('may hold %s; one that cannot be read or is empty is a fault', (name) => {
    expect(blamed({ [`${name}_FILE`]: join(folder, 'missing') })).toContain(`${name}_FILE`);
    expect(blamed({ [`${name}_FILE`]: join(folder, 'empty') })).toContain(`${name}_FILE`);
  });

  it('contradict the same secret in a variable', () => {
    expect(
      blamed({
        SLACK_SIGNING_SECRET: 's',
        SLACK_BOT_TOKEN: 'xoxb-1',
        SLACK_BOT_TOKEN_FILE: join(folder, 'token'),
      }),
    ).toEqual(['SLACK_BOT_TOKEN_FILE']);
  });
});

it('a secret is not shown by JSON, text, inspection, errors or the log', () => {
  const secret = new Secret('hush');
  let logged = '';
  pino(
    {},
    {
      write: (line: string) => {
        logged += line;
      },
    },
  ).info({ secret, deep: { secret } }, `${secret}`);
  for (const text of [
    JSON.stringify({ secret }),
    `${secret}`,
    inspect({ secret }, { showHidden: true }),
    logged,
  ]) {
    expect(text).toContain('[secret]');
    expect(text).not.toContain('hush');
  }
});
