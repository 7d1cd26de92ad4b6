import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { startPlayground } from '../../src/cli/playground.ts';
import type { Policy } from '../../src/domain/policy.ts';

/** The system's Chromium; undefined where there is none. */
export const chromiumPath = (): string | undefined =>
  ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((path) => existsSync(path));

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Microsoft's Agents Playground for a bot, in a headless browser. */
export const openPlayground = async (
  policy: Policy,
  endpoint: string,
  executablePath: string,
): Promise<Page> => {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-playground-'));
  let output = '';
  const child = startPlayground({ policy, endpoint, port, folder, onOutput: (text) => (output += text) });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  // Root may not use Chromium's sandbox; what it opens is ours.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
  for (let tries = 0; ; tries++) {
    try {
      await page.goto(`http://127.0.0.1:${port}/`);
      return page;
    } catch (error) {
      if (tries > 100 || child.exitCode !== null)
        throw new Error(`the Playground did not start: ${output}`, { cause: error });
      await page.waitForTimeout(200);
    }
  }
};
