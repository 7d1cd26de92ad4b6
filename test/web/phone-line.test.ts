import { describe, expect, it } from 'vitest';
import { createTwilio } from '../../src/integrations/twilio.ts';
import { acknowledgePage, resolvePage } from '../../src/operations/answer-page.ts';
import { describePage } from '../../src/operations/find-pages.ts';
import { openPager, type Pager, pagingShop } from '../support/pager.ts';
import { type TwilioServer, twilioServer } from '../support/twilio-server.ts';
import { openSite, type Site, stillQueue } from './site.ts';

const authToken = 'a twilio token of the test';
const publicUrl = 'https://signalbox.shop.example/box';
const monday = '2026-11-23T12:00:00Z';
const caller = '+15557777';
const [omar, olga, dana] = ['+15550101', '+15550102', '+15550103'];

const oncall = (line = ''): string => `
oncall:
  schedules:
    operations: { rotation: { weekly: [omar, olga], start: 2026-11-16 } }
  escalations:
    default:
      - { after: 0m, page: [schedule:operations] }
      - { after: 5m, page: [role:operations] }
    developers: [{ page: [person:dana] }, { after: 5m, page: [schedule:operations] }]
  catchAll: [role:release-manager]
${line}
channels: {}
`;
const withMenu = '  line: { services: [web, api] }';

const open = async (line = ''): Promise<{ pager: Pager; site: Site; twilio: TwilioServer }> => {
  const noted: { note: (way: 'sms' | 'voice', to: string, text: string) => void } = { note: () => {} };
  const where = { url: '' };
  const twilio = await twilioServer({
    publicUrl,
    authToken,
    siteUrl: () => where.url,
    onSms: (to, text) => noted.note('sms', to, text),
    onCall: (to, text) => noted.note('voice', to, text),
  });
  const policy = pagingShop(oncall(line)).replace('  api: {', '  api: { escalation: developers,');
  const pager = await openPager(policy, monday, (note) => {
    noted.note = note;
    return {
      telephony: createTwilio({
        accountSid: 'AC1',
        authToken: { reveal: () => authToken },
        from: '+15550000',
        apiUrl: twilio.url,
        publicUrl,
      }),
    };
  });
  // A proxy has taken the prefix off.
  const site = await openSite(
    { context: pager.context, queue: stillQueue },
    { twilioToken: { reveal: () => authToken }, publicUrl },
  );
  where.url = site.url;
  return { pager, site, twilio };
};
const states = async ({ context }: Pager) =>
  (await context.store.db.selectFrom('page').selectAll().orderBy('id').execute()).map(
    ({ id, state, owner, service, summary }) => `${id} ${state} ${owner} ${service} ${summary}`,
  );

