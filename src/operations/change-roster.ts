import type { Notice } from '../domain/notice.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { person as personMover, refuse } from '../domain/refusal.ts';
import { rosterOf } from '../domain/roster.ts';
import { shiftsBetween } from '../domain/schedule.ts';
import type { Interval } from '../domain/time.ts';
import {
  arrangedAfter,
  insertRosterChange,
  lockSwap,
  type RosterChange,
  settleRosterChanges,
} from '../store/roster.ts';
import type { Cause, Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { personNamed, requireRole } from './find.ts';
import { direct, tell } from './outgoing.ts';
import { periodOf } from './period.ts';
import { armShifts } from './shifts.ts';

export const swapName = (id: number): string => `SWAP-${id}`;

const swapNumber = (name: string): number | undefined => {
  const digits = /^swap-(\d{1,9})$/i.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

const scheduleNamed = (policy: Policy, name: string): string =>
  policy.oncall.schedules.has(name)
    ? name
    : refuse({
        code: 'unknown-schedule',
        facts: { schedule: name, known: [...policy.oncall.schedules.keys()] },
      });

type News = Omit<Extract<Notice, { kind: 'oncall' }>, 'kind' | 'from' | 'until'>;

const inform = (
  tx: Tx,
  context: Context,
  to: PersonId,
  news: News,
  { from, until }: Interval,
): Promise<void> =>
  tell(tx, context, [
    {
      to: direct(context, context.policy(), to),
      notice: { kind: 'oncall', ...news, from: from.toISOString(), until: until.toISOString() },
    },
  ]);

const recordChange = (tx: Tx, outcome: string, change: RosterChange): void =>
  tx.record({
    kind: 'oncall-changed',
    outcome,
    facts: {
      schedule: change.schedule,
      person: change.person,
      insteadOf: change.insteadOf,
      ...(change.standIn === undefined ? {} : { standIn: change.standIn }),
      from: change.from.toISOString(),
      until: change.until.toISOString(),
    },
  });

export interface Override {
  readonly schedule: string;
  readonly person: string;
  /** As typed: from when, until when. */
  readonly period: readonly string[];
}

/** Somebody is on call whatever the rotation says: oneself at will, others by operations and release managers. */
export const overrideSchedule = (context: Context, cause: Cause, order: Override): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const schedule = scheduleNamed(policy, order.schedule);
    const { id: person } = personNamed(policy, order.person);
    if (person !== cause.actor)
      requireRole(policy, cause.actor, ['operations', ...policy.releaseManagers], 'oncall override');
    const period = periodOf(policy, order.period, cause.at);
    const change = await insertRosterChange(
      tx.db,
      {
        kind: 'override',
        schedule,
        person,
        insteadOf: null,
        ...period,
        state: 'agreed',
        swap: null,
        madeBy: cause.actor,
      },
      cause.at,
    );
    recordChange(tx, 'override', change);
    await armShifts(tx, context, cause.at);
    if (person !== cause.actor)
      await inform(tx, context, person, { what: 'override', schedule, by: cause.actor, swap: null }, period);
  });

export interface Leave {
  /** Absent: the actor. */
  readonly person?: string;
  /** Who may sign meanwhile what the person may; it never makes two signatures of one (L6). */
  readonly standIn?: string;
  readonly period: readonly string[];
}

/**
 * An absence, said by the person or by the manager whom the policy names: the next of each rotation who is there
 * takes over, and a stand-in signs. Refuses `not-manager` and `own-stand-in`.
 */
