import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shop, trusted } from '../support/shop.ts';
import { createWorld, digest, type World } from '../support/world.ts';
import { openSite, type Site, stillQueue } from './site.ts';

const eventKey = 'an event key of the test';
const githubSecret = 'a github secret of the test';
const reveal = (text: string) => ({ reveal: () => text });

const rules = `
events:
  - { on: cdevents:artifact.published, is: build, service: "{/subject/id|name}", version: "{/subject/id|version}", artifact: "{/subject/id|digest}", builder: ${trusted} }
  - { on: cdevents:testsuiterun.finished, is: verified, service: "{/customData/service}", version: "{/customData/version}", environment: "{/subject/content/environment/id}", comment: "{/subject/content/reason}" }
  - { on: cdevents:ticket.closed, is: records, record: "{/subject/id}", outcome: "{/subject/content/resolution}", pass: [completed] }
  - { on: github:deployment_status, is: deployed, version: "{/deployment/ref}" }
  - { on: github:check_run.completed, when: { /check_run/name: smoke }, is: verified, environment: preproduction, version: "{/check_run/check_suite/head_branch}" }
  - { on: github:workflow_run.completed, when: { /workflow_run/name: build }, is: build, version: "{/workflow_run/head_branch}" }
  - { on: "github:issues", is: records, pass: [closed] }
`;
const policy = `${shop().replace('  api: { owners', '  api: { repository: https://git.example/shop/Api.git, owners')}${rules}`;

const open = async (): Promise<{ world: World; site: Site }> => {
  const world = await createWorld({ policy });
  const site = await openSite(
    { context: world.context, queue: stillQueue },
    { eventKey: reveal(eventKey), githubSecret: reveal(githubSecret) },
  );
  return { world, site };
};

let ids = 0;
const cdEvent = (type: string, subject: object, more: object = {}) => ({
  context: {
    specversion: '0.5.0',
    id: `event-${++ids}`,
    source: '/ci/shop',
    type: `dev.cdevents.${type}.0.2.0`,
    timestamp: '2026-11-23T08:59:00Z',
  },
  subject: { type: type.split('.')[0], content: {}, ...subject },
  ...more,
});
type CdEvent = ReturnType<typeof cdEvent>;

const post = async (site: Site, path: string, body: string, headers: Readonly<Record<string, string>>) => {
  const response = await fetch(`${site.url}${path}`, { method: 'POST', body, headers });
  const json = (await response.json()) as Readonly<Record<string, unknown>>;
  return { status: response.status, ...json };
};

/** Binary mode. */
const send = (site: Site, event: CdEvent, over: Readonly<Record<string, string>> = {}) =>
  post(site, '/hooks/cdevents', JSON.stringify(event), {
    'content-type': 'application/json',
    authorization: `Bearer ${eventKey}`,
    'ce-specversion': '1.0',
    'ce-id': event.context.id,
    'ce-source': event.context.source,
    'ce-type': event.context.type,
    ...over,
  });

const sendStructured = (site: Site, event: CdEvent, over: object = {}) =>
  post(
    site,
    '/hooks/cdevents',
    JSON.stringify({
      specversion: '1.0',
      id: 'hop-2',
      source: event.context.source,
      type: event.context.type,
      datacontenttype: 'application/json',
      data: event,
      ...over,
    }),
    { 'content-type': 'application/cloudevents+json; charset=utf-8', authorization: `Bearer ${eventKey}` },
  );

const github = (site: Site, event: string, payload: object, over: Readonly<Record<string, string>> = {}) => {
  const body = JSON.stringify({
    repository: { full_name: 'shop/api', html_url: 'https://git.example' },
    ...payload,
  });
  const signature = `sha256=${createHmac('sha256', githubSecret).update(body).digest('hex')}`;
  return post(site, '/hooks/github', body, {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': `delivery-${++ids}`,
    'x-hub-signature-256': signature,
    ...over,
  });
};

const evidenceOf = async ({ context }: World) =>
  (await context.store.db.selectFrom('evidence').selectAll().orderBy('id').execute()).map((e) =>
    [e.kind, e.service, e.version, e.environment, e.outcome, e.source].filter((x) => x !== null).join(' '),
  );

const image = `pkg:oci/api@${encodeURIComponent(digest('api', '1.0.0'))}?tag=1.0.0`;
const published = () => cdEvent('artifact.published', { id: image });

