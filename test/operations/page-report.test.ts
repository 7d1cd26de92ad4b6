import { expect, it } from 'vitest';
import { reportCommand } from '../../src/cli/report.ts';
import { silentLog } from '../../src/log.ts';
import { readSettings } from '../../src/settings.ts';
import { openPager, pagingShop } from '../support/pager.ts';

it('what was answered when, what did not arrive and who was woken is told in chat and as JSON', async () => {
  const policy = pagingShop().replace(
    'olga: { phone: "+15550102" }',
    'olga: { phone: "+15550102", timezone: Asia/Tokyo }',
  );
  // 23:00 where olga lives.
  const pager = await openPager(policy, '2026-11-23T14:00:00Z');
  const { world, desk, context } = pager;
  await desk.say('dana', 'page raise api is down');
  await pager.after(60);
  await desk.say('olga', 'page ack 1');
  await pager.after(600);
  await desk.say('olga', 'page resolve 1');
  pager.breaks('chat', 'gone');
  await desk.say('dana', 'page raise db is slow');
  await pager.after(180);
  pager.breaks('chat', undefined);
  await desk.say('omar', 'page resolve 2');
  // Merged ones are no pages of their own, drills are none at all.
  await desk.say('dana', 'page raise web is odd');
  await desk.say('dana', 'page raise left is odd');
  await desk.say('dana', 'page merge 4 3');
  await pager.after(60);
  const shown = await desk.say('rita', 'page report 1');
  for (const words of [
    '3 pages, 2 answered by a person, on average after 2 min.',
    'mean 2 min, median 1 min, 90 % within 3 min, most 3 min',
    'olga: 3 times in 1 night',
    '2026-W48: 3 pages',
    '(1 of ',
  ])
    expect(shown.text).toContain(words);
  const { json } = await reportCommand(
    readSettings({ DATABASE_URL: world.database.url }),
    silentLog,
    context.policy(),
    { from: '2026-11-23', to: '2026-11-29' },
  );
  expect(json).toMatchObject({
    pages: 3,
    answered: 2,
    toAnswer: { mean: 120_000, median: 60_000, p90: 180_000 },
    wakeUps: [{ person: 'olga', wakeUps: 3, nights: 1 }],
    services: [
      { service: 'api', pages: 1 },
      { service: 'db', pages: 1 },
      { service: 'web', pages: 1 },
    ],
  });
  await desk.say('olga', 'page resolve 3');
  expect(await pager.hourLater()).toEqual([]);
});
