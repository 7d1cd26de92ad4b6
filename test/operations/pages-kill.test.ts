/**
 * Pages are sent by the real bot, with its queue and workers, which is killed with SIGKILL again and again in mid-send:
 * none is lost, and those that come twice are bounded by what a worker can have in hand.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { raisePage } from '../../src/operations/raise-by-hand.ts';
import { queueRules } from '../../src/queue/jobs.ts';
import { pagingShop } from '../support/pager.ts';
import { createWorld, type World } from '../support/world.ts';

const kills = 2;
const pages = 6;
const people = Array.from({ length: 10 }, (_, i) => ({ id: `p${i}`, phone: `+1555020${i}` }));

const policyText = pagingShop(`
oncall:
  limits: { sms: 100 }
  escalations:
    default: [{ page: [${people.map(({ id }) => `person:${id}`).join(', ')}] }]
`).replace(
  'people:\n',
  `people:\n${people.map(({ id, phone }) => `  ${id}: { phone: "${phone}", pages: [{ by: sms }] }\n`).join('')}`,
);

/** Speaks Twilio's protocol, slowly. `accepted`: what it would have delivered. */
const provider = async () => {
  const accepted: string[] = [];
  const server = createServer((req, res) => {
    let text = '';
    req.on('data', (data) => {
      text += data;
    });
    req.on('end', () => {
      const form = new URLSearchParams(text);
      accepted.push(`${/PAGE-\d+/.exec(form.get('Body') ?? '')?.[0]} ${form.get('To')}`);
      const answer = setTimeout(() => {
        res.writeHead(201, { 'content-type': 'application/json' });
        res.end('{"sid":"SM1"}');
      }, 60);
      res.on('close', () => clearTimeout(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return {
    accepted,
    apiUrl: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
  };
};

const unsent = async (world: World): Promise<number> => {
  const { rows } = await world.database.pool.query(
    `select count(*)::int as n from page_send where state in ('waiting', 'sending')`,
  );
  return rows[0]?.n ?? 0;
};

it('L10: of pages that a bot was killed in the middle of none is lost, and few come twice', async () => {
  const world = await createWorld({ policy: policyText });
  const { accepted, apiUrl } = await provider();
  const context = await world.instance({
    telephony: {
      sms: () => Promise.reject(new Error('this instance only raises')),
      call: () => Promise.reject(new Error('this instance only raises')),
    },
  });
  for (let n = 0; n < pages; n += 1)
    await raisePage(context, world.cause('dana'), { key: `r${n}`, summary: `something ${n}` });
  expect(await unsent(world)).toBe(pages * people.length);

  const policyFile = join(world.context.workFolder, 'signalbox.yaml');
  writeFileSync(policyFile, policyText);
  const born = () => {
    const settings = {
      databaseUrl: world.database.url,
      folder: join(world.context.workFolder, 'data'),
      policyFile,
      from: world.clock.now(),
      stepEnvironment: {},
      twilio: { accountSid: 'AC1', from: '+15550000', apiUrl },
    };
    const bot = spawn(
      process.execPath,
      ['--import', './test/support/typescript.mjs', 'test/support/mortal-bot.ts', JSON.stringify(settings)],
      { cwd: fileURLToPath(new URL('../../', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    return { bot, gone: once(bot, 'exit') };
  };
  const until = async (done: () => Promise<boolean> | boolean): Promise<void> => {
    while (!(await done())) await pause(20);
  };
  for (let n = 0; n < kills; n += 1) {
    const { bot, gone } = born();
    const before = accepted.length;
    // In the middle: some have been accepted, and not yet written down.
    await until(() => accepted.length > before + 3);
    bot.kill('SIGKILL');
    await gone;
    // The leases of the dead run out.
    await world.database.pool.query(
      `update page_send set claimed_until = clock_timestamp() where state = 'sending'`,
    );
  }
  const { bot, gone } = born();
  await until(async () => (await unsent(world)) === 0);
  bot.kill('SIGKILL');
  await gone;

  expect(new Set(accepted).size).toBe(pages * people.length);
  const twice = accepted.length - new Set(accepted).size;
  expect(twice).toBeLessThanOrEqual(kills * queueRules.pages.concurrency);
  const { rows } = await world.database.pool.query(`select distinct state from page_send`);
  expect(rows).toEqual([{ state: 'sent' }]);
}, 120_000);
