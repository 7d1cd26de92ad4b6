import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTwilio } from '../../src/integrations/twilio.ts';
import { openPages } from '../../src/operations/find-pages.ts';
import { twilioSignature } from '../../src/web/proofs.ts';
import { openPager, type Pager, pagingShop } from '../support/pager.ts';
import { openSite, type Site, stillQueue } from './site.ts';

const alertKey = 'an alert key of the test';
const authToken = 'a twilio token of the test';
const publicUrl = 'https://signalbox.shop.example';
const monday = '2026-11-23T12:00:00Z';
const reveal = (text: string) => ({ reveal: () => text });

const open = async (): Promise<{ pager: Pager; site: Site }> => {
  const pager = await openPager(pagingShop(), monday);
  const site = await openSite(
    { context: pager.context, queue: stillQueue },
    { alertKey: reveal(alertKey), twilioToken: reveal(authToken), publicUrl },
  );
  return { pager, site };
};
const post = (site: Site, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${site.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const bearer = { authorization: `Bearer ${alertKey}` };
const alert = (over: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'HighErrors', service: 'api', severity: 'error' },
  annotations: { summary: 'errors are up' },
  startsAt: '2026-11-23T11:59:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus.example/graph',
  fingerprint: 'f1',
  ...over,
});
const body = (...alerts: readonly object[]) => ({
  version: '4',
  receiver: 'signalbox',
  status: 'firing',
  alerts,
});
const states = async ({ context }: Pager) =>
  (await context.store.db.selectFrom('page').selectAll().orderBy('id').execute()).map(
    ({ id, state, severity, service, summary }) => `${id} ${state} ${severity} ${service} ${summary}`,
  );

