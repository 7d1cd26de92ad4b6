import { describe, expect, it } from 'vitest';
import type { Card } from '../../src/chat/card.ts';
import type { Forms } from '../../src/chat/form.ts';
import { type Platform, PlatformError } from '../../src/chat/platform.ts';
import type { Reply } from '../../src/chat/reply.ts';
import type { Request } from '../../src/chat/request.ts';
import { connectTeams, type Taking, type TeamsOptions } from '../../src/chat/teams/connect.ts';
import { withoutRepeats } from '../../src/chat/teams/conversations.ts';
import { silentLog } from '../../src/log.ts';
import { memory, startTeamsBot } from '../support/teams-bot.ts';
import { linesOf, places } from '../support/teams-people.ts';
import { aad, bot, company } from '../support/teams-server.ts';

const card = (title: string, more: Partial<Card> = {}): Card => ({
  title,
  tone: 'neutral',
  summary: `${title}.`,
  blocks: [],
  buttons: [{ label: 'Approve', verb: 'change approve', subject: 'CHG-3' }],
  ...more,
});
const toAsker = (of: Card): Reply => ({ card: of, audience: 'asker' });
const noForms: Forms = {
  wants: () => false,
  open: async () => ({ kind: 'reply', reply: toAsker(card('No form')) }),
};
const commands = [
  { verb: 'change approve', usage: '<CHG-n> [note…]', summary: '', subject: 'required' },
  { verb: 'train', usage: '[<train>]', summary: '' },
] as const;

const setUp = async ({
  answer = async () => toAsker(card('CHG-3')),
  taking = {},
  over = {},
}: {
  answer?: (request: Request) => Promise<Reply>;
  taking?: Partial<Taking>;
  over?: Partial<TeamsOptions>;
} = {}) => {
  const asked: Request[] = [];
  const conversations = memory();
  const running = await startTeamsBot(
    {
      answer: async (request) => {
        asked.push(request);
        return answer(request);
      },
      forms: noForms,
      commands,
      ...taking,
    },
    conversations,
    over,
  );
  const titles = () =>
    running.server.messages.map(({ conversation, activity }) => [conversation, linesOf(activity)[0]]);
  return { ...running, asked, conversations, titles };
};

