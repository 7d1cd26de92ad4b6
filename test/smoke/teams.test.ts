import { describe, expect, it } from 'vitest';
import { conversationsOf } from '../../src/operations/conversations.ts';
import { recordingPlatform } from '../jobs/platforms.ts';
import { week48 } from '../support/shop.ts';
import { linesOf, places } from '../support/teams-people.ts';
import { aad, company, type Posted } from '../support/teams-server.ts';
import { startTeamsWeek, teamsShop } from '../support/teams-week.ts';
import { digest } from '../support/world.ts';

const linesNow = (message: Posted): string => linesOf(message.activity).join('\n');

describe('a release week in Teams', () => {
  it('goes from a mention in the channel to production', async () => {
    const { world, say, press, view, deliver, shared, heard, server, settled } = await startTeamsWeek();
    const thread = places.channel(`${company.channel};messageid=1`);

    // Somebody adds the app to the team.
    await say('rita', '', places.channel(company.channel), { type: 'installationUpdate', action: 'add' });
    await settled();

    // dev asks for a change in the channel; everybody gets its card, dev an answer.
    await world.build('db', '1.0.0');
    await say('dev', 'Change SUBMIT db 1.0.0&nbsp;--record SHOP-1', thread);
    await deliver();
    const change = shared('CHG-1 db 1.0.0');
    expect(linesOf(await view('dev', change))).toContain('[Records ready]');
    await world.evidence({
      kind: 'deployed',
      service: 'db',
      artifact: digest('db', '1.0.0'),
      environment: 'test',
    });
    await press('dev', change, 'Records ready');
    expect((await press('dev', change, 'Approve date')).body).toMatchObject({
      type: 'application/vnd.microsoft.activity.message',
    });
    await press('rita', change, 'Approve date');
    await deliver();

    // The first cutoff closes and posts its run-sheet.
    await world.advance(week48.inTest);
    await deliver();
    expect(heard().some((line) => line.startsWith('channel:') && /in test/i.test(line))).toBe(true);

    // QA signs off by the form's words; two seats are filled by two presses, not by the asker's.
    await world.evidence({
      kind: 'verified',
      service: 'db',
      artifact: digest('db', '1.0.0'),
      environment: 'preproduction',
    });
    await say('quinn', 'change sign-off CHG-1 qa all well', places.personal('quinn'));
    await deliver();
    const refused = await press('dev', change, 'Approve');
    expect(JSON.stringify(refused.body)).not.toContain('AdaptiveCard');
    const signed = await press('olga', change, 'Approve');
    expect(linesOf(signed.body).join()).toMatch(/olga/);
    await press('remy', change, 'Approve');
    await deliver();
    expect(linesNow(change)).toMatch(/olga/);
    expect(linesNow(change)).toMatch(/remy/);

    // The meeting, the window, production.
    await world.advance(week48.meeting);
    await deliver();
    await say('rita', 'train go', thread);
    await deliver();
    await world.advance(week48.closes);
    await deliver();
    expect(world.ledger()).toEqual(['db prepare', 'db check', 'db switch']);
    expect(linesNow(change)).toMatch(/production|deployed/i);
    expect(change.edits).toBeGreaterThan(4);

    // Nothing else was said to anybody; the cards of change and train were edited where they are.
    expect(heard()).toEqual([
      expect.stringMatching(/^channel: Signalbox/),
      expect.stringMatching(/^dev: .*CHG-1/),
      expect.stringMatching(/^channel: .*Train weekly-2026-W48/),
      expect.stringMatching(/^channel: .*CHG-1/),
      expect.stringMatching(/^dev: .*Not yours/),
      expect.stringMatching(/^channel: .*Run-sheet .*in test/),
      expect.stringMatching(/^quinn: .*CHG-1/),
      expect.stringMatching(/^dev: .*Not your own/),
      expect.stringMatching(/^channel: .*Run-sheet .*ready for production/),
      expect.stringMatching(/^rita: .*Train weekly-2026-W48/),
    ]);
    // One thread for the train: its card, and below it what is about it.
    const train = shared('Train weekly').conversation;
    expect(train).toMatch(/;messageid=/);
    const elsewhere = server.messages.filter(
      ({ conversation }) => conversation.startsWith(company.channel) && conversation !== train,
    );
    expect(elsewhere.map(({ activity }) => linesOf(activity)[0])).toEqual(['Signalbox']);
    expect(server.bearers).not.toContain('');
  });

  it('acts once on what Teams sends twice, at once or much later (L8)', async () => {
    const { world, say, press, deliver, shared, heard } = await startTeamsWeek();
    const submission = { id: 'm-1' };
    const words = 'change submit db 1.0.0 --record SHOP-1';
    await Promise.all([1, 2, 3].map(() => say('dev', words, places.personal('dev'), submission)));
    await deliver();
    world.clock.advance(3_600_000);
    await say('dev', words, places.personal('dev'), submission);
    await deliver();
    expect((await world.audit('submitted')).length).toBe(1);
    expect(heard().filter((line) => line.startsWith('dev:'))).toHaveLength(1);

    const change = shared('CHG-1');
    const [one, two] = await Promise.all(
      [1, 2].map(() => press('dev', change, 'Records ready', { id: 'i-1' })),
    );
    expect(one?.status).toBe(200);
    expect(linesOf(one?.body)).toEqual(linesOf(two?.body));
    const recorded = (await world.audit()).length;
    await press('rita', change, 'Approve date', { id: 'i-1' });
    expect((await world.audit()).length).toBe(recorded);
  });

  it('asks by a form for what a command lacks, and submits what was filled in', async () => {
    const { world, say, press, deliver, server } = await startTeamsWeek();
    await say('dev', 'change submit', places.personal('dev'));
    await deliver();
    const [form] = server.messages;
    if (form === undefined) throw new Error('no form');
    await press('dev', form, 'Submit', {}, { 'field.service': 'db', 'field.version': '2.0.0' });
    await deliver();
    expect(await world.audit('submitted')).toMatchObject([{ actor: 'dev' }]);
    expect(linesNow(form)).toContain('CHG-1 db 2.0.0');
  });

  it('shows a card that is too large for Teams without what does not fit', async () => {
    const services = Array.from({ length: 400 }, (_, i) => `service-number-${i}: { owners: [dev] }`);
    const { world, say, deliver, server } = await startTeamsWeek({ policy: teamsShop({ services }) });
    for (let i = 0; i < 400; i++) await world.submit('dev', `service-number-${i}`, { note: 'x'.repeat(300) });
    world.bell.rings.length = 0;
    const before = server.messages.length;
    await say('rita', 'change list', places.personal('rita'));
    await deliver();
    const [message] = server.messages.slice(before);
    expect(JSON.stringify(message?.activity).length * 2).toBeLessThan(100_000);
    expect(JSON.stringify(message?.activity)).toMatch(/and \d+ more/);
  });

  it('redraws both copies of a card in a company that is also elsewhere', async () => {
    const elsewhere = recordingPlatform();
    const { world, press, deliver, shared } = await startTeamsWeek({
      others: new Map([['console', elsewhere]]),
    });
    const name = await world.submit('dev', 'db');
    await deliver();
    await press('dev', shared(name), 'Records ready');
    await deliver();
    const there = elsewhere.shown.filter(({ card }) => card.title.startsWith(name));
    expect(there.map(({ how }) => how)).toEqual(['post', 'update']);
    // And the other way: what is done elsewhere shows in Teams.
    const before = linesNow(shared(name));
    await world.state('rita', name, { kind: 'date-approved' });
    await deliver();
    expect(linesNow(shared(name))).not.toBe(before);
  });

  it('lets nobody act whom the policy does not know, and somebody whom the roster knows', async () => {
    const { world, say, deliver, heard, server } = await startTeamsWeek();
    await say('mallory', 'change submit db 1.0.0', places.personal('mallory'));
    await deliver();
    expect(await world.audit('submitted')).toEqual([]);
    server.emails.set(aad('mira'), 'mira@shop.example');
    await say('mira', 'change submit db 1.0.0', places.personal('mira'));
    await deliver();
    expect(await world.audit('submitted')).toMatchObject([{ actor: 'mira' }]);
    expect(heard()).toContainEqual(expect.stringMatching(/^mira: CHG-1 db/));
  });

  it('tells the release managers that a person is out of reach, and stops trying', async () => {
    const { world, context, deliver, server, heard, say } = await startTeamsWeek();
    await say('rita', 'train', places.personal('rita'));
    await say('remy', 'train', places.personal('remy'));
    await deliver();
    await conversationsOf(context, 'teams').keep(aad('dev'), {
      conversation: `a:${aad('dev')}`,
      serviceUrl: server.serviceUrl,
      tenant: company.tenant,
    });
    await world.submit('dev', 'db');
    await deliver();
    server.failures.push({ status: 403, code: 'BotDisabledByUser' });
    await say('dev', 'train', places.chat);
    await deliver();
    expect(
      heard()
        .filter((line) => line.includes('out of reach'))
        .sort(),
    ).toEqual([expect.stringMatching(/^remy: .*Teams: dev/i), expect.stringMatching(/^rita: .*Teams: dev/i)]);
    const calls = server.calls.length;
    await say('dev', 'train', places.chat);
    await deliver();
    expect(server.calls.slice(calls).filter((call) => call.includes(`a:${aad('dev')}`))).toEqual([]);
  });
});
