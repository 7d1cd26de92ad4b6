import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { beat } from '../../src/integrations/heartbeat.ts';
import { silentLog } from '../../src/log.ts';
import { isPagerSound } from '../../src/operations/check-pager.ts';
import { openPager, pagingShop } from '../support/pager.ts';

it('the heart beats while pages go out, and is silent when a timer passed and moved nothing, or nobody can tell', async () => {
  let beats = 0;
  const server = createServer((_req, res) => {
    beats += 1;
    res.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/ping`;
  const pager = await openPager(pagingShop());
  const options = { url, log: silentLog, isSound: () => isPagerSound(pager.context) };
  await beat(options);
  await pager.desk.say('dana', 'page raise api is down');
  await beat(options);
  expect(beats).toBe(2);
  // Nobody hears the bells: the workers are gone.
  pager.world.clock.advance(7 * 60_000);
  await beat(options);
  await beat({ ...options, isSound: () => Promise.reject(new Error('no database')) });
  expect(beats).toBe(2);
  await pager.world.sweep();
  await pager.world.pump();
  await beat(options);
  expect(beats).toBe(3);
  // Nobody is there: that is no reason for a bot to fall over.
  await beat({ ...options, url: 'http://127.0.0.1:9/' });
});
