import fc from 'fast-check';
import { describe, test } from 'vitest';
import { changeCard, changeListCard, whyCard } from '../../src/cards/change-card.ts';
import { deploymentCard, liveCard } from '../../src/cards/deployment-card.ts';
import { noticeCard } from '../../src/cards/notice-card.ts';
import { runSheetCard } from '../../src/cards/run-sheet-card.ts';
import { trainCard } from '../../src/cards/train-card.ts';
import type { Card } from '../../src/chat/card.ts';
import type { Standing } from '../../src/domain/approval.ts';
import { changeStates, type Go } from '../../src/domain/change.ts';
import type { DeploymentState, StepState } from '../../src/domain/deployment.ts';
import { separationRules } from '../../src/domain/duty.ts';
import type { Excuse, ExcuseCode } from '../../src/domain/excuse.ts';
import { changeTypes } from '../../src/domain/policy.ts';
import { person, role, system } from '../../src/domain/refusal.ts';
import type { ChangeView, DeploymentView } from '../../src/domain/view.ts';
import {
  aChange,
  aDeployment,
  aRun,
  decision,
  policy,
  shown,
  train,
  trainId,
  trainView,
  wednesday,
} from '../support/card-world.ts';

/** Combinations that no operation makes, too: a card is drawn from whatever there is. */

const names = fc.constantFrom('omar', 'olga', 'rita', 'quinn', 'dana', 'nobody');
const roles = fc.constantFrom('operations', 'qa', 'release-manager', 'astronauts');
const text = fc.oneof(
  fc.string(),
  fc.constant('x'.repeat(2_000)),
  fc.constant('<@U1> *b* `c` [l](u)\n\n> q'),
);
const dates = fc.date({ min: new Date('2026-11-20'), max: new Date('2026-12-10'), noInvalidDate: true });
const codes: readonly ExcuseCode[] = [
  'no-build',
  'nothing-built',
  'untrusted-builder',
  'not-deployed',
  'verification-failed',
  'no-sign-off',
  'records-not-ready',
  'date-refused',
  'seat-empty',
  'approval-void',
  'rejected',
  'vetoed',
  'service-unknown',
  'go-missing',
  'nogo',
  'window-shut',
  'frozen',
  'does-not-fit',
  'paused',
  'waits-for',
  'dependency-failed',
];

const excuse: fc.Arbitrary<Excuse> = fc.record(
  {
    code: fc.constantFrom(...codes),
    requirement: fc.constantFrom('build', 'deployed:test', 'sign-off:qa', 'records', 'approvals'),
    facts: fc.dictionary(
      fc.constantFrom('by', 'reason', 'records', 'services', 'role', 'builder'),
      fc.oneof(text, fc.array(text, { maxLength: 30 })),
    ),
    movers: fc.array(
      fc.oneof(names.map(person), roles.map(role), fc.constantFrom('ci', 'clock').map(system)),
      { maxLength: 9 },
    ),
    action: fc.record({
      verb: fc.constantFrom(
        'change approve',
        'change sign-off',
        'change records',
        'train go',
        'deploy resume',
      ),
      subject: fc.constantFrom('CHG-1', 'CHG-2', trainId),
      args: fc.array(roles, { maxLength: 1 }),
    }),
  },
  { requiredKeys: ['code', 'facts', 'movers'] },
);
const excuses = fc.array(excuse, { maxLength: 40 });

const standing: fc.Arbitrary<Standing> = fc
  .record({
    seats: fc.array(fc.tuple(roles, fc.option(names, { nil: undefined })), { maxLength: 8 }),
    lapsed: fc.array(names, { maxLength: 3 }),
    unseated: fc.array(names, { maxLength: 3 }),
    barred: fc.array(fc.record({ person: names, rule: fc.constantFrom(...separationRules) }), {
      maxLength: 3,
    }),
    against: fc.array(fc.tuple(names, text), { maxLength: 3 }),
  })
  .map(({ seats, lapsed, unseated, barred, against }) => {
    const no = (kind: 'reject' | 'veto') =>
      against.map(([by, reason]) => decision(aChange(), by, kind, { reason }));
    const missing = seats.filter(([, by]) => by === undefined).map(([seat]) => seat);
    return {
      seats: seats.map(([seat, by]) => (by === undefined ? { role: seat } : { role: seat, filledBy: by })),
      missing,
      void: lapsed.map((by) => ({ person: by, changed: ['artifact' as const] })),
      unseated,
      barred,
      rejections: no('reject'),
      vetoes: no('veto'),
      approved: missing.length === 0,
    };
  });

