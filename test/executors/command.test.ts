import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { omissionMark } from '../../src/executors/output-tail.ts';
import { executorIn, sh, specOf, started, temporaryDirectory } from './runs.ts';

const runIn = async (
  directory: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
) => {
  const executor = executorIn(directory);
  return executor.wait(await started(executor, specOf(directory, command, env)));
};

describe('a command step', () => {
  it('finishes with the exit code and the output, both streams in order', async () => {
    const status = await runIn(temporaryDirectory(), sh('echo one; echo two >&2; echo three; exit 3'));
    expect(status).toEqual({ state: 'finished', exitCode: 3, tail: 'one\ntwo\nthree\n' });
  });

  it('succeeds with 0 and no output', async () => {
    expect(await runIn(temporaryDirectory(), ['true'])).toEqual({ state: 'finished', exitCode: 0, tail: '' });
  });

  it('names the signal that killed the program', async () => {
    const status = await runIn(temporaryDirectory(), sh('kill -9 $$'));
    expect(status).toMatchObject({ state: 'finished', exitCode: 137, signal: 'SIGKILL' });
  });

  it('says that the program was not found, and does not say it of a program that exits with 127', async () => {
    const directory = temporaryDirectory();
    const missing = await runIn(directory, ['./no-such-program', 'x']);
    expect(missing).toMatchObject({ state: 'finished', exitCode: 127, fault: 'program-not-found' });
    expect(await runIn(directory, ['no-such-program'])).toMatchObject({ fault: 'program-not-found' });
    expect(await runIn(directory, sh('exit 127'))).toEqual({ state: 'finished', exitCode: 127, tail: '' });
  });

  it('says that the program is not executable', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'notes.txt'), 'not a program', { mode: 0o644 });
    const status = await runIn(directory, ['./notes.txt']);
    expect(status).toMatchObject({ state: 'finished', exitCode: 126, fault: 'program-not-executable' });
  });

  it('runs programs only: a builtin, an option of exec or an empty name is a program that is not found', async () => {
    const directory = temporaryDirectory();
    for (const command of [
      ['eval', 'touch pwned'],
      ['exit', '0'],
      ['-a', 'touch', 'pwned'],
      ['signalbox_keep'],
      [''],
    ]) {
      const status = await runIn(directory, command);
      expect([command, status]).toMatchObject([command, { state: 'finished' }]);
      expect(status).not.toMatchObject({ exitCode: 0 });
    }
    expect(existsSync(join(directory, 'pwned'))).toBe(false);
  });

  it('hands arguments over as they are: spaces, quotes, substitutions, newlines, leading dashes', async () => {
    const directory = temporaryDirectory();
    const args = [
      'a  b',
      `it's "so"`,
      '$(touch pwned)',
      '`touch pwned`',
      '; touch pwned',
      'two\nlines\n',
      '-n',
      '--',
      '',
      '*',
      '\\',
      '$HOME',
      'ünï©ode 🚦',
    ];
    const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    const status = await runIn(directory, [process.execPath, '-e', script, '--', ...args]);
    expect(status).toEqual({ state: 'finished', exitCode: 0, tail: JSON.stringify(args) });
    expect(existsSync(join(directory, 'pwned'))).toBe(false);
  });

  it("gets PATH, HOME, LANG, TZ and the step's own environment: no secret of the bot", async () => {
    const directory = temporaryDirectory();
    const environment = {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/somewhere',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      DATABASE_URL: 'postgres://secret',
      SLACK_BOT_TOKEN: 'secret',
      NODE_OPTIONS: '--secret',
    };
    const executor = executorIn(directory, { environment });
    const env = { SERVICE: 'checkout', dir: 'mine', code: '7', size: '$(x)' };
    const spec = specOf(directory, [process.execPath, '-p', 'JSON.stringify(process.env)'], env);
    const status = await executor.wait(await started(executor, spec));
    const seen: unknown = JSON.parse(status.state === 'finished' ? status.tail : 'null');
    // What a shell sets by itself: where it is, how deep, what it ran.
    const { DATABASE_URL, SLACK_BOT_TOKEN, NODE_OPTIONS, ...allowed } = environment;
    const shellsOwn = {
      PWD: expect.anything(),
      OLDPWD: expect.anything(),
      SHLVL: expect.anything(),
      _: expect.anything(),
    };
    expect({ ...shellsOwn, ...(seen as object) }).toEqual({ ...shellsOwn, ...allowed, ...env });
  });

  it("uses the step's PATH for the program and its own for itself", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'bin'));
    writeFileSync(join(directory, 'bin', 'mv'), '#!/bin/sh\necho the step’s own mv\n', { mode: 0o755 });
    const status = await runIn(directory, ['mv'], { PATH: join(directory, 'bin') });
    expect(status).toEqual({ state: 'finished', exitCode: 0, tail: 'the step’s own mv\n' });
  });

  it('shows the output while the step runs', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const handle = await started(
      executor,
      specOf(directory, sh('echo begun; while [ ! -e go ]; do sleep 0.02; done')),
    );
    await expect
      .poll(() => executor.status(handle), { timeout: 10_000 })
      .toEqual({ state: 'running', tail: 'begun\n' });
    writeFileSync(join(directory, 'go'), '');
    expect(await executor.wait(handle)).toEqual({ state: 'finished', exitCode: 0, tail: 'begun\n' });
  });

  it('has no input to wait for', async () => {
    expect(await runIn(temporaryDirectory(), ['cat'])).toMatchObject({ state: 'finished', exitCode: 0 });
  });

  it('keeps a bounded part of 200 MB of output: the beginning and the end', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const script = 'echo first; yes "a line of output" | head -c 200000000; echo; echo last';
    const handle = await started(executor, specOf(directory, sh(script)));
    const status = await executor.wait(handle);
    const tail = status.state === 'finished' ? status.tail : '';
    expect(tail.startsWith(omissionMark)).toBe(true);
    expect(tail.endsWith('a line of output\na line of outpu\nlast\n')).toBe(true);
    const { run: name = '' } = handle;
    const run = join(directory, name);
    const kept = readdirSync(run).reduce((sum, name) => sum + statSync(join(run, name)).size, 0);
    expect(kept).toBeLessThan(7_000_000);
    expect(readFileSync(join(run, 'output'), 'utf8').startsWith('first\n')).toBe(true);
  }, 30_000);

  it('turns binary output into text that can be stored', async () => {
    const script = String.raw`printf 'a\000b\377c\033[31mred\033[0m\r\nend \360\237\232\246'`;
    const status = await runIn(temporaryDirectory(), sh(script));
    expect(status).toEqual({ state: 'finished', exitCode: 0, tail: 'a\uFFFDb\uFFFDcred\nend 🚦' });
  });

  it('cuts the tail between characters and says that something is missing', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory, { tailBytes: 10 });
    const handle = await started(executor, specOf(directory, ['printf', '%s', '🚦🚦🚦🚦🚦']));
    const expected = { state: 'finished', exitCode: 0, tail: `${omissionMark}🚦🚦` };
    expect(await executor.wait(handle)).toEqual(expected);
  });

  it('never starts in a working directory that does not exist, and says so', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const handle = await started(executor, specOf(join(directory, 'nowhere'), ['true']));
    const reason = `there is no working directory ${join(directory, 'nowhere')}`;
    expect(await executor.wait(handle)).toEqual({ state: 'never-started', reason });
  });

  it('never starts a command that no process can have, and says so', async () => {
    const directory = temporaryDirectory();
    expect(await runIn(directory, ['echo', 'a\0b'])).toMatchObject({
      state: 'never-started',
      reason: expect.stringContaining('ERR_INVALID_ARG_VALUE'),
    });
    expect(await runIn(directory, ['echo', 'x'.repeat(5_000_000)])).toMatchObject({
      state: 'never-started',
      reason: expect.stringContaining('E2BIG'),
    });
  });

  it('never starts when its run directory cannot be made, and says so even after a restart', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'runs'), 'a file where a directory should be');
    const executor = executorIn(join(directory, 'runs', 'below'));
    const handle = await started(executor, specOf(directory, ['touch', 'ran']));
    const expected = { state: 'never-started', reason: expect.stringContaining('ENOTDIR') };
    expect(
      await executorIn(join(directory, 'runs', 'below')).status(JSON.parse(JSON.stringify(handle))),
    ).toEqual(expected);
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  it('ends waiting when a daemon that it leaves behind holds the output open', async () => {
    const directory = temporaryDirectory();
    const executor = executorIn(directory);
    const spec = specOf(
      directory,
      sh(
        'setsid sh -c "echo \\$\\$ >daemon; exec sleep 60" & while [ ! -s daemon ]; do sleep 0.02; done; echo left',
      ),
    );
    const handle = await started(executor, spec);
    try {
      expect(await executor.wait(handle)).toEqual({ state: 'finished', exitCode: 0, tail: 'left\n' });
    } finally {
      process.kill(Number(readFileSync(join(directory, 'daemon'), 'utf8')), 'SIGKILL');
    }
  });
});
