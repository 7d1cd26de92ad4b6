/** Pages told as stories, in Slack and in Teams, with telephones beside them; each ends with an hour in which nothing unexpected leaves. */
import { describe, expect, it } from 'vitest';
import { createJobs } from '../../jobs/index.ts';
import type { Platform, PlatformName } from '../../src/chat/platform.ts';
import type { Telephony } from '../../src/integrations/integration.ts';
import type { Context } from '../../src/operations/context.ts';
import { openPages } from '../../src/operations/find-pages.ts';
import { type Firing, receiveAlerts } from '../../src/operations/raise-page.ts';
import { anHour } from '../support/pager.ts';
import { shop } from '../support/shop.ts';
import { idOf, titleOf, wordsOf } from '../support/slack-chat.ts';
import { linesOf } from '../support/teams-people.ts';
import { aad, company } from '../support/teams-server.ts';
import { startWithin } from '../support/within.ts';
import type { World } from '../support/world.ts';

const monday = '2026-11-23T12:00:00Z';
const phones: Readonly<Record<string, string>> = { omar: '+15550101', olga: '+15550102' };

/** olga's week; then everybody of operations, and the channel. */
const policyWith = (accountOf: (name: string) => string, channel: string): string =>
  `${shop().replace(/^ {2}(\w+): \{(?: slack: \w+ )?\}$/gm, (_, name: string) => {
    const phone = phones[name];
    return `  ${name}: { ${accountOf(name)}${phone === undefined ? '' : `, phone: "${phone}"`} }`;
  })}
oncall:
  schedules:
    operations: { rotation: { weekly: [omar, olga], start: 2026-11-16 } }
  escalations:
    default:
      - { after: 0m, page: [schedule:operations, channel:oncall] }
      - { after: 6m, page: [role:operations] }
  catchAll: [role:release-manager]
channels: { oncall: ${channel} }
`;

const firing: Firing = {
  key: 'k1',
  recurs: false,
  severity: 'critical',
  summary: 'checkout answers nobody',
  service: 'api',
  details: { runbook: 'https://runbooks.shop.example/api' },
  startedAt: new Date(monday),
};

/** Telephones that note what reaches them. */
const telephones = (): { readonly rung: string[]; readonly telephony: Telephony } => {
  const rung: string[] = [];
  const note = (line: string): Promise<string> => Promise.resolve(String(rung.push(line)));
  return {
    rung,
    telephony: {
      sms: (to) => note(`sms ${to}`),
      call: (to) => note(`voice ${to}`),
    },
  };
};

/** The world's bells are answered by the real jobs. */
const work = (world: World, platforms: ReadonlyMap<PlatformName, Platform>): void => {
  const jobs = createJobs(world.context, platforms);
  const running = { signal: new AbortController().signal, attempt: 1 };
  world.hear('send-page', ({ id }) => jobs['send-page']({ id: Number(id) }));
  world.hear('ring-page', ({ id }) => jobs['ring-page']({ id: Number(id) }));
  world.hear('refresh-card', ({ subject }) => jobs['refresh-card']({ subject: String(subject) }, running));
};

const alert = async ({ world }: { readonly world: World }, ended: readonly string[] = []): Promise<void> => {
  world.clock.set(new Date(monday));
  await receiveAlerts(world.context, world.cause('system:prometheus'), {
    source: 'prometheus',
    firing: ended.length === 0 ? [firing] : [],
    ended,
  });
  await world.pump();
};
const later = (world: World, seconds: number): Promise<void> =>
  world.advance(new Date(world.clock.now().getTime() + seconds * 1_000));
const stateOf = async (context: Context) =>
  (await openPages(context)).map(({ state, owner }) => [state, owner]);

