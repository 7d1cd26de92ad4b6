import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ApprovalCase,
  type Decision,
  mayApprove,
  standingOf,
  whoCanFill,
} from '../../src/domain/approval.ts';
import type { Fingerprint } from '../../src/domain/fingerprint.ts';

const now: Fingerprint = { artifact: 'b', plan: 'p', window: 'w', records: 'r', rule: 's' };
const before: Fingerprint = { ...now, artifact: 'a', window: 'v' };

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 25, 12, minute));

let made = 0;
const decide = (person: string, minute = 0, more: Partial<Decision> = {}): Decision => ({
  id: `d${String(++made).padStart(4, '0')}`,
  person,
  kind: 'approve',
  fingerprint: now,
  decidedAt: at(minute),
  ...more,
});

const roles = new Map([
  ['operations', ['omar', 'olga', 'rita']],
  ['release-manager', ['rita']],
  ['qa', ['quinn']],
]);

/** Operations has the fewer members, so Rita, who is in both, is seated there first. */
const sharedRoles = new Map([
  ['operations', ['omar', 'rita']],
  ['release-manager', ['rita', 'remy', 'dana']],
]);

const normal: ApprovalCase = {
  rule: [
    { role: 'operations', count: 1 },
    { role: 'release-manager', count: 1 },
  ],
  roles,
  requester: 'dana',
  fingerprint: now,
  decisions: [],
};

const withDecisions = (...decisions: readonly Decision[]): ApprovalCase => ({ ...normal, decisions });
const filled = (approvals: ApprovalCase): readonly (string | undefined)[] =>
  standingOf(approvals).seats.map(({ filledBy }) => filledBy);

describe('seats', () => {
  test('are empty at first, in the order of the rule, and every empty seat is missing', () => {
    const standing = standingOf({
      ...normal,
      rule: [
        { role: 'qa', count: 2 },
        { role: 'operations', count: 1 },
      ],
    });
    expect(standing.seats).toEqual([{ role: 'qa' }, { role: 'qa' }, { role: 'operations' }]);
    expect(standing.missing).toEqual(['qa', 'qa', 'operations']);
    expect(standing.approved).toBe(false);
  });

  test('all filled means approved', () => {
    const standing = standingOf(withDecisions(decide('omar', 1), decide('rita', 2)));
    expect(standing).toEqual({
      seats: [
        { role: 'operations', filledBy: 'omar' },
        { role: 'release-manager', filledBy: 'rita' },
      ],
      missing: [],
      void: [],
      unseated: [],
      barred: [],
      rejections: [],
      vetoes: [],
      approved: true,
    });
  });

  test('L6: one person who holds both roles fills one seat, however often the button is pressed', () => {
    const standing = standingOf(withDecisions(decide('rita', 1), decide('rita', 2), decide('rita', 3)));
    expect(standing.seats).toEqual([{ role: 'operations' }, { role: 'release-manager', filledBy: 'rita' }]);
    expect(standing.approved).toBe(false);
  });

  test('L6: whoever sits in the only seat another could fill moves, and both signatures count', () => {
    const both = { ...normal, roles: sharedRoles };
    expect(filled({ ...both, decisions: [decide('rita', 1)] })).toEqual(['rita', undefined]);
    expect(filled({ ...both, decisions: [decide('rita', 1), decide('omar', 2)] })).toEqual(['omar', 'rita']);
  });

  test('are chosen so that what stays empty can be asked of the most people', () => {
    expect(filled(withDecisions(decide('rita')))).toEqual([undefined, 'rita']);
  });

  test('L6: nobody approves a change that they requested', () => {
    const own = { ...withDecisions(decide('rita', 1), decide('omar', 2)), requester: 'rita' };
    expect(filled(own)).toEqual(['omar', undefined]);
    expect(mayApprove(own, 'rita')).toEqual({ ok: false, code: 'own-change', facts: {} });
  });

  test('go to the earlier approvals when there are more than seats, whatever order they are read in', () => {
    const decisions = [decide('olga', 2), decide('omar', 1)];
    for (const order of [decisions, [...decisions].reverse()]) {
      const standing = standingOf(withDecisions(...order));
      expect(standing.seats[0]).toEqual({ role: 'operations', filledBy: 'omar' });
      expect(standing.unseated).toEqual(['olga']);
    }
  });

  test('of equal time go by id, so that every reader sees the same', () => {
    const [first, second] = [decide('omar', 1, { id: 'd1' }), decide('olga', 1, { id: 'd2' })];
    expect(filled(withDecisions(first, second))[0]).toBe('omar');
    expect(filled(withDecisions(second, first))[0]).toBe('omar');
  });

  test('are freed when the approval is rescinded', () => {
    expect(filled(withDecisions(decide('omar', 1, { rescindedAt: at(2) }), decide('olga', 3)))[0]).toBe(
      'olga',
    );
  });

  test('L7: of somebody who has left the role are empty again, and it is said who has none', () => {
    const gone = new Map([...roles, ['operations', ['olga']]]);
    const standing = standingOf({ ...withDecisions(decide('omar', 1)), roles: gone });
    expect(standing.missing).toEqual(['operations', 'release-manager']);
    expect(standing.unseated).toEqual(['omar']);
  });

  test('of a role that the policy does not know stay empty', () => {
    const standing = standingOf({
      ...normal,
      rule: [{ role: 'board', count: 1 }],
      decisions: [decide('omar')],
    });
    expect(standing.missing).toEqual(['board']);
  });
});

