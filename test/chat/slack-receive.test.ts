import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Form } from '../../src/chat/form.ts';
import type { CommandSpec } from '../../src/chat/parse.ts';
import { cardOf, type SlackApp, startSlackApp, type Transport, until } from '../support/slack-app.ts';
import { sign, workspace } from '../support/slack-server.ts';

const commands: readonly CommandSpec[] = [
  { verb: 'change', usage: '[CHG-n]', summary: '' },
  { verb: 'change approve', usage: '<CHG-n> [note…]', summary: '', subject: 'required' },
  { verb: 'change veto', usage: '<CHG-n> <reason…>', summary: '', subject: 'required' },
  { verb: 'change submit', usage: '<service> [version]', summary: '', subject: 'required' },
  { verb: 'help', usage: '', summary: '' },
];
const approve = { label: 'Approve', verb: 'change approve', subject: 'CHG-3' };

let own: SlackApp;
const start = async (transport: Transport): Promise<void> => {
  own = await startSlackApp(transport, commands);
};
afterEach(async () => {
  await until(() => own.entered === 0, 'a request was entered and never left');
  expect(own.slack.faults).toEqual([]);
  await own.close();
});

describe.each(['http', 'socket'] as const)('by %s', (transport) => {
  beforeEach(() => start(transport));

  it('a slash command is answered in its acknowledgement, to the one who asked', async () => {
    await own.slack.command(
      'U01RITA',
      '/change',
      'approve chg-3 looks &lt;good&gt; to <https://x.example|x>',
    );
    expect(own.requests).toMatchObject([
      {
        actor: { platform: 'slack', tenant: workspace.team, id: 'U01RITA' },
        channel: 'C0DEV',
        verb: 'change approve',
        subject: 'CHG-3',
        args: ['looks', '<good>', 'to', 'x'],
      },
    ]);
    expect(own.slack.seenBy('U01RITA')).toMatchObject([
      { text: 'change approve CHG-3 looks &lt;good&gt; to x' },
    ]);
    expect(own.slack.in('C0DEV')).toEqual([]);
  });

  it('/signalbox takes every verb, and a mistyped word is help', async () => {
    await own.slack.command('U01RITA', '/signalbox', 'change approve 3');
    await own.slack.command('U01RITA', '/change', 'aprove 3');
    expect(own.requests).toMatchObject([
      { verb: 'change approve', subject: 'CHG-3' },
      { verb: 'help', args: ['change', 'aprove', '3'] },
    ]);
  });

  it('the roster says who somebody is whom the policy does not know by id', async () => {
    own.slack.users.set('U02OLGA', { id: 'U02OLGA', email: 'olga@shop.example' });
    own.wantsEmail = true;
    await own.slack.command('U02OLGA', '/change', '');
    await own.slack.command('U09STRANGER', '/change', '');
    expect(own.requests.map(({ actor }) => actor.email)).toEqual(['olga@shop.example', undefined]);
  });

  it('a channel that is dead is told of, and again when it was alive in between', async () => {
    const post = () =>
      own.app.platform.post({ kind: 'channel', id: 'C01REL' }, cardOf('x')).catch(() => undefined);
    own.slack.archived.add('C01REL');
    await post();
    expect([...own.buried]).toEqual([['C01REL', 'is_archived']]);
    own.slack.archived.clear();
    await post();
    expect([...own.buried]).toEqual([]);
  });

  it('an answer for everybody is said in the channel', async () => {
    own.answer = async () => ({ card: cardOf('the run-sheet'), audience: 'channel' });
    await own.slack.command('U01RITA', '/change', '');
    expect(own.slack.in('C0DEV')).toMatchObject([{ text: 'the run-sheet' }]);
  });

  it('a mention is answered to the one who asked, a direct message where it was said', async () => {
    await own.slack.mention('U01RITA', 'C0DEV', 'change approve CHG-3');
    await own.slack.direct('U01RITA', 'change');
    await until(() => own.slack.seenBy('U01RITA').length === 2);
    expect(own.slack.seenBy('U01RITA').map(({ channel, onlyFor }) => [channel, onlyFor])).toEqual([
      ['C0DEV', 'U01RITA'],
      ['DU01RITA', undefined],
    ]);
    expect(own.requests.map(({ channel }) => channel)).toEqual(['C0DEV', undefined]);
  });

  it('a press carries verb, subject and words; an answer of its own is redrawn', async () => {
    own.answer = async () => ({ card: cardOf('CHG-3', { buttons: [approve] }), audience: 'asker' });
    await own.slack.command('U01RITA', '/change', '');
    own.answer = async () => ({ card: cardOf('CHG-3', { summary: 'CHG-3 is signed.' }), audience: 'asker' });
    const [shown] = own.slack.seenBy('U01RITA');
    if (shown === undefined) throw new Error('nothing was shown');
    await own.slack.click('U01RITA', shown, 'Approve');
    await until(() => own.slack.seenBy('U01RITA')[0]?.text === 'CHG-3 is signed.');
    expect(own.requests[1]).toMatchObject({ verb: 'change approve', subject: 'CHG-3', args: [] });
    expect(own.requests[1]).not.toHaveProperty('flags');
    expect(own.slack.seenBy('U01RITA')).toHaveLength(1);
  });

  it('a press on a posted card leaves the card to its own job; what is refused is said to the one who pressed', async () => {
    await own.app.platform.post({ kind: 'channel', id: 'C01REL' }, cardOf('CHG-3', { buttons: [approve] }));
    const [posted] = own.slack.in('C01REL');
    if (posted === undefined) throw new Error('nothing was posted');
    own.answer = async () => ({ card: cardOf('CHG-3'), audience: 'asker' });
    await own.slack.click('U01RITA', posted, 'Approve');
    own.answer = async () => ({ card: cardOf('No: your own change'), audience: 'asker', refused: {} });
    await own.slack.click('U01RITA', posted, 'Approve');
    await until(() => own.slack.seenBy('U01RITA').length > 0);
    expect(own.slack.seenBy('U01RITA')).toMatchObject([{ text: 'No: your own change' }]);
    expect(own.slack.in('C01REL')).toMatchObject([{ edits: 0 }]);
  });

  it('a refused press on an answer that shows what was is told, and the answer shows what is', async () => {
    const shows = (summary: string) => cardOf('CHG-3 db · normal', { summary, buttons: [approve] });
    own.answer = async () => ({ card: shows('CHG-3 waits.'), audience: 'asker' });
    await own.slack.command('U01RITA', '/change', '');
    const [old] = own.slack.seenBy('U01RITA');
    if (old === undefined) throw new Error('nothing was shown');
    const no = { card: cardOf('It is vetoed'), audience: 'asker', refused: {} } as const;
    own.answer = async () => ({ ...no, present: shows('CHG-3 is vetoed.') });
    await own.slack.click('U01RITA', old, 'Approve');
    await until(() => own.slack.seenBy('U01RITA').length === 2);
    expect(own.slack.seenBy('U01RITA').map(({ text }) => text)).toEqual(['CHG-3 is vetoed.', 'It is vetoed']);
    // A list of several changes stays what it is.
    own.answer = async () => ({ ...no, present: cardOf('CHG-4 api') });
    await own.slack.click('U01RITA', old, 'Approve');
    await until(() => own.slack.seenBy('U01RITA').length === 3);
    expect(own.slack.seenBy('U01RITA')[0]?.text).toBe('CHG-3 is vetoed.');
  });

  it('what is no press of ours is acknowledged and nothing else', async () => {
    const message = await own.app.platform
      .post({ kind: 'channel', id: 'C01REL' }, cardOf('x', { buttons: [approve] }))
      .then(() => own.slack.in('C01REL')[0]);
    if (message === undefined) throw new Error('nothing was posted');
    const { status } = await own.slack.click('U01RITA', message, 'Approve', {
      actions: [{ action_id: 'other', type: 'button', value: '{"verb":1}' }],
    });
    expect(status).toBe(200);
    expect(own.requests).toEqual([]);
  });

  it('an answer that takes long is acknowledged within three seconds, and comes by itself', async () => {
    let finish = (): void => {};
    own.answer = () =>
      new Promise((resolve) => {
        finish = () => resolve({ card: cardOf('at last'), audience: 'asker' });
      });
    const { ms } = await own.slack.command('U01RITA', '/change', '');
    expect(ms).toBeLessThan(3_000);
    expect(own.slack.seenBy('U01RITA')).toEqual([]);
    finish();
    await until(() => own.slack.seenBy('U01RITA')[0]?.text === 'at last');
  });

  it('a Slack that answers every call after two seconds does not slow an acknowledgement', async () => {
    const posted = await own.app.platform
      .post({ kind: 'channel', id: 'C01REL' }, cardOf('x', { buttons: [approve] }))
      .then(() => own.slack.in('C01REL')[0]);
    if (posted === undefined) throw new Error('nothing was posted');
    own.slack.trouble.set('*', { delayMs: 2_000 });
    const { ms } = await own.slack.click('U01RITA', posted, 'Approve');
    const said = await own.slack.direct('U01RITA', 'change');
    expect(Math.max(ms, said.ms)).toBeLessThan(1_000);
  });

  it('App Home is drawn when it is opened', async () => {
    own.answer = async () => ({ card: cardOf('Yours', { buttons: [approve] }), audience: 'asker' });
    await own.slack.openHome('U01RITA');
    await until(() => own.slack.homes.has('U01RITA'));
    expect(own.requests).toMatchObject([{ verb: 'home' }]);
    await own.slack.clickHome('U01RITA', 'Approve');
    await until(() => own.requests.length === 3);
    expect(own.requests.slice(1).map(({ verb }) => verb)).toEqual(['change approve', 'home']);
  });

  describe('a form', () => {
    const veto: Form = {
      title: 'Veto CHG-3',
      verb: 'change veto',
      subject: 'CHG-3',
      submitLabel: 'Veto',
      fields: [
        { name: 'reason', label: 'Why', required: true, kind: 'text', maxLength: 500 },
        {
          name: 'until',
          label: 'Until',
          required: false,
          kind: 'choice',
          choices: [{ value: 'friday', label: 'Friday' }],
        },
      ],
    };

    beforeEach(() => {
      own.forms = {
        wants: ({ verb, flags, args }) =>
          verb === 'change veto' && args.length === 0 && Object.keys(flags ?? {}).length === 0,
        open: async () => ({ kind: 'form', form: veto }),
      };
    });

    it('opens before anything is looked up, and comes back as a request with its fields', async () => {
      let opened = false;
      own.forms = {
        ...own.forms,
        open: async () => {
          opened = own.slack.calls.some(({ method }) => method === 'views.open');
          return { kind: 'form', form: veto };
        },
      };
      await own.slack.command('U01RITA', '/change', 'veto CHG-3');
      await until(() => own.slack.modals.get('U01RITA')?.[0]?.['callback_id'] === 'signalbox:form');
      expect(opened).toBe(true);
      expect(own.requests).toEqual([]);
      await own.slack.submit('U01RITA', { reason: 'too risky' });
      expect(own.requests).toMatchObject([
        { verb: 'change veto', subject: 'CHG-3', args: [], flags: { reason: 'too risky' }, channel: 'C0DEV' },
      ]);
      expect(own.slack.modals.get('U01RITA')).toEqual([]);
      await until(() => own.slack.seenBy('U01RITA').length === 1);
    });

    it('shows the fault of a field at the field, and keeps what was typed', async () => {
      await own.slack.command('U01RITA', '/change', 'veto CHG-3');
      await until(() => own.slack.modals.get('U01RITA')?.[0]?.['callback_id'] === 'signalbox:form');
      own.answer = async () => ({
        card: cardOf('Say why.'),
        audience: 'asker',
        refused: { field: 'reason' },
      });
      const { body } = await own.slack.submit('U01RITA', { reason: 'x' });
      expect(body).toEqual({ response_action: 'errors', errors: { 'field:reason': 'Say why.' } });
      own.answer = async () => ({ card: cardOf('You may not.'), audience: 'asker', refused: {} });
      await own.slack.submit('U01RITA', { reason: 'far too risky', until: 'friday' });
      const modal = JSON.stringify(own.slack.modals.get('U01RITA'));
      expect(modal).toContain('You may not.');
      expect(modal).toContain('"initial_value":"far too risky"');
      expect(modal).toContain('"initial_option":{"text":{"type":"plain_text","text":"Friday"');
    });

    it('is drawn anew when something is chosen that other fields depend on, with what was typed', async () => {
      const submit = (service = 'api'): Form => ({
        title: 'Submit',
        verb: 'change submit',
        submitLabel: 'Submit',
        fields: [
          {
            name: 'service',
            label: 'Service',
            required: true,
            kind: 'choice',
            refills: 'Show its builds',
            // More than Slack takes in one list.
            choices: ['api', 'db', ...Array.from({ length: 150 }, (_, i) => `service-${i}`)].map((value) => ({
              value,
              label: value,
            })),
            initial: service,
          },
          {
            name: 'build',
            label: 'Build',
            required: true,
            kind: 'choice',
            choices: [1, 2].map((n) => ({ value: `${service} ${n}`, label: `${service} ${n}` })),
            initial: `${service} 1`,
          },
          { name: 'note', label: 'Note', required: false, kind: 'text' },
        ],
      });
      own.forms = {
        wants: ({ verb, flags }) => verb === 'change submit' && Object.keys(flags ?? {}).length === 0,
        open: async ({ flags }) => ({ kind: 'form', form: submit(flags?.['service']) }),
      };
      await own.slack.command('U01RITA', '/change', 'submit');
      const modal = () => JSON.stringify(own.slack.modals.get('U01RITA')?.[0]);
      await until(() => modal()?.includes('api 2') === true);
      await own.slack.choose('U01RITA', 'service', 'db', { note: 'faster', build: 'api 2' });
      await until(() => modal()?.includes('db 2') === true);
      expect(modal()).not.toContain('api 2');
      expect(modal()).toContain('"initial_value":"faster"');
      expect(modal()).toMatch(/"initial_option":\{"text":\{[^}]*"db"/);
      expect(own.requests).toEqual([]);
      await own.slack.choose('U01RITA', 'service', 'api', {});
      await until(() => modal()?.includes('api 2') === true);
      own.answer = async () => ({
        card: cardOf('Not that one.'),
        audience: 'asker',
        refused: { field: 'build' },
      });
      const { body } = await own.slack.submit('U01RITA', { build: 'api 2' });
      expect(body).toMatchObject({ response_action: 'errors' });
      expect(JSON.stringify(body)).toMatch(/"field:build#\d+":"Not that one."/);
      expect(own.requests).toMatchObject([{ flags: { service: 'api', build: 'api 2' } }]);
    });

    it('that is refused only after Slack was answered still says why, and keeps what was typed', async () => {
      await own.slack.command('U01RITA', '/change', 'veto CHG-3');
      await until(() => own.slack.modals.get('U01RITA')?.[0]?.['callback_id'] === 'signalbox:form');
      let finish = (): void => {};
      own.answer = () =>
        new Promise((resolve) => {
          finish = () =>
            resolve({ card: cardOf('Say more.'), audience: 'asker', refused: { field: 'reason' } });
        });
      const { body, ms } = await own.slack.submit('U01RITA', { reason: 'no' });
      expect(body).toMatchObject({ response_action: 'update' });
      expect(ms).toBeLessThan(3_000);
      finish();
      const modal = () => JSON.stringify(own.slack.modals.get('U01RITA')?.[0]);
      await until(() => modal()?.includes('Say more.') === true);
      expect(modal()).toContain('"initial_value":"no"');
    });

    it('says so when it did not open in time', async () => {
      own.slack.trouble.set('views.open', 'lost');
      await own.slack.command('U01RITA', '/change', 'veto CHG-3');
      await until(() => own.slack.seenBy('U01RITA').length === 1);
      expect(own.slack.seenBy('U01RITA')[0]?.text).toContain('Nothing was done');
    });
  });
});

describe('over HTTP', () => {
  beforeEach(() => start('http'));
  const json = 'application/json';
  const event = (more: object = {}): string =>
    JSON.stringify({
      type: 'event_callback',
      team_id: workspace.team,
      event_id: 'Ev1',
      event: { type: 'message', channel_type: 'im', user: 'U01RITA', channel: 'DU01RITA', text: 'change' },
      ...more,
    });

  it('an event that Slack sends again is answered once, and again when the first was not committed', async () => {
    own.answer = () => Promise.reject(new Error('the database is away'));
    expect((await own.slack.direct('U01RITA', 'change')).status).toBe(500);
    own.answer = async () => ({ card: cardOf('yes'), audience: 'asker' });
    expect((await own.slack.redeliver(1)).status).toBe(200);
    expect((await own.slack.redeliver(2)).status).toBe(200);
    await until(() => own.slack.in('DU01RITA').length === 1);
    expect(own.requests.map(({ id }) => id)).toEqual([own.requests[0]?.id, own.requests[0]?.id]);
  });

  it.each([
    ['without a signature', { 'x-slack-signature': '' }],
    ['with a forged one', { 'x-slack-signature': sign('other', 0) }],
  ])('a request %s is refused', async (_, headers) => {
    expect((await own.slack.send(event(), json, headers)).status).toBe(401);
    expect(own.requests).toEqual([]);
  });

  it.each([-301, 301, 3_600])('one signed %i seconds away from now is refused', async (seconds) => {
    const at = Math.floor(Date.now() / 1_000) + seconds;
    const headers = { 'x-slack-request-timestamp': String(at), 'x-slack-signature': sign(event(), at) };
    expect((await own.slack.send(event(), json, headers)).status).toBe(401);
    expect(own.requests).toEqual([]);
  });

  it.each([{ team_id: 'T0OTHER' }, { team_id: undefined }, { authorizations: [{ team_id: 'T0OTHER' }] }])(
    'one of another workspace is refused: %j',
    async (more) => {
      expect((await own.slack.send(event(more), json)).status).toBe(403);
      expect(own.requests).toEqual([]);
    },
  );

  it('a charset in the content type, a URL to verify and nonsense are all taken as Slack means them', async () => {
    expect((await own.slack.send(event(), `${json}; charset=utf-8`)).status).toBe(200);
    const verification = JSON.stringify({ type: 'url_verification', challenge: 'abc' });
    expect((await own.slack.send(verification, json)).body).toEqual({ challenge: 'abc' });
    expect((await own.slack.send('{', json)).status).toBe(400);
  });

  it.each([{ bot_id: 'B1' }, { subtype: 'message_changed' }, { channel_type: 'channel' }])(
    'what is no request is acknowledged: %j',
    async (more) => {
      const said = {
        type: 'message',
        channel_type: 'im',
        user: 'U01RITA',
        channel: 'DU01RITA',
        text: 'x',
        ...more,
      };
      expect((await own.slack.send(event({ event: said }), json)).status).toBe(200);
      expect(own.requests).toEqual([]);
    },
  );
});

describe('by Socket Mode', () => {
  beforeEach(() => start('socket'));

  it('comes back when Slack was away, over more than one connection', async () => {
    await until(() => own.slack.sockets.length === 2);
    own.slack.trouble.set('*', 'away');
    for (const socket of [...own.slack.sockets]) socket.close();
    await until(() => own.slack.sockets.length === 0);
    own.slack.trouble.clear();
    await until(() => own.slack.sockets.length === 2);
    await own.slack.command('U01RITA', '/change', '');
    expect(own.requests).toHaveLength(1);
  });

  it('survives frames that the SDK cannot read', async () => {
    for (const socket of own.slack.sockets)
      socket.send({ type: 'events_api', payload: { type: 'app_rate_limited' } });
    await own.slack.command('U01RITA', '/change', '');
    expect(own.requests).toHaveLength(1);
  });
});
