import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** The rehearsals' temporary folders are made in it: what is left there was not cleaned up. */
const scratch = mkdtempSync(join(tmpdir(), 'rehearsals-'));

/** As a user's shell would: the built command, in a process of its own. */
const rehearse = (...args: readonly string[]) => {
  const child = spawn(process.execPath, ['dist/src/cli.js', 'rehearse', ...args], {
    cwd: root,
    env: { ...process.env, TMPDIR: scratch },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    ended: ended.then((code) => ({ code, out, errors })),
    output: () => out,
    interrupt: () => child.kill('SIGINT'),
  };
};

const shop = 'examples/astronomy-shop/signalbox.yaml';
const longest = 240_000;

beforeAll(() => {
  // The bot is forked from the built files.
  expect(spawnSync(process.execPath, ['setup.mjs'], { cwd: root }).status).toBe(0);
}, longest);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const kinds = [
  'submitted',
  'evidence',
  'reminder',
  'cutoff-closed',
  'moved',
  'run-sheet',
  'approval',
  'approval-void',
  'veto',
  'refused',
  'go',
  'window-opened',
  'deployment-started',
  'step-finished',
  'deployment-finished',
  'rolled-back',
  'held',
  'window-closed',
  'bot-killed',
];

it(
  'the example’s week: every kind of event, a bot that is killed in the window, all laws kept, nothing left behind',
  async () => {
    // The environment may be that of a running bot: none of it is touched.
    process.env['DATABASE_URL'] = 'postgres://nobody@127.0.0.1:1/nothing';
    const { code, out, errors } = await rehearse('--policy', shop, '--json').ended;
    delete process.env['DATABASE_URL'];
    const events = out
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const summary = events.pop();
    expect(summary).toMatchObject({ kind: 'summary', restarts: 1, broken: [] });
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
    const allowed = ['at', 'kind', 'train', 'change', 'service', 'deployment', 'person', 'outcome', 'text'];
    expect(events.flatMap((event) => Object.keys(event)).filter((key) => !allowed.includes(key))).toEqual([]);
    expect(events.every(({ at }) => !Number.isNaN(Date.parse(String(at))))).toBe(true);

    const of = (kind: string) => events.filter((event) => event['kind'] === kind);
    expect(of('moved').map(({ service }) => service)).toEqual(
      expect.arrayContaining(['email', 'frontend', 'valkey-cart']),
    );
    expect(of('rolled-back').map(({ service }) => service)).toEqual(['quote', 'checkout']);
    expect(of('promoted').map(({ service }) => service)).toEqual(['quote', 'payment']);
    expect(of('old-side-refreshed').map(({ service, outcome }) => [service, outcome])).toEqual([
      ['cart', 'succeeded'],
    ]);
    expect(of('held').map(({ service }) => service)).toContain('frontend');
    expect(of('refused').map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(['own-change', 'already-signed', 'vetoed', 'not-your-role']),
    );
    expect(of('approval-void').map(({ change }) => change)).toContain('CHG-3');
    expect(readdirSync(scratch)).toEqual([]);
  },
  longest,
);

it(
  'any policy can be rehearsed: its programs are played by a stand-in, and the transcript says so',
  async () => {
    const { code, out, errors } = await rehearse('--policy', 'examples/minimal.yaml', '--from', '2027-03-22')
      .ended;
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const words = out.replace(/\s+/g, ' ');
    expect(words).toContain('The deployment programs of examples/minimal.yaml are NOT run');
    expect(words).toContain('SIGKILL');
    expect(words).toContain('Not your own change');
    expect(words).toContain('was rolled back');
    expect(out.match(/^✓ /gm)?.length).toBe(12);
    expect(out).not.toMatch(/^✗ /m);
    expect(readdirSync(scratch)).toEqual([]);
  },
  longest,
);

it(
  'Ctrl-C in the middle leaves no folder and no process behind',
  async () => {
    const rehearsal = rehearse('--policy', shop);
    const started = Date.now();
    while (!rehearsal.output().includes('CHG-1') && Date.now() - started < longest / 2)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const folders = readdirSync(scratch);
    expect(folders).toHaveLength(1);
    rehearsal.interrupt();
    const { code, errors } = await rehearsal.ended;
    expect(code).toBe(1);
    expect(errors).toContain('interrupted');
    expect(readdirSync(scratch)).toEqual([]);
    const processes = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    if (existsSync('/proc')) expect(processes.stdout).not.toContain(folders[0]);
  },
  longest,
);

it('a day that is none, and a policy that is not there, are said at once', async () => {
  const day = await rehearse('--policy', shop, '--from', '2026-02-30').ended;
  expect(day.code).toBe(1);
  expect(day.errors).toContain('2026-02-30');
  const file = await rehearse('--policy', 'nowhere.yaml').ended;
  expect(file.code).toBe(1);
  expect(file.errors).toContain('nowhere.yaml');
});
