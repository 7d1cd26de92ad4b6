import { describe, expect, it } from 'vitest';
import { changeCard } from '../../src/cards/change-card.ts';
import { renderCard } from '../../src/chat/console/render.ts';
import type { ChangeView } from '../../src/domain/view.ts';
import { goAway } from '../../src/operations/change-roster.ts';
import { approveChange, vetoChange } from '../../src/operations/decide-change.ts';
import { describeChange } from '../../src/operations/describe.ts';
import { raiseEmergency } from '../../src/operations/raise-emergency.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';

const rules = (...separation: readonly string[]): string =>
  `${shop()}separation: [${separation.join(', ')}]\n`;

const told = (view: ChangeView): string =>
  renderCard(changeCard(view), { zone: 'UTC', width: 200, color: false }).text;

const excuses = async (world: World, change: string) => {
  const view = await describeChange(world.context, change, world.clock.now());
  return [...view.stages.flatMap((stage) => stage.excuses), ...view.gate];
};

describe('duties of one change', () => {
  it('L6: who wrote it, as the build says by id or e-mail address, does not sign for it where the policy keeps that apart', async () => {
    const policy = rules('cannotApproveOwn').replace('  olga: {}', '  olga: { email: Olga@shop.example }');
    const world = await createWorld({ policy });
    const change = await world.submit('dana', 'api');
    await world.build('api', '1.0.0', {
      details: { authors: ['omar', 'olga@SHOP.example', 'nobody@x.example', 7] },
    });
    for (const author of ['omar', 'olga'])
      expect(await refusalOf(world.approve(author, change))).toMatchObject({
        code: 'separated',
        facts: { change, rule: 'cannotApproveOwn' },
      });
    await world.reload(shop());
    await world.approve('omar', change);
    // Signed while it was allowed: it does not count any more, and the card says why.
    await world.reload(policy);
    const view = await describeChange(world.context, change, world.clock.now());
    expect(view.standing).toMatchObject({ barred: [{ person: 'omar', rule: 'cannotApproveOwn' }] });
    expect(told(view)).toContain('worked on it (cannotApproveOwn)');
  });

  it('who signed it off does not approve it, nor the other way round; another rebuild starts anew (L4)', async () => {
    const policy = rules('approverNotTester').replace('qa: [quinn, quincy]', 'qa: [quinn, olga]');
    const world = await createWorld({ policy });
    const change = await world.submit('dana', 'api');
    await world.build('api', '1.0.0');
    await world.state('olga', change, { kind: 'sign-off', role: 'qa' });
    expect(await refusalOf(world.approve('olga', change))).toMatchObject({ code: 'separated' });
    await world.build('api', '1.0.0', { artifact: `sha256:${'b'.repeat(64)}` });
    await world.approve('olga', change);
    expect(await refusalOf(world.state('olga', change, { kind: 'sign-off', role: 'qa' }))).toMatchObject({
      code: 'separated',
      facts: { rule: 'approverNotTester' },
    });
    // A no is never refused.
    await world.state('olga', change, { kind: 'sign-off', role: 'qa', outcome: 'fail' });
  });

  it('a sign-off by an author meets no requirement, and the excuse says whose else it has to be', async () => {
    const policy = rules('testerNotAuthor');
    const world = await createWorld({ policy });
    const change = await world.submit('dana', 'api');
    await world.build('api', '1.0.0');
    await world.state('quinn', change, { kind: 'sign-off', role: 'qa' });
    await world.build('api', '1.0.0', { details: { authors: ['quinn'] } });
    expect(await excuses(world, change)).toContainEqual(
      expect.objectContaining({
        code: 'sign-off-separated',
        facts: { role: 'qa', by: 'quinn', rule: 'testerNotAuthor' },
        movers: [{ kind: 'person', person: 'quincy' }],
      }),
    );
    await world.state('quincy', change, { kind: 'sign-off', role: 'qa' });
    expect((await excuses(world, change)).map(({ code }) => code)).not.toContain('sign-off-separated');
  });

  it('L1: a train’s go by somebody who signed holds for the other changes; that one waits for another’s go', async () => {
    const world = await createWorld({ policy: rules('deployerNotApprover') });
    const [signed = '', other = ''] = await world.toMeeting('db', 'alone');
    await world.go(week48.train, 'remy');
    await world.advance(week48.opens);
    expect(await world.deployment(signed)).toMatchObject({ state: 'queued', hold: { code: 'go-separated' } });
    expect(await refusalOf(world.go(signed, 'remy'))).toMatchObject({
      code: 'separated',
      facts: { change: signed, rule: 'deployerNotApprover' },
    });
    await world.go(signed, 'rita');
    await world.go(other, 'rita');
    await world.pump();
    expect(await world.change(signed)).toMatchObject({ state: 'deployed', goBy: 'rita' });
  });
});

