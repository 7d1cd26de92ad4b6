/** L2 on real processes: what another process of the bot learns of a step that it did not start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { executorIn, isProcess, sh, specOf, started, temporaryDirectory } from './runs.ts';

const untilGo = 'echo begun; while [ ! -e go ]; do sleep 0.02; done; echo done >>ran; exit 5';
const go = (directory: string): void => writeFileSync(join(directory, 'go'), '');

/** Number of the process that watches over the only run in the directory. */
const wrapperIn = (directory: string): number => {
  const run = readdirSync(directory).find((name) => name.startsWith('run-')) ?? '';
  const token = readdirSync(join(directory, run)).find((name) => name.startsWith('started-')) ?? '';
  return Number(token.slice('started-'.length));
};

describe('L2: a step outlives who started it', () => {
  it('another executor over the same directory sees it run and waits for its exit code', async () => {
    const directory = temporaryDirectory();
    const handle = await started(executorIn(directory), specOf(directory, sh(untilGo)));
    const other = executorIn(directory);
    await expect
      .poll(() => other.status(handle), { timeout: 10_000 })
      .toEqual({ state: 'running', tail: 'begun\n' });
    const end = other.wait(handle);
    go(directory);
    expect(await end).toEqual({ state: 'finished', exitCode: 5, tail: 'begun\n' });
  });

  it('another executor learns how it ended, any number of times', async () => {
    const directory = temporaryDirectory();
    const first = executorIn(directory);
    const handle = await started(first, specOf(directory, sh('echo out; exit 9')));
    await first.wait(handle);
    const other = executorIn(directory);
    const expected = { state: 'finished', exitCode: 9, tail: 'out\n' };
    expect(await other.status(handle)).toEqual(expected);
    expect(await other.wait(JSON.parse(JSON.stringify(handle)))).toEqual(expected);
  });

  it('the bot is killed with SIGKILL in mid-step: the step goes on, and its exit code is known afterwards', async () => {
    const directory = temporaryDirectory();
    const spec = specOf(directory, sh(untilGo));
    const loader = ['--import', './test/support/typescript.mjs', '--input-type=module'];
    const bot = spawn(process.execPath, [...loader, '-e', botProgram, directory, JSON.stringify(spec)], {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(bot.stdout, 'data');
    const handle = JSON.parse(String(printed));
    const executor = executorIn(directory);
    const killed = once(bot, 'exit');
    bot.kill('SIGKILL');
    await killed;
    await expect
      .poll(() => executor.status(handle), { timeout: 10_000 })
      .toEqual({ state: 'running', tail: 'begun\n' });
    go(directory);
    expect(await executor.wait(handle)).toEqual({ state: 'finished', exitCode: 5, tail: 'begun\n' });
    expect(readFileSync(join(directory, 'ran'), 'utf8')).toBe('done\n');
  }, 30_000);

  it('starting it a second time has no effect', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const spec = specOf(directory, sh('echo x >>ran'));
    const handle = await started(executor, spec);
    await Promise.all([executor.start(handle, spec), executorIn(directory).start(handle, spec)]);
    await executor.wait(handle);
    await executor.start(handle, spec);
    expect(executor.prepare(spec)).toEqual(handle);
    expect(await executor.wait(handle)).toMatchObject({ state: 'finished', exitCode: 0 });
    expect(readFileSync(join(directory, 'ran'), 'utf8')).toBe('x\n');
  });
});

describe('L2: what cannot be known is said to be gone', () => {
  it('its processes were killed with SIGKILL by somebody else', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const handle = await started(executor, specOf(directory, sh(untilGo)));
    const end = executor.wait(handle);
    process.kill(-wrapperIn(directory), 'SIGKILL');
    const expected = { state: 'gone', reason: 'its process was killed and left no exit code' };
    expect(await end).toEqual(expected);
    expect(await executorIn(directory).status(handle)).toEqual(expected);
    await executor.cancel(handle);
    expect(await executor.status(handle)).toEqual(expected);
  });

  it('its process number belongs to another process now', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const handle = await started(executor, specOf(directory, sh(untilGo)));
    const wrapper = wrapperIn(directory);
    process.kill(-wrapper, 'SIGKILL');
    await executor.wait(handle);
    const { run = '' } = handle;
    renameSync(join(directory, run, `started-${wrapper}`), join(directory, run, `started-${process.pid}`));
    expect(await executor.status(handle)).toMatchObject({ state: 'gone' });
    await executor.cancel(handle);
    expect(isProcess(process.pid)).toBe(true);
  });

  it('it was started on another machine', async () => {
    const directory = temporaryDirectory();
    const blue = executorIn(directory, { host: 'blue' });
    const handle = await started(blue, specOf(directory, ['true']));
    const green = executorIn(directory, { host: 'green' });
    const expected = { state: 'gone', reason: 'it was started on blue, and this is green' };
    expect(await green.status(handle)).toEqual(expected);
    expect(await green.wait(handle)).toEqual(expected);
  });

  it('the machine was restarted while it ran, or when it was about to start', async () => {
    const directory = temporaryDirectory();
    const before = executorIn(directory, { boot: 'first' });
    const running = await started(before, specOf(directory, sh(untilGo)));
    const prepared = before.prepare(specOf(directory, ['true']));
    const after = executorIn(directory, { boot: 'second' });
    expect(await after.status(running)).toEqual({
      state: 'gone',
      reason: 'the machine was restarted while it ran',
    });
    expect(await after.status(prepared)).toMatchObject({ state: 'gone' });
  });

  it('its run directory was removed, before it started or after', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const spec = specOf(directory, ['touch', 'ran']);
    const handle = executor.prepare(spec);
    const { run = '' } = handle;
    rmSync(join(directory, run), { recursive: true });
    await executor.start(handle, spec);
    expect(await executor.wait(handle)).toMatchObject({
      state: 'gone',
      reason: expect.stringContaining('ENOENT'),
    });
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  it('a handle that is not of this executor', async () => {
    const executor = executorIn(temporaryDirectory());
    expect(await executor.status({})).toMatchObject({ state: 'gone' });
    await executor.cancel({});
  });
});

