import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/domain/run.ts';
import { createExecutors } from '../../src/executors/all.ts';
import type { Executor, Handle } from '../../src/executors/executor.ts';
import { createHttp } from '../../src/executors/http.ts';
import { argocdServer } from '../support/argocd-server.ts';
import { githubServer } from '../support/github-server.ts';
import { jenkinsServer } from '../support/jenkins-server.ts';
import { memoryCalls } from '../support/memory-calls.ts';
import { type Answered, protocolServer } from '../support/protocol-server.ts';
import { executorIn, stepOf, temporaryDirectory } from './runs.ts';

const token = 'a token of the test only';

/** Executors of another process see the same calls. */
const farm = (calls = memoryCalls()) => {
  const make = (secret: string | undefined = token) =>
    createExecutors(executorIn(temporaryDirectory()), {
      calls,
      secret: () => secret,
      http: createHttp(2_000),
      pollMs: 5,
      graceMs: 2_000,
      publicUrl: 'https://signalbox.example',
      hookSecret: { reveal: () => 'a hook secret of the test' },
    });
  return { first: make(), other: make(), without: make('') };
};

const begun = async (executor: Executor, run: Run): Promise<Handle> => {
  const spec = stepOf(run);
  const handle: Handle = JSON.parse(JSON.stringify(executor.prepare(spec)));
  await executor.start(handle, spec);
  return handle;
};

/** Where nobody listens. */
const deadPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const system = async (kind: 'github' | 'jenkins' | 'argocd') => {
  switch (kind) {
    case 'github': {
      const server = await githubServer(token);
      const run: Run = {
        executor: 'github-actions',
        api: server.url,
        repository: 'org/shop',
        workflow: 'deploy.yml',
        ref: 'main',
        inputs: { version: '1.0.0' },
        correlation: 'signalbox_run',
        secret: 'github',
      };
      const end = (good: boolean) => {
        for (const one of server.runs.values())
          Object.assign(one, { status: 'completed', conclusion: good ? 'success' : 'failure' });
      };
      const lose = () => {
        server.dispatch = 'lost';
      };
      return {
        run,
        end,
        lose,
        asked: () => server.runs.size,
        delete: () => server.runs.clear(),
        proceed: () => {},
      };
    }
    case 'jenkins': {
      const server = await jenkinsServer('bot', token);
      const url = `${server.url}/ci/job/deploy`;
      const run: Run = {
        executor: 'jenkins',
        url,
        parameters: { VERSION: '1' },
        user: 'bot',
        secret: 'jenkins',
      };
      const end = (good: boolean) => {
        for (const one of server.builds)
          Object.assign(one, { begun: true, result: good ? 'SUCCESS' : 'UNSTABLE' });
      };
      const lose = () => {
        server.mode = 'lost';
      };
      const remove = () => {
        server.mode = 'deleted';
      };
      return { run, end, lose, asked: () => server.builds.length, delete: remove, proceed: () => {} };
    }
    case 'argocd': {
      const server = await argocdServer(token);
      const run: Run = { executor: 'argocd', url: server.url, application: 'shop', secret: 'argocd' };
      const end = (good: boolean) => {
        server.phase = good ? 'Succeeded' : 'Failed';
      };
      const lose = () => {
        server.mode = 'lost';
      };
      const remove = () => {
        server.mode = 'deleted';
      };
      const asked = () => server.received.filter(({ method }) => method === 'POST').length;
      const proceed = () => {
        server.phase = 'Running';
      };
      return { run, end, lose, asked, delete: remove, proceed };
    }
  }
};

