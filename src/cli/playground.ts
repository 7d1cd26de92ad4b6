import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Policy } from '../domain/policy.ts';

export interface PlaygroundOptions {
  readonly policy: Policy;
  /** Of the bot: `http://127.0.0.1:3000/api/messages`. */
  readonly endpoint: string;
  readonly port: number;
  /** For its configuration. */
  readonly folder: string;
  readonly onOutput: (text: string) => void;
}

/** Teams as the policy has it: its people, and its channels of Teams in one team. */
export const playgroundConfig = (policy: Policy): object => {
  const [first, ...others] = [...policy.people.values()]
    .filter(({ teams }) => teams !== undefined)
    .map(({ id, name, teams, email = `${id}@example.com` }) => ({
      id: `29:${id}`,
      name,
      userPrincipleName: email,
      aadObjectId: teams,
      givenName: name.split(' ')[0],
      surname: name.split(' ').slice(1).join(' '),
      email,
    }));
  const channels = [...policy.channels.values()].flatMap(({ name, teams }) =>
    teams === undefined ? [] : [{ id: teams, name }],
  );
  return {
    version: '0.1.1',
    tenantId: '00000000-0000-0000-0000-0000000000aa',
    bot: { id: '28:signalbox', name: 'Signalbox' },
    currentUser: first,
    // It takes five people and one channel at most; whoever is at the keyboard becomes any of the policy by saying `as olga`.
    users: others.slice(0, 5),
    personalChat: { id: 'a:signalbox' },
    groupChat: { id: '19:everybody@thread.v2', name: 'Everybody' },
    team: {
      id: '19:general@thread.tacv2',
      name: policy.organization,
      aadGroupId: '00000000-0000-0000-0000-0000000000bb',
      channels: channels.slice(0, 1),
    },
  };
};

/**
 * Microsoft's Agents Playground, a Teams-like page for one bot on this machine. It is a package for development; throws
 * where it is not installed.
 */
export const startPlayground = ({
  policy,
  endpoint,
  port,
  folder,
  onOutput,
}: PlaygroundOptions): ChildProcess => {
  const program = createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/cli.js');
  const at = resolve(folder);
  mkdirSync(at, { recursive: true });
  // JSON is YAML.
  writeFileSync(join(at, '.m365agentsplayground.yml'), JSON.stringify(playgroundConfig(policy), null, 2));
  const args = [program, '-e', endpoint, '-c', 'msteams', '-p', String(port), '--disable-telemetry'];
  const child = spawn(process.execPath, args, {
    cwd: at,
    stdio: ['ignore', 'pipe', 'pipe'],
    // It opens a browser by itself where there is a screen; and it needs no secrets of ours.
    env: { PATH: process.env['PATH'] ?? '', HOME: at, BROWSER: 'none' },
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onOutput);
  return child;
};
