import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { startSignalbox } from '../main.ts';
import type { Settings } from '../settings.ts';
import { startPlayground } from './playground.ts';
import { openPolicyFile } from './policy-file.ts';
import { startCommand } from './start.ts';

export interface TeamsLocalOptions {
  readonly settings: Settings;
  readonly start: typeof startSignalbox;
  readonly playgroundPort: number;
  readonly print: (text: string) => void;
}

/** The bot without credentials, and a Teams-like page for it, both on this machine; until a signal. */
export const teamsLocalCommand = async ({
  settings,
  start,
  playgroundPort,
  print,
}: TeamsLocalOptions): Promise<number> => {
  const { slack: _slack, publicUrl: _publicUrl, ...rest } = settings;
  const dataFolder = join(settings.dataFolder, 'teams-local');
  const local: Settings = { ...rest, dataFolder, host: '127.0.0.1', teams: { kind: 'local' } };
  const url = `http://127.0.0.1:${settings.port}`;
  const stopped = new AbortController();
  const page = untilReady(url, stopped.signal).then((ready) => {
    if (!ready) return undefined;
    const child = startPlayground({
      policy: openPolicyFile(settings.policyFile).get().policy,
      endpoint: `${url}/api/messages`,
      port: playgroundPort,
      folder: join(dataFolder, 'playground'),
      onOutput: () => undefined,
    });
    child.once('exit', (code) => {
      if (!stopped.signal.aborted)
        print(`The Agents Playground ended (${code}); its log is in ${dataFolder}/playground/devTools.`);
    });
    print(
      [
        `Teams, as a page: http://localhost:${playgroundPort}. Say "train" or "help"; "as olga" makes you olga.`,
        'It has no sign-in, and it listens on every address of this machine: use it where you trust the network.',
      ].join('\n'),
    );
    return child;
  });
  try {
    return await startCommand({ settings: local, start });
  } finally {
    stopped.abort();
    (await page)?.kill();
  }
};

/** Whether it became ready before it was stopped. */
const untilReady = async (url: string, signal: AbortSignal): Promise<boolean> => {
  while (!signal.aborted) {
    const ready = await fetch(`${url}/readyz`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return true;
    await pause(250);
  }
  return false;
};
