import { describe, expect, it } from 'vitest';
import { vetoChange } from '../../src/operations/decide-change.ts';
import {
  analyseIncident,
  closeIncident,
  type Declaration,
  declareIncident,
  noteIncident,
  recordFix,
} from '../../src/operations/declare-incident.ts';
import { describeIncident } from '../../src/operations/describe-incident.ts';
import { assignIncident, stateImpact } from '../../src/operations/lead-incident.ts';
import { raisePage } from '../../src/operations/raise-by-hand.ts';
import { describeDebts } from '../../src/operations/settle-obligation.ts';
import { strictShop } from '../support/exceptions.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';

const fix = (world: World, more: Partial<Declaration> = {}, person = 'omar') =>
  recordFix(world.context, world.cause(person), { service: 'alone', what: 'restarted the pod', ...more });

const declare = (world: World, more: Partial<Declaration> = {}) =>
  declareIncident(world.context, world.cause('dana'), { service: 'web', what: 'nobody can pay', ...more });

const owed = async (world: World) =>
  (await describeDebts(world.context, undefined, world.clock.now())).obligations;

const findings = {
  incident: 'INC-1',
  what: 'the pool was empty',
  why: 'a leak',
  unnoticed: 'no alert',
  actions: 'add an alert; dana; Friday',
};

describe('fix first, document after', () => {
  it('L11: is one line at night; the record is due in a day, propagation in three, an analysis after an outage', async () => {
    const world = await createWorld({ policy: strictShop(), start: '2026-11-28T23:30:00Z' });
    await fix(world, { severity: 'outage' });
    expect((await owed(world)).map(({ kind, owner, dueAt }) => [kind, owner, dueAt.toISOString()])).toEqual([
      ['record', 'omar', '2026-11-29T23:30:00.000Z'],
      ['propagation', 'omar', '2026-12-01T23:30:00.000Z'],
      ['root-cause', 'omar', '2026-12-04T18:00:00.000Z'],
    ]);
    expect(await world.audit('incident')).toMatchObject([
      { actor: 'omar', outcome: 'fix', service: 'alone', facts: { what: 'restarted the pod' } },
    ]);
    const { exceptions } = await describeDebts(world.context, undefined, world.clock.now());
    expect(exceptions.teams).toEqual([{ team: 'loners', asked: 1, used: 1, byTrain: [1] }]);
    // It was Saturday night: nobody is reminded before Monday; by then the record is overdue.
    await world.advance('2026-11-30T08:59:59Z');
    expect(await world.audit('obligation-reminder')).toEqual([]);
    await world.advance('2026-11-30T09:00:00Z');
    expect(await world.audit('obligation-reminder')).toMatchObject([
      { facts: { state: 'overdue', people: ['omar'] } },
    ]);
    expect(await refusalOf(world.submit('dev', 'alone'))).toMatchObject({ code: 'debts-overdue' });
  });

  it('may have been done by somebody else, who then owes for it; without an outage there is no analysis', async () => {
    const world = await createWorld({ policy: strictShop() });
    await fix(world, { who: 'dev', severity: 'minor' });
    expect((await owed(world)).map(({ kind, owner }) => [kind, owner])).toEqual([
      ['record', 'dev'],
      ['propagation', 'dev'],
    ]);
  });

  it('L8, L14: is recorded once, and says what it lacks', async () => {
    const world = await createWorld({ policy: strictShop() });
    const cause = world.cause('omar', 'r-1');
    await recordFix(world.context, cause, { service: 'alone', what: 'x' });
    await expect(recordFix(world.context, cause, { service: 'alone', what: 'x' })).rejects.toThrow('already');
    expect(await owed(world)).toHaveLength(2);
    expect(
      await refusalOf(recordFix(world.context, world.cause('omar'), { service: 'alone' })),
    ).toMatchObject({
      code: 'reason-missing',
    });
    expect(await refusalOf(fix(world, { severity: 'outrage' }))).toMatchObject({
      code: 'unknown-severity',
      facts: { meant: 'outage' },
    });
    expect(await refusalOf(fix(world, { service: 'alonee' }))).toMatchObject({ code: 'unknown-service' });
    expect(await refusalOf(fix(world, { who: 'nobody' }))).toMatchObject({ code: 'unknown-person' });
  });
});