const states: readonly DeploymentState[] = [
  'queued',
  'running',
  'baking',
  'baked',
  'refreshing',
  'undoing',
  'asking',
  'succeeded',
  'rolled-back',
  'failed',
  'cancelled',
];
const stepStates: readonly StepState[] = ['running', 'succeeded', 'failed', 'stopped', 'unknown'];

const deployment: fc.Arbitrary<DeploymentView> = fc
  .record({
    state: fc.constantFrom(...states),
    hold: fc.option(excuse),
    plan: fc.constantFrom(
      ...['field-trial', 'parallel-production'].flatMap((name) => policy.plans.get(name) ?? []),
    ),
    promoted: fc.integer({ min: 0, max: 2 }),
    sides: fc.option(fc.record({ new: names, old: names })),
    keptUntil: fc.option(dates),
    dependents: fc.array(fc.record({ deployment: names, service: names }), { maxLength: 30 }),
    promoteBy: dates,
    reason: fc.option(text),
    startedAt: fc.option(dates),
    finishedAt: fc.option(dates),
    runs: fc.array(
      fc.record({
        step: fc.integer({ min: 0, max: 5 }),
        direction: fc.constantFrom('do' as const, 'undo' as const),
        state: fc.constantFrom(...stepStates),
        tail: text,
        reason: fc.option(text),
        finishedAt: fc.option(dates),
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ runs, dependents, promoteBy, ...more }) => ({
    deployment: aDeployment(more),
    dependents,
    promoteBy,
    change: aChange(),
    runs: runs.map(({ step, ...run }) => aRun(step, run)),
    held: [],
    now: wednesday,
  }));

const view: fc.Arbitrary<ChangeView> = fc
  .record({
    id: fc.integer({ min: 1, max: 999 }),
    state: fc.constantFrom(...changeStates),
    type: fc.constantFrom(...changeTypes),
    built: fc.boolean(),
    known: fc.boolean(),
    note: text,
    records: fc.array(text, { maxLength: 30 }),
    own: fc.option(fc.constantFrom<Go>('go', 'nogo')),
    go: fc.option(fc.constantFrom<Go>('go', 'nogo')),
    goReason: fc.option(text),
    closed: fc.integer({ min: 0, max: 2 }),
    stages: fc.tuple(excuses, excuses),
    gate: excuses,
    standing: fc.option(standing, { nil: undefined }),
    deployment: fc.option(deployment, { nil: undefined }),
  })
  .map(({ id, state, type, built, known, note, records, own, go, goReason, closed, stages, ...more }) => ({
    ...more,
    change: aChange({
      id,
      state,
      type,
      note,
      records,
      go: own,
      goReason,
      ...(built ? {} : { artifact: null }),
    }),
    service: known ? policy.services.get('checkout') : undefined,
    train: known ? train : undefined,
    stages: train.cutoffs.map(({ name, at }, i) => ({
      cutoff: name,
      at,
      closed: i < closed,
      excuses: stages[i] ?? [],
    })),
    go,
    policy,
    now: wednesday,
  }));

const sane = (card: Card): void => {
  const problems = [
    card.title === '' || card.title.length > 150 ? 'title' : '',
    card.summary.trim() === '' || card.summary.length > 1_000 ? `summary of ${card.summary.length}` : '',
    card.blocks.length > 45 ? 'blocks' : '',
    card.buttons.length > 12 ? 'buttons' : '',
    new Set(card.buttons.map((b) => JSON.stringify([b.verb, b.subject, b.args]))).size < card.buttons.length
      ? 'a button twice'
      : '',
    card.buttons.some((b) => b.label === '' || b.label.length > 75 || (b.confirm?.length ?? 0) > 300)
      ? 'label'
      : '',
    card.blocks.some(
      (block) => block.kind === 'list' && (block.items.length === 0 || block.items.length > 20),
    )
      ? 'list'
      : '',
    card.blocks.some(
      (block) => block.kind === 'fields' && (block.fields.length === 0 || block.fields.length > 10),
    )
      ? 'fields'
      : '',
    card.blocks.some((block) => block.kind === 'output' && block.text.length > 1_500) ? 'output' : '',
    /undefined|NaN|\[object/.test(shown(card)) ? 'leak' : '',
  ].filter((problem) => problem !== '');
  if (problems.length > 0) throw new Error(problems.join(', '));
};

describe('no combination breaks a card, or makes it longer than people read', () => {
  test('of a change', () => {
    fc.assert(
      fc.property(view, (one) => {
        sane(changeCard(one));
        sane(whyCard(one));
      }),
      { numRuns: 100 },
    );
  });

  test('of many changes', () => {
    const flags = fc.record({
      paused: fc.boolean(),
      ended: fc.boolean(),
      go: fc.option(fc.constantFrom<Go>('go', 'nogo')),
      goReason: fc.option(text),
    });
    fc.assert(
      fc.property(fc.array(view, { maxLength: 25 }), dates, flags, (views, now, more) => {
        sane(trainCard(trainView(views, now, more)));
        sane(changeListCard('Changes', views));
      }),
      { numRuns: 25 },
    );
  });

  test('of deployments', () => {
    fc.assert(
      fc.property(fc.array(deployment, { maxLength: 25 }), (views) => {
        sane(liveCard(views, policy));
        for (const one of views) sane(deploymentCard(one, policy));
      }),
      { numRuns: 60 },
    );
  });

  test('of notices and run-sheets', () => {
    const change = fc.constantFrom('CHG-1', 'CHG-2', 'CHG-3');
    const lines = fc.array(fc.record({ change, excuses }), { maxLength: 25 });
    fc.assert(
      fc.property(lines, text, dates, (items, said, at) => {
        const of = { change: 'CHG-1', service: 'cart', deployment: 'DEP-1' };
        const all = items.flatMap((item) => item.excuses);
        const reminded = items.map((item) => ({ ...item, service: 'cart' }));
        sane(
          noticeCard(
            {
              kind: 'reminder',
              train: trainId,
              cutoff: 'in-test',
              at: said,
              person: 'omar',
              items: reminded,
            },
            policy,
            null,
            at,
          ),
        );
        sane(noticeCard({ kind: 'moved', ...of, from: trainId, to: 'x', excuses: all }, policy, null));
        sane(noticeCard({ kind: 'approval-void', ...of, people: ['omar'], changed: [] }, policy, null));
        sane(
          noticeCard(
            { kind: 'deployment-failed', ...of, outcome: 'failed', reason: said, tail: said, held: [] },
            policy,
            null,
          ),
        );
        sane(noticeCard({ kind: 'step-unknown', ...of, step: 'switch', reason: said }, policy, null));
        const line = {
          service: 'cart',
          version: '1',
          type: 'normal',
          requester: 'dana',
          artifact: null,
        } as const;
        sane(
          runSheetCard(
            {
              train: trainId,
              cutoff: 'in-test',
              at: at.toISOString(),
              ready: items.map((item) => ({ ...line, change: item.change })),
              moved: items.map((item) => ({ ...line, ...item, to: 'x' })),
              sequence: items.map((item) => [{ change: item.change, service: 'cart', lastSafeStart: null }]),
              cycles: items.map(() => ['cart', 'ad']),
              expectedSeconds: 60,
              windows: [],
              players: ['omar', 'nobody'],
              since: { cutoff: 'in-test', joined: items.map((i) => i.change), left: [], rebuilt: [] },
            },
            policy,
          ),
        );
      }),
      { numRuns: 60 },
    );
  });
});