describe('/hooks/cdevents', () => {
  it('makes evidence of an event by the rules of the policy, in binary and structured mode, once', async () => {
    const { world, site } = await open();
    const event = published();
    expect(await send(site, event)).toEqual({ status: 'recorded' });
    expect(await send(site, event, { 'ce-id': 'another hop' })).toEqual({ status: 'repeated' });
    expect(await sendStructured(site, event)).toEqual({ status: 'repeated' });
    expect(await sendStructured(site, published())).toMatchObject({ status: 'recorded' });
    const encoded = Buffer.from(JSON.stringify(published())).toString('base64');
    expect(await sendStructured(site, event, { data: undefined, data_base64: encoded })).toMatchObject({
      status: 'recorded',
    });
    expect(await evidenceOf(world)).toEqual(Array(3).fill('build api 1.0.0 pass cdevents'));
    const tests = (status: string) =>
      cdEvent(
        'testsuiterun.finished',
        {
          id: 'run-1',
          content: { outcome: status, reason: 'a host is missing', environment: { id: 'preproduction' } },
        },
        { customData: { service: 'api', version: '1.0.0' } },
      );
    expect(await send(site, tests('failure'))).toMatchObject({ status: 'recorded' });
    expect((await evidenceOf(world)).at(-1)).toBe('verified api 1.0.0 preproduction fail cdevents');
    expect(await world.audit('evidence')).toMatchObject([{ actor: 'system:cdevents' }, {}, {}, {}]);
  });

  it('takes deployments and modifications as readings without any rule: two of them are believed', async () => {
    const { world, site } = await open();
    const seen = (bytes: string, seconds: number) => {
      const event = cdEvent('service.deployed', {
        id: 'alone',
        content: {
          environment: { id: 'production' },
          artifactId: `pkg:oci/alone@${encodeURIComponent(bytes)}`,
        },
      });
      return { ...event, context: { ...event.context, timestamp: `2026-11-23T08:00:${seconds}Z` } };
    };
    const bytes = [digest('a'), digest('a'), digest('b'), digest('b')];
    for (const [i, one] of bytes.entries())
      expect(await send(site, seen(one, 10 + i))).toMatchObject({ status: 'recorded' });
    expect(await world.audit('unrecorded')).toMatchObject([
      { service: 'alone', facts: { value: digest('b'), was: digest('a') } },
    ]);
    const modified = cdEvent(
      'environment.modified',
      { id: 'production' },
      { customData: { service: 'alone', configuration: digest('c') } },
    );
    expect(await send(site, modified)).toMatchObject({ status: 'recorded' });
    expect(await send(site, cdEvent('environment.modified', { id: 'production' }))).toEqual({
      status: 'ignored',
      reason: 'it has no service',
    });
  });

  it('says what it ignores, and why', async () => {
    const { world, site } = await open();
    const ignored = async (event: CdEvent) => {
      const response = await send(site, event);
      expect(response).toMatchObject({ status: 'ignored' });
      return String('reason' in response ? response.reason : '');
    };
    expect(await ignored(cdEvent('taskrun.started', { id: 't' }))).toContain(
      'no rule of the policy speaks of cdevents:taskrun.started',
    );
    expect(await ignored(cdEvent('artifact.published', { id: 'pkg:oci/stranger@1.0.0' }))).toContain(
      'no service stranger',
    );
    const elsewhere = { environment: { id: 'dev-7' }, artifactId: image };
    expect(await ignored(cdEvent('service.deployed', { id: 'api', content: elsewhere }))).toContain(
      'no environment dev-7',
    );
    expect(await evidenceOf(world)).toEqual([]);
    expect(await world.audit('reading')).toEqual([]);
  });

  it('L7: wants the key or a signature', async () => {
    const { world, site } = await open();
    const event = published();
    for (const authorization of ['', 'Bearer wrong', `Basic ${eventKey}`])
      expect(await send(site, event, { authorization })).toMatchObject({ code: 'unauthenticated' });
    const signed = site.headers(Buffer.from(JSON.stringify(event)));
    expect(await send(site, event, { ...signed, authorization: '' })).toMatchObject({ status: 'recorded' });
    expect(await evidenceOf(world)).toHaveLength(1);
  });

  it('answers 4xx to what is no CDEvent in a CloudEvent, and records nothing', async () => {
    const { world, site } = await open();
    const event = published();
    const statusOf = async (sent: Promise<object>) => {
      const answer = await sent;
      return 'code' in answer ? answer.code : 'taken';
    };
    expect(await statusOf(send(site, event, { 'ce-specversion': '0.3' }))).toBe('invalid');
    expect(await statusOf(send(site, event, { 'ce-type': 'dev.cdevents.artifact.packaged.0.2.0' }))).toBe(
      'invalid',
    );
    expect(await statusOf(sendStructured(site, event, { data: [1] }))).toBe('invalid');
    expect(await statusOf(sendStructured(site, event, { data: undefined, data_base64: '!' }))).toBe(
      'invalid',
    );
    expect(await statusOf(sendStructured(site, event, { specversion: '0.9' }))).toBe('invalid');
    const odd = { ...event, context: { ...event.context, type: 'com.example.thing' } };
    expect(await statusOf(send(site, odd))).toBe('invalid');
    expect(await statusOf(send(site, event, { 'content-type': 'application/cloudevents-batch+json' }))).toBe(
      'media-type',
    );
    const bad = cdEvent('artifact.published', { id: 'pkg:oci/api@--force' });
    expect(await statusOf(send(site, bad))).toBe('bad-version');
    expect(await evidenceOf(world)).toEqual([]);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (data) => {
        expect(await statusOf(sendStructured(site, event, { data }))).toBe('invalid');
      }),
      { numRuns: 40 },
    );
    expect(site.logged).toEqual([]);
  });
});