describe('a fingerprint', () => {
  test('L5: that changed voids the approval and names what changed', () => {
    const standing = standingOf(withDecisions(decide('omar', 1, { fingerprint: before }), decide('rita', 2)));
    expect(standing.void).toEqual([{ person: 'omar', changed: ['artifact', 'window'] }]);
    expect(standing.approved).toBe(false);
    expect(filled(withDecisions(decide('omar', 1, { fingerprint: before })))).toEqual([undefined, undefined]);
  });

  test('L5: that was signed anew leaves nothing void', () => {
    const standing = standingOf(withDecisions(decide('omar', 1, { fingerprint: before }), decide('omar', 2)));
    expect(standing.void).toEqual([]);
    expect(standing.seats[0]?.filledBy).toBe('omar');
  });

  test('L5: that comes back makes its approvals count again', () => {
    const approvals = withDecisions(decide('omar', 1), decide('rita', 2));
    expect(standingOf({ ...approvals, fingerprint: before }).approved).toBe(false);
    expect(standingOf({ ...approvals, fingerprint: now }).approved).toBe(true);
  });

  test('L5: signed twice and now different again is void once, against the later signature', () => {
    const older: Fingerprint = { ...before, plan: 'o' };
    const decisions = [decide('omar', 2, { fingerprint: before }), decide('omar', 1, { fingerprint: older })];
    expect(standingOf(withDecisions(...decisions)).void).toEqual([
      { person: 'omar', changed: ['artifact', 'window'] },
    ]);
  });

  test('L5: whose approval was rescinded is not shown as void', () => {
    const rescinded = decide('omar', 1, { fingerprint: before, rescindedAt: at(2) });
    expect(standingOf(withDecisions(rescinded)).void).toEqual([]);
  });
});