describe.each(['github', 'jenkins', 'argocd'] as const)('a step by %s', (kind) => {
  it('runs, is seen from another process, and ends with its result', async () => {
    const { first, other } = farm();
    for (const good of [true, false]) {
      const there = await system(kind);
      const handle = await begun(first[there.run.executor], there.run);
      expect(await other[there.run.executor].status(handle)).toMatchObject({ state: 'running' });
      there.end(good);
      const end = await other[there.run.executor].wait(handle);
      expect(end).toMatchObject({ state: 'finished', exitCode: good ? 0 : 1 });
      expect(await first[there.run.executor].status(handle)).toEqual(end);
    }
  });

  it('L2: is asked for once, however often it is started, and never after somebody has asked about it', async () => {
    const { first, other } = farm();
    const there = await system(kind);
    const executor = first[there.run.executor];
    const spec = stepOf(there.run);
    const handle = executor.prepare(spec);
    await executor.start(handle, spec);
    await other[there.run.executor].start(handle, spec);
    expect(there.asked()).toBe(1);

    const late = stepOf(there.run);
    const unstarted = executor.prepare(late);
    expect(await other[there.run.executor].status(unstarted)).toEqual({ state: 'never-started' });
    await executor.start(unstarted, late);
    expect(there.asked()).toBe(1);
    expect(await executor.status(unstarted)).toEqual({ state: 'never-started' });
  });

  it('L2: an answer that was lost is no reason to ask again: the run is found by its name', async () => {
    const { first, other } = farm();
    const there = await system(kind);
    there.lose();
    const handle = await begun(first[there.run.executor], there.run);
    there.end(true);
    expect(await other[there.run.executor].wait(handle)).toMatchObject({ state: 'finished', exitCode: 0 });
    expect(there.asked()).toBe(1);
  });

  it('that is not there any more is unknown, and a person is asked', async () => {
    const { first } = farm();
    const there = await system(kind);
    const handle = await begun(first[there.run.executor], there.run);
    await first[there.run.executor].status(handle);
    there.delete();
    const seen = await first[there.run.executor].status(handle);
    expect(seen).toMatchObject({ state: 'gone', reason: expect.stringMatching(/any more|not this one/) });
  });

  it('never starts without its secret, or where nobody answers', async () => {
    const there = await system(kind);
    const { first } = farm();
    const bare = createExecutors(executorIn(temporaryDirectory()), {
      calls: memoryCalls(),
      secret: () => undefined,
    });
    const unset = await begun(bare[there.run.executor], there.run);
    expect(await bare[there.run.executor].status(unset)).toMatchObject({
      state: 'never-started',
      reason: expect.stringMatching(/^SIGNALBOX_SECRET_\w+ is not set$/),
    });
    const nowhere: Run = JSON.parse(
      JSON.stringify(there.run).replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${await deadPort()}`),
    );
    const handle = await begun(first[there.run.executor], nowhere);
    expect(await first[there.run.executor].status(handle)).toMatchObject({
      state: 'never-started',
      reason: expect.stringContaining('cannot be reached'),
    });
    expect(there.asked()).toBe(0);
  });

  it('is stopped when it is cancelled', async () => {
    const { first, other } = farm();
    const there = await system(kind);
    const handle = await begun(first[there.run.executor], there.run);
    await first[there.run.executor].status(handle);
    there.proceed();
    await other[there.run.executor].cancel(handle);
    expect((await first[there.run.executor].status(handle)).state).toBe('stopped');
  });
});

describe('a step by github-actions', () => {
  const runOf = (url: string, more: object = {}): Run => ({
    executor: 'github-actions',
    api: url,
    repository: 'org/shop',
    workflow: 'deploy.yml',
    ref: 'main',
    inputs: {},
    secret: 'github',
    ...more,
  });

  it('works with a server that does not name its runs, by the correlation; without one a person is asked', async () => {
    const server = await githubServer(token);
    server.dispatch = 'old';
    const { first } = farm();
    const executor = first['github-actions'];
    const handle = await begun(executor, runOf(server.url, { correlation: 'signalbox_run' }));
    for (const run of server.runs.values())
      Object.assign(run, { status: 'completed', conclusion: 'success' });
    expect(await executor.wait(handle)).toMatchObject({ state: 'finished', exitCode: 0 });
    const blind = await begun(executor, runOf(server.url));
    expect(await executor.status(blind)).toMatchObject({ state: 'gone' });
  });

  it('is green with success only', async () => {
    const server = await githubServer(token);
    const executor = farm().first['github-actions'];
    for (const conclusion of ['neutral', 'skipped', 'stale', 'action_required', 'timed_out', null]) {
      const handle = await begun(executor, runOf(server.url));
      for (const run of server.runs.values()) Object.assign(run, { status: 'completed', conclusion });
      expect(await executor.status(handle)).toMatchObject({
        state: 'finished',
        exitCode: 1,
        reason: `the run ended with ${conclusion}`,
      });
    }
  });

  it('never starts when the workflow was deleted', async () => {
    const server = await githubServer(token);
    server.dispatch = 'deleted';
    const executor = farm().first['github-actions'];
    const handle = await begun(executor, runOf(server.url));
    expect(await executor.status(handle)).toMatchObject({
      state: 'never-started',
      reason: expect.stringContaining('answered 404'),
    });
  });

  it('goes on looking while the server is broken, talks rubbish or says nothing', async () => {
    const server = await githubServer(token);
    const executor = farm().first['github-actions'];
    const handle = await begun(executor, runOf(server.url));
    const faults: Answered[] = [
      { status: 503, body: 'down' },
      { status: 200, body: '<html>' },
      'drop',
      { status: 401 },
    ];
    for (const fault of faults) {
      server.fault = fault;
      expect(await executor.status(handle)).toMatchObject({ state: 'running' });
    }
    server.fault = undefined;
    for (const run of server.runs.values())
      Object.assign(run, { status: 'completed', conclusion: 'success' });
    expect(await executor.status(handle)).toMatchObject({ state: 'finished', exitCode: 0 });
  });
});

describe('a step by jenkins', () => {
  it('is found by its parameter when its place in the queue is forgotten, and its token goes to its own host', async () => {
    const server = await jenkinsServer('bot', token);
    const executor = farm().first.jenkins;
    const url = `${server.url}/ci/job/deploy`;
    const handle = await begun(executor, {
      executor: 'jenkins',
      url,
      parameters: {},
      user: 'bot',
      secret: 'jenkins',
    });
    server.mode = 'forgotten';
    expect(await executor.status(handle)).toMatchObject({ state: 'running' });
    for (const build of server.builds) Object.assign(build, { begun: true, result: 'SUCCESS' });
    expect(await executor.wait(handle)).toEqual({
      state: 'finished',
      exitCode: 0,
      tail: 'Started\nFinished: SUCCESS\n',
    });
  });
});

describe('a step by argocd', () => {
  it('has ended when the application is healthy, and somebody else’s sync is not ours', async () => {
    const server = await argocdServer(token);
    const executor = farm().first.argocd;
    const run: Run = { executor: 'argocd', url: server.url, application: 'shop', secret: 'argocd' };
    const handle = await begun(executor, run);
    server.phase = 'Succeeded';
    server.health = 'Progressing';
    expect(await executor.status(handle)).toMatchObject({
      state: 'running',
      tail: 'synced, and Progressing',
    });
    server.info = [];
    expect(await executor.status(handle)).toMatchObject({ state: 'gone' });
  });
});

describe('a step by webhook', () => {
  const runOf = (url: string, more: object = {}): Run => ({
    executor: 'webhook',
    url: `${url}/deploy`,
    body: { service: 'shop' },
    callback: false,
    ...more,
  });

  it('carries its idempotency key, secret and body, and its answer decides when nothing else is to', async () => {
    const server = await protocolServer(() => ({ status: 202, body: 'taken' }));
    const executor = farm().first.webhook;
    const handle = await begun(executor, runOf(server.url, { secret: 'deployer' }));
    expect(await executor.status(handle)).toEqual({ state: 'finished', exitCode: 0, tail: 'taken' });
    const [post] = server.received;
    expect(post?.headers).toMatchObject({
      'idempotency-key': handle['run'],
      authorization: `Bearer ${token}`,
    });
    expect(JSON.parse(post?.body ?? '')).toMatchObject({
      service: 'shop',
      run: handle['run'],
      deployment: 'DEP-1',
      step: 'switch',
    });
  });

  it.each<[string, Answered, object]>([
    ['500', { status: 500, body: 'boom' }, { state: 'finished', exitCode: 1, reason: 'answered 500: boom' }],
    ['422', { status: 422, body: 'no' }, { state: 'never-started', reason: 'answered 422: no' }],
    ['no answer', 'drop', { state: 'gone', reason: 'it was asked for, and no answer came' }],
    [
      'a redirect',
      { status: 302, headers: { location: '/' } },
      { state: 'never-started', reason: 'answered 302' },
    ],
  ])('that is answered with %s is in a clear state', async (_, answer, expected) => {
    const server = await protocolServer(() => answer);
    const executor = farm().first.webhook;
    const handle = await begun(executor, runOf(server.url));
    expect(await executor.status(handle)).toEqual(
      'exitCode' in expected ? { ...expected, tail: 'boom' } : expected,
    );
    expect(server.received).toHaveLength(1);
  });

  it('is asked about until it tells, through garbage, errors and silence', async () => {
    const said: Answered[] = [
      { status: 200, body: 'not json' },
      { status: 200, body: [] },
      { status: 500 },
      'drop',
      { status: 200, body: { state: 'who knows' } },
      { status: 200, body: { state: 'running', output: 'half' } },
      { status: 200, body: { state: 'failed', output: 'no room' } },
    ];
    const server = await protocolServer(({ method }) =>
      method === 'POST' ? { status: 202 } : (said.shift() ?? { status: 500 }),
    );
    const executor = farm().first.webhook;
    const handle = await begun(executor, runOf(server.url, { status: `${server.url}/status` }));
    expect(await executor.wait(handle)).toEqual({
      state: 'finished',
      exitCode: 1,
      tail: 'no room',
      reason: 'it says that it failed',
    });
    expect(said).toEqual([]);
  });

  it('that nobody knows of is unknown; one that never answers still runs when the wait is over', async () => {
    const server = await protocolServer(({ method, path }) =>
      method === 'POST'
        ? 'drop'
        : path === '/gone'
          ? { status: 404 }
          : { status: 200, body: { state: 'running' } },
    );
    const executor = farm().first.webhook;
    const lost = await begun(executor, runOf(server.url, { status: `${server.url}/gone` }));
    expect(await executor.status(lost)).toMatchObject({ state: 'gone' });
    const slow = await begun(executor, runOf(server.url, { status: `${server.url}/slow` }));
    expect(await executor.wait(slow, AbortSignal.timeout(50))).toMatchObject({ state: 'running' });
    // It cannot be told to stop: nobody claims that it was.
    await executor.cancel(slow);
    expect(await executor.status(slow)).toMatchObject({ state: 'running' });
  });

  it('is stopped by its cancel address', async () => {
    let state = 'running';
    const server = await protocolServer(({ path }) => {
      if (path === '/cancel') state = 'failed';
      return { status: 200, body: { state } };
    });
    const executor = farm().first.webhook;
    const handle = await begun(
      executor,
      runOf(server.url, { status: `${server.url}/status`, cancel: `${server.url}/cancel` }),
    );
    await executor.cancel(handle);
    expect(await executor.status(handle)).toMatchObject({ state: 'stopped' });
  });

  it('reads no more than the end of an endless answer', async () => {
    const server = await protocolServer(() => ({ status: 200, body: `${'x'.repeat(30_000_000)}end` }));
    const executor = farm().first.webhook;
    const handle = await begun(executor, runOf(server.url));
    const status = await executor.status(handle);
    expect(status).toMatchObject({
      state: 'finished',
      exitCode: 0,
      tail: expect.stringMatching(/^x{8189}end$/),
    });
  });
});