describe('in Slack', () => {
  const open = async () => {
    const { rung, telephony } = telephones();
    const policy = policyWith((name) => `slack: ${idOf(name)}`, '{ slack: C01ONC }');
    const { world, slack: room } = await startWithin(['slack http'], policy, { context: { telephony } });
    if (room === undefined) throw new Error('no Slack');
    work(world, new Map([['slack', room.app.platform]]));
    const posted = (channel: string) => room.slack.in(channel);
    return { ...room, world, rung, posted, olga: () => posted(`D${idOf('olga')}`) };
  };

  it('whoever is on call gets a direct message and is called by name in the channel, takes it, and all copies show it', async () => {
    const { world, slack, rung, posted, olga, app } = await open();
    await alert({ world });
    expect(olga().map(titleOf)).toEqual(['⛔ PAGE-1 api: checkout answers nobody']);
    const [shared] = posted('C01ONC');
    expect(JSON.stringify(shared?.blocks)).toContain(`<@${idOf('olga')}>`);
    await later(world, 60);
    const [message] = olga();
    if (message === undefined) throw new Error('no message');
    const delivered = await slack.click(idOf('olga'), message, 'Acknowledge');
    expect(delivered.status).toBe(200);
    await app.idle();
    await world.pump();
    expect(await stateOf(world.context)).toEqual([['acknowledged', 'olga']]);
    for (const channel of [`D${idOf('olga')}`, 'C01ONC'])
      expect(wordsOf(posted(channel)[0] ?? message)).toContain('olga has it');
    const before = slack.messages.length;
    await anHour(world);
    // The reminder, and nothing else.
    expect(slack.messages.slice(before).map(({ channel }) => channel)).toEqual([`D${idOf('olga')}`]);
    expect(rung).toEqual([]);
    const reminder = olga().at(-1) ?? message;
    await slack.click(idOf('olga'), reminder, 'Resolve');
    await app.idle();
    await world.pump();
    expect(await openPages(world.context)).toEqual([]);
    const settled = slack.messages.length;
    await anHour(world);
    expect([slack.messages.length, rung]).toEqual([settled, []]);
  });

  it('that is away or never answers: the telephone at once, and the message as soon as it is back', async () => {
    for (const how of ['away', 'lost'] as const) {
      const { world, slack, rung, olga } = await open();
      slack.trouble.set('*', how);
      await alert({ world });
      expect(rung).toEqual(['sms +15550102']);
      slack.trouble.clear();
      await later(world, 60);
      // Also what Slack had taken without saying so is there once.
      expect(olga().map(titleOf)).toEqual(['⛔ PAGE-1 api: checkout answers nobody']);
      expect(rung).toEqual(['sms +15550102']);
      await alert({ world }, ['k1']);
      expect(await openPages(world.context)).toEqual([]);
      const settled = slack.messages.length;
      await anHour(world);
      expect([slack.messages.length, rung]).toEqual([settled, ['sms +15550102']]);
    }
  });
});

describe('in Teams', () => {
  it('whoever is on call gets a personal message and is mentioned in the channel, takes it, and all copies show it', async () => {
    const { rung, telephony } = telephones();
    const policy = policyWith((name) => `teams: ${aad(name)}`, `{ teams: "${company.channel}" }`);
    const { world, teams: room } = await startWithin(['teams'], policy, { context: { telephony } });
    if (room === undefined) throw new Error('no Teams');
    const { server, press, say, settled, teams } = room;
    // Teams finds those who have installed the app.
    await say('olga', 'page', {
      id: `a:${aad('olga')}`,
      conversationType: 'personal',
      tenantId: company.tenant,
    });
    await settled();
    work(world, new Map([['teams', teams.platform]]));
    const asked = server.messages.length;
    await alert({ world });
    const fresh = () => server.messages.slice(asked);
    const own = () => fresh().filter(({ conversation }) => conversation === `a:${aad('olga')}`);
    expect(own().map(({ activity }) => linesOf(activity)[0])).toEqual([
      expect.stringContaining('PAGE-1 api: checkout answers nobody'),
    ]);
    const shared = fresh().find(({ conversation }) => conversation.startsWith(company.channel));
    expect(JSON.stringify(shared?.activity)).toContain('<at>olga</at>');
    await later(world, 60);
    const [message] = own();
    if (message === undefined || shared === undefined) throw new Error('no message');
    expect((await press('olga', message, 'Acknowledge')).status).toBe(200);
    await settled();
    await world.pump();
    expect(await stateOf(world.context)).toEqual([['acknowledged', 'olga']]);
    for (const copy of [message, shared]) expect(linesOf(copy.activity).join('\n')).toContain('olga has it');
    const before = server.messages.length;
    await anHour(world);
    expect(server.messages.slice(before).map(({ conversation }) => conversation)).toEqual([
      `a:${aad('olga')}`,
    ]);
    const reminder = own().at(-1) ?? message;
    expect((await press('olga', reminder, 'Resolve')).status).toBe(200);
    await settled();
    await world.pump();
    expect(await openPages(world.context)).toEqual([]);
    const quiet = server.messages.length;
    await anHour(world);
    expect([server.messages.length, rung]).toEqual([quiet, []]);
  });
});