describe('a rejection', () => {
  const signed = [decide('omar', 1), decide('rita', 2)];

  test('blocks a change with every seat filled, until it is rescinded', () => {
    const reject = decide('quinn', 3, { kind: 'reject', reason: 'not tested' });
    const standing = standingOf(withDecisions(...signed, reject));
    expect(standing.missing).toEqual([]);
    expect(standing.rejections).toEqual([reject]);
    expect(standing.approved).toBe(false);
    expect(standingOf(withDecisions(...signed, { ...reject, rescindedAt: at(4) })).approved).toBe(true);
  });

  test('is of its fingerprint only: what was rejected is no longer what is asked', () => {
    const reject = decide('quinn', 0, { kind: 'reject', fingerprint: before });
    const standing = standingOf(withDecisions(reject, ...signed));
    expect(standing.rejections).toEqual([]);
    expect(standing.approved).toBe(true);
  });

  test('suspends the approval of the same person, who cannot sign again before rescinding it', () => {
    const approvals = withDecisions(...signed, decide('omar', 3, { kind: 'reject' }));
    expect(filled(approvals)).toEqual([undefined, 'rita']);
    expect(mayApprove(approvals, 'omar')).toEqual({ ok: false, code: 'own-rejection', facts: {} });
    expect(whoCanFill(approvals, 'operations')).toEqual(['olga']);
  });
});

describe('a veto', () => {
  const signed = [decide('omar', 1), decide('rita', 2)];

  test('L6: blocks over every fingerprint until it is rescinded', () => {
    const veto = decide('olga', 0, { kind: 'veto', fingerprint: before, reason: 'no capacity' });
    const approvals = withDecisions(veto, ...signed);
    expect(standingOf(approvals).vetoes).toEqual([veto]);
    expect(standingOf(approvals).approved).toBe(false);
    expect(standingOf(approvals).void).toEqual([]);
    expect(standingOf(withDecisions({ ...veto, rescindedAt: at(3) }, ...signed)).approved).toBe(true);
  });

  test('L14: refuses further approvals, naming its author and reason', () => {
    const approvals = withDecisions(decide('olga', 0, { kind: 'veto', reason: 'no capacity' }));
    expect(mayApprove(approvals, 'omar')).toEqual({
      ok: false,
      code: 'vetoed',
      facts: { by: 'olga', reason: 'no capacity' },
    });
  });

  test('stands when its author has left the role: in doubt it stays shut', () => {
    const approvals = withDecisions(decide('olga', 0, { kind: 'veto' }), ...signed);
    expect(standingOf({ ...approvals, roles: new Map([...roles, ['operations', ['omar']]]) }).approved).toBe(
      false,
    );
  });
});

describe('a pre-approved change', () => {
  const standard: ApprovalCase = { ...normal, rule: [] };

  test('is approved without a signature, unless it is vetoed or rejected', () => {
    expect(standingOf(standard).approved).toBe(true);
    for (const kind of ['veto', 'reject'] as const)
      expect(standingOf({ ...standard, decisions: [decide('olga', 0, { kind })] }).approved).toBe(false);
  });

  test('L14: has nothing to sign', () => {
    expect(mayApprove(standard, 'omar')).toEqual({ ok: false, code: 'no-seats', facts: {} });
  });
});

describe('before the act', () => {
  test('L14: a person of no role that is asked for is told which ones are', () => {
    expect(mayApprove(normal, 'quinn')).toEqual({
      ok: false,
      code: 'not-your-seat',
      facts: { roles: ['operations', 'release-manager'] },
    });
  });

  test('L14: a person whose seats are taken is told by whom', () => {
    expect(mayApprove(withDecisions(decide('omar')), 'olga')).toEqual({
      ok: false,
      code: 'seats-full',
      facts: { roles: ['operations'], by: ['omar'] },
    });
  });

  test('somebody who has signed is told so, and one who must renew may sign', () => {
    expect(mayApprove(withDecisions(decide('omar')), 'omar')).toMatchObject({
      ok: false,
      code: 'already-signed',
    });
    const renewal = withDecisions(decide('omar', 0, { fingerprint: before }));
    expect(mayApprove(renewal, 'omar')).toEqual({ ok: true });
  });

  test('a full seat is no obstacle when its holder can move', () => {
    const approvals = { ...normal, roles: sharedRoles, decisions: [decide('rita')] };
    expect(mayApprove(approvals, 'omar')).toEqual({ ok: true });
  });

  test('who can fill a seat: its members who have not signed, then those who would let a member move there', () => {
    expect(whoCanFill(normal, 'operations')).toEqual(['omar', 'olga', 'rita']);
    expect(whoCanFill({ ...normal, requester: 'rita' }, 'release-manager')).toEqual([]);
    // Rita sits in operations: Remy may sign as release manager, and Omar too, who would let Rita move there.
    expect(
      whoCanFill({ ...normal, roles: sharedRoles, decisions: [decide('rita')] }, 'release-manager'),
    ).toEqual(['remy', 'omar']);
  });
});