describe('a stand-in', () => {
  const managed = shop().replace('  omar: {}', '  omar: { manager: mira }');

  it('named by the person or the manager signs for the time, on the record for both, and is told', async () => {
    const world = await createWorld({ policy: managed });
    const change = await world.submit('dana', 'api');
    await world.build('api', '1.0.0');
    const leave = { person: 'omar', standIn: 'pia', period: ['now', '2d'] };
    expect(await refusalOf(goAway(world.context, world.cause('rita'), leave))).toMatchObject({
      code: 'not-manager',
    });
    expect(
      await refusalOf(goAway(world.context, world.cause('omar'), { ...leave, standIn: 'omar' })),
    ).toMatchObject({ code: 'own-stand-in' });
    expect(await refusalOf(world.approve('pia', change))).toMatchObject({ code: 'not-your-seat' });
    await goAway(world.context, world.cause('mira'), leave);
    expect((await world.notices()).at(-1)).toMatchObject({
      kind: 'oncall',
      what: 'stand-in',
      schedule: 'omar',
      by: 'mira',
    });
    await world.approve('pia', change);
    expect((await world.audit('approval')).at(-1)?.facts).toMatchObject({
      person: 'pia',
      onBehalfOf: 'omar',
    });
    const view = await describeChange(world.context, change, world.clock.now());
    expect(told(view)).toContain('standing in for');
    // L6: the two are one.
    expect(await refusalOf(world.approve('omar', change))).toMatchObject({ code: 'seats-full' });
  });

  it('may also veto, and no longer than agreed', async () => {
    const world = await createWorld({ policy: managed });
    const change = await world.submit('dana', 'api');
    await world.build('api', '1.0.0');
    await goAway(world.context, world.cause('omar'), { standIn: 'pia', period: ['now', '1h'] });
    const veto = { change, reason: 'the rack is down' };
    await world.advance('2026-11-23T10:00:00.000Z');
    expect(await refusalOf(vetoChange(world.context, world.cause('pia'), veto))).toMatchObject({
      code: 'not-your-role',
    });
    await goAway(world.context, world.cause('omar'), { standIn: 'pia', period: ['now', '1h'] });
    await vetoChange(world.context, world.cause('pia'), veto);
    expect((await world.audit('veto')).at(-1)?.facts).toMatchObject({ person: 'pia', onBehalfOf: 'omar' });
  });

  it('is reminded of what only a signature is missing to, as the absent person is', async () => {
    const world = await createWorld({ policy: managed });
    const change = await world.submit('dana', 'api');
    await world.passInTest(change);
    await world.advance('2026-11-26T09:00:00.000Z');
    await goAway(world.context, world.cause('omar'), { standIn: 'pia', period: ['now', '3d'] });
    await world.advance('2026-11-26T10:30:00.000Z');
    const reminded = (await world.audit('reminder'))
      .filter(({ facts }) => facts?.['cutoff'] === 'ready-for-production')
      .map(({ facts }) => facts?.['person']);
    expect(reminded).toEqual(expect.arrayContaining(['omar', 'olga', 'pia']));
  });
});

describe('the seat of the business owner', () => {
  const owned = `${shop({
    services: [
      'shop: { owners: [dana], businessOwner: pia }',
      'blog: { owners: [dana], businessOwner: mira }',
    ],
  })}`.replace('  standard: []', '  standard: []\n  emergency: [business-owner: 1]');

  it('is for the service’s own, not for another’s', async () => {
    const world = await createWorld({ policy: owned });
    await world.build('shop', '1.0.0');
    const { id } = await raiseEmergency(world.context, world.cause('dana'), {
      service: 'shop',
      version: '1.0.0',
      records: ['INC-1'],
      reason: 'down',
    });
    const choice = { change: `CHG-${id}` };
    expect(await refusalOf(approveChange(world.context, world.cause('mira'), choice))).toMatchObject({
      code: 'not-your-seat',
    });
    const asked = (await world.notices()).filter((notice) => notice.kind === 'signature-wanted');
    expect(asked.map((notice) => notice.person)).toEqual(['pia']);
    await approveChange(world.context, world.cause('pia'), choice);
  });
});