describe('L2: who asks and who starts cannot both win', () => {
  it('a step that was prepared and asked about never starts', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const spec = specOf(directory, ['touch', 'ran']);
    const handle = executor.prepare(spec);
    expect(await executorIn(directory).status(handle)).toEqual({ state: 'never-started' });
    await executor.start(handle, spec);
    expect(await executor.wait(handle)).toEqual({ state: 'never-started' });
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  it('of 100 starts racing a question each, every one is settled one way', async () => {
    const directory = temporaryDirectory();
    const [starter, asker] = [executorIn(directory), executorIn(directory)];
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const spec = specOf(directory, ['touch', `ran-${i}`]);
        const handle = starter.prepare(spec);
        const starting = starter.start(handle, spec);
        // From at once to about when the wrapper takes its token.
        await new Promise((resolve) => setTimeout(resolve, (i % 20) * 3));
        const first = (await asker.status(handle)).state;
        await starting;
        return { i, first, last: (await starter.wait(handle)).state };
      }),
    );
    for (const { i, first, last } of answers) {
      const ran = existsSync(join(directory, `ran-${i}`));
      expect([first, last, ran]).toEqual(
        first === 'never-started' ? ['never-started', 'never-started', false] : [first, 'finished', true],
      );
    }
    expect(answers.some(({ first }) => first === 'never-started')).toBe(true);
  }, 30_000);
});

describe('waiting', () => {
  it('ends when it is aborted, and the step goes on', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const handle = await started(executor, specOf(directory, sh(untilGo)));
    const patience = new AbortController();
    const end = executor.wait(handle, patience.signal);
    patience.abort();
    expect(await end).toMatchObject({ state: 'running' });
    go(directory);
    expect(await executor.wait(handle)).toMatchObject({ state: 'finished', exitCode: 5 });
  });
});

describe('clearing up', () => {
  it('removes what ended before the time given, and nothing that runs', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const ended = await started(executor, specOf(directory, ['true']));
    await executor.wait(ended);
    const running = await started(executor, specOf(directory, sh(untilGo)));
    expect(await executor.sweep(new Date('2000-01-01'))).toBe(0);
    expect(await executor.status(ended)).toMatchObject({ state: 'finished' });
    expect(await executor.sweep(new Date('2100-01-01'))).toBe(1);
    expect(await executor.status(ended)).toMatchObject({ state: 'gone' });
    go(directory);
    expect(await executor.wait(running)).toMatchObject({ state: 'finished', exitCode: 5 });
  });

  it('forgets a run that ended and keeps one that runs', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const handle = await started(executor, specOf(directory, sh(untilGo)));
    await executor.forget?.(handle);
    go(directory);
    expect(await executor.wait(handle)).toMatchObject({ state: 'finished' });
    await executor.forget?.(handle);
    expect(await executor.status(handle)).toMatchObject({ state: 'gone' });
  });
});

/** A bot that prepares, prints the handle as one that has committed it, starts, and waits. */
const botProgram = `
  const { createCommandExecutor } = await import('./src/executors/command.ts');
  const [directory, spec] = [process.argv[1], JSON.parse(process.argv[2])];
  const executor = createCommandExecutor({ directory, environment: process.env });
  const handle = executor.prepare(spec);
  await executor.start(handle, spec);
  console.log(JSON.stringify(handle));
  await executor.wait(handle);
`;