describe('the matching', () => {
  const people = ['a', 'b', 'c', 'd', 'e', 'f'];
  const names = ['r0', 'r1', 'r2', 'r3'];
  const cases: fc.Arbitrary<ApprovalCase> = fc.record({
    rule: fc.array(fc.record({ role: fc.constantFrom(...names), count: fc.nat(2) }), { maxLength: 4 }),
    roles: fc
      .tuple(...names.map(() => fc.subarray(people)))
      .map((all) => new Map(all.map((m, i) => [`r${i}`, m]))),
    requester: fc.constantFrom(...people),
    fingerprint: fc.constant(now),
    decisions: fc.uniqueArray(
      fc.record({
        id: fc.uuid(),
        person: fc.constantFrom(...people),
        kind: fc.constantFrom('approve', 'approve', 'approve', 'reject'),
        fingerprint: fc.constantFrom(now, now, now, before),
        decidedAt: fc.nat(5).map(at),
      }),
      { selector: ({ id }) => id, maxLength: 9 },
    ),
  });

  /** The approvers that may count at all, each once. */
  const signers = ({ decisions, requester, fingerprint }: ApprovalCase): readonly string[] =>
    people.filter((person) => {
      const own = decisions.filter((d) => d.person === person && d.fingerprint === fingerprint);
      return (
        person !== requester && own.some((d) => d.kind === 'approve') && !own.some((d) => d.kind === 'reject')
      );
    });

  /** Tries every way to seat, or not to seat, each person. */
  const mostSeats = (seats: readonly string[], approvals: ApprovalCase, left: readonly string[]): number => {
    const [person, ...others] = left;
    if (person === undefined) return 0;
    const ways = seats.flatMap((role, i) =>
      approvals.roles.get(role)?.includes(person)
        ? [1 + mostSeats(seats.toSpliced(i, 1), approvals, others)]
        : [],
    );
    return Math.max(mostSeats(seats, approvals, others), ...ways);
  };
  const seatsOf = (approvals: ApprovalCase) => approvals.rule.flatMap((s) => Array(s.count).fill(s.role));
  const seated = (approvals: ApprovalCase) => filled(approvals).filter((person) => person !== undefined);

  test('L6: fills as many seats as trying every way does', () => {
    fc.assert(
      fc.property(cases, (approvals) => {
        expect(seated(approvals)).toHaveLength(mostSeats(seatsOf(approvals), approvals, signers(approvals)));
      }),
      { numRuns: 500 },
    );
  });

  test('L6: seats nobody twice, never the requester, and only members who signed this fingerprint', () => {
    fc.assert(
      fc.property(cases, (approvals) => {
        const standing = standingOf(approvals);
        const holders = seated(approvals);
        expect(new Set(holders).size).toBe(holders.length);
        for (const { role, filledBy } of standing.seats) {
          if (filledBy === undefined) continue;
          expect(signers(approvals)).toContain(filledBy);
          expect(approvals.roles.get(role)).toContain(filledBy);
        }
        expect(standing.missing).toHaveLength(standing.seats.length - holders.length);
        expect([...holders, ...standing.unseated].sort()).toEqual([...signers(approvals)].sort());
      }),
    );
  });

  test('is the same in whatever order the decisions are read', () => {
    const shuffled = cases.chain((approvals) =>
      fc.tuple(
        fc.constant(approvals),
        fc.shuffledSubarray([...approvals.decisions], { minLength: approvals.decisions.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([approvals, decisions]) => {
        expect(standingOf({ ...approvals, decisions })).toEqual(standingOf(approvals));
      }),
    );
  });

  test('a later approval takes no earlier one its seat, and never empties a seat', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...people), (approvals, person) => {
        const later = decide(person, 59);
        const more = { ...approvals, decisions: [...approvals.decisions, later] };
        expect(seated(more)).toEqual(expect.arrayContaining(seated(approvals)));
      }),
    );
  });

  test('an approval fills a seat more exactly when mayApprove said so', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...people), (approvals, person) => {
        const more = { ...approvals, decisions: [...approvals.decisions, decide(person, 59)] };
        const gain = seated(more).length - seated(approvals).length;
        expect(gain).toBe(mayApprove(approvals, person).ok ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });

  test('whoever can fill a missing seat may approve, and nobody else', () => {
    fc.assert(
      fc.property(cases, (approvals) => {
        const askable = new Set(standingOf(approvals).missing.flatMap((role) => whoCanFill(approvals, role)));
        expect([...askable].sort()).toEqual(people.filter((person) => mayApprove(approvals, person).ok));
      }),
    );
  });
});

