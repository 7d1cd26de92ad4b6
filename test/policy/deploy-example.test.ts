import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const { PATH } = process.env;
const program = new URL('../../examples/astronomy-shop/deploy.sh', import.meta.url).pathname;

let target: string;
beforeEach(() => {
  target = mkdtempSync(join(tmpdir(), 'target-'));
});
afterEach(() => rmSync(target, { recursive: true }));

const deploy = (words: string) =>
  spawnSync(program, words.split(' '), {
    env: { PATH, SIGNALBOX_TARGET: target, SIGNALBOX_PACE: '0' },
    encoding: 'utf8',
  });
const all = (...calls: readonly string[]): readonly (number | null)[] =>
  calls.map((words) => deploy(words).status);
const live = (service: string): string => {
  const home = join(target, 'services', service);
  return readFileSync(join(home, readlinkSync(join(home, 'live')), 'artifact'), 'utf8').trim();
};

it('parallel production prepares the idle side, switches, and switches back; the live side is never altered', () => {
  const first = ['prepare cart A DEP-1 green', 'smoke cart A DEP-1 green', 'switch cart A DEP-1 green'];
  expect(all(...first, 'validate cart A DEP-1', 'update cart A DEP-1 blue')).toEqual([0, 0, 0, 0, 0]);
  expect(deploy('live cart').stdout).toBe('green\n');
  expect(all('prepare cart B DEP-2 green', 'update cart B DEP-2 green')).toEqual([1, 1]);
  expect(all('prepare cart B DEP-2 blue', 'volume cart B DEP-2 blue')).toEqual([0, 0]);
  expect(live('cart')).toBe('A');
  expect(all('switch cart B DEP-2 blue', 'validate cart B DEP-2')).toEqual([0, 0]);
  expect(live('cart')).toBe('B');
  expect(all('switch-back cart B DEP-2', 'clean cart B DEP-2 blue', 'switch-back cart B DEP-2')).toEqual([
    0, 0, 0,
  ]);
  expect(live('cart')).toBe('A');
});

it('in place and in versions, what was there before is given back, even after it was done twice', () => {
  for (const [doing, undoing] of [
    ['install', 'restore'],
    ['replicate', 'put-back'],
  ]) {
    expect(
      all(`${doing} ad A DEP-1`, `${doing} ad B DEP-2`, `${doing} ad B DEP-2`, 'verify ad B DEP-2'),
    ).toEqual([0, 0, 0, 0]);
    expect(live('ad')).toBe('B');
    expect(all(`${undoing} ad B DEP-2`, `${undoing} ad B DEP-2`)).toEqual([0, 0]);
    expect(live('ad')).toBe('A');
  }
});

it('phase by phase, and back', () => {
  expect(all('extend quote A DEP-1 10', 'healthy quote A DEP-1 10', 'healthy quote A DEP-1 100')).toEqual([
    0, 0, 1,
  ]);
  expect(all('extend quote A DEP-1 100', 'verify quote A DEP-1', 'extend quote B DEP-2 100')).toEqual([
    0, 0, 0,
  ]);
  expect(live('quote')).toBe('B');
  expect(all('shrink quote B DEP-2 100', 'shrink quote B DEP-2 10', 'healthy quote A DEP-1 10')).toEqual([
    0, 0, 0,
  ]);
  expect(live('quote')).toBe('A');
});

it('undoing what a deployment did not do leaves what an earlier one did', () => {
  mkdirSync(join(target, 'faults'));
  all('prepare cart A DEP-1 green', 'switch cart A DEP-1 green', 'install ad A DEP-1');
  writeFileSync(join(target, 'faults', 'cart.switch'), 'the balancer does not answer\n');
  writeFileSync(join(target, 'faults', 'ad.install'), 'no space left\n');

  const failed = deploy('switch cart B DEP-2 blue');
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain('the balancer does not answer');
  expect(all('install ad B DEP-2')).toEqual([1]);
  expect(all('switch-back cart B DEP-2', 'clean cart B DEP-2 green', 'restore ad B DEP-2')).toEqual([
    0, 0, 0,
  ]);
  expect([live('cart'), live('ad')]).toEqual(['A', 'A']);
});

it('verify fails when another artifact is there, and faulty calls are usage errors that touch nothing', () => {
  expect(all('install ad A DEP-1', 'verify ad B DEP-1')).toEqual([0, 1]);
  expect(all('explode ad', 'install ad', 'install ../ad A', 'install -f A', 'install ad A ../x')).toEqual([
    2, 2, 2, 2, 2,
  ]);
  expect(live('ad')).toBe('A');
});

it('the ledger has one line for each call: time, verb, service, artifact, deployment, pid', () => {
  all('install ad A DEP-1', 'restore ad A DEP-1');
  const lines = readFileSync(join(target, 'ledger'), 'utf8').trimEnd().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ install ad A DEP-1 \d+$/),
    expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ restore ad A DEP-1 \d+$/),
  ]);
});
