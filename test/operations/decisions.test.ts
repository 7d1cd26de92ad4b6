import { describe, expect, it } from 'vitest';
import type { Standing } from '../../src/domain/approval.ts';
import {
  approveChange,
  rejectChange,
  rescindDecision,
  vetoChange,
} from '../../src/operations/decide-change.ts';
import { decideGo } from '../../src/operations/decide-go.ts';
import { describeChange } from '../../src/operations/describe.ts';
import { moveChange } from '../../src/operations/move-change.ts';
import { type ShopOptions, shop } from '../support/shop.ts';
import { createWorld, digest, refusalOf, type World } from '../support/world.ts';

const standing = async (world: World, name: string): Promise<Standing> => {
  const view = await describeChange(world.context, name, world.clock.now());
  if (!view.standing) throw new Error('no rule');
  return view.standing;
};

const aboard = async (options: ShopOptions = {}, requester = 'dana') => {
  const world = await createWorld({ policy: shop(options) });
  const change = await world.submit(requester, 'api');
  await world.build('api', '1.0.0');
  const choice = { change };
  return {
    world,
    change,
    veto: (person: string) => vetoChange(world.context, world.cause(person), { ...choice, reason: 'risky' }),
    reject: (person: string) =>
      rejectChange(world.context, world.cause(person), { ...choice, reason: 'not yet' }),
    rescind: (person: string) => rescindDecision(world.context, world.cause(person), choice),
    approve: (person: string) => world.approve(person, change),
  };
};

describe('approvals', () => {
  it('fill the seats of the rule, and no more', async () => {
    const { world, change, approve } = await aboard();
    await approve('olga');
    expect(await standing(world, change)).toMatchObject({ missing: ['release-manager'], approved: false });
    expect(await refusalOf(approve('omar'))).toMatchObject({ code: 'seats-full', facts: { by: ['olga'] } });
    expect(await refusalOf(approve('olga'))).toMatchObject({ code: 'already-signed' });
    expect(await refusalOf(approve('pia'))).toMatchObject({
      code: 'not-your-seat',
      facts: { roles: ['operations', 'release-manager'] },
      movers: [
        { kind: 'role', role: 'operations' },
        { kind: 'role', role: 'release-manager' },
      ],
    });
    expect(await refusalOf(approve('nobody'))).toMatchObject({ code: 'unknown-person' });
    await approve('rita');
    expect((await standing(world, change)).approved).toBe(true);
  });

  it('L6: nobody approves an own change', async () => {
    const { approve } = await aboard({}, 'omar');
    expect(await refusalOf(approve('omar'))).toMatchObject({ code: 'own-change' });
  });

  it('L6: nobody fills two seats, whatever roles they have', async () => {
    const { world, change, approve } = await aboard({ roles: { 'release-manager': '[rita, omar]' } });
    await approve('omar');
    expect(await refusalOf(approve('omar'))).toMatchObject({ code: 'already-signed' });
    await approve('rita');
    expect(await standing(world, change)).toMatchObject({
      approved: true,
      seats: [{ filledBy: 'omar' }, { filledBy: 'rita' }],
    });
  });

  it('L6: of fifty clicks at once by one person with two roles, one fills one seat', async () => {
    const { world, change, approve } = await aboard({ roles: { 'release-manager': '[rita, omar]' } });
    const attempts = await Promise.allSettled(Array.from({ length: 50 }, () => approve('omar')));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await standing(world, change)).missing).toHaveLength(1);
    expect(await world.audit('approval')).toHaveLength(1);
  });

  it('L6: two people for one seat at once: one sits, the other is told who does', async () => {
    const { approve } = await aboard();
    const attempts = await Promise.allSettled(['omar', 'olga'].map(approve));
    const refused = attempts.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { refusal: { code: 'seats-full' } } }]);
  });

  it('a type without seats asks nobody, and lets nobody sign', async () => {
    const world = await createWorld();
    const change = await world.submit('dana', 'api', { type: 'standard' });
    expect((await standing(world, change)).approved).toBe(true);
    expect(await refusalOf(world.approve('omar', change))).toMatchObject({ code: 'no-seats' });
  });

  it('L7: a signature of somebody who lost the role does not count, and counts again when it is back', async () => {
    const { world, change, approve } = await aboard();
    await approve('olga');
    await world.reload(shop({ roles: { operations: '[omar]' } }));
    expect(await standing(world, change)).toMatchObject({
      missing: ['operations', 'release-manager'],
      unseated: ['olga'],
    });
    expect(await refusalOf(world.approve('olga', change))).toMatchObject({ code: 'already-signed' });
    await world.reload(shop());
    expect((await standing(world, change)).missing).toEqual(['release-manager']);
  });

  it('L7: a role is checked in the policy in force at the click', async () => {
    const { world, approve, veto } = await aboard();
    await world.reload(shop({ roles: { operations: '[omar]' } }));
    expect(await refusalOf(approve('olga'))).toMatchObject({ code: 'not-your-seat' });
    expect(await refusalOf(veto('olga'))).toMatchObject({ code: 'not-your-role' });
  });
});