describe('the number that is always answered', () => {
  it('is a page before anybody answers, rings whoever is on call, and connects when a human presses 1', async () => {
    const { pager, twilio } = await open();
    twilio.phones.set(olga, '1');
    const heard = await twilio.call('CA1', caller);
    expect(heard).toEqual([
      'Your call is page 1.',
      'Whoever is on call is being told. Please stay on the line.',
      `rings ${olga}`,
      `${olga} hears: Signalbox. A call from + 1 5 5 5 7 7 7 7. Press 1 to take it.`,
      `${olga} hears: Signalbox. A call from + 1 5 5 5 7 7 7 7. Press 1 to take it.`,
      `${olga} hears: You are connected.`,
      `talks to ${olga}`,
      'Goodbye.',
      'hung up',
    ]);
    expect(await states(pager)).toEqual([
      `1 acknowledged olga null A call from ${caller} asks for whoever is on call`,
    ]);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
  });

  it('hunts on after no answer, a busy line and a machine, each person once, while the page escalates as ever', async () => {
    const { pager, twilio } = await open();
    twilio.phones.set(olga, 'machine').set(omar, 'busy').set(dana, '1');
    const heard = await twilio.call('CA1', caller, { speaks: 23 });
    expect(heard.filter((line) => /^rings|^talks|after the tone|Thank you/.test(line))).toEqual([
      `rings ${olga}`,
      `rings ${omar}`,
      'Nobody could be reached yet. They are still being paged. Please say what is wrong after the tone.',
      'Thank you. You will be called back.',
    ]);
    await twilio.settle();
    const { alerts } = await describePage(pager.context, 'PAGE-1', pager.world.clock.now());
    expect(alerts).toMatchObject([
      { url: 'https://api.twilio.example/Recordings/RE-CA1', details: { Voicemail: '23 s' } },
    ]);
    // L10: voicemail ends nothing.
    const since = pager.world.clock.now();
    await pager.after(5 * 60);
    await twilio.settle();
    expect(pager.told(since)).toEqual([
      '00:00 chat olga',
      `02:00 sms ${olga}`,
      `05:00 voice ${olga}`,
      '05:00 chat omar',
      '05:00 chat olga',
    ]);
    await resolvePage(pager.context, pager.world.cause('omar'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
  });

  it('asks what it is about, and rings those who answer for it; nobody else is paged meanwhile', async () => {
    const { pager, twilio } = await open(withMenu);
    twilio.phones.set(dana, '5').set(olga, '1');
    const since = pager.world.clock.now();
    const heard = await twilio.call('CA1', caller, { presses: ['2'] });
    await pager.world.pump();
    expect(heard).toContain('For web, press 1. For api, press 2.');
    // Another key than 1 is a no.
    expect(heard.filter((line) => /^rings|^talks/.test(line))).toEqual([
      `rings ${dana}`,
      `rings ${olga}`,
      `talks to ${olga}`,
    ]);
    expect(await states(pager)).toEqual([`1 acknowledged olga api A call from ${caller} about api`]);
    expect(pager.told(since)).toEqual([]);
    await resolvePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
    expect(await pager.hourLater()).toEqual([]);
  });

  it('a caller who hangs up, wherever that is, has paged somebody all the same', async () => {
    for (const [hangsUp, line] of [
      ['at-menu', withMenu],
      ['while-ringing', ''],
      ['while-recording', ''],
    ] as const) {
      const { pager, twilio } = await open(line);
      const since = pager.world.clock.now();
      const heard = await twilio.call('CA1', caller, { hangsUp, speaks: 5 });
      expect(heard.at(-1)).toBe('hung up');
      await twilio.settle();
      await pager.after(60);
      expect(pager.told(since)).toEqual([hangsUp === 'at-menu' ? '00:20 chat olga' : '00:00 chat olga']);
      const { alerts } = await describePage(pager.context, 'PAGE-1', pager.world.clock.now());
      expect(alerts[0]?.details['Voicemail']).toBe(hangsUp === 'while-recording' ? '5 s' : undefined);
      await acknowledgePage(pager.context, pager.world.cause('olga'), { page: 'PAGE-1' });
      expect(await pager.hourLater()).toEqual(['60:00 chat olga']);
    }
  });

  it('is harmless when every request comes three times', async () => {
    const { pager, twilio } = await open(withMenu);
    twilio.phones.set(dana, 'machine').set(olga, '1');
    twilio.repeats = 3;
    const heard = await twilio.call('CA1', caller, { presses: ['2'], speaks: 5 });
    await twilio.settle();
    expect(heard.filter((line) => /^rings|^talks/.test(line))).toEqual([
      `rings ${dana}`,
      `rings ${olga}`,
      `talks to ${olga}`,
    ]);
    expect(await states(pager)).toEqual([`1 acknowledged olga api A call from ${caller} about api`]);
    expect(await pager.world.audit('paged')).toHaveLength(1);
    expect(await pager.world.audit('page-escalated')).toHaveLength(1);
    expect(await pager.world.audit('page-acknowledged')).toHaveLength(1);
    expect(await pager.hourLater()).toEqual(['60:00 chat olga']);
  });

  it('the same caller again gets whoever has the page; nobody who can be rung is voicemail at once', async () => {
    const { pager, twilio } = await open();
    await twilio.call('CA1', caller);
    await acknowledgePage(pager.context, pager.world.cause('omar'), { page: 'PAGE-1' });
    twilio.phones.set(omar, '1');
    expect((await twilio.call('CA2', caller)).filter((line) => /^rings|^Your/.test(line))).toEqual([
      'Your call is page 1.',
      `rings ${omar}`,
    ]);
    // The one on call calls: their own telephone is not rung.
    expect((await twilio.call('CA3', olga)).filter((line) => /^rings/.test(line))).toEqual([`rings ${omar}`]);
    await pager.world.reload(pagingShop('\noncall: { catchAll: [person:quinn] }\nchannels: {}\n'));
    expect(await twilio.call('CA4', '+15558888')).toEqual([
      'Your call is page 3.',
      'Whoever is on call is being told. Please stay on the line.',
      'Nobody could be reached yet. They are still being paged. Please say what is wrong after the tone.',
      'Nothing was recorded. You will be called back.',
      'the end',
    ]);
    for (const page of ['PAGE-1', 'PAGE-2', 'PAGE-3'])
      await resolvePage(pager.context, pager.world.cause('omar'), { page });
    expect(await pager.hourLater()).toEqual([]);
  });

  it('believes nobody who does not sign', async () => {
    const { pager, site } = await open();
    for (const path of ['voice', 'line-next?leg=0', 'line-take?call=CA1&leg=0', 'status?send=1'])
      expect(
        (
          await fetch(`${site.url}/hooks/twilio/${path}`, {
            method: 'POST',
            headers: { 'x-twilio-signature': 'Zm9yZ2Vk' },
            body: new URLSearchParams({ CallSid: 'CA1', Digits: '1' }),
          })
        ).status,
      ).toBe(401);
    expect(await states(pager)).toEqual([]);
  });
});
