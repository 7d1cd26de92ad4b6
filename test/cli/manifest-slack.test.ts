import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { handlers } from '../../handlers/index.ts';
import { parseCommand } from '../../src/chat/parse.ts';
import { scopes, slackManifest } from '../../src/chat/slack/manifest.ts';
import { manifestSlackCommand } from '../../src/cli/manifest-slack.ts';

const root = join(import.meta.dirname, '..', '..');

/** Of every method that the app calls, after Slack's reference. */
const scopesOf: Readonly<Record<string, readonly (keyof typeof scopes)[]>> = {
  'auth.test': [],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write', 'chat:write.public'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.open': ['im:write'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read', 'users:read.email'],
  'users.lookupByEmail': ['users:read.email'],
  'views.open': [],
  'views.publish': [],
  'views.update': [],
};
/** Of what the app is sent. */
const scopesOfEvents = ['app_mentions:read', 'im:history', 'commands'];

describe('the manifest for Slack', () => {
  it('is manifests/slack.yaml (npm run docs writes it)', () => {
    const text = readFileSync(join(root, 'manifests', 'slack.yaml'), 'utf8');
    expect(text).toBe(stringify(manifestSlackCommand({}, handlers, {}), { lineWidth: 0 }));
    expect(parse(text)).toEqual(manifestSlackCommand({}, handlers, {}));
  });

  it('has a slash command for every group of verbs, which the parser understands', () => {
    const { features } = slackManifest({ commands: handlers });
    const names = features.slash_commands.map(({ command }) => command);
    expect(new Set(names).size).toBe(names.length);
    for (const { verb } of handlers) {
      const [group = ''] = verb.split(' ');
      if (group !== 'help' && group !== 'home') expect(names).toContain(`/${group}`);
    }
    for (const { command, usage_hint = '' } of features.slash_commands)
      for (const word of /^\[([\w|-]+)\]$/.exec(usage_hint)?.[1]?.split('|') ?? []) {
        const line = command === '/signalbox' ? word : `${command} ${word}`;
        const parsed = parseCommand(line, handlers);
        expect(parsed.ok || parsed.reason === 'subject-missing', line).toBe(true);
      }
  });

  it('asks for the permissions that are used, and for no others', () => {
    const folder = join(root, 'src', 'chat', 'slack');
    const code = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const called = new Set(
      [...code.matchAll(/'((?:auth|chat|conversations|usergroups|users|views)\.[\w.]+)'/g)].map(
        (m) => m[1] ?? '',
      ),
    );
    called.delete('users:read.email');
    expect([...called].sort()).toEqual(Object.keys(scopesOf).sort());
    const needed = new Set([...Object.values(scopesOf).flat(), ...scopesOfEvents]);
    expect([...needed].sort()).toEqual(Object.keys(scopes).sort());
  });

  it('has Slack’s requests come to the one address, or to none in Socket Mode', () => {
    const http = JSON.stringify(
      manifestSlackCommand({ publicUrl: 'https://box.shop.example' }, handlers, {}),
    );
    expect(http).toContain('https://box.shop.example/slack/events');
    expect(http).toContain('"socket_mode_enabled":false');
    const socket = JSON.stringify(
      manifestSlackCommand({ publicUrl: 'https://box.shop.example' }, handlers, { socket: true }),
    );
    expect(socket).not.toContain('url');
    expect(socket).toContain('"socket_mode_enabled":true');
  });

  it('keeps within Slack’s limits', () => {
    const { display_information: info, features } = slackManifest({ commands: handlers });
    expect(info.name.length).toBeLessThanOrEqual(35);
    expect(info.description.length).toBeLessThanOrEqual(140);
    expect(features.slash_commands.length).toBeLessThanOrEqual(50);
    for (const { command } of features.slash_commands) expect(command).toMatch(/^\/[a-z][a-z0-9_-]{0,30}$/);
  });
});
