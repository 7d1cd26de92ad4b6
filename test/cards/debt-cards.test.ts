import { describe, expect, test } from 'vitest';
import { debtsCard } from '../../src/cards/debt-cards.ts';
import { noticeCard } from '../../src/cards/notice-card.ts';
import type { Notice } from '../../src/domain/notice.ts';
import { type Obligation, obligationKinds } from '../../src/domain/obligation.ts';
import { labels, local, policy, shown } from '../support/card-world.ts';

const owed = {
  kind: 'obligation',
  obligation: 'OBL-3',
  owed: 'review',
  subject: 'CHG-9',
  requirement: null,
  service: 'checkout',
  owner: 'dana',
  person: 'dana',
  due: '2026-12-02T23:00:00.000Z',
  state: 'new',
} as const satisfies Notice;

const card = (notice: Notice) => noticeCard(notice, policy, null);

const obligation = (more: Partial<Obligation> = {}): Obligation => ({
  id: 3,
  kind: 'paper',
  subject: 'CHG-9',
  requirement: 'sign-off:qa',
  service: 'checkout',
  team: 'payments',
  owner: 'dana',
  contacts: 0,
  createdAt: local('2026-11-29 01:00'),
  dueAt: local('2026-12-01 18:00'),
  settledAt: null,
  settledBy: null,
  note: null,
  ...more,
});

describe('what is owed', () => {
  test('says what, by when, and how to be rid of it', () => {
    expect(shown(card(owed)).split('\n')).toEqual([
      '! You owe this now: OBL-3',
      '  OBL-3: why CHG-9 checkout was late, and how the next one is not.',
      '  To   @Dana Dome',
      '  Due  Wed 2 Dec 18:00',
      '  Done? `change settle OBL-3 <what was done, or a link>`.',
    ]);
  });

  test('to others says whose it is, and that they can take it over', () => {
    const text = shown(card({ ...owed, person: 'rita', state: 'overdue' }));
    expect(text).toContain('It is owed by Dana Dome; you can take it over.');
    expect(text).toContain('Until then the team boards no train.');
    expect(labels(card({ ...owed, person: 'rita', state: 'overdue' }))).toEqual(['Take over']);
    expect(shown(card({ ...owed, person: 'rita', owner: 'gone' }))).toContain(
      'Its owner has left the policy',
    );
  });

  test.each(obligationKinds)('has words for %s', (kind) => {
    // What an action is stands in people's own words.
    const requirement = kind === 'action' ? 'watch the pool' : 'sign-off:qa';
    const text = shown(card({ ...owed, owed: kind, requirement }));
    expect(text).toContain('CHG-9');
    expect(text).not.toMatch(/undefined|propagation|sign-off:/);
  });

  test('in a list comes by urgency, with the exceptions of each team train by train', () => {
    const late = obligation({ id: 2, dueAt: local('2026-11-30 18:00') });
    const report = {
      trains: ['weekly-2026-W47', 'weekly-2026-W48'],
      teams: [{ team: 'payments', asked: 3, used: 2, byTrain: [2, 1] }],
    };
    expect(
      shown(debtsCard([late, obligation()], report, policy, local('2026-12-01 09:00'))).split('\n'),
    ).toEqual([
      '✗ What is owed',
      '  2 things are owed, 1 overdue.',
      '  ✗ OBL-2 “signed off by QA” of CHG-9 checkout, which the emergency skipped — Dana Dome, was due Mon 30 Nov 18:00',
      '  ○ OBL-3 “signed off by QA” of CHG-9 checkout, which the emergency skipped — Dana Dome, due Tue 1 Dec 18:00',
      '  Exceptions by team, train by train: weekly-2026-W47 and weekly-2026-W48',
      '  · payments 3 (2 went to production): 2, 1',
    ]);
    expect(debtsCard([], { trains: [], teams: [] }, policy, local('2026-12-01 09:00')).summary).toBe(
      'Nothing is owed.',
    );
  });
});

test('a signature that is wanted says of whom, for what, and why', () => {
  const wanted = card({
    kind: 'signature-wanted',
    why: 'late',
    change: 'CHG-9',
    service: 'checkout',
    train: 'weekly-2026-W48',
    reason: 'the sale begins on Sunday',
    by: 'dana',
    person: 'sol',
    roles: ['senior-management'],
  });
  expect(shown(wanted)).toContain('CHG-9 checkout is late and is to go on weekly-2026-W48 all the same.');
  expect(shown(wanted)).toContain('Sign as   senior management');
  expect(labels(wanted)).toEqual(['Show', 'Approve', 'Reject']);
});
