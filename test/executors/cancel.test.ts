import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually, executorIn, isProcess, sh, specOf, started, temporaryDirectory } from './runs.ts';

const numberIn = (path: string): Promise<number> =>
  eventually(() => (existsSync(path) ? Number(readFileSync(path, 'utf8')) || undefined : undefined));

describe('cancelling a command step', () => {
  it('ends it, and it counts as stopped whatever its exit code', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory, { graceMs: 10_000 });
    const script = 'trap "echo tidied up; exit 0" TERM; echo $$ >pid; while :; do sleep 0.02; done';
    const handle = await started(executor, specOf(directory, sh(script)));
    const end = executor.wait(handle);
    const pid = await numberIn(join(directory, 'pid'));
    await executor.cancel(handle);
    expect(isProcess(pid)).toBe(false);
    const expected = { state: 'stopped', tail: expect.stringContaining('tidied up\n') };
    expect(await end).toEqual(expected);
    expect(await executorIn(directory).status(handle)).toEqual(expected);
  });

  it('kills a program that ignores SIGTERM after the grace', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const script = 'trap "" TERM; echo stubborn; echo $$ >pid; while :; do sleep 0.02; done';
    const handle = await started(executor, specOf(directory, sh(script)));
    const pid = await numberIn(join(directory, 'pid'));
    await executor.cancel(handle);
    expect(isProcess(pid)).toBe(false);
    expect(await executor.wait(handle)).toEqual({ state: 'stopped', tail: 'stubborn\n' });
  });

  it('kills grandchildren that ignore SIGTERM and that nobody waits for, also those without its output', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const stubborn = (name: string) => `sh -c 'trap "" TERM; echo $$ >${name}; while :; do sleep 0.02; done'`;
    const script = `${stubborn('one')} & ${stubborn('two')} >/dev/null 2>&1 & exec sleep 60`;
    const handle = await started(executor, specOf(directory, sh(script)));
    const [one, two] = [await numberIn(join(directory, 'one')), await numberIn(join(directory, 'two'))];
    await executor.cancel(handle);
    expect([isProcess(one), isProcess(two)]).toEqual([false, false]);
    expect(await executor.wait(handle)).toMatchObject({ state: 'stopped' });
  });

  it('is done by another executor just as well, and twice at the same time', async () => {
    const directory = temporaryDirectory();
    const handle = await started(executorIn(directory), specOf(directory, ['sleep', '60']));
    const other = executorIn(directory);
    await Promise.all([other.cancel(handle), other.cancel(handle)]);
    expect(await other.status(handle)).toEqual({ state: 'stopped', tail: expect.any(String) });
  });

  it('does nothing to a step that has finished: its exit code stands', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const handle = await started(executor, specOf(directory, sh('exit 4')));
    await executor.wait(handle);
    await executor.cancel(handle);
    expect(await executor.status(handle)).toEqual({ state: 'finished', exitCode: 4, tail: '' });
  });

  it('keeps a step that was only prepared from ever starting', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const spec = specOf(directory, ['touch', 'ran']);
    const handle = executor.prepare(spec);
    await executor.cancel(handle);
    await executor.start(handle, spec);
    expect(await executor.status(handle)).toEqual({ state: 'never-started' });
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  it('racing the end of a step gives one answer, the same for everybody', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const endings = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const handle = await started(executor, specOf(directory, sh(`sleep 0.0${i % 10}`)));
        await executor.cancel(handle);
        const [mine, theirs] = await Promise.all([executor.wait(handle), executorIn(directory).wait(handle)]);
        expect(mine).toEqual(theirs);
        return mine.state;
      }),
    );
    for (const ending of endings) expect(['finished', 'stopped']).toContain(ending);
  }, 20_000);

  it('keeps what was written until the end, also of a program that writes without end', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    writeFileSync(join(directory, 'noise'), 'trap "" TERM; while :; do echo "noise and more noise"; done');
    const handle = await started(executor, specOf(directory, ['sh', 'noise']));
    await eventually(async () => {
      const status = await executor.status(handle);
      return status.state === 'running' && status.tail.startsWith('[…') ? true : undefined;
    });
    await executor.cancel(handle);
    const status = await executor.wait(handle);
    expect(status).toMatchObject({ state: 'stopped', tail: expect.stringContaining('noise and more noise') });
  });
});
