import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkCommand } from '../../src/cli/check.ts';
import type { Clock } from '../../src/clock.ts';
import { openPolicy } from '../../src/policy/current.ts';
import { formatFault } from '../../src/policy/fault.ts';
import type { FaultyPolicy, LoadedPolicy } from '../../src/policy/load.ts';

const now = new Date('2026-11-23T12:00:00Z');
const clock: Clock = { now: () => now, msUntil: () => 0 };
const valid =
  'timezone: UTC\npeople: { ann: {} }\nservices: { web: { owners: [ann] } }\ntrains: { weekly: {} }\n';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'policy-'));
  file = join(directory, 'signalbox.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

const faultsIn = (read: LoadedPolicy | FaultyPolicy): readonly string[] =>
  read.ok ? [] : read.faults.map(formatFault);

it('a faulty file never replaces the policy in force; a mended one does', () => {
  writeFileSync(file, valid);
  const opened = openPolicy(file, clock);
  if (!opened.ok) throw new Error('faulty');
  const { current } = opened;
  const first = current.get();

  writeFileSync(file, `${valid}concurrency: none\n`);
  expect(faultsIn(current.read())).toEqual([
    `${file}:5:14 concurrency: expected a whole number, found "none"`,
  ]);
  expect(current.get()).toBe(first);

  rmSync(file);
  expect(faultsIn(current.read())).toEqual([expect.stringContaining(`${file}:1:1 (file): cannot be read: `)]);
  expect(current.get()).toBe(first);

  writeFileSync(file, `${valid}concurrency: 3\n`);
  const mended = current.read();
  if (!mended.ok) throw new Error('faulty');
  expect(current.get()).toBe(first);
  current.use(mended);
  expect(current.get().policy.concurrency).toBe(3);
  expect(current.get().digest).not.toBe(first.digest);
});

it('there is no policy in force without a first good one', () => {
  expect(openPolicy(file, clock)).toMatchObject({ ok: false, faults: [{ line: 1, column: 1 }] });
  writeFileSync(file, Buffer.from([0x74, 0xff, 0xfe]));
  expect(openPolicy(file, clock)).toMatchObject({ ok: false, faults: [{ message: 'is not UTF-8 text' }] });
});

it('check prints every fault and warning in the order of the file and says whether the policy can be used', () => {
  writeFileSync(file, valid);
  const good = checkCommand(file, now);
  expect(good.exit).toBe(0);
  expect(good.text.split('\n').at(-1)).toBe(`${file} is valid: 1 service, 1 person, 1 train; 13 warnings`);
  expect(good.json).toMatchObject({ ok: true, faults: [], digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(good.json.warnings).toHaveLength(13);

  writeFileSync(file, `${valid}concurrency: 0\nvetoes: [ops]\n`);
  const bad = checkCommand(file, now);
  expect(bad.exit).toBe(1);
  expect(bad.text.split('\n')).toEqual([
    `${file}:5:14 concurrency: must be at least 1`,
    `${file}:6:10 vetoes[0]: there is no role "ops"`,
    `${file} cannot be used: 2 faults, 0 warnings`,
  ]);
  expect(bad.json).toMatchObject({
    ok: false,
    faults: [{ path: 'concurrency', line: 5 }, { path: 'vetoes[0]' }],
  });
});
