import { expect, it } from 'vitest';
import { shop } from '../support/shop.ts';
import { idOf, slackChannels, wordsOf } from '../support/slack-chat.ts';
import { linesOf } from '../support/teams-people.ts';
import { aad, company } from '../support/teams-server.ts';
import { startWithin } from '../support/within.ts';

/** Everybody is in Teams; omar and dana are in Slack too. */
const policy = `${shop().replace(/^ {2}(\w+): \{(?: slack: \w+ )?\}$/gm, (_, name: string) =>
  ['omar', 'dana'].includes(name)
    ? `  ${name}: { teams: ${aad(name)}, slack: ${idOf(name)} }`
    : `  ${name}: { teams: ${aad(name)} }`,
)}channels: { releases: { slack: ${slackChannels.releases}, teams: "${company.channel}" } }\n`;

it('in a company with Slack and Teams a change has a card in each, and what is done in one shows in the other', async () => {
  const { world, deliver, slack: own, teams } = await startWithin(['teams', 'slack http'], policy);
  if (own === undefined || teams === undefined) throw new Error('no company');
  const { press, server } = teams;
  const shared = teams.chat.message;
  const name = await world.submit('dev', 'db');
  await world.build('db', '1.0.0');
  await deliver();
  const inSlack = () => {
    const found = own.slack
      .in(slackChannels.releases)
      .filter((message) => wordsOf(message).includes('CHG-1 db 1.0.0 ·'));
    expect(found).toHaveLength(1);
    const [card] = found;
    if (card === undefined) throw new Error('no card in Slack');
    return card;
  };

  // olga signs in Teams, and Slack's card says so.
  await press('olga', shared(name), 'Approve');
  await deliver();
  expect(wordsOf(inSlack())).toMatch(/1 of 2 signed[\s\S]*signed by olga for operations/);

  // omar takes the other way: a veto in Slack, with its reason, redraws the card in Teams.
  await own.slack.click(idOf('omar'), inSlack(), 'Veto');
  await expect.poll(() => own.slack.modals.get(idOf('omar'))?.[0]?.['callback_id']).toBe('signalbox:form');
  await own.slack.submit(idOf('omar'), { reason: 'the disks are full' });
  await own.app.idle();
  await deliver();
  expect(linesOf(shared(name).activity).join('\n')).toMatch(/vetoed by omar.*the disks are full/);
  expect(wordsOf(inSlack())).toContain('the disks are full');

  // Whoever is in both is told once.
  await world.advance('2026-11-24T12:00:00Z');
  await deliver();
  const reminders = [
    ...server.messages.filter(({ activity }) => linesOf(activity)[0]?.includes('Your move')),
    ...own.slack.messages.filter((message) => wordsOf(message).includes('Your move')),
  ];
  const people = (await world.audit('reminder')).length;
  expect([reminders.length, people > 0]).toEqual([people, true]);
  expect(own.slack.faults).toEqual([]);
});
