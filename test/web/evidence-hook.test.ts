import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../../src/web/signature.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, digest, type World } from '../support/world.ts';
import { beginPost, bytesOf, openSite, type Site, secret, stillQueue } from './site.ts';

const build = {
  id: 'ci-1',
  kind: 'build',
  service: 'api',
  version: '1.0.0',
  artifact: digest('api', '1.0.0'),
  outcome: 'pass',
  details: { builder: 'https://ci.shop.example/release' },
};

const open = async (limits = {}): Promise<{ world: World; site: Site }> => {
  const world = await createWorld();
  const site = await openSite({ context: world.context, queue: stillQueue }, { limits });
  return { world, site };
};

interface Said {
  readonly status?: string;
  readonly code?: string;
  readonly message?: string;
  readonly faults?: readonly { readonly path: string; readonly message: string }[];
}

const answerOf = async (response: Response): Promise<{ readonly status: number; readonly body: Said }> => ({
  status: response.status,
  // As far as these tests look.
  body: (await response.json()) as Said,
});

const evidenceOf = (world: World) =>
  world.context.store.db.selectFrom('evidence').selectAll().orderBy('id').execute();

describe('POST /hooks/evidence', () => {
  it('takes that a milestone is there, and what was set where something was deployed', async () => {
    const world = await createWorld({
      policy: `${shop()}milestones: { racks: { what: the new racks are wired, due: 2026-11-27 } }\n`,
    });
    const site = await openSite({ context: world.context, queue: stillQueue }, {});
    await world.build('api', '1.0.0');
    const racks = { id: 'm-1', kind: 'milestone', milestone: 'racks', outcome: 'pass' };
    expect((await site.post({ ...racks, details: { comment: 'all four' } })).status).toBe(200);
    expect(await answerOf(await site.post(racks))).toMatchObject({ status: 200 });
    expect((await answerOf(await site.post({ ...racks, id: 'm-2', milestone: 'rocks' }))).body.code).toBe(
      'unknown-milestone',
    );
    expect((await answerOf(await site.post({ ...racks, id: 'm-3', service: 'api' }))).status).toBe(400);
    const deployed = {
      kind: 'deployed',
      service: 'api',
      version: '1.0.0',
      environment: 'test',
      outcome: 'pass',
    };
    const set = async (id: string, configuration: unknown) =>
      (await site.post({ ...deployed, id, details: { configuration } })).status;
    expect(await set('d-1', { RETRIES: '3' })).toBe(200);
    expect(await set('d-2', 'sha256:of-all')).toBe(200);
    expect(await set('d-3', { RETRIES: 3 })).toBe(400);
    expect((await evidenceOf(world)).slice(1)).toMatchObject([
      { kind: 'milestone', milestone: 'racks', service: null, comment: 'all four', person: null },
      { kind: 'deployed', configuration: { RETRIES: '3' } },
      { kind: 'deployed', configuration: { configuration: 'sha256:of-all' } },
    ]);
  });

  it('records what a system reports, and the change that waits for it has its artifact', async () => {
    const { world, site } = await open();
    const name = await world.submit('dev', 'api');
    const response = await site.post({
      ...build,
      url: 'https://ci.shop.example/runs/1',
      observedAt: '2026-11-23T09:59:00+01:00',
      details: { ...build.details, comment: 'run 1', commit: 'abc' },
    });
    expect(await answerOf(response)).toEqual({ status: 200, body: { status: 'recorded' } });
    expect((await world.change(name)).artifact).toBe(build.artifact);
    expect(await evidenceOf(world)).toMatchObject([
      {
        kind: 'build',
        builder: build.details.builder,
        comment: 'run 1',
        url: 'https://ci.shop.example/runs/1',
        details: { commit: 'abc' },
        source: 'hook',
        observed_at: new Date('2026-11-23T08:59:00Z'),
        received_at: new Date(week48.monday),
      },
    ]);
    expect((await world.audit('evidence')).map(({ actor }) => actor)).toEqual(['system:hook']);
  });

  it('takes the records of a change from details.change', async () => {
    const { world, site } = await open();
    const name = await world.submit('dev', 'api');
    const records = { id: 'jira-1', kind: 'records', service: 'api', outcome: 'pass' };
    expect((await site.post({ ...records, details: { change: name } })).status).toBe(200);
    expect(await evidenceOf(world)).toMatchObject([{ kind: 'records', change: 1 }]);
    expect(await answerOf(await site.post({ ...records, id: 'jira-2' }))).toMatchObject({
      status: 400,
      body: { code: 'change-missing', facts: { service: 'api' } },
    });
  });

  it('L8: a repeated id is answered 200 and has no second effect, also when it was captured and sent again', async () => {
    const { world, site } = await open();
    const captured = site.headers(bytesOf(build));
    await site.post(build, captured);
    world.clock.advance(299_000);
    expect(await answerOf(await site.post(build, captured))).toEqual({
      status: 200,
      body: { status: 'repeated' },
    });
    expect(await answerOf(await site.post({ ...build, outcome: 'fail' }))).toEqual({
      status: 200,
      body: { status: 'repeated' },
    });
    expect(await evidenceOf(world)).toHaveLength(1);
    expect(await world.audit('evidence')).toHaveLength(1);
  });

  it('L8: of the same id sent many times at once one has an effect', async () => {
    const { world, site } = await open();
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => await answerOf(await site.post(build))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(answers.filter(({ body }) => body.status === 'recorded')).toHaveLength(1);
    expect(await evidenceOf(world)).toHaveLength(1);
  });

  it('an id that was refused stays free: it may be sent again when it is true', async () => {
    const { site } = await open();
    const deployed = {
      id: 'cd-1',
      kind: 'deployed',
      service: 'api',
      version: '1.0.0',
      environment: 'test',
      outcome: 'pass',
    };
    const refused = await answerOf(await site.post(deployed));
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'unknown-artifact', facts: { service: 'api' } },
    });
    expect(refused.body.message).toMatch(/\w+ \w+/);
    await site.post(build);
    expect(await answerOf(await site.post(deployed))).toEqual({ status: 200, body: { status: 'recorded' } });
  });

  it('answers 401, always the same, to whoever does not sign as it must be', async () => {
    const { world, site } = await open();
    const body = bytesOf(build);
    const now = world.clock.now().getTime() / 1_000;
    const signed = (timestamp: number | string, key = secret) => ({
      'x-signalbox-timestamp': String(timestamp),
      'x-signalbox-signature': signatureOf(key, String(timestamp), body),
    });
    const good = signed(now)['x-signalbox-signature'];
    const forgeries = [
      { 'x-signalbox-signature': undefined },
      { 'x-signalbox-timestamp': undefined },
      { 'x-signalbox-signature': '' },
      { 'x-signalbox-signature': 'sha256=' },
      { 'x-signalbox-signature': good.replace('sha256=', '') },
      { 'x-signalbox-signature': good.replace('sha256=', 'sha1=') },
      { 'x-signalbox-signature': `${good}00` },
      { 'x-signalbox-signature': good.slice(0, -1) },
      { 'x-signalbox-signature': `${good}, ${good}` },
      { 'x-signalbox-timestamp': String(now + 1) },
      signed(now, 'another secret'),
      signed(now - 301),
      signed(now + 301),
      signed(now * 1_000),
      signed('NaN'),
      signed(`${now}.0`),
      signed(`-${now}`),
      signed(''),
    ];
    const answers = await Promise.all(
      forgeries.map(async (headers) => JSON.stringify(await answerOf(await site.post(body, headers)))),
    );
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0] ?? '')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect((await site.post(Buffer.concat([body, Buffer.from(' ')]), signed(now))).status).toBe(401);
    expect(await evidenceOf(world)).toEqual([]);
    for (const [n, seconds] of [-300, 300].entries())
      expect((await site.post(body, signed(now + seconds))).status, `edge ${n}`).toBe(200);
  });

  it('takes readings of what runs: two of them are believed, a repeated one is not a second', async () => {
    const { world, site } = await open();
    const reading = {
      id: 'probe-1',
      kind: 'observed',
      service: 'alone',
      environment: 'production',
      artifact: `sha256:${'b'.repeat(64)}`,
      configuration: `sha256:${'c'.repeat(64)}`,
      details: { source: 'kubernetes' },
    };
    const answers: unknown[] = [];
    for (const id of ['probe-1', 'probe-1', 'probe-2']) {
      world.clock.advance(1_000);
      answers.push((await answerOf(await site.post({ ...reading, id }))).body);
    }
    expect(answers).toEqual([{ status: 'recorded' }, { status: 'repeated' }, { status: 'recorded' }]);
    expect((await world.audit('reading')).map(({ outcome, facts }) => [outcome, facts?.['aspect']])).toEqual([
      ['first', 'artifact'],
      ['first', 'configuration'],
      ['confirmed', 'artifact'],
      ['confirmed', 'configuration'],
    ]);
    const { status, body } = await answerOf(
      await site.post({ ...reading, id: 'probe-3', outcome: 'fail', builder: 'x', environment: undefined }),
    );
    expect(status).toBe(400);
    expect(body.faults?.map(({ path }) => path).sort()).toEqual(['builder', 'environment', 'outcome']);
    expect((await answerOf(await site.post({ ...reading, id: 'x', environment: 'prod' }))).body.code).toBe(
      'unknown-environment',
    );
  });

  it('without a secret refuses everything, and warns once', async () => {
    const world = await createWorld();
    const site = await openSite({ context: world.context, queue: stillQueue }, { hookSecret: undefined });
    const body = bytesOf(build);
    const { 'x-signalbox-timestamp': timestamp = '' } = site.headers(body);
    for (const key of ['', 'undefined', secret]) {
      const signed = { 'x-signalbox-signature': signatureOf(key, timestamp, body) };
      expect((await site.post(build, signed)).status).toBe(401);
    }
    expect(site.logged.map(({ message }) => message)).toEqual([
      expect.stringContaining('SIGNALBOX_HOOK_SECRET'),
    ]);
    expect(await evidenceOf(world)).toEqual([]);
  });

  it('lists every fault of a body at once', async () => {
    const { world, site } = await open();
    const { status, body } = await answerOf(
      await site.post({
        id: 'x'.repeat(201),
        kind: 'rumour',
        service: 7,
        outcome: 'maybe',
        url: 'javascript:alert(1)',
        observedAt: 'yesterday',
        colour: 'red',
        details: { builder: 1 },
      }),
    );
    expect(status).toBe(400);
    expect(body.code).toBe('invalid');
    expect(body.faults?.map(({ path }) => path).sort()).toEqual(
      ['colour', 'details.builder', 'id', 'kind', 'observedAt', 'outcome', 'service', 'url'].sort(),
    );
    expect(await evidenceOf(world)).toEqual([]);
  });

  it.each(['sign-off', 'date-approved'])('leaves %s to people, and says so', async (kind) => {
    const { site } = await open();
    const { status, body } = await answerOf(await site.post({ ...build, kind }));
    expect(status).toBe(400);
    expect(body.faults).toEqual([{ path: 'kind', message: expect.stringContaining("person's") }]);
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['no object', '[]'],
    ['null', 'null'],
    ['a NUL in text', JSON.stringify({ ...build, details: { deep: ['a\0b'] } })],
    ['half a surrogate pair', JSON.stringify(build).replace('"ci-1"', '"\\ud800"')],
    [
      'half a surrogate pair in a name',
      JSON.stringify({ ...build, details: { x: 1 } }).replace('"x"', '"\\udc00"'),
    ],
    ['a NUL in a name', JSON.stringify({ ...build, details: { x: 1 } }).replace('"x"', '"\\u0000"')],
    [
      'very deep nesting',
      JSON.stringify({ ...build, details: 0 }).replace(
        '"details":0',
        `"details":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
      ),
    ],
    ['very deep lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['a prototype', JSON.stringify(build).replace('"id"', '"__proto__":{"kind":"build"},"id"')],
    ['an empty id', JSON.stringify({ ...build, id: '' })],
    ['a time without a zone', JSON.stringify({ ...build, observedAt: '2026-11-23T09:00:00' })],
    ['a digest that is none', JSON.stringify({ ...build, artifact: 'sha256:x' })],
    ['a version that is an option', JSON.stringify({ ...build, version: '--force' })],
    ['a service nobody knows', JSON.stringify({ ...build, service: 'apy' })],
  ])('answers 400 to %s, and records nothing', async (_, body) => {
    const { world, site } = await open();
    const response = await answerOf(await site.post(body));
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    expect(await evidenceOf(world)).toEqual([]);
    expect(site.logged).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', ''])(
    'answers 415 to the media type %j',
    async (type) => {
      const { site } = await open();
      expect((await site.post(build, { 'content-type': type })).status).toBe(415);
    },
  );

  it('takes JSON with its charset, and no compressed bodies', async () => {
    const { site } = await open();
    expect((await site.post(build, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await site.post(build, { 'content-type': 'application/json; charset=UTF-8' })).status).toBe(200);
  });

  it('answers 413 to a body of more than 256 KB, whether it says its length or comes in chunks', async () => {
    const { world, site } = await open();
    const long = (bytes: number) => {
      const text = JSON.stringify({ ...build, details: { log: '' } });
      return text.replace('"log":""', `"log":"${'x'.repeat(bytes - text.length)}"`);
    };
    expect((await site.post(long(256 * 1_024 + 1))).status).toBe(413);
    const chunk = Buffer.alloc(100_000, 'x');
    const chunked = await fetch(`${site.url}/hooks/evidence`, {
      method: 'POST',
      body: new ReadableStream({
        start: (controller) => {
          for (let n = 0; n < 30; n++) controller.enqueue(chunk);
          controller.close();
        },
      }),
      duplex: 'half',
      headers: site.headers(chunk),
    });
    expect(chunked.status).toBe(413);
    expect(await evidenceOf(world)).toEqual([]);
    expect((await site.post(long(256 * 1_024))).status).toBe(200);
  });

  it('takes a body that comes in chunks, cut anywhere', async () => {
    const { world, site } = await open();
    const body = bytesOf({ ...build, details: { builder: build.details.builder, note: 'größer' } });
    const response = await fetch(`${site.url}/hooks/evidence`, {
      method: 'POST',
      body: new ReadableStream({
        start: (controller) => {
          for (let n = 0; n < body.length; n += 7) controller.enqueue(body.subarray(n, n + 7));
          controller.close();
        },
      }),
      duplex: 'half',
      headers: site.headers(body),
    });
    expect(response.status).toBe(200);
    expect(await evidenceOf(world)).toMatchObject([{ details: { note: 'größer' } }]);
  });

  it('L3: a report counts as of when its first bytes came, and no cutoff closes over it', async () => {
    const { world, site } = await open();
    const cutoff = new Date(week48.inTest);
    world.clock.set(new Date(cutoff.getTime() - 1));
    const body = bytesOf(build);
    const { socket, status } = await beginPost(site, {
      ...site.headers(body),
      'content-length': `${body.length}`,
    });
    world.clock.advance(5_000);
    let closes = false;
    const settled = world.context.arrivals.settled(cutoff).then(() => {
      closes = true;
    });
    socket.write(body.subarray(0, 10));
    await site.get('/livez');
    expect(closes).toBe(false);
    socket.write(body.subarray(10));
    expect(await status).toBe(200);
    await settled;
    expect(await evidenceOf(world)).toMatchObject([{ received_at: new Date(cutoff.getTime() - 1) }]);
  });

  it('L3: lets nobody hold a cutoff for long: a body that does not come is not waited for', async () => {
    const { world, site } = await open({ requestMs: 300, headersMs: 200 });
    const { status } = await beginPost(site, { 'content-length': '100' });
    await world.context.arrivals.settled(new Date(week48.inTest));
    expect(await status).toBe(408);
    expect(site.logged).toEqual([]);
  });

  it('L3: lets go of the cutoff when the sender hangs up in the middle', async () => {
    const { world, site } = await open();
    const { socket } = await beginPost(site, { 'content-length': '100' });
    socket.destroy();
    await world.context.arrivals.settled(new Date(week48.inTest));
    expect((await site.post(build)).status).toBe(200);
    expect(site.logged).toEqual([]);
  });

  it('takes any body whatsoever without failing', async () => {
    const { world, site } = await open();
    const text = fc.string({ maxLength: 40, unit: 'binary' });
    const mostly = (...known: readonly string[]) =>
      fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: text });
    const report = fc.record(
      {
        id: fc.oneof(fc.uuid(), text),
        kind: mostly('build', 'deployed', 'verified', 'records'),
        service: mostly('api', 'alone'),
        version: mostly('1.0.0', '2.0.0'),
        artifact: mostly(build.artifact),
        environment: mostly('test', 'preproduction'),
        platform: mostly('default'),
        outcome: mostly('pass', 'fail'),
        url: fc.oneof(fc.webUrl(), mostly('https://ci.shop.example')),
        observedAt: fc.oneof(
          fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
          mostly('0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59', '2026-11-25T24:00:00Z'),
        ),
        details: fc.oneof(
          fc.record(
            { builder: mostly('ci'), change: mostly('CHG-1'), comment: text, more: fc.jsonValue() },
            { requiredKeys: [] },
          ),
          fc.jsonValue(),
        ),
      },
      { requiredKeys: ['id', 'kind', 'service', 'outcome'] },
    );
    const body = fc.oneof({ weight: 8, arbitrary: report }, fc.jsonValue(), text);
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const { status } = await site.post(value);
        seen.add(status);
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 400 },
    );
    expect([...seen].sort()).toEqual([200, 400]);
    expect(site.logged).toEqual([]);
    expect((await world.audit('evidence')).length).toBeGreaterThan(0);
  });

  it('takes any headers whatsoever without failing', async () => {
    const { site } = await open();
    const value = fc.oneof(
      fc.string({
        unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
        maxLength: 80,
      }),
      fc.constantFrom(
        undefined,
        'sha256=',
        `sha256=${'0'.repeat(64)}`,
        '1',
        '1e9',
        'application/json',
        'gzip',
        'br',
      ),
    );
    const headers = fc.record(
      {
        'x-signalbox-signature': value,
        'x-signalbox-timestamp': value,
        'content-type': value,
        'content-encoding': value,
        accept: value,
        forwarded: value,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(headers, async (all) => {
        const { status } = await site.post(build, all);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
    expect(site.logged).toEqual([]);
  });
});

describe('a builder with a key of its own', () => {
  const own = 'https://ci.shop.example/release';
  const key = 'the key of that builder';
  const keyed = `${shop().replace(`  trusted: [${own}]`, `  secrets: [{ builder: ${own}, secret: ci }]`)}`;
  const signedWith = (body: object, site: Site, with_: string) => {
    const headers = site.headers(bytesOf(body));
    const timestamp = headers['x-signalbox-timestamp'] ?? '';
    return site.post(body, { 'x-signalbox-signature': signatureOf(with_, timestamp, bytesOf(body)) });
  };

  it('is believed about its own builds when it signs them, and about nothing else', async () => {
    const world = await createWorld({
      policy: keyed,
      over: { builderSecret: (name) => (name === 'ci' ? key : undefined) },
    });
    const site = await openSite({ context: world.context, queue: stillQueue });
    const doubts = async () => (await evidenceOf(world)).map(({ doubt }) => doubt);
    expect((await signedWith(build, site, secret)).status).toBe(200);
    expect(await doubts()).toEqual(['not-its-key']);
    expect((await signedWith({ ...build, id: 'ci-2' }, site, key)).status).toBe(200);
    expect(await doubts()).toEqual(['not-its-key', null]);
    const other = { ...build, id: 'ci-3', details: { builder: 'https://elsewhere.example' } };
    expect((await signedWith(other, site, key)).status).toBe(200);
    expect((await doubts()).at(-1)).toBe('not-its-key');
    expect((await signedWith({ ...build, id: 'ci-4' }, site, 'a guess')).status).toBe(401);
    const deployed = { ...build, id: 'ci-5', kind: 'deployed', environment: 'test' };
    expect(await answerOf(await signedWith(deployed, site, key))).toMatchObject({
      status: 400,
      body: { faults: [{ path: 'kind' }] },
    });
    const policy = { id: 'pr-1', policy: 'timezone: UTC' };
    const headers = site.headers(bytesOf(policy));
    const signature = signatureOf(key, headers['x-signalbox-timestamp'] ?? '', bytesOf(policy));
    expect((await site.post(policy, { 'x-signalbox-signature': signature }, '/hooks/policy')).status).toBe(
      401,
    );
  });
});
