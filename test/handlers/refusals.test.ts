import { describe, expect, it } from 'vitest';
import { refusalCard } from '../../src/cards/refusal-card.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { openDesk } from '../support/desk.ts';
import { noes } from '../support/noes.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';

/** `CHG-1`: dana's, of api, built, on week 48. */
const withChange = async (world: World): Promise<void> => {
  await world.build('api', '1.0.0');
  await world.submit('dana', 'api');
};

describe('L14: every no explains itself', () => {
  it('is an answer to the asker, changes nothing, and is on the record as what it was (L12)', async () => {
    const world = await createWorld();
    await withChange(world);
    const { say } = openDesk(world.context);
    const happened: string[] = [];
    for (const [person, line, code] of noes) {
      if (code === 'already-signed') await world.approve('omar', 'CHG-1');
      const before = (await world.audit()).length;
      const { audience, card } = await say(person, line);
      const recorded = (await world.audit())
        .slice(before)
        .map(({ kind, actor, outcome, facts }) => `${actor} ${kind} ${facts?.['verb']} ${outcome}`);
      happened.push(`${person}: ${line} → ${audience} ${card.tone} ${recorded.join(', ')}`);
    }
    expect(happened).toEqual(
      noes.map(([person, line, code]) => {
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
