import { describe, expect, it } from 'vitest';
import { week48 } from '../support/shop.ts';
import { idOf, slackShop, startSlackWeek, wordsOf } from '../support/slack-week.ts';
import { digest } from '../support/world.ts';

describe.each(['http', 'socket'] as const)('a release week in Slack, by %s', (transport) => {
  it('goes from a slash command to production', async () => {
    const week = await startSlackWeek(transport);
    const { world, say, press, fill, form, deliver, card, words, heard, slack } = week;
    await world.build('db', '1.0.0');
    await world.build('api', '1.0.0');

    // dev types it, dana fills in the form; the channel gets a card of each, and one of the train.
    expect(await say('dev', '/change submit db 1.0.0 --record SHOP-1')).toContain('CHG-1');
    expect(await say('dana', '/change submit')).toBe('');
    expect(await form('dana')).toContain('api 1.0.0');
    await fill('dana', { build: 'api 1.0.0', record: 'SHOP-2', note: 'faster <b>' });
    await deliver();
    expect(words('CHG-2')).toContain('faster &lt;b&gt;');

    // Their buttons; what is not theirs is refused to them alone.
    for (const service of ['db', 'api'])
      await world.evidence({
        kind: 'deployed',
        service,
        artifact: digest(service, '1.0.0'),
        environment: 'test',
      });
    expect(await press('dev', 'CHG-1', 'Records ready')).toBe('');
    expect(await press('dana', 'CHG-2', 'Records ready')).toBe('');
    expect(await press('dev', 'CHG-1', 'Approve date')).toContain('rita');
    for (const name of ['CHG-1', 'CHG-2']) expect(await press('rita', name, 'Approve date')).toBe('');
    await deliver();
    expect(words('CHG-1')).toContain('ready');

    // The first cutoff closes and posts its run-sheet.
    await world.advance(week48.inTest);
    await deliver();
    expect(heard().filter((line) => /^releases: .*Run-sheet/.test(line))).toHaveLength(1);

    // QA: one by the form, one by the button. Two seats are filled by two people, never by the asker.
    for (const service of ['db', 'api'])
      await world.evidence({
        kind: 'verified',
        service,
        artifact: digest(service, '1.0.0'),
        environment: 'preproduction',
      });
    await say('quinn', '/change sign-off CHG-1');
    await form('quinn');
    await fill('quinn', { outcome: 'pass', comment: 'tried it twice' });
    expect(await press('quinn', 'CHG-2', 'Sign off')).toBe('');
    expect(await press('dev', 'CHG-1', 'Approve')).toContain('own');
    expect(await press('olga', 'CHG-1', 'Approve')).toBe('');
    await deliver();
    expect(await press('olga', 'CHG-1', 'Approve')).not.toBe('');
    expect(await press('remy', 'CHG-1', 'Approve')).toBe('');

    // A veto asks for its reason; taken back, the change collects its signatures again.
    expect(await press('olga', 'CHG-2', 'Veto')).toBe('');
    await form('olga');
    expect((await fill('olga', { reason: 'the disks are full' })).body).not.toMatchObject({
      response_action: 'errors',
    });
    await deliver();
    expect(words('CHG-2')).toContain('the disks are full');
    expect(await press('olga', 'CHG-2', 'Rescind')).toBe('');
    await deliver();
    for (const who of ['olga', 'remy']) expect(await press(who, 'CHG-2', 'Approve')).toBe('');
    await deliver();

    // The meeting decides change by change, in one form.
    await world.advance(week48.meeting);
    await deliver();
    expect(await press('rita', 'Train', 'Change by change')).toBe('');
    expect(await form('rita')).toContain('CHG-2 api 1.0.0');
    expect((await fill('rita', { 'chg-1': 'go', 'chg-2': 'nogo' })).body).toMatchObject({
      errors: { 'field:reason': expect.any(String) },
    });
    await fill('rita', { 'chg-1': 'go', 'chg-2': 'go' });
    await deliver();

    // The night.
    await world.advance(week48.closes);
    await deliver();
    expect(world.ledger()).toEqual(
      ['db', 'api'].flatMap((service) => ['prepare', 'check', 'switch'].map((step) => `${service} ${step}`)),
    );
    for (const name of ['CHG-1', 'CHG-2']) {
      expect(words(name)).toContain('in production');
      expect(card(name).edits).toBeGreaterThan(3);
    }

    // The channel holds one card of each and the sheets; nothing that Slack would have refused was sent.
    expect(heard().filter((line) => line.startsWith('releases:'))).toEqual([
      expect.stringContaining('CHG-1 db'),
      expect.stringContaining('Train weekly-2026-W48'),
      expect.stringContaining('CHG-2 api'),
      expect.stringContaining('Run-sheet'),
      expect.stringContaining('Run-sheet'),
    ]);
    expect(slack.faults).toEqual([]);
  });

  it('App Home shows what waits for one, and acts on it', async () => {
    const { world, slack, app, deliver } = await startSlackWeek(transport);
    const name = await world.submit('dev', 'db');
    await world.build('db', '1.0.0');
    const home = async (person: string): Promise<string> => {
      await slack.openHome(idOf(person));
      await app.idle();
      return wordsOf({ blocks: (slack.homes.get(idOf(person))?.['blocks'] ?? []) as never });
    };
    expect(await home('dev')).toMatch(/Your changes[\s\S]*CHG-1 ?\*? db/);
    expect(await home('rita')).toMatch(/Waits for you[\s\S]*CHG-1/);
    expect(await home('rita')).toContain('<!date^');
    await slack.clickHome(idOf('rita'), `Approve date ${name}`);
    await app.idle();
    await deliver();
    expect(await world.audit('evidence')).toHaveLength(2);
    expect(wordsOf({ blocks: (slack.homes.get(idOf('rita'))?.['blocks'] ?? []) as never })).not.toContain(
      '[Approve date',
    );
    expect(slack.faults).toEqual([]);
  });

  it('nothing is lost and nothing posted twice when Slack is away for an hour in the middle of the window', async () => {
    const week = await startSlackWeek(transport);
    const { world, deliver, slack, words } = week;
    await world.toGo('db', 'api', 'alone');
    world.behave('alone', 'switch', 'exit 1');
    await deliver();
    const before = slack.in('C01REL').length;
    await world.advance(new Date(new Date(week48.opens).getTime() + 60_000));
    // Answers get lost first, so that it is not known what was posted; then nobody is there.
    slack.trouble.set('*', 'lost');
    await deliver();
    slack.trouble.set('*', 'away');
    for (let minute = 0; minute < 60; minute += 5) {
      await world.advance(new Date(world.clock.now().getTime() + 5 * 60_000));
      await deliver();
    }
    slack.trouble.clear();
    await world.advance(week48.closes);
    for (let i = 0; i < 8; i++) {
      world.clock.advance(5 * 60_000);
      await deliver();
    }
    expect(world.ledger().filter((line) => line.endsWith('switch'))).toHaveLength(3);
    const said = slack
      .in('C01REL')
      .slice(before)
      .map(({ text }) => text);
    expect(said).toEqual(expect.arrayContaining(['alone was rolled back.', 'Log: alone was rolled back.']));
    expect(new Set(said).size).toBe(said.length);
    expect(words('CHG-1')).toContain('in production');
    expect(words('CHG-3')).toContain('rolled back');
    const waiting = await world.context.store.db
      .selectFrom('notice')
      .select('id')
      .where('state', 'in', ['waiting', 'sending'])
      .execute();
    expect(waiting).toEqual([]);
    expect(slack.faults).toEqual([]);
  });
});