describe('a stand-in', () => {
  const standIns = [{ person: 'pat', insteadOf: 'omar' }];
  const away: ApprovalCase = { ...normal, standIns };

  test('signs what the absent person may, and the seat says for whom', () => {
    expect(mayApprove(normal, 'pat')).toMatchObject({ code: 'not-your-seat' });
    expect(mayApprove(away, 'pat')).toEqual({ ok: true, onBehalfOf: 'omar' });
    const standing = standingOf({ ...away, decisions: [decide('pat', 1, { onBehalfOf: 'omar' })] });
    expect(standing.seats[0]).toEqual({ role: 'operations', filledBy: 'pat', onBehalfOf: 'omar' });
  });

  test('L6: and the absent person are one: two seats of a role need somebody else', () => {
    const two = { ...away, rule: [{ role: 'operations', count: 2 }] };
    const byPat = { ...two, decisions: [decide('pat', 1, { onBehalfOf: 'omar' })] };
    expect(mayApprove(byPat, 'omar')).toMatchObject({ ok: false });
    expect(whoCanFill(byPat, 'operations')).not.toContain('omar');
    const both = { ...byPat, decisions: [...byPat.decisions, decide('omar', 2)] };
    expect(standingOf(both)).toMatchObject({ missing: ['operations'], unseated: ['omar'] });
  });

  test('L6: who fills a seat already fills no other one for somebody else', () => {
    const olga = { ...normal, standIns: [{ person: 'olga', insteadOf: 'rita' }] };
    const signed = { ...olga, decisions: [decide('olga', 1)] };
    expect(mayApprove(signed, 'olga')).toMatchObject({ ok: false, code: 'already-signed' });
    const twice = [...signed.decisions, decide('olga', 2, { id: 'again', onBehalfOf: 'rita' })];
    expect(standingOf({ ...olga, decisions: twice }).missing).toEqual(['release-manager']);
  });

  test('L6: of the requester signs nothing for them', () => {
    const own = { ...away, requester: 'omar' };
    expect(mayApprove(own, 'pat')).toMatchObject({ ok: false, code: 'not-your-seat' });
    const standing = standingOf({ ...own, decisions: [decide('pat', 1, { onBehalfOf: 'omar' })] });
    expect(standing.missing).toContain('operations');
  });
});

