import { expect, test } from 'vitest';
import { openDesk } from '../support/desk.ts';
import { week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';

test('omar watches the night, pauses it, lets it go on, and rolls back what was deployed', async () => {
  const world = await createWorld();
  const { say, press } = openDesk(world.context);
  const [db = '', api = ''] = await world.toGo('db', 'api');
  expect((await say('omar', 'deploy')).card.buttons).toEqual([]);
  expect((await say('dana', 'deploy plan')).text).toMatch(/db[\s\S]*api/);

  const paused = await say('omar', 'deploy pause');
  expect(paused.card.title).toContain(week48.train);
  await world.advance(week48.opens);
  expect(world.ledger()).toEqual([]);
  await press('omar', await say('omar', 'train'), 'deploy resume');
  await world.pump();
  expect(world.ledger()).toEqual([
    'db prepare',
    'db check',
    'db switch',
    'api prepare',
    'api check',
    'api switch',
  ]);

  const status = await say('omar', `deploy status ${api}`);
  expect(status.text).toMatch(/DEP-\d+/);
  const back = await press('omar', status, 'deploy rollback');
  expect(back.card.title).toMatch(/DEP-\d+/);
  await world.pump();
  expect(world.ledger().slice(6)).toEqual(['api back', 'api clean']);
  expect((await world.change(api)).state).toBe('rolled-back');
  expect((await world.change(db)).state).toBe('deployed');
  expect(await world.audit('refused')).toEqual([]);
});

test('a step that nobody knows about is resolved by a person, who says what became of it', async () => {
  const world = await createWorld();
  const { say, press } = openDesk(world.context);
  const [alone = ''] = await world.toGo('alone');
  // The machine of the first instance is gone, and with it what it knew of the step.
  const gone = await world.instance({
    executors: {
      command: {
        ...world.context.executors.command,
        start: async () => {},
        wait: async () => ({ state: 'gone', reason: 'another machine' }),
        status: async () => ({ state: 'gone', reason: 'another machine' }),
      },
    },
  });
  world.clock.set(new Date(week48.opens));
  await world.pump(gone);
  expect((await world.deployment(alone)).state).toBe('asking');

  const live = await say('olga', 'deploy');
  expect(live.text).toMatch(/alone/);
  expect((await say('olga', `deploy resolve ${(await world.deployment(alone)).id}`)).card.tone).not.toBe(
    'good',
  );
  await press('olga', await say('olga', `deploy status ${alone}`), 'deploy resolve', 'succeeded');
  await world.pump();
  expect(await world.change(alone)).toMatchObject({ state: 'deployed' });
  expect((await world.audit('step-resolved'))[0]).toMatchObject({ actor: 'olga', outcome: 'succeeded' });
});

test('omar aborts a deployment that hangs: its step is stopped, and what was done is undone', async () => {
  const world = await createWorld();
  const { say } = openDesk(world.context);
  const [alone = ''] = await world.toGo('alone');
  world.behave('alone', 'check', 'sleep 600');
  world.clock.set(new Date(week48.opens));
  const night = world.pump();
  while (!world.ledger().includes('alone check')) await new Promise((resolve) => setImmediate(resolve));
  const aborted = await say('omar', `deploy abort ${(await world.deployment(alone)).id} it hangs`);
  expect(aborted.card.title).toMatch(/DEP-\d+/);
  await night;
  await world.pump();
  expect(world.ledger()).toEqual(['alone prepare', 'alone check', 'alone clean']);
  expect((await world.audit('aborted'))[0]).toMatchObject({ actor: 'omar', facts: { reason: 'it hangs' } });
  expect((await world.change(alone)).state).toBe('rolled-back');
});