describe('who may send messages of Teams', () => {
  it.each([
    ['no token', {}, { token: '' }],
    ['a signature of another key', {}, { forged: true }],
    ['another audience', { aud: 'another-app' }, {}],
    ['another issuer', { iss: 'https://evil.example' }, {}],
    ['a token that has run out', { exp: 1_700_000_000 }, {}],
    ['a token for another service URL', { serviceurl: 'https://smba.trafficmanager.net/emea/' }, {}],
    ['a key that Teams does not have', {}, { token: 'e30.e30.e30' }],
  ])(
    'with %s nobody: 401, and nothing is asked',
    async (_, claims, { token, forged }: { token?: string; forged?: boolean }) => {
      const { server, send, asked } = await setUp();
      const activity = {
        type: 'message',
        id: 'm1',
        text: 'change approve 3',
        channelId: 'msteams',
        serviceUrl: server.serviceUrl,
        from: { id: '29:x', aadObjectId: aad('dev') },
        recipient: bot,
        conversation: places.personal('dev'),
        channelData: { tenant: { id: company.tenant } },
      };
      const told = await send(
        activity,
        token ?? server.token(claims, forged === undefined ? {} : { forged }),
      );
      expect(told.status).toBe(401);
      expect(told.body).toBeUndefined();
      expect([asked, server.calls]).toEqual([[], []]);
    },
  );

  it('with a foreign tenant nobody, whatever the token says', async () => {
    const { say, asked, server } = await setUp();
    const foreign = { ...places.personal('dev'), tenantId: 'evil' };
    expect((await say('dev', 'train', foreign, { channelData: { tenant: { id: 'evil' } } })).status).toBe(
      403,
    );
    // Two tenants in one message are no tenant.
    expect((await say('dev', 'train', foreign)).status).toBe(400);
    expect(asked).toEqual([]);
    expect(server.messages).toEqual([]);
  });

  it('with a foreign service URL nobody, before any token is asked for', async () => {
    const { say, server, asked } = await setUp();
    for (const serviceUrl of [
      'https://evil.example/',
      'http://127.0.0.1:1/',
      'https://smba.trafficmanager.net.evil.example/',
    ])
      expect((await say('dev', 'train', places.channel(), { serviceUrl })).status).toBe(403);
    expect([asked, server.tokens(), server.calls]).toEqual([[], 0, []]);
  });

  it('answers what is no activity of Teams with what is wrong with it, never with 500', async () => {
    const { send, endpoint, server } = await setUp();
    const post = (body: string, type = 'application/json') =>
      fetch(endpoint, { method: 'POST', headers: { 'content-type': type }, body });
    expect((await send({})).status).toBe(400);
    expect(
      (await send({ channelId: 'msteams', serviceUrl: server.serviceUrl, conversation: { id: 'x' } })).status,
    ).toBe(400);
    expect((await post('{')).status).toBe(400);
    expect((await post('{}', 'text/plain')).status).toBe(415);
    expect((await post(`"${'x'.repeat(1_100_000)}"`)).status).toBe(413);
  });

  it('does not take another channel of the Bot Framework, whose tokens are checked otherwise', async () => {
    const { say, asked } = await setUp();
    expect((await say('dev', 'train', places.channel(), { channelId: 'AseChannel' })).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('needs an app id and a tenant: without one nothing would be verified', async () => {
    const options = { log: silentLog, now: () => new Date(), pen: () => ({ userOf: () => undefined }) };
    const settings = { kind: 'azure', appId: ' ', appType: 'SingleTenant', tenantId: 't' } as const;
    await expect(connectTeams({ ...options, settings })).rejects.toThrow('app id');
    await expect(
      connectTeams({ ...options, settings: { kind: 'azure', appId: 'a', appType: 'MultiTenant' } }),
    ).rejects.toThrow('tenant');
  });

  it('locally takes messages without a token from this machine alone', async () => {
    const { say, asked, endpoint, settled, titles } = await setUp({
      over: {
        settings: { kind: 'local' },
        pen: () => ({ userOf: (name) => (name === 'nobody' ? undefined : aad(name)) }),
      },
    });
    expect(
      (await say('dev', 'train', places.channel(), { serviceUrl: 'https://evil.example/' })).status,
    ).toBe(403);
    expect(
      (await fetch(endpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }))
        .status,
    ).toBe(400);
    expect((await say('dev', 'train')).status).toBe(200);
    await say('dev', 'as olga');
    await say('dev', 'as nobody');
    await say('dev', 'train', places.chat);
    expect(asked.map(({ actor }) => actor.id)).toEqual([aad('dev'), aad('olga')]);
    // There is one reader: answers stay where they were asked for.
    await settled();
    expect(titles().at(-1)).toEqual([places.chat.id, 'CHG-3']);
  });
});

describe('what people say in Teams', () => {
  it.each([
    ['<at>Signalbox</at>&nbsp;change approve 3 looks good', {}],
    ['\u00a0<at>Signalbox</at>  <at>Signalbox</at> /Change APPROVE\r\n chg-3 looks&nbsp;good\n', {}],
    [
      'change approve 3 looks <at>good</at>',
      { entities: [{ type: 'mention', text: '<at>good</at>', mentioned: { id: '29:good' } }] },
    ],
    ['<p><at>Signalbox</at> change approve 3<br/>looks good</p>', {}],
  ])('is understood: %s', async (text, over) => {
    const { say, asked } = await setUp();
    await say('dev', '', places.channel('19:releases@thread.tacv2;messageid=7'), { id: 'm1', text, ...over });
    expect(asked).toMatchObject([
      {
        id: 'teams 19:releases@thread.tacv2;messageid=7 m1',
        actor: { platform: 'teams', tenant: company.tenant, id: aad('dev') },
        channel: company.channel,
        verb: 'change approve',
        subject: 'CHG-3',
        args: ['looks', 'good'],
        flags: {},
      },
    ]);
  });

  it('may be nothing at all', async () => {
    const { say, asked } = await setUp();
    await say('dev', '', places.channel(), { text: undefined });
    expect(asked).toMatchObject([{ verb: '' }]);
  });

  it('is answered personally, and in the thread where the answer is for all or there is no other way', async () => {
    const { say, settled, server, titles, conversations } = await setUp({
      answer: async ({ verb }) => ({ card: card(verb), audience: verb === 'train' ? 'channel' : 'asker' }),
    });
    const thread = `${company.channel};messageid=7`;
    await say('dev', 'change approve 3', places.channel(thread));
    await settled();
    await say('dev', 'train', places.channel(thread));
    await settled();
    await conversations.bury(aad('dev'), 'BotDisabledByUser');
    await say('dev', 'change approve 3', places.chat);
    await settled();
    expect(titles()).toEqual([
      [`a:${aad('dev')}`, 'change approve'],
      [thread, 'train'],
      [places.chat.id, 'change approve'],
    ]);
    expect([...server.bearers]).toEqual(['Bearer access-1']);
  });

  it('is answered once, however often Teams sends it (L8)', async () => {
    const { say, settled, titles, asked } = await setUp();
    const over = { id: 'm1' };
    await Promise.all([1, 2, 3].map(() => say('dev', 'train', places.personal('dev'), over)));
    await settled();
    await say('dev', 'train', places.personal('dev'), over);
    await settled();
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    expect(titles()).toHaveLength(1);
  });

  it('is answered at the next resend when the answer could not be posted', async () => {
    const { say, settled, titles, server } = await setUp();
    server.failures.push({ status: 502 });
    await say('dev', 'train', places.personal('dev'), { id: 'm1' });
    await settled();
    expect(titles()).toEqual([]);
    await say('dev', 'train', places.personal('dev'), { id: 'm1' });
    await settled();
    expect(titles()).toHaveLength(1);
  });

  it('is not answered twice when it is not known whether the answer was posted', async () => {
    const { say, settled, titles, server } = await setUp();
    server.failures.push({ status: 200, lost: true });
    await say('dev', 'train', places.personal('dev'), { id: 'm1' });
    await settled();
    await say('dev', 'train', places.personal('dev'), { id: 'm1' });
    await settled();
    expect(titles()).toHaveLength(1);
  });

  it('counts from when it arrived, and is entered until it is dealt with (L3)', async () => {
    const entered: string[] = [];
    const { say } = await setUp({
      taking: {
        enter: () => {
          entered.push('in');
          return () => entered.push('out');
        },
      },
      answer: async () => {
        entered.push('answer');
        return toAsker(card('CHG-3'));
      },
    });
    await say('dev', 'train');
    expect(entered.slice(0, 2)).toEqual(['in', 'answer']);
    await expect.poll(() => entered).toContain('out');
  });

  it('shows nothing of an error', async () => {
    const { say } = await setUp({ answer: () => Promise.reject(new Error('secret')) });
    const told = await say('dev', 'train');
    expect(told).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(JSON.stringify(told)).not.toContain('secret');
  });
});

describe('a press in Teams', () => {
  const shared = async (over: Parameters<typeof setUp>[0] = {}) => {
    const running = await setUp(over);
    await running.teams.platform.post({ kind: 'channel', id: company.channel }, card('CHG-3'));
    const [message] = running.server.messages;
    if (message === undefined) throw new Error('nothing was posted');
    return { ...running, message };
  };

  it('is answered with the card of now, which everybody gets', async () => {
    const { press, message, settled, asked, server } = await shared({
      answer: async () => toAsker(card('CHG-3', { summary: 'Signed.' })),
    });
    const told = await press('olga', message, 'Approve');
    expect(told).toMatchObject({
      status: 200,
      body: { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' },
    });
    expect(linesOf(told.body)).toContain('Signed.');
    await settled();
    expect(asked).toMatchObject([{ verb: 'change approve', subject: 'CHG-3', channel: company.channel }]);
    expect(asked[0]).not.toHaveProperty('flags');
    expect(server.messages).toHaveLength(1);
    expect(message.edits).toBe(1);
    expect(linesOf(message.activity)).toContain('Signed.');
  });

  it('that is refused leaves the card alone: who pressed hears why, there and personally', async () => {
    const { press, message, settled, titles } = await shared({
      answer: async () => ({
        ...toAsker(card('Not you', { summary: 'You asked for it yourself.' })),
        refused: {},
      }),
    });
    const told = await press('dev', message, 'Approve');
    expect(told.body).toEqual({
      statusCode: 200,
      type: 'application/vnd.microsoft.activity.message',
      value: 'You asked for it yourself.',
    });
    await settled();
    expect(message.edits).toBe(0);
    expect(titles()[1]).toEqual([`a:${aad('dev')}`, 'Not you']);
  });

  it('that is refused on a personal card of before is told, and the card shows what is', async () => {
    const { press, teams, settled, server, titles } = await setUp({
      answer: async () => ({
        ...toAsker(card('Vetoed', { summary: 'Olga vetoed it.' })),
        refused: {},
        present: card('CHG-3', { summary: 'It is vetoed.' }),
      }),
    });
    await teams.platform.post({ kind: 'person', id: aad('dev') }, card('CHG-3'));
    const [old] = server.messages;
    if (old === undefined) throw new Error('nothing was posted');
    const told = await press('dev', old, 'Approve');
    expect(told.body).toMatchObject({ value: 'Olga vetoed it.' });
    await settled();
    expect(linesOf(old.activity)).toContain('It is vetoed.');
    expect(titles().map(([, title]) => title)).toEqual(['CHG-3', 'Vetoed']);
  });

  it('that Teams repeats has the same id and answer', async () => {
    const { press, message, asked, settled, server } = await shared();
    const over = { id: 'i1' };
    const answers = [
      await press('olga', message, 'Approve', over),
      await press('olga', message, 'Approve', over),
    ];
    await settled();
    expect(answers[0]).toEqual(answers[1]);
    expect(asked[0]?.id).toBe(asked[1]?.id);
    expect(server.messages).toHaveLength(1);
  });

  it('that nobody made, a refresh, does nothing', async () => {
    const { invoke, message, settled, asked, server } = await shared();
    const data = { verb: 'change approve', subject: 'CHG-3', card: 'CHG-3' };
    const value = { action: { type: 'Action.Execute', verb: data.verb, data }, trigger: 'automatic' };
    const where = places.channel(message.conversation);
    const told = await invoke('olga', 'adaptiveCard/action', value, where, { replyToId: message.id });
    expect(told).toMatchObject({ status: 200, body: { statusCode: 200 } });
    await settled();
    expect(asked).toEqual([]);
    expect([message.edits, server.messages.length]).toEqual([0, 1]);
  });

  it('of a client without Execute arrives as a message with a value', async () => {
    const { say, message, settled, asked } = await shared({
      answer: async () => toAsker(card('CHG-3', { summary: 'Signed.' })),
    });
    const value = { verb: 'change approve', subject: 'CHG-3', card: 'CHG-3' };
    await say('olga', '', places.channel(message.conversation), {
      text: undefined,
      value,
      replyToId: message.id,
    });
    await settled();
    expect(asked).toMatchObject([{ verb: 'change approve', subject: 'CHG-3', args: [] }]);
    expect(linesOf(message.activity)).toContain('Signed.');
  });

  it('that is none of ours is said to be unknown', async () => {
    const { invoke, asked } = await shared();
    expect((await invoke('olga', 'composeExtension/query', {}, places.channel())).status).toBe(501);
    expect(
      (await invoke('olga', 'adaptiveCard/action', { action: { data: 'x' } }, places.channel())).status,
    ).toBe(501);
    expect(asked).toEqual([]);
  });
});

describe('a form in Teams', () => {
  const form = {
    title: 'Veto',
    verb: 'change veto',
    subject: 'CHG-3',
    submitLabel: 'Veto',
    fields: [{ name: 'reason', label: 'Reason', required: true, kind: 'text' }],
  } as const;
  const forms: Forms = {
    wants: ({ verb, args, flags = {} }) =>
      verb === 'change veto' && args.length === 0 && !('reason' in flags),
    open: async () => ({ kind: 'form', form }),
  };
  const veto = { verb: 'change veto', subject: 'CHG-3', card: 'CHG-3' };
  const filled = (reason: string) => ({
    data: { verb: 'change veto', subject: 'CHG-3', form: true, 'field.reason': reason },
  });

  it('opens from a button, is sent, and shows what became of it', async () => {
    const { invoke, asked, teams, server } = await setUp({
      taking: { forms },
      answer: async () => toAsker(card('CHG-3 vetoed')),
    });
    await teams.platform.post(
      { kind: 'channel', id: company.channel },
      card('CHG-3', { buttons: [{ label: 'Veto', ...veto }] }),
    );
    expect(JSON.stringify(server.messages[0]?.activity)).toContain('"msteams":{"type":"task/fetch"}');
    const opened = await invoke(
      'olga',
      'task/fetch',
      { data: { ...veto, msteams: { type: 'task/fetch' } } },
      places.channel(),
    );
    expect(opened.body).toMatchObject({ task: { type: 'continue', value: { title: 'Veto' } } });
    const done = await invoke('olga', 'task/submit', filled('smoke'), places.channel());
    expect(linesOf(done.body)).toContain('CHG-3 vetoed');
    expect(asked).toMatchObject([{ verb: 'change veto', subject: 'CHG-3', flags: { reason: 'smoke' } }]);
  });

  it('that is refused stays open with what was typed, and says why', async () => {
    const { invoke } = await setUp({
      taking: { forms },
      answer: async () => ({
        ...toAsker(card('No', { summary: 'A reason has more words.' })),
        refused: { field: 'reason' },
      }),
    });
    const told = await invoke('olga', 'task/submit', filled('smoke'), places.channel());
    expect(linesOf(told.body)).toContain('A reason has more words.');
    expect(JSON.stringify(told.body)).toContain('"value":"smoke"');
  });

  it('is drawn anew for what other fields depend on, in a dialog and in a message, with what was typed', async () => {
    const submit = (service = 'api') => ({
      title: 'Submit',
      verb: 'change submit',
      submitLabel: 'Submit',
      fields: [
        {
          name: 'service',
          label: 'Service',
          required: true,
          kind: 'choice' as const,
          refills: 'Show its builds',
          choices: ['api', 'db'].map((value) => ({ value, label: value })),
          initial: service,
        },
        {
          name: 'build',
          label: 'Build',
          required: true,
          kind: 'choice' as const,
          choices: [1, 2].map((n) => ({ value: `${service} ${n}`, label: `${service} ${n}` })),
          initial: `${service} 1`,
        },
        { name: 'note', label: 'Note', required: false, kind: 'text' as const },
      ],
    });
    const { invoke, say, press, settled, asked, server } = await setUp({
      taking: {
        commands: [...commands, { verb: 'change submit', usage: '', summary: '' }],
        forms: {
          wants: ({ verb, flags }) => verb === 'change submit' && !('build' in (flags ?? {})),
          open: async ({ flags }) => ({ kind: 'form', form: submit(flags?.['service']) }),
        },
      },
    });
    const typed = { 'field.service': 'db', 'field.build': 'api 2', 'field.note': 'faster' };
    const data = { verb: 'change submit', form: true, refill: true, ...typed };
    const told = await invoke('olga', 'task/submit', { data }, places.channel());
    const dialog = JSON.stringify(told.body);
    expect(dialog).toContain('"value":"db 1"');
    expect(dialog).toContain('"value":"faster"');
    expect(dialog).not.toContain('api 2');
    expect(dialog).toContain('Show its builds');

    await say('olga', 'change submit', places.personal('olga'));
    await settled();
    const [message] = server.messages;
    if (message === undefined) throw new Error('no form');
    const shown = await press('olga', message, 'Show its builds', {}, typed);
    expect(JSON.stringify(shown.body)).toContain('"value":"db 1"');
    await settled();
    expect(JSON.stringify(message.activity)).toContain('"value":"faster"');
    expect(asked).toEqual([]);
    await press('olga', message, 'Submit', {}, typed);
    expect(asked).toMatchObject([{ flags: { service: 'db', build: 'api 2', note: 'faster' } }]);
  });

  it('is a message where it was typed for, and what became of it takes its place', async () => {
    const { say, press, settled, server, asked } = await setUp({
      taking: {
        forms,
        commands: [...commands, { verb: 'change veto', usage: '<CHG-n>', summary: '', subject: 'required' }],
      },
      answer: async ({ flags }) =>
        flags?.['reason'] === 'no'
          ? { ...toAsker(card('No', { summary: 'A reason has more words.' })), refused: { field: 'reason' } }
          : toAsker(card('CHG-3 vetoed')),
    });
    await say('olga', 'change veto 3', places.personal('olga'));
    await settled();
    expect(asked).toEqual([]);
    const [message] = server.messages;
    if (message === undefined) throw new Error('no form');
    expect(linesOf(message.activity)).toEqual(['Veto', '[Veto]']);
    const told = await press('olga', message, 'Veto', {}, { 'field.reason': 'no' });
    expect(linesOf(told.body)).toContain('A reason has more words.');
    expect(JSON.stringify(told.body)).toContain('"value":"no"');
    await press('olga', message, 'Veto', {}, { 'field.reason': 'smoke' });
    await settled();
    expect(asked.at(-1)).toMatchObject({ verb: 'change veto', subject: 'CHG-3', flags: { reason: 'smoke' } });
    expect(linesOf(message.activity)).toContain('CHG-3 vetoed');
    expect(server.messages).toHaveLength(1);
  });

  it('is a message where a client without dialogs pressed for it', async () => {
    const { invoke, settled, server, asked } = await setUp({ taking: { forms } });
    const value = { action: { type: 'Action.Execute', verb: veto.verb, data: veto }, trigger: 'manual' };
    await invoke('olga', 'adaptiveCard/action', value, places.personal('olga'));
    await settled();
    expect(asked).toEqual([]);
    expect(linesOf(server.messages[0]?.activity)).toEqual(['Veto', '[Veto]']);
  });
});

describe('where the bot is', () => {
  const installed = { type: 'installationUpdate', action: 'add' };
  const joined = { type: 'conversationUpdate', membersAdded: [bot] };

  it('it greets once, remembers the place, and follows the newest service URL', async () => {
    const { say, settled, titles, conversations, server } = await setUp();
    await say('dev', '', places.channel(company.channel), installed);
    await settled();
    await say('dev', '', places.channel(company.channel), joined);
    await settled();
    expect(titles()).toEqual([[company.channel, 'Signalbox']]);
    expect((await conversations.find(company.channel))?.place).toMatchObject({
      serviceUrl: server.serviceUrl,
    });
    const moved = `${server.serviceUrl}moved/`;
    await say('dev', 'train', places.personal('dev'), { serviceUrl: moved });
    await settled();
    expect(conversations.keys()).toEqual([company.channel, 'service', aad('dev')]);
    expect((await conversations.find('service'))?.place).toMatchObject({ serviceUrl: moved });
  });

  it('hears that others come and go without a word', async () => {
    const { say, settled, titles } = await setUp();
    await say('dev', '', places.channel(), { type: 'conversationUpdate', membersAdded: [{ id: '29:new' }] });
    await say('dev', '', places.channel(), { type: 'typing' });
    await settled();
    expect(titles()).toEqual([]);
  });

  it('it is no more after it was removed', async () => {
    const { say, settled, conversations, teams } = await setUp();
    await say('dev', '', places.channel(company.channel), { type: 'installationUpdate', action: 'remove' });
    await settled();
    await conversations.keep(company.channel, {
      conversation: company.channel,
      serviceUrl: 'x',
      tenant: 't',
    });
    await conversations.bury(company.channel, 'the app was removed');
    await expect(
      teams.platform.post({ kind: 'channel', id: company.channel }, card('x')),
    ).rejects.toMatchObject({ outcome: 'gone' });
  });
});

describe('the memory of places', () => {
  it('is asked for what is new, and for the rest once a minute', async () => {
    const asked: string[] = [];
    let now = Date.parse('2026-11-23T09:00:00Z');
    const below = { ...memory(), keep: async (key: string) => asked.push(key) === 1 };
    const { keep, bury } = withoutRepeats(below, () => new Date(now));
    const place = { conversation: 'c', serviceUrl: 'https://one.example/', tenant: 't' };
    expect([await keep('c', place), await keep('c', place), await keep('c', place)]).toEqual([
      true,
      false,
      false,
    ]);
    await keep('c', { ...place, serviceUrl: 'https://two.example/' });
    expect(asked).toHaveLength(2);
    await bury('c', 'gone');
    await keep('c', { ...place, serviceUrl: 'https://two.example/' });
    expect(asked).toHaveLength(3);
    now += 60_000;
    await keep('c', { ...place, serviceUrl: 'https://two.example/' });
    expect(asked).toHaveLength(4);
  });
});

describe('posting to Teams', () => {
  const channel = { kind: 'channel', id: company.channel } as const;
  const failing = async (platform: Platform): Promise<PlatformError> => {
    try {
      await platform.post(channel, card('x'));
    } catch (error) {
      if (error instanceof PlatformError) return error;
      throw error;
    }
    throw new Error('it was posted');
  };

  it('begins a thread, replies in it, and edits', async () => {
    const { teams, server, titles } = await setUp();
    const { platform } = teams;
    const root = await platform.post(channel, card('weekly'));
    const below = await platform.post(channel, card('CHG-3'), { thread: root });
    await platform.update(below, card('CHG-3 edited'));
    expect(root['conversation']).toMatch(/^19:releases@thread\.tacv2;messageid=\d+$/);
    expect(titles()).toEqual([
      [root['conversation'], 'weekly'],
      [root['conversation'], 'CHG-3 edited'],
    ]);
    const [first] = server.messages;
    expect(first?.activity).toMatchObject({ type: 'message', summary: 'weekly.' });
    expect(first?.activity).not.toHaveProperty('text');
  });

  it('opens a chat with a person once, and raises a notification there', async () => {
    const { teams, server, titles } = await setUp();
    const to = { kind: 'person', id: aad('rita') } as const;
    await teams.platform.post(to, card('one'));
    await teams.platform.post(to, card('two'));
    expect(titles()).toEqual([
      [`a:${aad('rita')}`, 'one'],
      [`a:${aad('rita')}`, 'two'],
    ]);
    expect(server.calls.filter((call) => call.endsWith('/v3/conversations'))).toHaveLength(1);
    expect(server.messages[0]?.activity).toMatchObject({ channelData: { notification: { alert: true } } });
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '7' } }, 'retry', 7_000],
    [{ status: 412, code: 'PreconditionFailed' }, 'retry', 2_000],
    [{ status: 502 }, 'retry', 2_000],
    [{ status: 504 }, 'unknown', 10_000],
    [{ status: 500 }, 'unknown', 10_000],
    [{ status: 200, lost: true }, 'unknown', 10_000],
    [{ status: 413, code: 'MessageSizeTooBig' }, 'gone', 1_000],
  ] as const)('tries once, and says what to do about %o', async (failure, outcome, retryAfterMs) => {
    const { teams, server } = await setUp();
    server.failures.push(failure);
    expect(await failing(teams.platform)).toMatchObject({ outcome, retryAfterMs });
    expect(server.calls).toHaveLength(1);
  });

  it.each(['BotNotInConversationRoster', 'MessageWritesBlocked', 'BotDisabledByAdmin'])(
    'gives a conversation up when Teams answers 403 %s',
    async (code) => {
      const { teams, server, conversations } = await setUp();
      await conversations.keep(company.channel, {
        conversation: company.channel,
        serviceUrl: server.serviceUrl,
        tenant: company.tenant,
      });
      server.failures.push({ status: 403, code });
      expect(await failing(teams.platform)).toMatchObject({ outcome: 'gone', code });
      expect(conversations.buried.get(company.channel)).toBe(code);
      expect(await failing(teams.platform)).toMatchObject({ outcome: 'gone', code });
      expect(server.calls).toHaveLength(1);
    },
  );

  it('says when a message’s turn comes, by Teams’ limits and by what Teams asks for', async () => {
    let now = Date.parse('2026-11-23T09:00:00Z');
    const { teams, server } = await setUp({ over: { now: () => new Date(now) } });
    const turn = () => teams.platform.turn?.(channel, 'post');
    expect(Array.from({ length: 8 }, turn)).toEqual([0, 0, 0, 0, 0, 0, 0, 1_000]);
    // Eight in two seconds.
    now += 1_000;
    expect([turn(), turn()]).toEqual([0, 1_000]);
    now += 10_000;
    server.failures.push({ status: 429, headers: { 'retry-after': '20' } });
    await failing(teams.platform);
    expect(turn()).toBe(20_000);
    expect(teams.platform.turn?.({ kind: 'person', id: aad('rita') }, 'post')).toBe(0);
  });
});

describe('who people of Teams are', () => {
  it('the roster may say it by an address, asked for once', async () => {
    const { say, server, asked, settled, conversations } = await setUp({
      taking: { wantsEmail: ({ id }) => id === aad('mira') },
    });
    server.emails.set(aad('mira'), 'Mira@shop.example');
    await say('mira', 'train', places.personal('mira'));
    await say('mira', 'train', places.personal('mira'));
    await say('dev', 'train', places.personal('dev'));
    await settled();
    expect(asked.map(({ actor }) => actor.email)).toEqual([
      'Mira@shop.example',
      'Mira@shop.example',
      undefined,
    ]);
    expect(server.calls.filter((call) => call.includes('/members/'))).toHaveLength(1);
    expect(conversations.keys()).toContain('mira@shop.example');
  });
});
