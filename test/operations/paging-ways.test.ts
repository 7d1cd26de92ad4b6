import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sendPageJob } from '../../jobs/send-page.ts';
import type { Platform, PlatformName } from '../../src/chat/platform.ts';
import { createSmtp } from '../../src/integrations/smtp.ts';
import { createTwilio } from '../../src/integrations/twilio.ts';
import { createPagerDuty, createWebhook } from '../../src/integrations/webhook.ts';
import { answerLinks } from '../../src/operations/answer-link.ts';
import { acknowledgePage, resolvePage } from '../../src/operations/answer-page.ts';
import { openPages } from '../../src/operations/find-pages.ts';
import { raisePage } from '../../src/operations/raise-by-hand.ts';
import { nextSend } from '../../src/operations/send-page.ts';
import { openPager, type Pager, pagingShop } from '../support/pager.ts';
import { type Answered, protocolServer, type Received } from '../support/protocol-server.ts';
import { type SmtpServer, smtpServer } from '../support/smtp-server.ts';
import { type TwilioServer, twilioServer } from '../support/twilio-server.ts';
import { openSite, type Site, secret, stillQueue } from '../web/site.ts';

const monday = '2026-11-23T12:00:00Z';
const publicUrl = 'https://signalbox.shop.example';
const authToken = 'a twilio token of the test';
const secrets: Readonly<Record<string, string>> = { ops: 'the key of ops', payments: 'a routing key' };
const olga = '+15550102';

/** olga alone, by ways of her own; then omar after ten minutes. */
const shopWith = (person: string, more = ''): string =>
  pagingShop(`
oncall:
  escalations:
    default: [{ page: [person:olga] }, { after: 10m, page: [person:omar] }]
${more}
channels: {}
`).replace(
    `  olga: { phone: "${olga}" }`,
    `  olga: { phone: "${olga}", email: olga@shop.example, ${person} }`,
  );

interface Outside {
  readonly pager: Pager;
  readonly site: Site;
  readonly mail: SmtpServer;
  readonly twilio: TwilioServer;
  /** Of the webhook and of PagerDuty. */
  readonly posted: readonly Received[];
  /** How the systems answer; by default 202. */
  readonly system: { answer: Answered };
}

/** The bot between providers of the test's own, each of which speaks its protocol. */
const open = async (policy: (webhookUrl: string) => string): Promise<Outside> => {
  const noted: { note: (way: 'sms' | 'voice' | 'email' | 'webhook', to: string, text: string) => void } = {
    note: () => {},
  };
  const where = { url: '' };
  const mail = await smtpServer(({ to, text }) => noted.note('email', to.join(), text));
  const twilio = await twilioServer({
    publicUrl,
    authToken,
    siteUrl: () => where.url,
    onSms: (to, text) => noted.note('sms', to, text),
    onCall: (to, text) => noted.note('voice', to, text),
  });
  const system: { answer: Answered } = { answer: { status: 202, body: { status: 'success' } } };
  const systems = await protocolServer(({ path, body }) => {
    noted.note('webhook', path, body);
    return system.answer;
  });
  const pager = await openPager(policy(`${systems.url}/pages`), monday, (note, world) => {
    noted.note = note;
    return {
      telephony: createTwilio({
        accountSid: 'AC1',
        authToken: { reveal: () => authToken },
        from: '+15550000',
        apiUrl: twilio.url,
        publicUrl,
      }),
      mailer: createSmtp({ url: { reveal: () => mail.url }, from: 'Signalbox <signalbox@shop.example>' }),
      webhook: createWebhook((name) => secrets[name], world.clock),
      pagerduty: createPagerDuty(systems.url, (name) => secrets[name]),
      answerLink: answerLinks(publicUrl, { reveal: () => secret }),
    };
  });
  const site = await openSite(
    { context: pager.context, queue: stillQueue },
    { twilioToken: { reveal: () => authToken }, publicUrl },
  );
  where.url = site.url;
  return { pager, site, mail, twilio, posted: systems.received, system };
};
const raise = async ({ pager }: Outside, key = 'r1'): Promise<void> => {
  await raisePage(pager.context, pager.world.cause('dana'), { key, summary: `api is down ${key}` });
  await pager.world.pump();
};
const resolve = ({ pager }: Outside, page = 'PAGE-1'): Promise<void> =>
  resolvePage(pager.context, pager.world.cause('olga'), { page });

