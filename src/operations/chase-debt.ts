import { type Obligation, obligationName } from '../domain/obligation.ts';
import type { PersonId } from '../domain/policy.ts';
import { formatLocal } from '../domain/time.ts';
import { insertHelpers } from '../store/page-helpers.ts';
import { cancelSends } from '../store/page-sends.ts';
import { livePages, lockPage } from '../store/pages.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { movePage } from './move-page.ts';
import { endIn, raiseIn } from './raise-page.ts';

const source = 'signalbox';

/**
 * What is overdue is a page, which waits for working hours and wakes nobody: each reminder asks the people again, until
 * one of them has it. Returns who hears of it by the page.
 */
export const chaseDebt = async (
  tx: Tx,
  context: Context,
  obligation: Obligation,
  people: readonly PersonId[],
): Promise<readonly PersonId[]> => {
  const name = obligationName(obligation.id);
  const [live] = await livePages(tx.db, { subject: name });
  const page = live && (await lockPage(tx.db, live.id));
  if (page === undefined || page.state === 'resolved') {
    await raiseIn(tx, context, source, [firingOf(context, obligation, people, tx.cause.at)]);
    return people;
  }
  if (page.state === 'acknowledged') return page.owner === null ? [] : [page.owner];
  await insertHelpers(tx.db, page.id, people, tx.cause.actor, tx.cause.at);
  await cancelSends(tx.db, page.id);
  await movePage(tx, context, page);
  return people;
};

const firingOf = (context: Context, obligation: Obligation, people: readonly PersonId[], at: Date) => {
  const name = obligationName(obligation.id);
  const due = formatLocal(obligation.dueAt, context.policy().timezone);
  return {
    key: name,
    recurs: true,
    severity: 'warning' as const,
    summary: `${name}, ${whatIsOwed(obligation)} of ${obligation.subject}, was due ${due}`,
    group: name,
    subject: name,
    quiet: true as const,
    people,
    details: {
      About: obligation.subject,
      Service: obligation.service,
      Owner: context.policy().people.get(obligation.owner)?.name ?? obligation.owner,
      Settle: `change settle ${name} <what was done>`,
    },
    startedAt: at,
  };
};

const whatIsOwed = ({ kind, requirement }: Obligation): string =>
  requirement ?? (kind === 'root-cause' ? 'the root cause' : `the ${kind}`);

/** Nobody is asked for it any more, or somebody else will be. Nothing when it was never overdue. */
export const endChase = (tx: Tx, context: Context, id: number): Promise<void> =>
  endIn(tx, context, source, [obligationName(id)]);
