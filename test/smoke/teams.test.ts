import { describe, expect, it } from 'vitest';
import { conversationsOf } from '../../src/operations/conversations.ts';
import { companyShop } from '../support/company.ts';
import { linesOf, places } from '../support/teams-people.ts';
import { aad, company } from '../support/teams-server.ts';
import { startWithin } from '../support/within.ts';

/** What Teams has and no other platform; the stories that all have in common are in `stories.ts`. */
const startTeams = async (policy = companyShop(['teams'])) => {
  const { teams, ...within } = await startWithin(['teams'], policy);
  if (teams === undefined) throw new Error('no Teams');
  const heard = () => teams.chat.lines().map(({ to, title }) => `${to}: ${title}`);
  return { ...within, ...teams, heard };
};

describe('in Teams', () => {
  it('it greets once where it was added, and keeps one thread for a train', async () => {
    const { world, say, settled, deliver, heard, server, chat } = await startTeams();
    const added = { type: 'installationUpdate', action: 'add' };
    for (let i = 0; i < 2; i++) await say('rita', '', places.channel(company.channel), added);
    await settled();
    expect(heard()).toEqual(['releases: Signalbox']);
    await world.submit('dev', 'db');
    await world.submit('dev', 'alone');
    await deliver();
    // Its card, and below it what is about it.
    const train = chat.message('Train').conversation;
    expect(train).toMatch(/;messageid=/);
    const elsewhere = server.messages.filter(({ conversation }) => conversation !== train);
    expect(elsewhere.map(({ activity }) => linesOf(activity)[0])).toEqual(['Signalbox']);
  });

  it('L8: it acts once on what Teams sends again, at once or much later', async () => {
    const { world, say, press, deliver, chat, heard } = await startTeams();
    const submission = { id: 'm-1' };
    const words = 'change submit db 1.0.0 --record SHOP-1';
    await Promise.all([1, 2, 3].map(() => say('dev', words, places.personal('dev'), submission)));
    await deliver();
    world.clock.advance(3_600_000);
    await say('dev', words, places.personal('dev'), submission);
    await deliver();
    expect((await world.audit('submitted')).length).toBe(1);
    expect(heard().filter((line) => line.startsWith('dev:'))).toHaveLength(1);

    const change = chat.message('CHG-1');
    const [one, two] = await Promise.all(
      [1, 2].map(() => press('dev', change, 'Records ready', { id: 'i-1' })),
    );
    expect(one?.status).toBe(200);
    expect(linesOf(one?.body)).toEqual(linesOf(two?.body));
    const recorded = (await world.audit()).length;
    await press('rita', change, 'Approve date', { id: 'i-1' });
    expect((await world.audit()).length).toBe(recorded);
  });

  it('a card that is too large is shown without what does not fit', async () => {
    const services = Array.from({ length: 400 }, (_, i) => `service-number-${i}: { owners: [dev] }`);
    const { world, say, deliver, server } = await startTeams(companyShop(['teams'], { services }));
    for (let i = 0; i < 400; i++) await world.submit('dev', `service-number-${i}`, { note: 'x'.repeat(300) });
    world.bell.rings.length = 0;
    const before = server.messages.length;
    await say('rita', 'change list', places.personal('rita'));
    await deliver();
    const [message] = server.messages.slice(before);
    expect(JSON.stringify(message?.activity).length * 2).toBeLessThan(100_000);
    expect(JSON.stringify(message?.activity)).toMatch(/and \d+ more/);
  }, 120_000);

  it('the release managers are told that a person is out of reach, and nobody tries any more', async () => {
    const { world, deliver, server, heard, say } = await startTeams();
    await say('rita', 'train', places.personal('rita'));
    await say('remy', 'train', places.personal('remy'));
    await deliver();
    await conversationsOf(world.context, 'teams').keep(aad('dev'), {
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
