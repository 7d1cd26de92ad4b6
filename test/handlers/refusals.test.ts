import { describe, expect, it } from 'vitest';
import { refusalCard } from '../../src/cards/refusal-card.ts';
import { openDesk } from '../support/desk.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';

/** `CHG-1`: dana's, of api, built, on week 48. */
const withChange = async (world: World): Promise<void> => {
  await world.build('api', '1.0.0');
  await world.submit('dana', 'api');
};

/** Who says what, and the code of the no. `before` lays down the state. */
const refusals: readonly (readonly [string, string, string, ((world: World) => Promise<unknown>)?])[] = [
  ['dana', 'change submit chekout 1.0', 'unknown-service'],
  ['dana', 'change submit db', 'version-missing'],
  ['dana', 'change submit db 1.0 --artifact sha256:short', 'bad-artifact'],
  ['dana', 'change submit db -x', 'bad-version'],
  ['dana', 'change submit db 1.0 --type emergency', 'unknown-type'],
  ['dana', 'change submit db 1.0 --type contant', 'unknown-type'],
  ['dana', 'change submit db 1.0 --train monthly', 'unknown-train'],
  ['dana', 'change submit api 1.0.0', 'already-submitted'],
  ['omar', 'change approve 99', 'unknown-change'],
  ['omar', 'change approve x', 'unknown-change'],
  ['dana', 'change approve 1', 'own-change'],
  ['mira', 'change approve 1', 'not-your-seat'],
  ['omar', 'change approve 1', 'already-signed', (world) => world.approve('omar', 'CHG-1')],
  ['olga', 'change approve 1', 'seats-full', (world) => world.approve('omar', 'CHG-1')],
  ['mira', 'change reject 1 ugly', 'not-your-role'],
  ['rita', 'change veto 1 no', 'not-your-role'],
  ['omar', 'change veto 1', 'reason-missing'],
  ['omar', 'change reject 1', 'reason-missing'],
  ['omar', 'change rescind 1', 'nothing-to-rescind'],
  ['mira', 'change move 1', 'not-your-role'],
  ['dana', 'change move 1 weekly-2026-W48', 'already-on-train'],
  ['dana', 'change move 1 weekly-2026-W40', 'cutoff-closed'],
  ['dana', 'change move 1 monthly-2026-W49', 'unknown-train'],
  ['mira', 'change withdraw 1', 'not-your-role'],
  ['mira', 'change sign-off 1', 'not-your-role'],
  ['mira', 'change sign-off 1 qa', 'not-your-role'],
  ['omar', 'change records 1', 'not-your-role'],
  ['dana', 'change approve-date 1', 'not-your-role'],
  ['rita', 'train go', 'too-early'],
  ['rita', 'train go CHG-1', 'too-early'],
  ['dana', 'train go', 'not-your-role'],
  ['rita', 'train nogo', 'reason-missing'],
  ['rita', 'train nogo weekly-2026-W48', 'reason-missing'],
  ['rita', 'train go weekly-2026-W77', 'unknown-train'],
  ['dana', 'deploy pause', 'not-your-role'],
  ['omar', 'deploy resume', 'not-paused'],
  ['omar', 'deploy pause weekly-2026-W10', 'unknown-train'],
  ['omar', 'deploy abort 7', 'unknown-deployment'],
  ['omar', 'deploy abort CHG-1', 'unknown-deployment'],
  ['dana', 'deploy rollback 7', 'not-your-role'],
  ['omar', 'deploy resolve 7', 'outcome-missing'],
  ['omar', 'deploy resolve 7 failed', 'unknown-deployment'],
];

describe('L14: every no explains itself', () => {
  it.each(refusals.map(([person, line, code, before]) => ({ person, line, code, before })))(
    '$person: $line → $code',
    async ({ person, line, code, before }) => {
      const world = await createWorld();
      await withChange(world);
      await before?.(world);
      const { say } = openDesk(world.context);
      const rows = (await world.audit()).length;
      const said = await say(person, line);

      expect(said.audience).toBe('asker');
      expect(said.card.tone).not.toBe('good');
      // Nothing changed but the record of the attempt (L12).
      const recorded = (await world.audit()).slice(rows);
      expect(recorded.map(({ kind, actor, outcome }) => ({ kind, actor, outcome }))).toEqual([
        { kind: 'refused', actor: person, outcome: code },
      ]);
      expect(recorded[0]?.facts).toMatchObject({ verb: said.request.verb, code });
    },
  );

  it('names the change that the refused attempt was about', async () => {
    const world = await createWorld();
    await withChange(world);
    await openDesk(world.context).say('dana', 'change approve 1');
    expect((await world.audit('refused'))[0]).toMatchObject({
      change: 'CHG-1',
      facts: { verb: 'change approve', subject: 'CHG-1', code: 'own-change', person: 'dana' },
    });
  });

  it('records an attempt that the platform repeats once', async () => {
    const world = await createWorld();
    await withChange(world);
    const { say, again } = openDesk(world.context);
    const said = await say('dana', 'change approve 1');
    expect((await again(said)).text).toBe(said.text);
    expect(await world.audit('refused')).toHaveLength(1);
  });

  it.each([
    ['change show 9', { code: 'unknown-change', facts: { change: 'CHG-9' } }],
    ['change why 9', { code: 'unknown-change', facts: { change: 'CHG-9' } }],
    ['change list chekout', { code: 'unknown-service', facts: { service: 'chekout' } }],
    ['train status weekly-2026-W77', { code: 'unknown-train', facts: { train: 'weekly-2026-W77' } }],
    [
      'train report',
      {
        code: 'no-run-sheet',
        facts: { train: week48.train, cutoff: 'in-test' },
        by: new Date(week48.inTest),
      },
    ],
    ['deploy status 9', { code: 'unknown-deployment', facts: { deployment: 'DEP-9' } }],
  ])('a question is refused too, but not put on the record: %s', async (line, refusal) => {
    const world = await createWorld();
    const said = await openDesk(world.context).say('dana', line);
    expect(said.card).toEqual(refusalCard(refusal, world.context.policy()));
    expect(await world.audit('refused')).toEqual([]);
  });

  it('is heard even when it cannot be recorded', async () => {
    const world = await createWorld();
    await withChange(world);
    const warned: object[] = [];
    let transactions = 0;
    const { store, log } = world.context;
    const { say } = openDesk({
      ...world.context,
      log: { ...log, warn: (facts) => warned.push(facts) },
      store: {
        ...store,
        transaction: (cause, work) => {
          transactions += 1;
          return transactions === 1 ? store.transaction(cause, work) : Promise.reject(new Error('full'));
        },
      },
    });
    expect((await say('dana', 'change approve 1')).card).toEqual(
      refusalCard(
        {
          code: 'own-change',
          facts: { change: 'CHG-1' },
          movers: [
            { kind: 'role', role: 'operations' },
            { kind: 'role', role: 'release-manager' },
          ],
        },
        world.context.policy(),
      ),
    );
    expect(warned).toHaveLength(1);
  });
});