describe('/hooks/alertmanager', () => {
  it('pages what fires, once however often it is told, and ends with the last resolve in a mixed body', async () => {
    const { pager, site } = await open();
    const deliver = (...alerts: readonly object[]) =>
      post(site, '/hooks/alertmanager', body(...alerts), bearer);
    const two = [
      alert(),
      alert({ fingerprint: 'f2', labels: { alertname: 'Slow', service: 'api', severity: 'warning' } }),
    ];
    for (let n = 0; n < 3; n += 1) expect((await deliver(...two)).status).toBe(200);
    expect(await states(pager)).toEqual(['1 open error api errors are up']);
    // A partial resolve comes as a group that still fires.
    await deliver(alert(), { ...two[1], status: 'resolved', endsAt: '2026-11-23T12:00:00Z' });
    expect(await states(pager)).toEqual(['1 open error api errors are up']);
    await deliver({ ...two[0], status: 'resolved' });
    await deliver(alert());
    expect(await states(pager)).toEqual(['1 resolved error api errors are up']);
    // The same alert begins again.
    await deliver(alert({ startsAt: '2026-11-23T12:30:00Z' }));
    expect(await states(pager)).toHaveLength(2);
  });

  it('takes what lacks almost everything, and says what of a body is garbage', async () => {
    const { pager, site } = await open();
    expect((await post(site, '/hooks/alertmanager', { alerts: [{ status: 'firing' }] }, bearer)).status).toBe(
      200,
    );
    expect(await states(pager)).toEqual(['1 open error null alert']);
    expect((await post(site, '/hooks/alertmanager', { alerts: [] }, bearer)).status).toBe(200);
    const faulty = await post(site, '/hooks/alertmanager', { alerts: [{ status: 'maybe' }] }, bearer);
    expect(faulty.status).toBe(400);
    expect(await faulty.json()).toMatchObject({ faults: [{ path: 'alerts.0.status' }] });
  });

  it('takes ten thousand alerts in a body of many megabytes, as pages that a person can read; refuses more than it bears', async () => {
    const { pager, site } = await open();
    const filler = 'x'.repeat(800);
    const many = Array.from({ length: 10_000 }, (_, i) =>
      alert({ fingerprint: `f${i}`, annotations: { summary: `pod ${i}`, description: filler } }),
    );
    const text = JSON.stringify(body(...many));
    expect(text.length).toBeGreaterThan(10_000_000);
    expect((await post(site, '/hooks/alertmanager', body(...many), bearer)).status).toBe(200);
    expect(await states(pager)).toHaveLength(1);
    const huge = await post(
      site,
      '/hooks/alertmanager',
      { alerts: [], filler: 'x'.repeat(17_000_000) },
      bearer,
    );
    expect(huge.status).toBe(413);
  });

  it('refuses whoever does not have the key, and everybody where there is none', async () => {
    const { pager, site } = await open();
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${alertKey}` }])
      expect((await post(site, '/hooks/alertmanager', body(alert()), headers)).status).toBe(401);
    const keyless = await openSite({ context: pager.context, queue: stillQueue }, { alertKey: undefined });
    expect(
      (await post(keyless, '/hooks/alertmanager', body(alert()), { authorization: 'Bearer ' })).status,
    ).toBe(401);
    expect(await states(pager)).toEqual([]);
  });
});

describe('/hooks/pagerduty', () => {
  const event = (event_action: string, more: object = {}) => ({
    routing_key: alertKey,
    event_action,
    ...more,
  });
  const payload = { summary: 'disk is full', source: 'db-1', severity: 'warning', component: 'db' };

  it('speaks Events v2: trigger, acknowledge, resolve, answered 202 with the key', async () => {
    const { pager, site } = await open();
    const send = (more: object) => post(site, '/hooks/pagerduty/v2/enqueue', more);
    const accepted = await send(event('trigger', { dedup_key: 'disk', payload }));
    expect([accepted.status, await accepted.json()]).toEqual([
      202,
      { status: 'success', message: 'Event processed', dedup_key: 'disk' },
    ]);
    await send(event('trigger', { dedup_key: 'disk', payload }));
    expect(await states(pager)).toEqual(['1 open warning db disk is full']);
    await send(event('acknowledge', { dedup_key: 'disk' }));
    expect(await states(pager)).toEqual(['1 acknowledged warning db disk is full']);
    await send(event('resolve', { dedup_key: 'disk' }));
    await send(event('acknowledge', { dedup_key: 'disk' }));
    await send(event('trigger', { dedup_key: 'disk', payload }));
    expect(await states(pager)).toEqual([
      '1 resolved warning db disk is full',
      '2 open warning db disk is full',
    ]);
  });

  it('makes a key up where there is none, refuses other keys and faulty events', async () => {
    const { pager, site } = await open();
    const made = await (await post(site, '/hooks/pagerduty', event('trigger', { payload }))).json();
    expect(made).toMatchObject({ dedup_key: expect.stringMatching(/.{20}/) });
    expect(
      (await post(site, '/hooks/pagerduty', { ...event('trigger', { payload }), routing_key: 'x' })).status,
    ).toBe(401);
    expect((await post(site, '/hooks/pagerduty', event('explode'))).status).toBe(400);
    expect((await post(site, '/hooks/pagerduty', event('resolve'))).status).toBe(400);
    expect(await states(pager)).toHaveLength(1);
  });

  it('an acknowledgement by a system is no person: without one the escalation begins again', async () => {
    const { pager, site } = await open();
    await post(site, '/hooks/pagerduty', event('trigger', { dedup_key: 'k', payload }));
    await post(site, '/hooks/pagerduty', event('acknowledge', { dedup_key: 'k' }));
    await pager.world.pump();
    const since = pager.world.clock.now();
    pager.told(since);
    await pager.after(3_600);
    expect(pager.told(since)).toEqual(['60:00 chat olga']);
    expect((await openPages(pager.context))[0]?.state).toBe('open');
  });
});

describe('/hooks/twilio', () => {
  const form = (site: Site, path: string, fields: Readonly<Record<string, string>>, token = authToken) =>
    fetch(`${site.url}${path}`, {
      method: 'POST',
      headers: { 'x-twilio-signature': twilioSignature(token, `${publicUrl}${path}`, fields) },
      body: new URLSearchParams(fields),
    });
  const olga = '+15550102';
  const raised = async () => {
    const all = await open();
    await all.pager.desk.say('dana', 'page raise api is down');
    return all;
  };

  it('signs as in Twilio’s own example', () => {
    // From Twilio's documentation of request validation.
    const fields = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675310',
      Digits: '1234',
      From: '+14158675310',
      To: '+18005551212',
    };
    expect(twilioSignature('12345', 'https://example.com/myapp.php?foo=1&bar=2', fields)).toBe(
      'L/OH5YylLD5NRKLltdqwSvS0BnU=',
    );
  });

  it('an SMS takes, passes on and resolves a page, once for each message', async () => {
    const { pager, site } = await raised();
    const sms = async (Body: string, MessageSid: string, From = olga) =>
      (await form(site, '/hooks/twilio/sms', { Body, MessageSid, From })).text();
    expect(await sms(' ack 1', 'SM1')).toContain('PAGE-1: olga has it.');
    expect(await sms('ACK PAGE-1', 'SM2', '+15550101')).toContain('It can be handed over');
    expect(await sms('hello', 'SM3')).toContain('Please answer ACK');
    expect(await sms('ack 1', 'SM4', '+15559999')).toContain('I do not know this number');
    expect(await sms('Resolve 1', 'SM5')).toContain('PAGE-1 is over.');
    expect(await sms('Resolve 1', 'SM5')).toContain('PAGE-1 is over.');
    expect(await states(pager)).toEqual(['1 resolved critical api is down']);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('a key takes a page in a call; a second press on what was escalated meanwhile does nothing', async () => {
    const { pager, site } = await raised();
    const press = async (Digits: string, level: number, CallSid: string) =>
      (await form(site, `/hooks/twilio/keys?page=1&level=${level}`, { Digits, CallSid, To: olga })).text();
    await press('2', 1, 'CA1');
    await press('2', 1, 'CA2');
    expect((await openPages(pager.context))[0]?.level).toBe(2);
    expect(await press('1', 2, 'CA3')).toContain('olga has it');
    expect(await states(pager)).toEqual(['1 acknowledged critical api is down']);
  });

  it('a call to the number is a page before anybody answers, once for each call', async () => {
    const { pager, site } = await open();
    const call = { CallSid: 'CA7', From: '+15557777', To: '+15550000' };
    expect(await (await form(site, '/hooks/twilio/voice', call)).text()).toContain('page 1');
    expect(await (await form(site, '/hooks/twilio/voice', call)).text()).toContain('page 1');
    expect(await states(pager)).toEqual([
      '1 open critical null A call from +15557777 asks for whoever is on call',
    ]);
  });

  it('refuses what is not signed for this address', async () => {
    const { pager, site } = await raised();
    const forged = await form(
      site,
      '/hooks/twilio/sms',
      { Body: 'ack 1', MessageSid: 'SM1', From: olga },
      'guess',
    );
    expect(forged.status).toBe(401);
    expect(await states(pager)).toEqual(['1 open critical api is down']);
  });
});

describe('Twilio', () => {
  const provider = async (
    answers: readonly { status: number; body: object; headers?: Record<string, string> }[],
  ) => {
    const asked: { path: string; authorization: string; fields: Record<string, string> }[] = [];
    const server = createServer((req, res) => {
      let text = '';
      req.on('data', (data) => {
        text += data;
      });
      req.on('end', () => {
        const answer = answers[asked.length] ?? { status: 500, body: {} };
        asked.push({
          path: req.url ?? '',
          authorization: req.headers.authorization ?? '',
          fields: Object.fromEntries(new URLSearchParams(text)),
        });
        if (answer.status === 0) return void res.destroy();
        res.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
        res.end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve(undefined))));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const twilio = createTwilio({
      accountSid: 'AC1',
      authToken: reveal(authToken),
      from: '+15550000',
      apiUrl: `http://127.0.0.1:${port}`,
      publicUrl,
    });
    return { twilio, asked };
  };

  it('is asked as its REST API is, with the keys’ address in the call', async () => {
    const { twilio, asked } = await provider([
      { status: 201, body: { sid: 'SM1' } },
      { status: 201, body: { sid: 'CA1' } },
    ]);
    expect(await twilio.sms('+15550102', 'PAGE-1 <api> & more', 7)).toBe('SM1');
    expect(await twilio.call('+15550102', { text: 'api <is> down', page: 3, level: 2, send: 8 })).toBe('CA1');
    expect(asked[0]).toEqual({
      path: '/2010-04-01/Accounts/AC1/Messages.json',
      authorization: `Basic ${Buffer.from(`AC1:${authToken}`).toString('base64')}`,
      fields: {
        To: '+15550102',
        From: '+15550000',
        Body: 'PAGE-1 <api> & more',
        StatusCallback: `${publicUrl}/hooks/twilio/status?send=7`,
      },
    });
    expect(asked[1]?.path).toBe('/2010-04-01/Accounts/AC1/Calls.json');
    expect(asked[1]?.fields['Twiml']).toContain(`${publicUrl}/hooks/twilio/keys?page=3&#38;level=2`);
    expect(asked[1]?.fields['Twiml']).toContain('api &#60;is&#62; down');
  });

  it('that fails says whether it is worth another try', async () => {
    const { twilio } = await provider([
      { status: 400, body: { code: 21_211 } },
      { status: 429, body: {}, headers: { 'retry-after': '7' } },
      { status: 503, body: {} },
      { status: 0, body: {} },
    ]);
    const outcome = () =>
      twilio.sms('+1', 'x', 1).then(
        () => 'sent',
        (error: { outcome: string; code: string; retryAfterMs: number }) =>
          `${error.outcome} ${error.code} ${error.retryAfterMs}`,
      );
    expect(await outcome()).toBe('refused http-400-21211 1000');
    expect(await outcome()).toBe('retry http-429 7000');
    expect(await outcome()).toBe('retry http-503 1000');
    expect(await outcome()).toBe('unknown no-answer 1000');
  });
});
