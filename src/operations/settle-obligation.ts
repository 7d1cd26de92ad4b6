import { countExceptions, type ExceptionReport, teamOfService } from '../domain/exception.ts';
import {
  mayTakeOver,
  nextContact,
  type Obligation,
  obligationName,
  obligationNumber,
  reached,
} from '../domain/obligation.ts';
import type { Policy } from '../domain/policy.ts';
import { person, refuse, role } from '../domain/refusal.ts';
import { closest } from '../domain/spelling.ts';
import { day } from '../domain/time.ts';
import { trainToBoard } from '../domain/train.ts';
import { exceptionsSince } from '../store/exceptions.ts';
import {
  insertPass,
  lockObligation,
  openObligations,
  settleObligation,
  updateObligation,
} from '../store/obligations.ts';
import type { Cause, Tx } from '../store/store.ts';
import { chaseDebt, endChase } from './chase-debt.ts';
import type { Context } from './context.ts';
import { personNamed, requireRole } from './find.ts';
import { direct, tell } from './outgoing.ts';
import { about, armNext, owedNotice } from './owe.ts';

/** What was owed is done: says how, in words or by a link. Its owner may, and whoever may take it over. */
export const settle = (
  context: Context,
  cause: Cause,
  answer: { readonly obligation: string; readonly note?: string },
): Promise<void> =>
  withObligation(context, cause, answer.obligation, async (tx, obligation, policy) => {
    if (obligation.owner !== cause.actor) requireStandIn(policy, obligation, cause.actor, 'settle');
    const note =
      answer.note ??
      refuse({
        code: 'reason-missing',
        facts: { what: 'settle' },
        next: `change settle ${obligationName(obligation.id)} <what was done>`,
      });
    await settleObligation(tx.db, obligation.id, cause.actor, cause.at, note);
    await endChase(tx, context, obligation.id);
    tx.record({
      kind: 'obligation-settled',
      ...about(obligation),
      outcome: obligation.dueAt <= cause.at ? 'overdue' : 'in-time',
      facts: { obligation: obligationName(obligation.id), person: cause.actor, note },
    });
  });

/** Somebody else owes it from now on: the one who says so, or the person that its owner or a manager names. */
export const takeOver = (
  context: Context,
  cause: Cause,
  order: { readonly obligation: string; readonly to?: string },
): Promise<void> =>
  withObligation(context, cause, order.obligation, async (tx, obligation, policy) => {
    const name = obligationName(obligation.id);
    const to = personNamed(policy, order.to ?? cause.actor).id;
    if (obligation.owner !== cause.actor) requireStandIn(policy, obligation, cause.actor, 'take over');
    if (to === obligation.owner) refuse({ code: 'yours-already', facts: { obligation: name, person: to } });
    await updateObligation(tx.db, obligation.id, { owner: to });
    await endChase(tx, context, obligation.id);
    tx.record({
      kind: 'obligation-taken',
      ...about(obligation),
      facts: { obligation: name, from: obligation.owner, person: to },
    });
    if (to !== cause.actor)
      await tell(tx, context, [
        {
          to: direct(context, policy, to),
          notice: owedNotice({ ...obligation, owner: to }, to, 'yours'),
        },
      ]);
  });

/** Operations let a team board the train that boards now, in spite of what it owes; that is on the record too. */
export const letBoard = (
  context: Context,
  cause: Cause,
  pass: { readonly team: string; readonly reason?: string },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    personNamed(policy, cause.actor);
    requireRole(policy, cause.actor, ['operations'], 'let board');
    const team = teamNamed(policy, pass.team);
    const train =
      trainToBoard(policy, cause.at)?.id ?? refuse({ code: 'unknown-train', facts: { train: '' } });
    const reason =
      pass.reason ??
      refuse({
        code: 'reason-missing',
        facts: { what: 'let board' },
        next: `change let-board ${team} <reason>`,
      });
    if (!(await insertPass(tx.db, { team, train, person: cause.actor, reason, at: cause.at })))
      refuse({ code: 'may-board-already', facts: { team, train } });
    tx.record({ kind: 'boarding-pass', train, facts: { team, person: cause.actor, reason } });
  });

/** Its bell: reminds who is to be reminded next, and arms the one after; nothing once it is settled. */
export const remindDebtor = async (tx: Tx, context: Context, id: number, contact: number): Promise<void> => {
  const obligation = await lockObligation(tx.db, id);
  if (!obligation || obligation.settledAt !== null || obligation.contacts !== contact) return;
  const policy = context.policy();
  const { audience } = nextContact(policy, obligation, null);
  const people = reached(policy, obligation, audience);
  const state = obligation.dueAt <= tx.cause.at ? 'overdue' : 'soon';
  tx.record({
    kind: 'obligation-reminder',
    ...about(obligation),
    facts: { obligation: obligationName(id), audience, people, state },
  });
  const paged = state === 'overdue' ? await chaseDebt(tx, context, obligation, people) : [];
  await tell(
    tx,
    context,
    people
      .filter((to) => !paged.includes(to))
      .map((to) => ({ to: direct(context, policy, to), notice: owedNotice(obligation, to, state) })),
  );
  await updateObligation(tx.db, id, { contacts: contact + 1 });
  await armNext(tx, context, policy, { ...obligation, contacts: contact + 1 }, tx.cause.at);
};

export interface DebtsView {
  /** The most urgent first. */
  readonly obligations: readonly Obligation[];
  readonly exceptions: ExceptionReport;
  readonly policy: Policy;
  readonly now: Date;
}

/** What is owed, by all or by one team, and how often each team asked for an exception in the last half year. */
export const describeDebts = async (
  context: Context,
  team: string | undefined,
  now: Date,
): Promise<DebtsView> => {
  const { db } = context.store;
  const policy = context.policy();
  const named = team === undefined ? undefined : teamNamed(policy, team);
  const records = await exceptionsSince(db, new Date(now.getTime() - 183 * day));
  return {
    obligations: await openObligations(db, named === undefined ? {} : { team: named }),
    exceptions: countExceptions(records.filter((record) => named === undefined || record.team === named)),
    policy,
    now,
  };
};

const withObligation = (
  context: Context,
  cause: Cause,
  name: string,
  act: (tx: Tx, obligation: Obligation, policy: Policy) => Promise<void>,
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    personNamed(policy, cause.actor);
    const id = obligationNumber(name);
    const obligation = id === undefined ? undefined : await lockObligation(tx.db, id);
    if (!obligation) return refuse({ code: 'unknown-obligation', facts: { obligation: name } });
    if (obligation.settledAt !== null)
      refuse({
        code: 'settled-already',
        facts: { obligation: obligationName(obligation.id), by: obligation.settledBy ?? '' },
      });
    return act(tx, obligation, policy);
  });

const requireStandIn = (policy: Policy, obligation: Obligation, actor: string, what: string): void => {
  if (mayTakeOver(policy, obligation, actor)) return;
  refuse({
    code: 'not-your-debt',
    facts: { obligation: obligationName(obligation.id), owner: obligation.owner, what },
    movers: [person(obligation.owner), ...policy.releaseManagers.map(role), role('operations')],
  });
};

/** A team of the policy, or the team of the service of this name. */
const teamNamed = (policy: Policy, name: string): string => {
  const teams = new Set([...policy.services.keys()].map((service) => teamOfService(policy, service)));
  if (teams.has(name)) return name;
  if (policy.services.has(name)) return teamOfService(policy, name);
  const meant = closest(name, [...teams, ...policy.services.keys()]);
  return refuse({ code: 'unknown-team', facts: { team: name, ...(meant === undefined ? {} : { meant }) } });
};
