import { expect, test } from 'vitest';
import { astronomyShop, openDesk } from '../support/desk.ts';
import { createWorld, digest } from '../support/world.ts';

/** New York's week 48 of 2026, in UTC. */
const monday = '2026-11-23T14:00:00Z';
const wednesdayNoon = '2026-11-25T17:00:00Z';
const fridayTen = '2026-11-27T15:00:00Z';
const builder = 'https://ci.shop.example/builders/release';
const artifact = digest('checkout', '2.4.1');
const platforms = ['linux-amd64', 'linux-arm64'] as const;

test('dana asks for checkout 2.4.1, and the week carries it to a go', async () => {
  const world = await createWorld({ policy: astronomyShop(), start: monday });
  const { say, press } = openDesk(world.context);
  const ci = async (kind: 'build' | 'deployed' | 'verified', environment?: string) => {
    for (const platform of platforms)
      await world.evidence({
        kind,
        service: 'checkout',
        version: '2.4.1',
        platform,
        ...(kind === 'build' ? { artifact, builder } : {}),
        ...(environment === undefined ? {} : { environment }),
      });
  };

  const submitted = await say('dana', 'change submit checkout 2.4.1 --record SHOP-12 round half to even');
  expect(submitted.audience).toBe('asker');
  expect(submitted.card.title).toContain('CHG-1 checkout 2.4.1');
  expect(submitted.text).toMatch(/SHOP-12/);
  expect(submitted.text).toMatch(/round half to even/);
  expect(submitted.text).toMatch(/not built yet/);
  expect(await world.change('CHG-1')).toMatchObject({
    train: 'weekly-2026-W48',
    requester: 'dana',
    records: ['SHOP-12'],
    note: 'round half to even',
    type: 'normal',
  });
  expect((await say('dana', 'train')).text).toMatch(/weekly-2026-W48/);
  expect((await say('dana', 'train next')).text).toMatch(/weekly-2026-W49/);
  const calendar = (await say('dana', 'train calendar')).text;
  expect(calendar).toMatch(/weekly-2026-W48[\s\S]*weekly-2026-W49/);
  expect(calendar).not.toMatch(/reminder|W50/);
  expect((await say('dana', 'train calendar 3')).text).toMatch(/W50/);

  await ci('build');
  await ci('deployed', 'test');
  // What waits for each: rita is asked for the date, mira for nothing and sees what there is.
  expect((await say('rita', 'change')).text).toMatch(/waits for you[\s\S]*CHG-1/);
  expect((await say('mira', 'change')).text).toMatch(/Open changes/);
  await press('dana', await say('dana', 'change chg-1'), 'change records');
  await press('rita', await say('rita', 'change show 1'), 'change approve-date');
  expect((await say('rita', 'train report')).card.tone).not.toBe('good');

  await world.advance(wednesdayNoon);
  const report = await say('rita', 'train report');
  expect(report.audience).toBe('channel');
  expect(report.text).toMatch(/checkout/);
  expect((await world.change('CHG-1')).train).toBe('weekly-2026-W48');

  await ci('verified', 'preproduction');
  const why = await say('dana', 'change why CHG-1');
  expect(why.card.title).toMatch(/^Why/);
  await say('quinn', 'change sign-off 1 all green');
  await press('olga', await say('olga', 'change show CHG-1'), 'change approve');
  const signed = await say('remy', 'change approve CHG-1 looks right');
  expect(signed.card.title).toContain('CHG-1');

  await world.advance(fridayTen);
  const plan = await say('omar', 'deploy plan');
  expect(plan.text).toMatch(/checkout/);
  const go = await press('rita', await say('rita', 'train status'), 'train go');
  expect(go.card.title).toContain('weekly-2026-W48');
  expect((await world.audit('go')).map(({ actor, train }) => ({ actor, train }))).toEqual([
    { actor: 'rita', train: 'weekly-2026-W48' },
  ]);

  const kept = await say('rita', 'train nogo 1 the mirror is dirty');
  expect(kept.text).toMatch(/CHG-1 checkout[\s\S]*the mirror is dirty/);
  expect((await press('rita', kept, 'train go')).card.title).toContain('CHG-1');

  // Nothing but what was said is on the record, and every no was an answer to a question.
  const said = (await world.audit()).filter(({ actor }) => !actor.startsWith('system:'));
  expect(said.map(({ actor, kind }) => `${actor} ${kind}`)).toEqual([
    'dana submitted',
    'dana evidence',
    'rita evidence',
    'quinn evidence',
    'olga approval',
    'remy approval',
    'rita go',
    'rita nogo',
    'rita go',
  ]);
  expect(await world.audit('refused')).toEqual([]);
});

test('a no is heard: vetoes, rejections, no-goes, and their ends', async () => {
  const world = await createWorld({ policy: astronomyShop(), start: monday });
  const { ask, say, press } = openDesk(world.context);
  await say('dana', 'change submit checkout 2.4.1');
  for (const platform of platforms)
    await world.evidence({
      kind: 'build',
      service: 'checkout',
      version: '2.4.1',
      platform,
      artifact,
      builder,
    });

  const vetoed = await say('omar', 'change veto 1 the database is being moved');
  expect(vetoed.text).toMatch(/the database is being moved/);
  await press('omar', vetoed, 'change rescind');
  // A press needs no reason.
  await press('olga', await say('olga', 'change show 1'), 'change veto');
  await say('olga', 'change rescind 1');
  await say('rita', 'change reject 1 wrong version');
  expect((await say('dana', 'change why 1')).text).toMatch(/wrong version/);
  await say('rita', 'change rescind 1');

  await say('quinn', 'change sign-off 1 qa fails on login');
  expect((await world.audit('evidence')).at(-1)).toMatchObject({ actor: 'quinn', outcome: 'fail' });
  await say('dana', 'change records 1 fail SHOP-13 is open');
  expect((await world.audit('evidence')).at(-1)).toMatchObject({ actor: 'dana', outcome: 'fail' });
  await say('rita', 'change approve-date 1 fail inventory week');
  expect((await world.audit('evidence')).at(-1)).toMatchObject({ actor: 'rita', outcome: 'fail' });

  await say('dana', 'change move 1 weekly-2026-w49 not in a hurry');
  expect((await world.change('CHG-1')).train).toBe('weekly-2026-W49');
  await say('dana', 'change move 1');
  expect((await world.change('CHG-1')).train).toBe('weekly-2026-W50');
  expect((await say('dana', 'change list weekly-2026-w50')).text).toMatch(/CHG-1/);
  expect((await say('dana', 'change list checkout')).text).toMatch(/CHG-1/);
  expect((await say('dana', 'change list cart')).text).not.toMatch(/CHG-1/);
  await say('dana', 'change withdraw 1 not needed any more');
  expect((await world.change('CHG-1')).state).toBe('withdrawn');
  expect((await say('dana', 'change list')).text).not.toMatch(/CHG-1/);

  await world.advance(fridayTen);
  await say('rita', 'train nogo the weather is bad');
  expect((await say('rita', 'train')).text).toMatch(/the weather is bad/);
  // A button of the meeting's card: nobody types a reason there.
  await ask({ verb: 'train nogo', subject: 'weekly-2026-W48' });
  expect((await world.audit('nogo')).map(({ facts }) => facts?.['reason'])).toEqual([
    'the weather is bad',
    'decided at the meeting',
  ]);
});