describe('by e-mail', () => {
  const mailing = () => open(() => shopWith('pages: [{ by: email }, { by: sms, after: 5m }]'));

  it('a page has links; to look at one answers nothing, its button does, for one person and one page', async () => {
    const all = await mailing();
    const { pager, site, mail } = all;
    await raise(all);
    const [sent] = mail.mails;
    expect(sent?.to).toEqual(['olga@shop.example']);
    expect(sent?.user).toBe('mailer');
    expect(sent?.headers.get('subject')).toContain('PAGE-1 critical: api is down');
    expect(sent?.headers.get('message-id')).toBe('<page-send.1@shop.example>');
    const [ack = '', over = ''] = [...(sent?.text.matchAll(/https:\S+/g) ?? [])].map(([url]) =>
      url.replace(publicUrl, site.url),
    );
    // A scanner reads every link, some of them twice.
    for (const url of [ack, over, ack]) {
      const looked = await fetch(url);
      expect([looked.status, await looked.text()]).toEqual([200, expect.stringContaining('<button>')]);
    }
    expect((await openPages(pager.context))[0]?.state).toBe('open');
    // Not of another page, person or deed, and not without the key.
    for (const url of [
      ack.replace('/ack/', '/resolve/'),
      ack.replace('/1/', '/2/'),
      ack.replace('/olga/', '/omar/'),
      ack.replace(/\?key=.*/, ''),
    ])
      expect((await fetch(url, { method: 'POST' })).status).toBe(403);
    expect((await openPages(pager.context))[0]?.state).toBe('open');
    expect(await (await fetch(ack, { method: 'POST' })).text()).toContain('olga has it');
    expect((await fetch(ack, { method: 'POST' })).status).toBe(200);
    expect((await openPages(pager.context))[0]).toMatchObject({ state: 'acknowledged', owner: 'olga' });
    expect((await fetch(over, { method: 'DELETE' })).status).toBe(405);
    expect((await fetch(over, { method: 'POST' })).status).toBe(200);
    expect(await openPages(pager.context)).toEqual([]);
    // Stale: the present state is shown.
    const stale = await fetch(ack, { method: 'POST' });
    expect([stale.status, await stale.text()]).toEqual([409, expect.stringContaining('It is over')]);
    expect(await pager.hourLater()).toEqual([]);
    pager.world.clock.advance(24 * 3_600_000);
    expect((await fetch(ack)).status).toBe(410);
  });

  it('a mailbox that is refused brings the SMS at once; a server that is busy too, and gets the mail later', async () => {
    for (const [mood, later] of [
      ['refuse', []],
      ['busy', ['00:03 email olga@shop.example']],
    ] as const) {
      const all = await mailing();
      const since = all.pager.world.clock.now();
      all.mail.mood = mood;
      await raise(all);
      expect(all.pager.told(since)).toEqual([`00:00 sms ${olga}`]);
      await all.pager.after(2);
      all.mail.mood = 'accept';
      await all.pager.after(30);
      expect(all.pager.told(since)).toEqual(later);
      await resolve(all);
      expect(await all.pager.hourLater()).toEqual([]);
    }
  });
});

