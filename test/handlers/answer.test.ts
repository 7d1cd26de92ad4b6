import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Handler } from '../../handlers/handler.ts';
import { outageCard } from '../../src/cards/outage-card.ts';
import { silentLog } from '../../src/log.ts';
import { createPool } from '../../src/store/pool.ts';
import { createStore } from '../../src/store/store.ts';
import { openDesk } from '../support/desk.ts';
import { week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';

describe('who is asked by whom', () => {
  it('L7: a stranger learns nothing and changes nothing, whatever platform and name they come with', async () => {
    const world = await createWorld();
    const { ask } = openDesk(world.context);
    await world.submit('dana', 'api');
    const strangers = [
      { platform: 'slack', id: 'U99' },
      { platform: 'slack', id: 'rita' },
      { platform: 'teams', id: 'U01RITA' },
      { platform: 'console', id: 'U01RITA' },
      { platform: 'console', id: 'toString' },
      { platform: 'slack', id: '' },
    ] as const;
    const rows = (await world.audit()).length;
    for (const actor of strangers) {
      const { text, audience } = await ask({ actor, verb: 'change withdraw', subject: 'CHG-1' });
      expect(audience).toBe('asker');
      expect(text).not.toMatch(/CHG-1|api|dana|rita/);
    }
    expect((await world.audit()).length).toBe(rows);
    expect((await world.change('CHG-1')).state).toBe('boarded');
  });

  it('a person is known by the platform’s own id, by the policy in force', async () => {
    const world = await createWorld();
    const { ask } = openDesk(world.context);
    await world.submit('dana', 'api');
    const slack = { platform: 'slack', tenant: 'T1', id: 'U01RITA' } as const;
    await ask({ actor: slack, verb: 'change withdraw', subject: 'CHG-1' });
    expect((await world.audit('withdrawn'))[0]).toMatchObject({ actor: 'rita', change: 'CHG-1' });
  });
});

describe('L8: a repeat', () => {
  it('of any acting verb has no second effect and gets the present card', async () => {
    const world = await createWorld();
    const { say, again } = openDesk(world.context);
    const submitted = await say('dana', 'change submit api 1.0.0');
    const repeated = await again(submitted);
    expect(repeated.card).toEqual(submitted.card);
    expect(await world.audit('submitted')).toHaveLength(1);

    await world.build('api', '1.0.0');
    const approved = await say('omar', 'change approve 1');
    await say('remy', 'change approve 1');
    const present = await again(approved);
    expect(present.card).toEqual((await say('omar', 'change show 1')).card);
    expect(present.card).not.toEqual(approved.card);
    expect(await world.audit('approval')).toHaveLength(2);

    const paused = await say('omar', 'deploy pause');
    await say('omar', 'deploy resume');
    expect((await again(paused)).card).toEqual((await say('omar', 'train')).card);
    expect(await world.audit('paused')).toHaveLength(1);
    expect(await world.audit('refused')).toEqual([]);
  });

  it('that arrives while the first is still at work waits for it and changes nothing', async () => {
    const world = await createWorld();
    const { ask } = openDesk(world.context);
    const press = { id: 'twice', actor: { platform: 'console', id: 'dana' }, verb: 'change submit' } as const;
    const both = await Promise.all([
      ask({ ...press, subject: 'api', args: ['1.0.0'] }),
      ask({ ...press, subject: 'api', args: ['1.0.0'] }),
    ]);
    expect(both[0].card).toEqual(both[1].card);
    expect(await world.audit('submitted')).toHaveLength(1);
  });
});

describe('forms', () => {
  it('come with their fields as flags', async () => {
    const world = await createWorld();
    const { ask } = openDesk(world.context);
    await ask({
      verb: 'change submit',
      flags: { service: 'api', version: '1.2', note: 'two\nlines', record: 'A-1, A-2' },
    });
    expect(await world.change('CHG-1')).toMatchObject({
      service: 'api',
      version: '1.2',
      note: 'two\nlines',
      records: ['A-1', 'A-2'],
    });
    await world.build('api', '1.2');
    await ask({
      actor: { platform: 'console', id: 'omar' },
      verb: 'change veto',
      subject: 'CHG-1',
      flags: { reason: 'not tonight' },
    });
    expect((await world.audit('veto'))[0]?.facts).toMatchObject({ reason: 'not tonight' });
  });
});

describe('text', () => {
  it('that PostgreSQL cannot store is made legible, not refused', async () => {
    const world = await createWorld();
    await openDesk(world.context).ask({
      verb: 'change submit',
      subject: 'api',
      args: ['1.0\0', 'half a \ud83d face'],
      flags: { record: 'A-\ud83d1' },
    });
    expect(await world.change('CHG-1')).toMatchObject({
      version: '1.0',
      note: 'half a \ufffd face',
      records: ['A-\ufffd1'],
    });
  });
});

describe('L3: a request', () => {
  it('keeps the cutoffs that it was in time for from closing until it is answered, well or badly', async () => {
    const world = await createWorld();
    let settled = false;
    const table: readonly Handler[] = [
      {
        verb: 'wait',
        usage: '',
        summary: '',
        show: async ({ context }) => {
          void context.arrivals.settled(new Date(week48.inTest)).then(() => {
            settled = true;
          });
          await Promise.resolve();
          expect(settled).toBe(false);
          throw new Error('badly');
        },
      },
    ];
    await openDesk(world.context, table).ask({ verb: 'wait' });
    await world.context.arrivals.settled(new Date(week48.inTest));
    expect(settled).toBe(true);
  });
});

describe('when something is broken', () => {
  const failing = (error: () => unknown, more: Partial<Handler> = {}): readonly Handler[] => [
    {
      verb: 'break',
      usage: '',
      summary: '',
      show: () => Promise.reject(error()),
      ...more,
    },
  ];
  const nowhere = () =>
    createStore(createPool('postgres://nobody@127.0.0.1:1/none', { max: 1, log: silentLog }));

  it('a bug is logged under the reference that the person is shown, and its message stays inside', async () => {
    const world = await createWorld();
    const logged: { reference?: string; err?: unknown }[] = [];
    const log = { ...silentLog, error: (facts: object) => logged.push(facts) };
    const { ask } = openDesk(
      { ...world.context, log },
      failing(() => new Error('password=hunter2')),
    );
    const { text } = await ask({ verb: 'break' });
    expect(logged).toHaveLength(1);
    expect(logged[0]?.reference).toMatch(/^[0-9a-f]{8}$/);
    expect(text).toContain(logged[0]?.reference);
    expect(text).not.toContain('hunter2');
  });

  it('a database that is away is said to be, with the truth about what was asked', async () => {
    const world = await createWorld();
    const store = nowhere();
    const { say } = openDesk({ ...world.context, store });
    expect((await say('dana', 'change submit api 1.0.0')).card).toEqual(outageCard('away'));
    expect((await say('dana', 'change')).card).toEqual(outageCard('away'));
    await store.close();
  });

  it('a connection that breaks in the middle leaves it open whether it was saved', async () => {
    const world = await createWorld();
    const cut = failing(() => new Error(), {
      act: ({ context, cause }) =>
        context.store.transaction(cause, (tx) =>
          sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx.db),
        ),
    });
    expect((await openDesk(world.context, cut).ask({ verb: 'break' })).card).toEqual(outageCard('lost'));
  });

  it('what was done before the database went is not said to be undone', async () => {
    const world = await createWorld();
    const store = nowhere();
    const acted = failing(() => Object.assign(new Error(), { code: 'ECONNREFUSED' }), {
      act: () => Promise.resolve(),
    });
    expect((await openDesk(world.context, acted).ask({ verb: 'break' })).card).toEqual(outageCard('lost'));
    const uncoded = failing(() => new Error('Connection terminated unexpectedly'), {
      act: () => Promise.resolve(),
    });
    expect((await openDesk({ ...world.context, store }, uncoded).ask({ verb: 'break' })).card).toEqual(
      outageCard('lost'),
    );
    await store.close();
  });
});

it('a press that is refused brings what it acts on as it is now; typed words bring the refusal alone', async () => {
  const world = await createWorld();
  const { ask, say } = openDesk(world.context);
  await world.submit('dana', 'api');
  await say('omar', 'change veto CHG-1 smoke');
  const dana = {
    actor: { platform: 'console', id: 'dana' },
    verb: 'change approve',
    subject: 'CHG-1',
  } as const;
  const pressed = await ask(dana);
  expect(pressed.refused).toEqual({});
  expect(pressed.present).toEqual((await say('dana', 'change show CHG-1')).card);
  expect(await ask({ ...dana, flags: {} })).not.toHaveProperty('present');
  expect(await ask({ ...dana, subject: 'CHG-9' })).not.toHaveProperty('present');
});