describe('in Slack', () => {
  it('L8: double clicks, the same click sent again and a command sent again act once', async () => {
    const { world, slack, card, deliver, app } = await startSlackWeek('http');
    const name = await world.submit('dev', 'db');
    await world.build('db', '1.0.0');
    await world.passInTest(name);
    await world.advance(week48.inTest);
    await deliver();
    const message = card('CHG-1');
    await Promise.all([1, 2].map(() => slack.click(idOf('olga'), message, 'Approve')));
    await slack.redeliver(1);
    await app.idle();
    expect(await world.audit('approval')).toHaveLength(1);
    await slack.command(idOf('dana'), '/change', 'submit api 2.0.0');
    await slack.redeliver(1);
    expect(await world.audit('submitted')).toHaveLength(2);
    await slack.direct(idOf('dana'), 'change submit web 2.0.0');
    await slack.redeliver(1);
    await slack.redeliver(2);
    await app.idle();
    expect(await world.audit('submitted')).toHaveLength(3);
    expect(slack.in(`D${idOf('dana')}`)).toHaveLength(1);
  });

  it('L7: a forged press, a stranger and another workspace change nothing', async () => {
    const { world, slack, card, deliver, app } = await startSlackWeek('http');
    const name = await world.submit('dev', 'db');
    await deliver();
    const before = (await world.audit()).length;
    const forged = (verb: string) => ({
      actions: [{ action_id: 'press:0', value: JSON.stringify({ verb, subject: name, args: [] }) }],
    });
    await slack.click('U0MALLORY', card(name), 'Records ready');
    await slack.click(idOf('mira'), card(name), 'Records ready', forged('train go'));
    await slack.click(idOf('rita'), card(name), 'Records ready', { team: { id: 'T0OTHER' } });
    await slack.click(idOf('rita'), card(name), 'Records ready', forged('no such verb'));
    await app.idle();
    // Refusals are on the record; nothing else is.
    const after = (await world.audit()).slice(before).map(({ kind }) => kind);
    expect(after.filter((kind) => kind !== 'refused')).toEqual([]);
    expect(slack.seenBy('U0MALLORY')).toHaveLength(1);
    expect(JSON.stringify(slack.seenBy('U0MALLORY'))).not.toContain('CHG-1');
  });

  it('whom the policy knows by address only may act, and is told', async () => {
    const { world, say } = await startSlackWeek('http');
    expect(await say('mira', '/change submit db 1.0.0')).toContain('CHG-1');
    expect((await world.audit('submitted'))[0]).toMatchObject({ actor: 'mira' });
  });

  it('an archived channel is told to the release managers once, and the others are not kept waiting', async () => {
    const { world, slack, deliver } = await startSlackWeek('http');
    slack.archived.add('C01REL');
    await world.submit('dev', 'db');
    await deliver();
    await world.submit('dev', 'alone');
    await deliver();
    const told = ['rita', 'remy'].map((name) => slack.in(`D${idOf(name)}`).map(({ text }) => text));
    expect(told.map((texts) => texts.length)).toEqual([1, 1]);
    expect(told[0]?.[0]).toContain('releases');
  });

  it('a card that is too long for Slack is cut, and says how much is missing', async () => {
    const services = Array.from({ length: 200 }, (_, i) => `service-number-${i}: { owners: [dev] }`);
    const { world, say, slack } = await startSlackWeek('http', slackShop({ services }));
    for (let i = 0; i < 200; i++) await world.submit('dev', `service-number-${i}`, { note: 'x'.repeat(300) });
    expect(await say('rita', '/change list')).toMatch(/and \d+ more/);
    expect(slack.faults).toEqual([]);
  });
});
