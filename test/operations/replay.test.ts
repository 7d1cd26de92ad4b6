import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditPacketCommand, auditWhyCommand } from '../../src/cli/audit.ts';
import { judgementIn, judgementText, replay } from '../../src/domain/judgement.ts';
import { silentLog } from '../../src/log.ts';
import { askLate } from '../../src/operations/ask-late.ts';
import { raiseEmergency } from '../../src/operations/raise-emergency.ts';
import { replayDecision } from '../../src/operations/replay-decision.ts';
import { readSettings } from '../../src/settings.ts';
import { missed, sign, strictShop } from '../support/exceptions.ts';
import { week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';

const settings = (world: World) =>
  readSettings({ DATABASE_URL: world.database.url, SIGNALBOX_DATA: tmpdir() });

const why = (world: World, deployment: string) =>
  auditWhyCommand(settings(world), silentLog, deployment, 'UTC');

const inputsOf = async (world: World, id: number): Promise<string> => {
  const { rows } = await world.database.pool.query<{ inputs: string }>(
    'select inputs from judgement where deployment = $1',
    [id],
  );
  return rows[0]?.inputs ?? '';
};

describe('the decision that let a deployment start', () => {
  it('L1, L12: is replayed from what it was decided by, whatever has changed since', async () => {
    const world = await createWorld({ policy: strictShop() });
    await world.toGo('db', 'api');
    await world.advance(week48.closes);
    // Another policy, another year: the decision was that of its night.
    await world.reload(
      strictShop({ seats: '[qa: 2]' }).replace('trusted: [', 'trusted: [https://other.example, '),
    );
    const second = await replayDecision(world.context.store, 'DEP-2');
    expect(second).toMatchObject({ gate: 'window', genuine: true, excuses: [] });
    expect(second.because).toMatchObject({
      seats: [
        { role: 'operations', person: 'olga' },
        { role: 'release-manager', person: 'remy' },
      ],
      go: 'go',
      window: { name: 'saturday-night', closes: new Date(week48.closes) },
      before: ['db'],
    });
    expect(
      second.because.requirements.map(({ requirement, evidence }) => [requirement, evidence.length]),
    ).toEqual([
      ['build', 1],
      ['deployed:test', 1],
      ['records', 1],
      ['date-approved', 1],
      ['sign-off:qa', 1],
      ['verified:preproduction', 1],
    ]);
    const told = await why(world, 'DEP-2');
    expect(told.exit).toBe(0);
    expect(told.text.split('\n')).toContain('- seat of operations: olga');
    expect(told.text).toContain('allowed, and the replay comes to the same');
  });

  it('holds nobody’s address and no other service', async () => {
    const world = await createWorld({ policy: strictShop() });
    await world.toGo('db');
    await world.advance(week48.closes);
    const inputs = await inputsOf(world, 1);
    expect(inputs).not.toContain('U01RITA');
    expect(inputs).not.toContain('"multi"');
    expect(judgementText(judgementIn(inputs))).toBe(inputs);
  });

  it('every paper of it is needed: without any one of them the replay says no', async () => {
    const world = await createWorld({ policy: strictShop() });
    await world.toGo('db');
    await world.advance(week48.closes);
    const judgement = judgementIn(await inputsOf(world, 1));
    if (judgement.gate !== 'window') throw new Error('a window');
    const { situation } = judgement;
    const { subject } = situation;
    const ask = (evidence: typeof subject.evidence, decisions: typeof subject.decisions) =>
      replay({ gate: 'window', situation: { ...situation, subject: { ...subject, evidence, decisions } } });
    expect(ask(subject.evidence, subject.decisions)).toEqual([]);
    for (const one of subject.evidence)
      expect([
        one.kind,
        ask(
          subject.evidence.filter((e) => e !== one),
          subject.decisions,
        ).length,
      ]).toEqual([one.kind, 1]);
    for (const one of subject.decisions)
      expect(
        ask(
          subject.evidence,
          subject.decisions.filter((d) => d !== one),
        ),
      ).toHaveLength(1);
  });

  it('whose inputs were changed afterwards is found out', async () => {
    const world = await createWorld({ policy: strictShop() });
    await world.toGo('db');
    await world.advance(week48.closes);
    await world.database.pool.query(`update judgement set inputs = replace(inputs, 'olga', 'omar')`);
    expect(await replayDecision(world.context.store, 'DEP-1')).toMatchObject({ genuine: false });
    const told = await why(world, 'DEP-1');
    expect(told).toMatchObject({ exit: 1, text: expect.stringContaining('NOT those of the record') });
    expect(await refusalOf(replayDecision(world.context.store, 'DEP-9'))).toMatchObject({
      code: 'no-decision',
    });
    expect(await why(world, 'what')).toMatchObject({ exit: 1 });
  });

  it('of an emergency is replayed by the emergency’s gate', async () => {
    const world = await createWorld({ policy: strictShop(), start: '2026-11-24T03:00:00Z' });
    await world.build('alone', '1.0.1');
    await raiseEmergency(world.context, world.cause('dev'), {
      service: 'alone',
      version: '1.0.1',
      records: [],
      reason: 'nobody can pay',
    });
    await sign(world, 'CHG-1', 'bea', 'sol', 'omar');
    await world.pump();
    expect(await replayDecision(world.context.store, 'DEP-1')).toMatchObject({
      gate: 'emergency',
      genuine: true,
      excuses: [],
      because: { window: null, requirements: [{ requirement: 'build' }] },
    });
    expect((await why(world, 'DEP-1')).text).toContain('- emergency: no window, no go');
  });
});

it('a packet has everything of a train, for people and for programs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-packet-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const world = await createWorld({ policy: strictShop() });
  const late = await missed(world);
  await askLate(world.context, world.cause('dev'), { change: late, reason: 'a | b <script>' });
  await world.passInTest(late);
  await world.passReady(late);
  await sign(world, late, 'bea', 'sol', 'quinn');
  const left = await world.submit('dana', 'api');
  await world.advance(week48.meeting);
  await world.go(week48.train);
  await world.advance(week48.closes);
  const written = await auditPacketCommand(settings(world), silentLog, week48.train, { folder, zone: 'UTC' });
  expect(written.exit).toBe(0);
  const markdown = readFileSync(join(folder, `${week48.train}.md`), 'utf8');
  expect(markdown).toContain('| late | CHG-1 | loners | a \\| b \\<script\\> | used |');
  expect(markdown).toContain('- seat of business-owner: bea');
  expect(markdown).toContain('| OBL-1 | review | CHG-1 | dev |');
  const packet = JSON.parse(readFileSync(join(folder, `${week48.train}.json`), 'utf8'));
  expect(packet.deployments).toMatchObject([
    { deployment: 'DEP-1', decision: { genuine: true, excuses: [] } },
  ]);
  expect(packet.changes.map(({ change }: { change: string }) => change)).not.toContain(left);
  expect(packet.record.map(({ kind }: { kind: string }) => kind)).toContain('late');
  expect(
    await auditPacketCommand(settings(world), silentLog, 'weekly-2026-W01', { folder, zone: 'UTC' }),
  ).toMatchObject({ exit: 1 });
});