describe('L5: approvals bind to the fingerprint', () => {
  const signed = async () => {
    const its = await aboard();
    await its.approve('olga');
    return its;
  };
  const voided = async (world: World, change: string) => {
    const { void: lapsed, missing } = await standing(world, change);
    expect(missing).toEqual(['operations', 'release-manager']);
    return lapsed;
  };

  it('the artifact', async () => {
    const { world, change } = await signed();
    world.clock.advance(1);
    await world.build('api', '1.0.0', { artifact: digest('again') });
    expect(await voided(world, change)).toEqual([{ person: 'olga', changed: ['artifact'] }]);
  });

  it('the window, when the change moves', async () => {
    const { world, change } = await signed();
    await moveChange(world.context, world.cause('dana'), { change });
    expect(await voided(world, change)).toEqual([{ person: 'olga', changed: ['window'] }]);
    await moveChange(world.context, world.cause('dana'), { change, to: 'weekly-2026-W48' });
    expect((await standing(world, change)).missing).toEqual(['release-manager']);
  });

  it('the plan, when the policy changes it', async () => {
    const { world, change } = await signed();
    await world.reload(shop({ expected: '3m' }));
    expect(await voided(world, change)).toEqual([{ person: 'olga', changed: ['plan'] }]);
  });

  it('the rule, when the policy changes it', async () => {
    const { world, change } = await signed();
    await world.reload(shop({ seats: '[release-manager: 1, operations: 1]' }));
    expect((await standing(world, change)).missing).toEqual(['release-manager']);
    await world.reload(shop({ seats: '[operations: 1, release-manager: 2]' }));
    expect((await standing(world, change)).void).toEqual([{ person: 'olga', changed: ['rule'] }]);
  });

  it('is renewed by signing again, and counts once', async () => {
    const { world, change, approve } = await signed();
    await world.reload(shop({ expected: '3m' }));
    await approve('olga');
    await approve('rita');
    expect(await standing(world, change)).toMatchObject({ approved: true, void: [] });
  });
});

describe('a no', () => {
  it('a veto holds over every fingerprint until its author rescinds it', async () => {
    const { world, change, approve, veto, rescind } = await aboard();
    expect(await refusalOf(veto('rita'))).toMatchObject({ code: 'not-your-role' });
    await approve('olga');
    await approve('rita');
    await veto('omar');
    expect(await refusalOf(approve('remy'))).toMatchObject({
      code: 'vetoed',
      facts: { by: 'omar', reason: 'risky' },
    });
    world.clock.advance(1);
    await world.build('api', '1.0.0', { artifact: digest('again') });
    expect((await standing(world, change)).vetoes).toMatchObject([{ person: 'omar' }]);
    await world.reload(shop({ roles: { operations: '[olga]' } }));
    expect(await refusalOf(approve('remy'))).toMatchObject({ code: 'vetoed' });
    expect(await refusalOf(rescind('remy'))).toMatchObject({ code: 'nothing-to-rescind' });
    await rescind('omar');
    await approve('remy');
  });

  it('a rejection is about the present fingerprint, and suspends the own approval until rescinded', async () => {
    const { world, change, approve, reject, rescind } = await aboard();
    await approve('olga');
    await reject('olga');
    expect(await standing(world, change)).toMatchObject({
      rejections: [{ person: 'olga' }],
      missing: ['operations', 'release-manager'],
    });
    expect(await refusalOf(approve('olga'))).toMatchObject({ code: 'own-rejection' });
    expect(await refusalOf(reject('pia'))).toMatchObject({ code: 'not-your-role' });
    await rescind('olga');
    await approve('olga');
    await reject('omar');
    await approve('rita');
    expect(await standing(world, change)).toMatchObject({ missing: [], approved: false });
    world.clock.advance(1);
    await world.build('api', '1.0.0', { artifact: digest('again') });
    expect((await standing(world, change)).rejections).toEqual([]);
  });

  it('L8: a click that is delivered again does nothing', async () => {
    const { world, change } = await aboard();
    const click = () => approveChange(world.context, world.cause('olga', 'slack/click'), { change });
    await click();
    await rescindDecision(world.context, world.cause('olga'), { change });
    await expect(click()).rejects.toThrow('already acted on');
    expect((await standing(world, change)).missing).toHaveLength(2);
  });
});

describe('go and no-go', () => {
  it('belong to release managers, after the last cutoff, and a no needs a reason', async () => {
    const world = await createWorld();
    const nogo = (subject: string, reason?: string) =>
      decideGo(world.context, world.cause('rita'), {
        go: 'nogo',
        subject,
        ...(reason === undefined ? {} : { reason }),
      });
    expect(await refusalOf(world.go('weekly-2026-W48'))).toMatchObject({
      code: 'too-early',
      facts: { cutoff: 'ready-for-production' },
      by: new Date('2026-11-27T11:00:00Z'),
    });
    const [api = '', alone = ''] = await world.toGo('api', 'alone');
    expect(await refusalOf(world.go('weekly-2026-W48', 'omar'))).toMatchObject({ code: 'not-your-role' });
    expect(await refusalOf(nogo(api))).toMatchObject({ code: 'reason-missing' });
    const goOf = async (name: string) => (await describeChange(world.context, name, world.clock.now())).go;
    await nogo(api, 'flaky');
    expect([await goOf(api), await goOf(alone)]).toEqual(['nogo', 'go']);
    await world.go(api);
    await nogo('weekly-2026-W48', 'storm');
    expect([await goOf(api), await goOf(alone)]).toEqual(['nogo', 'nogo']);
    await world.go('weekly-2026-W48');
    expect([await goOf(api), await goOf(alone)]).toEqual(['go', 'go']);
    await world.advance('2026-11-29T02:00:00Z');
    expect(await refusalOf(world.go('weekly-2026-W48'))).toMatchObject({ code: 'train-ended' });
    expect(await refusalOf(world.go('weekly-2026-W60'))).toMatchObject({ code: 'unknown-train' });
    expect(await refusalOf(world.go(api))).toMatchObject({ code: 'change-not-open' });
  });
});
