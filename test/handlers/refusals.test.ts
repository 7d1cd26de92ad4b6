import { describe, expect, it } from 'vitest';
import { refusalCard } from '../../src/cards/refusal-card.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { openDesk } from '../support/desk.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';

/** `CHG-1`: dana's, of api, built, on week 48. */
const withChange = async (world: World): Promise<void> => {
  await world.build('api', '1.0.0');
  await world.submit('dana', 'api');
};

/** Who says what, and the code of the no. */
const refusals: readonly (readonly [string, string, string])[] = [
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
  // Once omar has signed:
  ['omar', 'change approve 1', 'already-signed'],
  ['olga', 'change approve 1', 'seats-full'],
];

describe('L14: every no explains itself', () => {
  it('is an answer to the asker, changes nothing, and is on the record as what it was (L12)', async () => {
    const world = await createWorld();
    await withChange(world);
    const { say } = openDesk(world.context);
    const happened: string[] = [];
    for (const [person, line, code] of refusals) {
      if (code === 'already-signed') await world.approve('omar', 'CHG-1');
      const before = (await world.audit()).length;
      const { audience, card } = await say(person, line);
      const recorded = (await world.audit())
        .slice(before)
        .map(({ kind, actor, outcome, facts }) => `${actor} ${kind} ${facts?.['verb']} ${outcome}`);
      happened.push(`${person}: ${line} → ${audience} ${card.tone} ${recorded.join(', ')}`);
    }
    expect(happened).toEqual(
      refusals.map(([person, line, code]) => {
        const verb = line.split(' ').slice(0, 2).join(' ');
        return `${person}: ${line} → asker warning ${person} refused ${verb} ${code}`;
      }),
    );
  });

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

  it('is an answer to a question too, and then not on the record', async () => {
    const world = await createWorld();
    const { say } = openDesk(world.context);
    const questions: readonly (readonly [string, Refusal])[] = [
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
    ];
    for (const [line, refusal] of questions)
      expect((await say('dana', line)).card).toEqual(refusalCard(refusal, world.context.policy()));
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
