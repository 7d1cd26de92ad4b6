import { describe, expect, it } from 'vitest';
import { companyShop } from '../support/company.ts';
import { week48 } from '../support/shop.ts';
import { idOf, slackChannels, wordsOf } from '../support/slack-chat.ts';
import { startWithin } from '../support/within.ts';

/** What Slack has and no other platform; the stories that all have in common are in `stories.ts`. */
const startSlack = async (transport: 'http' | 'socket' = 'http', policy = companyShop(['slack'])) => {
  const { slack, ...within } = await startWithin([`slack ${transport}`], policy);
  if (slack === undefined) throw new Error('no Slack');
  return { ...within, ...slack };
};

describe.each(['http', 'socket'] as const)('in Slack, by %s', (transport) => {
  it('App Home shows what waits for one, and acts on it', async () => {
    const { world, slack, app, chat, stage } = await startSlack(transport);
    const name = await world.submit('dev', 'db');
    await world.build('db', '1.0.0');
    const home = async (person: string): Promise<string> => {
      await slack.openHome(idOf(person));
      await app.idle();
      return chat.home(person);
    };
    expect(await home('dev')).toMatch(/Your changes[\s\S]*CHG-1 ?\*? db/);
    expect(await home('rita')).toMatch(/Waits for you[\s\S]*CHG-1/);
    expect(await home('rita')).toContain('<!date^');
    await slack.clickHome(idOf('rita'), `Approve date ${name}`);
    await stage.settle();
    expect(await world.audit('evidence')).toHaveLength(2);
    expect(chat.home('rita')).not.toContain('[Approve date');
    expect(slack.faults).toEqual([]);
  });
});

describe('in Slack', () => {
  it('L8: an event that Slack sends again acts once and is answered once', async () => {
    const { world, slack, app } = await startSlack();
    await slack.direct(idOf('dana'), 'change submit web 2.0.0');
    await slack.redeliver(1);
    await slack.redeliver(2);
    await app.idle();
    expect(await world.audit('submitted')).toHaveLength(1);
    expect(slack.in(`D${idOf('dana')}`)).toHaveLength(1);
  });

  it('L7: a forged press and another workspace change nothing', async () => {
    const { world, slack, chat, deliver, app } = await startSlack();
    const name = await world.submit('dev', 'db');
    await deliver();
    const before = (await world.audit()).length;
    const forged = (verb: string) => ({
      actions: [{ action_id: 'press:0', value: JSON.stringify({ verb, subject: name, args: [] }) }],
    });
    await slack.click(idOf('mira'), chat.message(name), 'Records ready', forged('train go'));
    await slack.click(idOf('rita'), chat.message(name), 'Records ready', { team: { id: 'T0OTHER' } });
    await slack.click(idOf('rita'), chat.message(name), 'Records ready', forged('no such verb'));
    await app.idle();
    // Refusals are on the record; nothing else is.
    const after = (await world.audit()).slice(before).map(({ kind }) => kind);
    expect(after.filter((kind) => kind !== 'refused')).toEqual([]);
  });

  it('an archived channel is told to the release managers once, and the others are not kept waiting', async () => {
    const { world, slack, deliver } = await startSlack();
    slack.archived.add(slackChannels.releases);
    await world.submit('dev', 'db');
    await deliver();
    await world.submit('dev', 'alone');
    await deliver();
    const told = ['rita', 'remy'].map((name) => slack.in(`D${idOf(name)}`).map(({ text }) => text));
    expect(told.map((texts) => texts.length)).toEqual([1, 1]);
    expect(told[0]?.[0]).toContain('releases');
  });

  it('a card that is too long is cut, and says how much is missing', async () => {
    const services = Array.from({ length: 200 }, (_, i) => `service-number-${i}: { owners: [dev] }`);
    const { world, slack } = await startSlack('http', companyShop(['slack'], { services }));
    for (let i = 0; i < 200; i++) await world.submit('dev', `service-number-${i}`, { note: 'x'.repeat(300) });
    await slack.command(idOf('rita'), '/change', 'list');
    expect(slack.seenBy(idOf('rita')).map(wordsOf).join()).toMatch(/and \d+ more/);
    expect(slack.faults).toEqual([]);
  });

  it('a card is edited where it is, and not posted anew', async () => {
    const { world, chat, deliver, stage } = await startSlack();
    const name = await world.submit('dev', 'db');
    await deliver();
    const { ts, edits } = chat.message(name);
    await stage.who('dev').clicks('Records ready', name);
    await stage.advance(week48.inTest);
    expect(chat.message(name)).toMatchObject({ ts });
    expect(chat.message(name).edits).toBeGreaterThan(edits);
  });
});
