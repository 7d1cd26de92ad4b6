import { teamOfService } from '../domain/exception.ts';
import {
  dueAfter,
  nextContact,
  type Obligation,
  type ObligationKind,
  obligationName,
  overdueOf,
} from '../domain/obligation.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { person, refuse } from '../domain/refusal.ts';
import { hasPass, insertObligation, openObligations } from '../store/obligations.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { arm, direct, tell } from './outgoing.ts';

export interface Debt {
  readonly kind: ObligationKind;
  /** `CHG-9`, `INC-2` */
  readonly subject: string;
  readonly requirement?: string;
  readonly service: string;
  readonly owner: PersonId;
  /** Absent: as the policy has it for its kind. */
  readonly dueAt?: Date;
}

/** Writes down what is owed (L11), tells who owes it, and arms its first reminder. Owed once: a repeat does nothing. */
export const owe = async (tx: Tx, context: Context, policy: Policy, debt: Debt): Promise<void> => {
  const obligation = await insertObligation(tx.db, {
    kind: debt.kind,
    subject: debt.subject,
    requirement: debt.requirement ?? null,
    service: debt.service,
    team: teamOfService(policy, debt.service),
    owner: debt.owner,
    createdAt: tx.cause.at,
    dueAt: dueOf(policy, debt, tx.cause.at),
  });
  if (obligation === undefined) return;
  tx.record({
    kind: 'obligation',
    ...about(obligation),
    facts: {
      obligation: obligationName(obligation.id),
      kind: obligation.kind,
      ...(obligation.requirement === null ? {} : { requirement: obligation.requirement }),
      owner: obligation.owner,
      due: obligation.dueAt.toISOString(),
    },
  });
  await armNext(tx, context, policy, obligation, null);
  await tell(tx, context, [
    {
      to: direct(context, policy, obligation.owner),
      notice: owedNotice(obligation, obligation.owner, 'new'),
    },
  ]);
};

/** An action says itself until when. */
const dueOf = (policy: Policy, { kind, dueAt }: Debt, at: Date): Date =>
  dueAt ?? dueAfter(policy, kind === 'action' ? 'root-cause' : kind, at);

/** For the record: which change and service it is about. */
export const about = ({ subject, service }: Pick<Obligation, 'subject' | 'service'>) => ({
  service,
  ...(subject.startsWith('CHG-') ? { change: subject } : {}),
});

export const owedNotice = (
  obligation: Obligation,
  to: PersonId,
  state: 'new' | 'soon' | 'overdue' | 'yours',
) =>
  ({
    kind: 'obligation',
    obligation: obligationName(obligation.id),
    owed: obligation.kind,
    subject: obligation.subject,
    requirement: obligation.requirement,
    service: obligation.service,
    owner: obligation.owner,
    person: to,
    due: obligation.dueAt.toISOString(),
    state,
  }) as const;

export const armNext = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  obligation: Obligation,
  last: Date | null,
): Promise<void> => {
  const { at } = nextContact(policy, obligation, last);
  await arm(tx, context, { kind: 'obligation', obligation: obligation.id, contact: obligation.contacts }, at);
};

/** L11: a team with overdue debts boards no train, unless operations let it board this one. */
export const refuseDebtors = async (
  tx: Tx,
  policy: Policy,
  service: string,
  train: string,
): Promise<void> => {
  const team = teamOfService(policy, service);
  const overdue = overdueOf(await openObligations(tx.db, { team }), team, tx.cause.at);
  if (overdue.length === 0 || (await hasPass(tx.db, team, train))) return;
  const [first] = overdue;
  refuse({
    code: 'debts-overdue',
    facts: { team, train, debts: overdue.map(({ id }) => obligationName(id)) },
    movers: [...new Set(overdue.map(({ owner }) => owner))].map(person),
    next: `change settle ${first === undefined ? '' : obligationName(first.id)} <what was done>`,
  });
};
