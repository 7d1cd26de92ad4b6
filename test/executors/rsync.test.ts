import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RsyncRun } from '../../src/domain/run.ts';
import { createRsyncExecutor } from '../../src/executors/rsync.ts';
import { executorIn, stepOf, temporaryDirectory } from './runs.ts';

const isInstalled = spawnSync('rsync', ['--version']).status === 0;

const site = () => {
  const folder = temporaryDirectory();
  const staged = join(folder, 'staged content');
  const live = join(folder, 'live');
  mkdirSync(staged);
  const executor = createRsyncExecutor(executorIn(join(folder, 'steps')));
  const run = async (deployment: string, more: Partial<RsyncRun>) => {
    const spec = { ...stepOf({ executor: 'rsync', to: live, keep: 2, ...more }), deployment, cwd: folder };
    const handle = executor.prepare(spec);
    expect(handle).toMatchObject({ executor: 'rsync' });
    await executor.start(handle, spec);
    return executor.wait(handle);
  };
  return {
    stage: (text: string) => writeFileSync(join(staged, 'page.html'), text),
    staged,
    live,
    forth: (deployment: string, more: Partial<RsyncRun> = {}) => run(deployment, { from: staged, ...more }),
    back: (deployment: string) => run(deployment, {}),
    current: () => readFileSync(join(live, 'current', 'page.html'), 'utf8'),
  };
};

describe.skipIf(!isInstalled)('a step by rsync (needs rsync)', () => {
  it('brings staged content to production with the version before it kept, and takes it back', async () => {
    const { stage, staged, live, forth, back, current } = site();
    stage('one');
    writeFileSync(join(staged, 'same.css'), 'body {}');
    expect(await forth('DEP-1')).toMatchObject({ state: 'finished', exitCode: 0 });
    stage('two, and longer');
    expect(await forth('DEP-2')).toMatchObject({ state: 'finished', exitCode: 0 });
    expect(current()).toBe('two, and longer');
    expect(readlinkSync(join(live, 'current'))).toBe('versions/DEP-2');
    // What did not change is there once.
    const nodes = ['DEP-1', 'DEP-2'].map((v) => statSync(join(live, 'versions', v, 'same.css')).ino);
    expect(nodes[0]).toBe(nodes[1]);
    expect(await back('DEP-2')).toMatchObject({ exitCode: 0 });
    expect(current()).toBe('one');
    // A second time there is nothing to take back: it never goes further than its own deployment.
    expect(await back('DEP-2')).toMatchObject({
      exitCode: 0,
      tail: expect.stringContaining('nothing to take back'),
    });
    expect(current()).toBe('one');
    expect(await back('DEP-1')).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(live, 'current'))).toBe(false);
  });

  it('done again for the same deployment, it still knows what was there before', async () => {
    const { stage, forth, back, current } = site();
    stage('one');
    await forth('DEP-1');
    stage('two');
    await forth('DEP-2');
    stage('two again');
    await forth('DEP-2');
    expect(current()).toBe('two again');
    await back('DEP-2');
    expect(current()).toBe('one');
  });

  it('keeps as many versions as it is told, and always the one before', async () => {
    const { stage, live, forth } = site();
    for (let i = 1; i <= 6; i += 1) {
      stage(`version ${i}`);
      expect(await forth(`DEP-${i}`, { keep: 1 })).toMatchObject({ exitCode: 0 });
    }
    expect(readdirSync(join(live, 'versions')).filter((name) => !name.startsWith('.'))).toEqual([
      'DEP-5',
      'DEP-6',
    ]);
  });

  it('fails and leaves production alone when there is no staged content', async () => {
    const { stage, staged, forth, current } = site();
    stage('one');
    await forth('DEP-1');
    rmSync(staged, { recursive: true });
    expect(await forth('DEP-2')).toMatchObject({ state: 'finished', exitCode: expect.any(Number) });
    expect(current()).toBe('one');
  });
});
