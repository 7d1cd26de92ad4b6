import { describe, expect, test } from 'vitest';
import { helpCard } from '../../src/cards/help-card.ts';
import { noticeCard } from '../../src/cards/notice-card.ts';
import { runSheetCard } from '../../src/cards/run-sheet-card.ts';
import type { RunSheet } from '../../src/domain/run-sheet.ts';
import { runSheet, sheetLine } from '../../src/domain/run-sheet.ts';
import {
  aChange,
  bytes,
  changeView,
  labels,
  policy,
  shown,
  train,
  trainId,
  wednesday,
} from '../support/card-world.ts';

const shipping = aChange({ id: 6, service: 'shipping', requester: 'dev', artifact: null });
const missing = changeView({ change: shipping }).stages[0]?.excuses ?? [];
const [inTest, final] = train.cutoffs;
if (inTest === undefined || final === undefined) throw new Error('two cutoffs');

describe('a reminder', () => {
  test('mentions the person, lists what is missing, what resolves it, and how long is left', () => {
    const mine = missing.filter(({ movers }) => movers.some((m) => m.kind === 'person'));
    const card = noticeCard(
      {
        kind: 'reminder',
        train: trainId,
        cutoff: 'in-test',
        at: inTest.at.toISOString(),
        person: 'dev',
        items: [{ change: 'CHG-6', service: 'shipping', excuses: mine }],
      },
      policy,
      null,
      wednesday,
    );
    expect(shown(card).split('\n')).toEqual([
      '! Your move before “in test” closes',
      '  3 things of yours are missing for “in test”: CHG-6 shipping.',
      '  @Dev Delta: “in test” of weekly-2026-W48 closes Wed 25 Nov 12:00 (3 h 20 min left at 08:40). What is not ready by then moves to the next train.',
      '  ○ CHG-6 shipping: no build of 2.4.1 yet',
      '  … CHG-6 shipping: deployed to test: waits for the build',
      '  ○ CHG-6 shipping: records not ready (SHOP-101) → `change records CHG-6`',
      '',
      '  [1] Records ready CHG-6',
    ]);
  });

  test('of a hundred changes has no more buttons than one reads', () => {
    const items = Array.from({ length: 100 }, (_, i) => ({
      change: `CHG-${i}`,
      service: 'cart',
      excuses: [
        {
          code: 'records-not-ready' as const,
          facts: {},
          movers: [],
          action: { verb: 'change records', subject: `CHG-${i}` },
        },
      ],
    }));
    const card = noticeCard(
      { kind: 'reminder', train: trainId, cutoff: 'in-test', at: 'soon', person: 'dev', items },
      policy,
      null,
    );
    expect(card.buttons).toHaveLength(12);
    expect(shown(card)).toContain('and 85 more');
  });
});

describe('notices', () => {
  test('a change that moved says where to and why', () => {
    const card = noticeCard(
      {
        kind: 'moved',
        change: 'CHG-6',
        service: 'shipping',
        from: trainId,
        to: 'weekly-2026-W49',
        excuses: missing,
      },
      policy,
      null,
    );
    expect(card.summary).toBe('CHG-6 shipping moved from weekly-2026-W48 to weekly-2026-W49.');
    expect(shown(card)).toContain('○ no build of 2.4.1 yet — Dev Delta or CI');
    expect(labels(card)).toEqual(['Show CHG-6']);
  });

  test('L5: a void approval asks those who had signed to look again', () => {
    const card = noticeCard(
      {
        kind: 'approval-void',
        change: 'CHG-6',
        service: 'shipping',
        people: ['omar', 'rita'],
        changed: ['artifact'],
      },
      policy,
      null,
    );
    expect(card.summary).toBe('The artifact of CHG-6 shipping changed after it was signed.');
    expect(shown(card)).toContain('@Omar Orbit, @Rita Release: your signature');
    expect(labels(card)).toEqual(['Show', 'Approve', 'Reject']);
  });

  test('a failed deployment calls operations, one that was rolled back does not', () => {
    const notice = {
      kind: 'deployment-failed',
      deployment: 'DEP-4',
      change: 'CHG-6',
      service: 'shipping',
      outcome: 'failed',
      reason: 'switch: timeout',
      tail: 'connection refused\n',
      held: ['quote'],
    } as const;
    const failed = noticeCard(notice, policy, null);
    expect(shown(failed)).toContain('│ connection refused');
    expect(shown(failed)).toContain('Your move: @Omar Orbit, @Olga Optics');
    expect(shown(failed)).toContain('Held because of it: quote.');
    expect(labels(failed)).toEqual(['Show CHG-6', 'Roll back']);
    const undone = noticeCard({ ...notice, outcome: 'rolled-back' }, policy, null);
    expect(undone.summary).toBe('shipping was rolled back.');
    expect(shown(undone)).not.toContain('@');
    expect(labels(undone)).toEqual(['Show CHG-6']);
  });

  test('L2: a step that nobody knows about asks for a person', () => {
    const card = noticeCard(
      {
        kind: 'step-unknown',
        deployment: 'DEP-4',
        service: 'shipping',
        step: 'switch',
        reason: 'the worker died',
      },
      policy,
      null,
    );
    expect(card.summary).toBe('Nobody knows whether step “switch” of shipping happened (the worker died).');
    expect(labels(card)).toEqual(['It succeeded', 'It failed']);
  });
});