describe('/hooks/github', () => {
  it('makes evidence of runs and deployments of the repository of a service, once however often they come', async () => {
    const { world, site } = await open();
    const run = (conclusion: string | null, at: string) => ({
      action: 'completed',
      workflow_run: { name: 'build', head_branch: '1.0.0', conclusion, updated_at: at },
    });
    await world.build('api', '1.0.0');
    expect(await github(site, 'workflow_run', run('failure', '2026-11-23T08:00:00Z'))).toEqual({
      status: 'recorded',
    });
    expect(await github(site, 'workflow_run', run('failure', '2026-11-23T08:00:00Z'))).toEqual({
      status: 'repeated',
    });
    expect(await github(site, 'workflow_run', run('skipped', '2026-11-23T08:01:00Z'))).toMatchObject({
      status: 'ignored',
      reason: 'skipped says nothing yet',
    });
    const status = (state: string) => ({
      deployment: { environment: 'test', ref: '1.0.0' },
      deployment_status: { state, created_at: '2026-11-23T08:30:00Z', target_url: 'https://ci.example/1' },
    });
    expect(await github(site, 'deployment_status', status('in_progress'))).toMatchObject({
      status: 'ignored',
    });
    expect(await github(site, 'deployment_status', status('success'))).toEqual({ status: 'recorded' });
    const check = (name: string) => ({
      action: 'completed',
      check_run: { name, conclusion: 'timed_out', check_suite: { head_branch: '1.0.0' } },
    });
    expect(await github(site, 'check_run', check('smoke'))).toEqual({ status: 'recorded' });
    expect(await github(site, 'check_run', check('lint'))).toMatchObject({
      reason: '/check_run/name is not smoke',
    });
    expect(await evidenceOf(world)).toEqual([
      'build api 1.0.0 pass ci',
      'build api 1.0.0 fail github',
      'deployed api 1.0.0 test pass github',
      'verified api 1.0.0 preproduction fail github',
    ]);
    expect(await github(site, 'ping', { zen: 'Keep it logically awesome.' })).toMatchObject({
      status: 'ignored',
    });
    expect(
      await github(site, 'deployment_status', {
        ...status('success'),
        repository: { full_name: 'shop/other' },
      }),
    ).toMatchObject({ status: 'ignored', reason: expect.stringContaining('shop/other') });
  });

  it('L8: a closed issue is a ready record of every change that names it, an open one is not', async () => {
    const { world, site } = await open();
    const one = await world.submit('dana', 'api', { records: ['shop/api#7'] });
    const two = await world.submit('dev', 'alone', { records: ['shop/api#7', 'ticket-1'] });
    const issue = (state: string) => ({
      action: state === 'closed' ? 'closed' : 'reopened',
      issue: { number: 7, state, updated_at: '2026-11-23T08:00:00Z' },
    });
    const records = async () =>
      (await world.audit('evidence')).map(({ change, outcome, facts }) => [
        change,
        outcome,
        facts?.['comment'],
      ]);
    await github(site, 'issues', issue('open'));
    expect(await records()).toEqual([
      [one, 'fail', 'shop/api#7 is open'],
      [two, 'fail', 'shop/api#7 is open'],
    ]);
    world.clock.advance(1_000);
    await github(site, 'issues', issue('closed'));
    // The second one has another record still, of which nobody has said anything.
    expect((await records()).slice(2)).toEqual([
      [one, 'pass', undefined],
      [two, 'fail', 'nobody has told where ticket-1 stands'],
    ]);
    world.clock.advance(1_000);
    const closed = cdEvent('ticket.closed', { id: 'ticket-1', content: { resolution: 'completed' } });
    expect(await send(site, closed)).toMatchObject({ status: 'recorded' });
    expect((await records()).slice(4)).toEqual([[two, 'pass', undefined]]);
    expect(await github(site, 'issues', issue('closed'))).toMatchObject({ status: 'repeated' });
  });

  it('L7: believes its signature only, over the very bytes; a redelivery under another number is the same', async () => {
    const { world, site } = await open();
    await world.build('api', '1.0.0');
    const status = {
      deployment: { environment: 'test', ref: '1.0.0' },
      deployment_status: { state: 'success' },
    };
    for (const signature of ['', 'sha256=', `sha256=${'0'.repeat(64)}`, 'sha1=x'])
      expect(
        await github(site, 'deployment_status', status, { 'x-hub-signature-256': signature }),
      ).toMatchObject({
        code: 'unauthenticated',
      });
    expect(await github(site, '../x', status)).toMatchObject({ code: 'invalid' });
    expect(await github(site, 'deployment_status', status, { 'content-type': 'text/plain' })).toMatchObject({
      code: 'media-type',
    });
    expect(await github(site, 'deployment_status', status)).toEqual({ status: 'recorded' });
    expect(await github(site, 'deployment_status', status, { 'x-github-delivery': 'forged' })).toEqual({
      status: 'repeated',
    });
    expect(await evidenceOf(world)).toHaveLength(2);
    const unset = await openSite({ context: world.context, queue: stillQueue });
    expect(await github(unset, 'deployment_status', status)).toMatchObject({ code: 'unauthenticated' });
  });
});