describe('who is kept apart by a rule', () => {
  const barred = new Map([['omar', 'cannotApproveOwn' as const]]);

  test('cannot sign, is not asked, and is told which rule it is', () => {
    const apart = { ...normal, barred };
    expect(mayApprove(apart, 'omar')).toEqual({
      ok: false,
      code: 'separated',
      facts: { rule: 'cannotApproveOwn' },
    });
    expect(whoCanFill(apart, 'operations')).not.toContain('omar');
  });

  test('has a signature of before that does not count, and the card can say so', () => {
    const standing = standingOf({ ...withDecisions(decide('omar', 1), decide('rita', 2)), barred });
    expect(standing).toMatchObject({
      missing: ['operations'],
      barred: [{ person: 'omar', rule: 'cannotApproveOwn' }],
      approved: false,
    });
  });
});

describe('the matching with stand-ins and duties kept apart', () => {
  const people = ['a', 'b', 'c', 'd', 'e', 'f'];
  const names = ['r0', 'r1', 'r2'];
  const anybody = fc.constantFrom(...people);
  const cases: fc.Arbitrary<ApprovalCase> = fc.record({
    rule: fc.array(fc.record({ role: fc.constantFrom(...names), count: fc.nat(2) }), { maxLength: 4 }),
    roles: fc
      .tuple(...names.map(() => fc.subarray(people)))
      .map((all) => new Map(all.map((members, i) => [`r${i}`, members]))),
    requester: anybody,
    barred: fc
      .subarray(people, { maxLength: 2 })
      .map((some) => new Map(some.map((p) => [p, 'testerNotAuthor']))),
    standIns: fc
      .array(fc.record({ person: anybody, insteadOf: anybody }), { maxLength: 3 })
      .map((pairs) => pairs.filter(({ person, insteadOf }) => person !== insteadOf)),
    fingerprint: fc.constant(now),
    decisions: fc
      .uniqueArray(
        fc.record({
          person: anybody,
          as: fc.option(anybody),
          kind: fc.constantFrom('approve', 'approve', 'reject'),
        }),
        { selector: ({ person, kind }) => `${person} ${kind}`, maxLength: 6 },
      )
      .map((all) =>
        all.map(({ person, as, kind }, i) =>
          decide(person, i, { kind, ...(as === null || as === person ? {} : { onBehalfOf: as }) }),
        ),
      ),
  });
  const taken = (approvals: ApprovalCase) =>
    standingOf(approvals).seats.flatMap(({ role, filledBy, onBehalfOf = filledBy }) =>
      filledBy === undefined || onBehalfOf === undefined ? [] : [{ role, filledBy, onBehalfOf }],
    );

  test('L6: no human fills two seats, whether they sign, are signed for, or both', () => {
    fc.assert(
      fc.property(cases, (approvals) => {
        const humans = taken(approvals).flatMap(({ filledBy, onBehalfOf }) => [
          ...new Set([filledBy, onBehalfOf]),
        ]);
        expect(new Set(humans).size).toBe(humans.length);
        for (const human of humans) {
          expect(human).not.toBe(approvals.requester);
          expect(approvals.barred?.has(human)).toBe(false);
        }
        for (const { role, onBehalfOf } of taken(approvals))
          expect(approvals.roles.get(role)).toContain(onBehalfOf);
      }),
      { numRuns: 500 },
    );
  });

  test('an approval fills a seat more exactly when mayApprove said so, and those who may are those who are asked', () => {
    fc.assert(
      fc.property(cases, (approvals) => {
        const asked = new Set(standingOf(approvals).missing.flatMap((role) => whoCanFill(approvals, role)));
        for (const person of people) {
          const may = mayApprove(approvals, person);
          expect(asked.has(person)).toBe(may.ok);
          if (!may.ok) continue;
          const as = may.onBehalfOf === undefined ? {} : { onBehalfOf: may.onBehalfOf };
          // A new signature takes the place of the person's earlier one.
          const others = approvals.decisions.filter((d) => d.person !== person || d.kind !== 'approve');
          const more = { ...approvals, decisions: [...others, decide(person, 59, as)] };
          expect(taken(more)).toHaveLength(taken(approvals).length + 1);
        }
      }),
      { numRuns: 500 },
    );
  });
});