describe('an incident', () => {
  it('has a timeline that fills itself: what was deployed to what it needs, notes, and its end', async () => {
    const world = await createWorld({ policy: strictShop() });
    await world.toGo('db', 'alone');
    await world.advance('2026-11-28T22:30:00Z');
    await declare(world, { severity: 'outage' });
    world.clock.advance(60_000);
    await noteIncident(world.context, world.cause('omar'), { incident: 'INC-1', text: 'pool at 0' });
    world.clock.advance(60_000);
    await closeIncident(world.context, world.cause('omar'), { incident: 'inc-1', text: 'pool emptied' });
    const view = await describeIncident(world.context, 'INC-1', world.clock.now());
    expect(view.timeline.map(({ kind, person, text }) => [kind, person, text])).toEqual([
      ['deployed', null, 'DEP-1 CHG-1 db 1.0.0'],
      ['declared', 'dana', 'nobody can pay'],
      ['note', 'omar', 'pool at 0'],
      ['note', 'omar', 'pool emptied'],
      ['ended', 'omar', ''],
    ]);
    expect((await world.notices()).filter(({ kind }) => kind === 'incident')).toMatchObject([
      { lane: 'console/channel/releases', state: 'closed' },
      { lane: 'console/person/dana', state: 'closed' },
    ]);
    // What is owed survives the closing.
    expect(view.owed).toHaveLength(1);
    expect(await owed(world)).toMatchObject([{ kind: 'root-cause', owner: 'dana', subject: 'INC-1' }]);
  });

  it('is analysed in four parts, which settles what was owed of it', async () => {
    const world = await createWorld({ policy: strictShop() });
    await declare(world, { severity: 'outage' });
    await closeIncident(world.context, world.cause('dana'), { incident: 'INC-1', text: 'over' });
    const by = (person: string, more: object = {}) =>
      analyseIncident(world.context, world.cause(person), { ...findings, ...more });
    expect(await refusalOf(by('pia'))).toMatchObject({ code: 'not-your-incident' });
    expect(await refusalOf(by('dana', { why: ' ' }))).toMatchObject({
      code: 'analysis-incomplete',
      facts: { lacks: ['why'] },
    });
    expect(await refusalOf(by('dana', { actions: 'be careful' }))).toMatchObject({
      code: 'actions-unreadable',
    });
    expect(await owed(world)).toHaveLength(1);
    expect(await refusalOf(by('dana', { actions: 'add an alert; dan; Friday' }))).toMatchObject({
      code: 'unknown-person',
    });
    expect(await refusalOf(by('dana', { actions: 'add an alert; dana; soon' }))).toMatchObject({
      code: 'action-undated',
      facts: { action: 'add an alert', due: 'soon' },
    });
    await by('dana');
    // What the analysis says has to be done is owed by whom it names, until that day's end.
    expect(await owed(world)).toMatchObject([
      {
        kind: 'action',
        subject: 'INC-1',
        requirement: 'add an alert',
        owner: 'dana',
        dueAt: new Date('2026-11-27T18:00:00Z'),
      },
    ]);
    await by('dana', { why: 'a leak in the pool' });
    expect(await owed(world)).toHaveLength(1);
    expect(await world.audit('obligation-settled')).toMatchObject([{ outcome: 'in-time' }]);
    const { incident } = await describeIncident(world.context, 'INC-1', world.clock.now());
    expect(incident.analysis).toMatchObject({
      why: 'a leak in the pool',
      actions: [{ text: 'add an alert', owner: 'dana', due: '2026-11-27' }],
    });
  });

  it('L14: is closed once, by those who have a part in it', async () => {
    const world = await createWorld({ policy: strictShop() });
    await declare(world, { who: 'quinn' });
    const close = (person: string, text: string | undefined = 'over') =>
      closeIncident(world.context, world.cause(person), {
        incident: 'INC-1',
        ...(text === undefined ? {} : { text }),
      });
    expect(await refusalOf(close('pia'))).toMatchObject({ code: 'not-your-incident' });
    expect(
      await refusalOf(closeIncident(world.context, world.cause('quinn'), { incident: 'INC-1' })),
    ).toMatchObject({ code: 'reason-missing' });
    await close('quinn');
    expect(await refusalOf(close('omar'))).toMatchObject({ code: 'incident-over', facts: { by: 'quinn' } });
    expect(
      await refusalOf(noteIncident(world.context, world.cause('omar'), { incident: 'INC-9' })),
    ).toMatchObject({
      code: 'unknown-incident',
    });
    expect(await owed(world)).toEqual([]);
  });

  it('fills its timeline with pages, signatures and noes of what it needs, and shows who does what', async () => {
    const world = await createWorld({ policy: strictShop() });
    const change = await world.submit('dana', 'db');
    await world.build('db', '1.0.0');
    await world.approve('olga', change);
    await vetoChange(world.context, world.cause('omar'), { change, reason: 'the disk is full' });
    world.clock.advance(60_000);
    await declare(world);
    world.clock.advance(60_000);
    await raisePage(world.context, world.cause('dana'), {
      key: 'p-1',
      service: 'db',
      summary: 'no connections',
    });
    const to = (part: string, person: string, by = 'dana') =>
      assignIncident(world.context, world.cause(by), { incident: 'INC-1', part, person });
    expect(await refusalOf(to('lead', 'omar', 'pia'))).toMatchObject({ code: 'not-your-incident' });
    expect(await refusalOf(to('scrib', 'omar'))).toMatchObject({
      code: 'unknown-part',
      facts: { meant: 'scribe' },
    });
    await to('lead', 'omar');
    await to('communications', 'mira');
    await to('communications', 'pia');
    const view = await describeIncident(world.context, 'INC-1', world.clock.now());
    expect(view.timeline.map(({ kind, person, text }) => [kind, person, text])).toEqual([
      ['approved', 'olga', 'CHG-1 db 1.0.0'],
      ['vetoed', 'omar', 'CHG-1 db 1.0.0'],
      ['declared', 'dana', 'nobody can pay'],
      ['paged', null, 'PAGE-1 db no connections'],
    ]);
    expect(view).toMatchObject({
      incident: { lead: 'omar' },
      parts: [{ part: 'communications', person: 'pia' }],
    });
    const told = (await world.notices()).filter((notice) => notice.kind === 'incident');
    expect(told.map(({ lane, ...notice }) => [lane, 'part' in notice ? notice.part : null])).toEqual([
      ['console/person/omar', 'lead'],
      ['console/person/mira', 'communications'],
      ['console/person/pia', 'communications'],
    ]);
  });

  it('says when its impact was felt, which is before it was declared', async () => {
    const world = await createWorld({ policy: strictShop() });
    await declare(world);
    const impact = (...period: readonly string[]) =>
      stateImpact(world.context, world.cause('dana'), { incident: 'INC-1', period });
    expect(await refusalOf(impact('08:10', '08:50'))).toMatchObject({ code: 'incident-lasts' });
    expect(await refusalOf(impact('2026-11-24T08:10'))).toMatchObject({ code: 'bad-moment' });
    expect(await refusalOf(impact('lately'))).toMatchObject({ code: 'bad-moment' });
    await impact('23:30');
    const incident = async () => (await describeIncident(world.context, 'INC-1', world.clock.now())).incident;
    expect((await incident()).beganAt).toEqual(new Date('2026-11-22T23:30:00Z'));
    await closeIncident(world.context, world.cause('dana'), { incident: 'INC-1', text: 'over' });
    expect(await refusalOf(impact('08:50', '08:10'))).toMatchObject({ code: 'bad-period' });
    await impact('08:10', '08:50');
    expect(await incident()).toMatchObject({
      beganAt: new Date('2026-11-23T08:10:00Z'),
      endedAt: new Date('2026-11-23T08:50:00Z'),
    });
  });
});
