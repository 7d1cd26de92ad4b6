import { expect, it } from 'vitest';
import { changeCard } from '../../src/cards/change-card.ts';
import { noticeCard } from '../../src/cards/notice-card.ts';
import { createCommandExecutor } from '../../src/executors/command.ts';
import { gapMark } from '../../src/executors/output-tail.ts';
import { describeChange } from '../../src/operations/describe.ts';
import { deploymentLink } from '../../src/web/deployment-page.ts';
import { trainLink } from '../../src/web/train-page.ts';
import { policyOf, shop, week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';
import { openSite, secret, stillQueue } from './site.ts';

const revealed = { reveal: () => secret };
const logLink = (deployment: string): string =>
  deploymentLink(deployment, 'https://signalbox.example', revealed);

/** `alone` prints much and fails; what it did is undone. */
const failed = async () => {
  const world = await createWorld({ over: { logLink } });
  const [alone = ''] = await world.toGo('alone');
  world.behave('alone', 'prepare', 'seq 1 5000');
  // 12 MB, of which the first and the last are kept.
  world.behave(
    'alone',
    'check',
    'echo "first <script>alert(1)</script>"; yes "a line & more of it" | head -c 12000000; echo; echo "last line"; exit 3',
  );
  world.behave('alone', 'clean', 'echo swept up');
  await world.advance(week48.opens);
  return { world, alone };
};

it('GET /deployments/:id shows all that every step printed, escaped, and of very much the beginning and the end', async () => {
  const { world, alone } = await failed();
  const site = await openSite({ context: world.context, queue: stillQueue });
  const response = await site.get('/deployments/DEP-1');
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  for (const shown of [
    'was rolled back',
    ...Array.from({ length: 5_000 }, (_, i) => `\n${i + 1}\n`),
    'first &#60;script&#62;alert(1)&#60;/script&#62;',
    'a line &#38; more of it',
    gapMark.trim(),
    'last line',
    '<h3>undoing prepare: succeeded</h3>',
    'swept up',
  ])
    expect(html.includes(shown), shown).toBe(true);
  expect(html).not.toMatch(/<script/i);
  expect(html.length).toBeLessThan(12_000_000);
  expect(html.trimEnd().endsWith('</html>')).toBe(true);
  expect((await (await site.get(`/deployments/${alone}`)).text()).includes('swept up')).toBe(true);
  for (const id of ['DEP-2', 'CHG-9', 'x', '%00', '..%2f..%2fetc'])
    expect((await site.get(`/deployments/${id}`)).status, id).toBe(404);

  // Cards and the thread have the way there.
  const log = logLink('DEP-1');
  const card = changeCard(await describeChange(world.context, alone, world.clock.now()));
  expect(JSON.stringify(card)).toContain('last line');
  const [notice] = (await world.notices()).filter(({ kind }) => kind === 'deployment-failed');
  if (notice === undefined) throw new Error('nobody was told');
  const told = JSON.stringify(noticeCard(notice, policyOf(shop()), null));
  expect(told).toContain(log);
  expect(told.split('a line & more of it').length).toBeGreaterThan(20);

  // Steps of another machine: their stored end, and that it is no more than that.
  const elsewhere = createCommandExecutor({
    directory: world.context.workFolder,
    environment: {},
    host: 'another',
  });
  const other = await openSite({
    context: { ...world.context, executors: { command: elsewhere } },
    queue: stillQueue,
  });
  const partly = await (await other.get('/deployments/DEP-1')).text();
  expect(partly).toContain('Only its end is kept here');
  expect(partly).toContain('last line');
  expect(partly).not.toContain('first &#60;script');
});

it('opens by its own signed link only, as soon as anyone but this machine can reach it', async () => {
  const { world } = await failed();
  const site = await openSite(
    { context: world.context, queue: stillQueue },
    { publicUrl: 'https://signalbox.example' },
  );
  const path = logLink('DEP-1').replace('https://signalbox.example', '');
  expect((await site.get(path)).status).toBe(200);
  const others = [
    '/deployments/DEP-1',
    path.replace('DEP-1', 'DEP-2'),
    `${path}0`,
    trainLink('DEP-1', '', revealed).replace('trains', 'deployments'),
    deploymentLink('DEP-1', '', { reveal: () => 'another secret' }),
  ];
  for (const attempt of others) expect((await site.get(attempt)).status, attempt).toBe(403);
});