describe('a run-sheet', () => {
  const cart = aChange({ id: 1, service: 'cart' });
  const payment = aChange({ id: 2, service: 'payment' });
  const moved: RunSheet['moved'] = [{ ...sheetLine(shipping), to: 'weekly-2026-W49', excuses: missing }];
  const first = runSheet(
    policy,
    train,
    inTest,
    [{ ...cart, artifact: bytes('b') }, aChange({ id: 9, service: 'ad' })],
    [],
    undefined,
  );
  const sheet = runSheet(policy, train, final, [cart, payment], moved, first);

  test('has who is ready, who moved and why, what changed, the sequence and the players', () => {
    const text = shown(runSheetCard(sheet, policy));
    expect(text.split('\n').slice(0, 7)).toEqual([
      '• Run-sheet · “ready for production” · weekly-2026-W48',
      '  2 changes ready, 1 moved to the next train.',
      '  Closed    Fri 27 Nov 10:00',
      '  Meeting   Fri 27 Nov 11:00',
      '  Window    Sat 28 Nov 22:00 to 02:00',
      '  Expected  34 min 10 s in all',
      '',
    ]);
    expect(text).toContain('· joined: CHG-2 payment and CHG-6 shipping');
    expect(text).toContain('· left: CHG-9');
    expect(text).toContain('· rebuilt, other bytes now: CHG-1 cart');
    expect(text).toContain('Moved to weekly-2026-W49');
    expect(text).toContain(
      '✗ CHG-6 shipping 2.4.1: no build of 2.4.1 yet — Dev Delta or CI; records not ready (SHOP-101) — Dev Delta; the deployment date is not approved yet — release manager (Rita Release or Remy Relay)',
    );
    expect(text).toMatch(/· wave 1 · cart 2\.4\.1 \(CHG-1\) — start by 01:\d\d/);
    expect(text).toContain('Omar Orbit, Olga Optics, Rita Release, Remy Relay');
  });

  test('asks for the go at the last meeting only', () => {
    expect(labels(runSheetCard(sheet, policy))).toEqual(['Go', 'No-go', 'Train']);
    expect(labels(runSheetCard(first, policy))).toEqual(['Train']);
  });

  test('is posted as a notice; one that cannot be read any more leads to its train', () => {
    const notice = { kind: 'run-sheet', train: trainId, cutoff: 'in-test' } as const;
    expect(noticeCard(notice, policy, sheet)).toEqual(runSheetCard(sheet, policy));
    expect(labels(noticeCard(notice, policy, null))).toEqual(['Train']);
  });

  test('says what is deployed together and what fits into no window', () => {
    const circle = runSheetCard(
      {
        ...sheet,
        cycles: [['cart', 'payment']],
        sequence: [[{ change: 'CHG-1', service: 'cart', lastSafeStart: null }]],
      },
      policy,
    );
    expect(shown(circle)).toContain('cart and payment depend on each other and are deployed together.');
    expect(shown(circle)).toContain('✗ wave 1 · cart 2.4.1 (CHG-1) — too long for the window');
  });

  test('of 150 changes has a line for each wave, not for each change', () => {
    const ready = Array.from({ length: 150 }, (_, i) => sheetLine(aChange({ id: i + 1 })));
    const starts = ready.map(({ change, service }) => ({
      change,
      service,
      lastSafeStart: '2026-11-29T06:40:00.000Z',
    }));
    const text = shown(
      runSheetCard({ ...sheet, ready, sequence: [starts.slice(0, 75), starts.slice(75)] }, policy),
    );
    expect(text).toContain('and 67 more — start by 01:40');
    expect(text.split('\n').length).toBeLessThan(40);
  });

  test('an empty one says that nothing goes', () => {
    const empty = runSheetCard(runSheet(policy, train, final, [], [], undefined), policy);
    expect(empty.summary).toBe('No change was aboard.');
    expect(labels(empty)).toEqual(['Train']);
  });
});

describe('help', () => {
  const commands = [
    { verb: 'change', usage: '', summary: 'your changes' },
    { verb: 'change approve', usage: '<CHG-n> [note…]', summary: 'sign a change' },
    { verb: 'help', usage: '[verb]', summary: 'what there is to say' },
  ];

  test('lists what there is to say, by subject', () => {
    expect(
      shown(helpCard(commands))
        .split('\n')
        .filter((line) => line !== ''),
    ).toEqual([
      '• Signalbox',
      '  What there is to say, by subject.',
      '  Change',
      '  · `change` — your changes',
      '  · `change approve <CHG-n> [note…]` — sign a change',
      '  More',
      '  · `help [verb]` — what there is to say',
    ]);
  });

  test('says what was probably meant', () => {
    const typo = helpCard(commands, { typed: 'change aprove', closest: ['change approve'] });
    expect(typo.summary).toBe('I do not know “change aprove”. Did you mean change approve?');
    expect(shown(typo)).not.toContain('your changes');
    expect(shown(helpCard(commands, { typed: 'xyzzy', closest: [] }))).toContain('your changes');
  });
});
