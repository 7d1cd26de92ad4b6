import type { Notice, ShiftProblem } from '../domain/notice.ts';
import { pageName } from '../domain/page.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { isQualified } from '../domain/qualification.ts';
import { escalationFor, rosterOf } from '../domain/roster.ts';
import { onCallAt, type Roster, type Shift, shiftAt } from '../domain/schedule.ts';
import { failingWays } from '../store/page-sends.ts';
import { livePages } from '../store/pages.ts';
import { arrangedAfter } from '../store/roster.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { arm, direct, tell } from './outgoing.ts';
import { waysTo } from './reach.ts';

/** Arms the next hand-off of every schedule, and the look at the shift before it; again after anything was arranged. */
export const armShifts = async (tx: Tx, context: Context, after: Date): Promise<void> => {
  const policy = context.policy();
  for (const name of policy.oncall.schedules.keys()) await armShift(tx, context, policy, name, after);
};

const armShift = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  schedule: string,
  after: Date,
): Promise<void> => {
  const roster = rosterOf(policy, schedule, await arrangedAfter(tx.db, after));
  const at = roster && nextChange(roster, after);
  if (at === undefined) return;
  await arm(tx, context, { kind: 'handoff', schedule }, at);
  await arm(
    tx,
    context,
    { kind: 'shift-check', schedule, from: at.toISOString() },
    new Date(Math.max(after.getTime(), at.getTime() - policy.oncall.checkShifts)),
  );
};

/** Nobody looks further than so many shifts of the same person. */
const mostPieces = 60;

/** When another person is on call; undefined when it stays the same one as far as one can see. */
const nextChange = (roster: Roster, after: Date): Date | undefined => {
  const { person } = onCallAt(roster, after);
  let shift: Shift = shiftAt(roster, after);
  for (let pieces = 0; pieces < mostPieces; pieces += 1) {
    const { until } = shift;
    shift = shiftAt(roster, until);
    if (shift.person !== person) return until;
  }
  return undefined;
};

type Handoff = Extract<Notice, { kind: 'handoff' }>;

/** Tells whoever comes and whoever goes, with what is not over; nothing when all was arranged otherwise meanwhile. */
export const handOff = async (tx: Tx, context: Context, schedule: string): Promise<void> => {
  const policy = context.policy();
  const { at } = tx.cause;
  const before = new Date(at.getTime() - 1);
  const roster = rosterOf(policy, schedule, await arrangedAfter(tx.db, before));
  if (roster === undefined) return;
  await armShift(tx, context, policy, schedule, at);
  const { person: gone = null } = onCallAt(roster, before);
  const { person: come = null, until } = shiftAt(roster, at);
  // After an outage: whoever is on call by now was told by another bell, or is by the next one.
  if (gone === come || until <= context.clock.now()) return;
  const pages = (await livePages(tx.db))
    .filter(({ kind }) => kind === 'page')
    .slice(0, 20)
    .map(({ id, summary, severity, owner }) => ({ page: pageName(id), summary, severity, owner }));
  tx.record({
    kind: 'handoff',
    facts: {
      schedule,
      from: gone,
      to: come,
      until: until.toISOString(),
      pages: pages.map(({ page }) => page),
    },
  });
  const notice = (what: Handoff['what'], person: PersonId, other: PersonId | null): Handoff => ({
    kind: 'handoff',
    what,
    schedule,
    person,
    other,
    until: until.toISOString(),
    pages,
  });
  await tell(tx, context, [
    ...(come === null ? [] : [{ to: direct(context, policy, come), notice: notice('begins', come, gone) }]),
    ...(gone === null ? [] : [{ to: direct(context, policy, gone), notice: notice('ends', gone, come) }]),
  ]);
};

/**
 * Before a shift: whether there is somebody, who can be reached by ways that worked when they were used last, and may be
 * paged first. What is wrong is told in time to the person, and to those who can put somebody else on call.
 */
export const checkShift = async (tx: Tx, context: Context, schedule: string, from: Date): Promise<void> => {
  const policy = context.policy();
  const roster = rosterOf(policy, schedule, await arrangedAfter(tx.db, from));
  if (roster === undefined) return;
  const { person } = onCallAt(roster, from);
  const found =
    person === undefined
      ? { problems: ['nobody' as const], failing: [], tiers: [] }
      : await problemsOf(tx, context, policy, schedule, person, from);
  tx.record({
    kind: 'shift-checked',
    outcome: found.problems.length === 0 ? 'ready' : 'not-ready',
    facts: { schedule, person: person ?? null, from: from.toISOString(), problems: found.problems },
  });
  if (found.problems.length === 0) return;
  const grave = found.problems.some((problem) => problem !== 'one-way');
  const others = ['operations', ...policy.releaseManagers].flatMap((role) => policy.roles.get(role) ?? []);
  const people = new Set([...(person === undefined ? [] : [person]), ...(grave ? others : [])]);
  await tell(tx, context, [
    {
      to: [...people].flatMap((id) => direct(context, policy, id)),
      notice: {
        kind: 'shift-check',
        schedule,
        person: person ?? null,
        from: from.toISOString(),
        ...found,
      },
    },
  ]);
};

interface Found {
  readonly problems: readonly ShiftProblem[];
  readonly failing: readonly string[];
  readonly tiers: readonly string[];
}

const problemsOf = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  schedule: string,
  person: PersonId,
  at: Date,
): Promise<Found> => {
  const ways = [...new Set(waysTo(context, policy, person).map(({ way }) => way))];
  const failed = await failingWays(tx.db, person);
  const failing = ways.filter((way) => failed.includes(way));
  const tiers = tiersFirst(policy, schedule).filter((tier) => {
    const rule = policy.oncall.tiers.get(tier);
    return rule !== undefined && !isQualified(policy, rule, person, at);
  });
  const reached: readonly ShiftProblem[] =
    ways.length === 0
      ? ['no-way']
      : failing.length === ways.length
        ? ['failing']
        : ways.length - failing.length === 1
          ? ['one-way']
          : [];
  return { problems: [...reached, ...(tiers.length > 0 ? ['unqualified' as const] : [])], failing, tiers };
};

/** Tiers of services whose first page goes to the schedule. */
const tiersFirst = (policy: Policy, schedule: string): readonly string[] => [
  ...new Set(
    [...policy.services.values()].flatMap(({ name, tier }) =>
      tier !== undefined &&
      escalationFor(policy, name)?.steps[0]?.targets.some(
        (target) => target.kind === 'schedule' && target.name === schedule,
      ) === true
        ? [tier]
        : [],
    ),
  ),
];
