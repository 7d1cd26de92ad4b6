import { expect, it } from 'vitest';
import { trusted, week48 } from '../support/shop.ts';
import { startSpawned } from '../support/spawned.ts';
import { digest } from '../support/world.ts';

it('a company in Slack and in Teams has one card in both, and one human is one human (L6)', async () => {
  const { stage, slack, teams } = await startSpawned(['slack http', 'teams']);
  if (slack === undefined || teams === undefined) throw new Error('no company');
  const both = [slack.chat, teams.chat];
  const inSlack = (name: string) => stage.who(name, slack.chat);
  const inTeams = (name: string) => stage.who(name, teams.chat);
  const everywhere = async (card: string, what: RegExp): Promise<void> => {
    for (const chat of both) await stage.channel('releases', chat).shows(card, what);
  };
  const artifact = digest('api', '1.0.0');
  await stage.report({ kind: 'build', service: 'api', version: '1.0.0', artifact, builder: trusted });

  // dana asks in Teams; everybody sees it.
  await inTeams('dana').says('/change submit api 1.0.0 --record SHOP-2');
  await inTeams('dana').hears(/CHG-1 api/);
  for (const chat of both) {
    await stage.channel('releases', chat).hears(/^\W*Train weekly-2026-W48/);
    await stage.channel('releases', chat).hears(/^\W*CHG-1 api/);
  }
  await stage.report({ kind: 'deployed', service: 'api', artifact, environment: 'test' });
  await inSlack('dana').clicks('Records ready', 'CHG-1');
  await inTeams('rita').clicks('Approve date', 'CHG-1');
  await everywhere('CHG-1', /ready for “in test”|everything/i);
  await stage.advance(week48.inTest);
  for (const chat of both) await stage.channel('releases', chat).hears(/Run-sheet/);
  await stage.report({ kind: 'verified', service: 'api', artifact, environment: 'preproduction' });

  // What is done in one shows in the other.
  await inTeams('quinn').clicks('Sign off as QA', 'CHG-1');
  await inSlack('olga').clicks('Approve', 'CHG-1');
  await everywhere('CHG-1', /olga/);
  await inTeams('olga').clicks('Approve', 'CHG-1');
  await inTeams('olga').hears(/signed already/i);
  await inSlack('dana').clicks('Approve', 'CHG-1');
  await inSlack('dana').hears(/own/);
  await inTeams('dana').clicks('Approve', 'CHG-1');
  await inTeams('dana').hears(/own/);
  await inTeams('remy').clicks('Approve', 'CHG-1');
  await everywhere('CHG-1', /remy/);
  expect((await stage.audit('approval')).map(({ actor }) => actor)).toEqual(['olga', 'remy']);

  await stage.advance(week48.meeting);
  for (const chat of both) await stage.channel('releases', chat).hears(/Run-sheet/);
  await inSlack('rita').says('/train go');
  await inSlack('rita').hears(/weekly-2026-W48/);
  await stage.advance(week48.opens);
  await everywhere('CHG-1', /in production/i);
  await stage.nothingElse();
}, 400_000);