describe('systems that are told', () => {
  it('a webhook is signed, names the repeat, has the links, and hears of the answer', async () => {
    const all = await open((url) =>
      shopWith(`webhook: { url: "${url}", secret: ops }, pages: [{ by: webhook }]`),
    );
    const { pager, posted, site } = all;
    await raise(all);
    const [first] = posted;
    const { headers = {}, body = '' } = first ?? {};
    expect(headers['x-signalbox-signature']).toBe(
      `sha256=${createHmac('sha256', secrets['ops'] ?? '')
        .update(`${headers['x-signalbox-timestamp']}.${body}`)
        .digest('hex')}`,
    );
    expect(headers['idempotency-key']).toBe('page-send/1');
    const told = JSON.parse(body);
    expect(told).toMatchObject({ event: 'page', page: 'PAGE-1', state: 'open', person: 'olga' });
    const taken = await fetch(told.links.acknowledge.replace(publicUrl, site.url), { method: 'POST' });
    expect(taken.status).toBe(200);
    await pager.world.pump();
    await resolve(all);
    await pager.world.pump();
    expect(posted.slice(1).map((one) => JSON.parse(one.body))).toMatchObject([
      { event: 'update', state: 'acknowledged', owner: 'olga' },
      { event: 'update', state: 'resolved' },
    ]);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('PagerDuty has one incident for one page: triggered, acknowledged, resolved by the same key, in this order', async () => {
    const all = await open(() =>
      shopWith('pagerduty: payments, pages: [{ by: pagerduty }, { by: sms, after: 5m }]'),
    );
    const { pager, posted, system } = all;
    await raise(all);
    await acknowledgePage(pager.context, pager.world.cause('omar'), { page: 'PAGE-1' });
    await pager.world.pump();
    system.answer = { status: 500 };
    await resolve(all);
    await pager.world.pump();
    system.answer = { status: 202 };
    await pager.after(5);
    const events = posted.map(({ path, body }) => ({ path, ...JSON.parse(body) }));
    expect(events.map(({ event_action: action }) => action)).toEqual([
      'trigger',
      'acknowledge',
      'resolve',
      'resolve',
    ]);
    expect(new Set(events.map(({ dedup_key: key }) => key)).size).toBe(1);
    expect(events[0]).toMatchObject({
      path: '/v2/enqueue',
      routing_key: 'a routing key',
      payload: { summary: 'PAGE-1 api is down r1', severity: 'critical', source: 'signalbox' },
    });
    expect(await pager.hourLater()).toEqual([]);
    // Refused for good: the person's next way at once.
    const since = pager.world.clock.now();
    system.answer = { status: 400 };
    await raise(all, 'r2');
    expect(pager.told(since)).toEqual(['00:00 webhook /v2/enqueue', `00:00 sms ${olga}`]);
    await resolve(all, 'PAGE-2');
    // It was never told: what has become of the page is told once, to be sure, and refused.
    expect(await pager.hourLater()).toEqual(['00:00 webhook /v2/enqueue']);
  });

  it('an answer does not overtake what is still on its way to the system', async () => {
    const all = await open(() => shopWith('pagerduty: payments, pages: [{ by: pagerduty }]'));
    const { pager, posted } = all;
    await raisePage(pager.context, pager.world.cause('dana'), { key: 'r1', summary: 'down' });
    const trigger = await nextSend(pager.context, 1);
    await resolve(all);
    const update = pager.world.bell.rings.find(({ payload }) => Number(payload['id']) > 1);
    expect(await nextSend(pager.context, Number(update?.payload['id']))).toBeUndefined();
    await trigger?.sent({ id: 'taken' });
    expect(await nextSend(pager.context, Number(update?.payload['id']))).toBeDefined();
    expect(posted).toEqual([]);
  });
});

describe('a provider', () => {
  it('that accepted and never delivered brings the next way at once; told twice, once', async () => {
    const all = await open(() => shopWith('pages: [{ by: sms }, { by: email, after: 5m }]'));
    const { pager, twilio } = all;
    for (const status of ['undelivered', 'failed'] as const) {
      const since = pager.world.clock.now();
      twilio.messageStatus = status;
      twilio.repeats = 2;
      await raise(all, status);
      await twilio.settle();
      await pager.world.pump();
      expect(pager.told(since)).toEqual([`00:00 sms ${olga}`, '00:00 email olga@shop.example']);
      const [page] = await openPages(pager.context);
      await resolve(all, `PAGE-${page?.id}`);
    }
    expect(await pager.hourLater()).toEqual([]);
  });

  it('whose every way is undelivered: the next step at once', async () => {
    const all = await open(() => shopWith('pages: [{ by: sms }]'));
    const { pager, twilio } = all;
    const since = pager.world.clock.now();
    twilio.messageStatus = 'undelivered';
    await raise(all);
    await twilio.settle();
    await pager.world.pump();
    expect(pager.told(since)).toEqual([`00:00 sms ${olga}`, '00:00 chat omar']);
    await resolve(all);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('a call that nobody answers brings the next way at once, and comes again within three minutes; a key ends it', async () => {
    const all = await open(() => shopWith('pages: [{ by: voice }, { by: email, after: 9m }]'));
    const { pager, twilio } = all;
    const since = pager.world.clock.now();
    await raise(all);
    await twilio.settle();
    await pager.world.pump();
    expect(pager.told(since)).toEqual([`00:00 voice ${olga}`, '00:00 email olga@shop.example']);
    twilio.phones.set(olga, '1');
    await pager.after(180);
    await twilio.settle();
    expect(pager.told(since)).toEqual([`03:00 voice ${olga}`]);
    expect((await openPages(pager.context))[0]).toMatchObject({ state: 'acknowledged', owner: 'olga' });
    await resolve(all);
    expect(await pager.hourLater()).toEqual([]);
  });

  it('that answers 500 or drops the line brings the next way at once, and is asked again', async () => {
    const all = await open(() => shopWith('pages: [{ by: sms }, { by: email, after: 5m }]'));
    const { pager, twilio } = all;
    for (const fault of [500, 'drop'] as const) {
      const since = pager.world.clock.now();
      twilio.fault = fault;
      await raise(all, String(fault));
      expect(pager.told(since)).toEqual(['00:00 email olga@shop.example']);
      twilio.fault = 'none';
      await pager.after(5);
      expect(pager.told(since)).toEqual([`00:01 sms ${olga}`]);
      const [page] = await openPages(pager.context);
      await resolve(all, `PAGE-${page?.id}`);
    }
    expect(await pager.hourLater()).toEqual([]);
  });

  it('that never answers holds up nobody: the next way is taken while it is waited for', async () => {
    const all = await open(() => shopWith('pages: [{ by: chat }, { by: sms, after: 5m }]'));
    const { pager } = all;
    await raisePage(pager.context, pager.world.cause('dana'), { key: 'r1', summary: 'down' });
    const silent: Platform = {
      name: 'console',
      post: () => new Promise(() => {}),
      update: async () => undefined,
    };
    const platforms: ReadonlyMap<PlatformName, Platform> = new Map([['console', silent]]);
    const since = pager.world.clock.now();
    const sending = sendPageJob(pager.context, platforms, { slowMs: 100, mostMs: 2_000 })({ id: 1 });
    pager.world.hear('send-page', async ({ id }) => {
      if (Number(id) !== 1) await sendPageJob(pager.context, platforms)({ id: Number(id) });
    });
    // Real seconds: the timers of a send are the machine's.
    while (!pager.left.some(({ way }) => way === 'sms')) {
      await new Promise((done) => setTimeout(done, 20));
      await pager.world.pump();
    }
    expect(pager.told(since)).toEqual([`00:00 sms ${olga}`]);
    await resolve(all);
    await sending;
    expect(await pager.hourLater()).toEqual([]);
  });
});

describe('limits', () => {
  it('of a telephone are kept whatever is raised and however many send; what is over them waits and is not lost', async () => {
    const all = await open(() =>
      shopWith('pages: [{ by: sms }]', '  limits: { sms: 3 }').replace('after: 10m', 'after: 5h'),
    );
    const { pager } = all;
    const since = pager.world.clock.now();
    for (let n = 0; n < 7; n += 1)
      await raisePage(pager.context, pager.world.cause('dana'), { key: `r${n}`, summary: `down ${n}` });
    const sends = pager.world.bell.rings.filter(({ name }) => name === 'send-page');
    const other = await pager.world.instance(pager.context);
    await Promise.all(
      sends.map(({ payload }, n) =>
        sendPageJob(n % 2 === 0 ? pager.context : other, new Map())({ id: Number(payload['id']) }),
      ),
    );
    expect(pager.told(since)).toEqual(Array.from({ length: 3 }, () => `00:00 sms ${olga}`));
    await pager.after(15 * 60);
    expect(pager.told(since)).toEqual(Array.from({ length: 3 }, () => `15:00 sms ${olga}`));
    for (const { id } of await openPages(pager.context)) await resolve(all, `PAGE-${id}`);
    expect(await pager.hourLater()).toEqual([]);
  });
});

describe('a clock', () => {
  it('that is set back makes no page wait for it to catch up', async () => {
    const all = await open(() => shopWith('pages: [{ by: chat }, { by: sms, after: 5m }]'));
    const { pager } = all;
    await raise(all);
    pager.told(pager.world.clock.now());
    pager.world.clock.set(new Date('2026-11-23T09:00:00Z'));
    const since = pager.world.clock.now();
    await pager.world.sweep();
    await pager.after(10 * 60);
    expect(pager.told(since)).toEqual([`05:00 sms ${olga}`, '10:00 chat omar']);
    await resolve(all);
    expect(await pager.hourLater()).toEqual([]);
  });
});