export const goAway = (context: Context, cause: Cause, leave: Leave): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const { id: person, manager } = personNamed(policy, leave.person ?? cause.actor);
    if (person !== cause.actor && manager !== cause.actor)
      refuse({
        code: 'not-manager',
        facts: { person },
        movers: [person, ...(manager === undefined ? [] : [manager])].map(personMover),
      });
    const standIn = leave.standIn === undefined ? undefined : personNamed(policy, leave.standIn).id;
    if (standIn === person) refuse({ code: 'own-stand-in', facts: { person } });
    const period = periodOf(policy, leave.period, cause.at);
    const change = await insertRosterChange(
      tx.db,
      {
        kind: 'absence',
        schedule: null,
        person,
        insteadOf: null,
        ...period,
        state: 'agreed',
        swap: null,
        madeBy: cause.actor,
        ...(standIn === undefined ? {} : { standIn }),
      },
      cause.at,
    );
    recordChange(tx, 'away', change);
    await armShifts(tx, context, cause.at);
    const news = { schedule: person, by: cause.actor, swap: null };
    if (standIn !== undefined) await inform(tx, context, standIn, { what: 'stand-in', ...news }, period);
  });

export interface SwapRequest {
  readonly schedule: string;
  readonly person: string;
  readonly period: readonly string[];
  /** When the asker takes the other one's duty in return. */
  readonly back?: readonly string[];
}

/**
 * Asks somebody to take one's own duty. It holds once the other one agrees, and only where the rotation has the one
 * who is stood in for: so it follows a schedule that is edited meanwhile. Refuses `no-duty`.
 */
export const askSwap = (context: Context, cause: Cause, order: SwapRequest): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const schedule = scheduleNamed(policy, order.schedule);
    const { id: other } = personNamed(policy, order.person);
    const period = periodOf(policy, order.period, cause.at);
    await requireDuty(tx, policy, schedule, cause.actor, period);
    const asked = { kind: 'swap', schedule, state: 'asked', madeBy: cause.actor } as const;
    const there = await insertRosterChange(
      tx.db,
      { ...asked, person: other, insteadOf: cause.actor, ...period, swap: null },
      cause.at,
    );
    if (order.back !== undefined) {
      const back = periodOf(policy, order.back, cause.at);
      await requireDuty(tx, policy, schedule, other, back);
      await insertRosterChange(
        tx.db,
        { ...asked, person: cause.actor, insteadOf: other, ...back, swap: there.id },
        cause.at,
      );
    }
    recordChange(tx, 'swap-asked', there);
    const swap = swapName(there.id);
    await inform(tx, context, other, { what: 'swap-asked', schedule, by: cause.actor, swap }, period);
  });

const requireDuty = async (
  tx: Tx,
  policy: Policy,
  schedule: string,
  person: PersonId,
  period: Interval,
): Promise<void> => {
  const roster = rosterOf(policy, schedule, await arrangedAfter(tx.db, period.from));
  const has = roster && shiftsBetween(roster, period).some((shift) => shift.person === person);
  if (has !== true) refuse({ code: 'no-duty', facts: { schedule, person } });
};

/** Only the one who was asked answers, once; the same answer again changes nothing. */
export const answerSwap = (
  context: Context,
  cause: Cause,
  { swap: name, agree }: { readonly swap: string; readonly agree: boolean },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const id = swapNumber(name);
    const rows = id === undefined ? [] : await lockSwap(tx.db, id);
    const there =
      rows.find((row) => row.id === id && row.swap === null) ??
      refuse({ code: 'unknown-swap', facts: { swap: name } });
    if (there.person !== cause.actor)
      refuse({ code: 'not-asked', facts: { swap: name }, movers: [personMover(there.person)] });
    const state = agree ? 'agreed' : 'declined';
    if (there.state === state) return;
    if (there.state !== 'asked') refuse({ code: 'swap-over', facts: { swap: name, state: there.state } });
    await settleRosterChanges(
      tx.db,
      rows.map((row) => row.id),
      state,
    );
    recordChange(tx, `swap-${state}`, { ...there, state });
    if (agree) await armShifts(tx, context, cause.at);
    await inform(
      tx,
      context,
      there.madeBy,
      {
        what: agree ? 'swap-agreed' : 'swap-declined',
        schedule: there.schedule ?? '',
        by: cause.actor,
        swap: name,
      },
      there,
    );
  });
