import { escalate } from '../domain/escalation.ts';
import { type Page, pageName } from '../domain/page.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { escalationFor } from '../domain/roster.ts';
import { addCopies } from '../store/cards.ts';
import { type ArmedSend, cancelSends, insertSends } from '../store/page-sends.ts';
import { updatePage } from '../store/pages.ts';
import type { Recorded, Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { channel, redraw } from './outgoing.ts';
import { reachAt, waysTo } from './reach.ts';

export const aboutPage = (page: Page): Pick<Recorded, 'service'> & { readonly facts: { page: string } } => ({
  ...(page.service === null ? {} : { service: page.service }),
  facts: { page: pageName(page.id) },
});

/** The next step of the escalation: pages whom it names and arms the one after it. */
export const movePage = async (tx: Tx, context: Context, page: Page): Promise<Page> => {
  const policy = context.policy();
  // Not the deadline's instant: after an outage a page goes on from here, it does not catch up with what was missed.
  const now = context.clock.now();
  const named = page.escalation === null ? undefined : policy.oncall.escalations.get(page.escalation);
  const rule = named ?? escalationFor(policy, page.service ?? undefined);
  const move = escalate(rule, policy.oncall, page, await reachAt(tx.db, context, policy, now));
  const moved = await updatePage(tx.db, page.id, {
    state: 'open',
    owner: null,
    step: move.step,
    round: move.round,
    level: page.level + 1,
    dueAt: new Date(now.getTime() + move.waitMs),
  });
  tx.record({
    kind: 'page-escalated',
    ...aboutPage(page),
    outcome: move.people.length === 0 ? 'nobody' : move.catchAll ? 'catch-all' : 'paged',
    facts: {
      page: pageName(page.id),
      level: moved.level,
      step: move.step,
      round: move.round,
      people: move.people,
    },
  });
  await sendTo(tx, context, policy, moved, move.people, 'page');
  if (move.people.length === 0)
    context.log.error({ page: pageName(page.id) }, 'a page reaches nobody at all: look at the policy');
  // Nobody to be reached: everybody who reads shall see it.
  const names = move.people.length === 0 ? [...move.channels, 'oncall', 'releases'] : move.channels;
  await showIn(tx, context, policy, moved, names);
  return moved;
};

/** Arms the page's timer and has its card drawn: the last of a transaction's statements about it. */
export const setOff = async (tx: Tx, context: Context, page: Page): Promise<void> => {
  const { id, dueAt } = page;
  if (dueAt !== null) tx.afterCommit(() => context.bell.ring('ring-page', { id }, { at: dueAt }));
  await redraw(tx, context, [pageName(id)]);
};

const showIn = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  page: Page,
  names: readonly string[],
): Promise<void> => {
  await setOff(tx, context, page);
  await addCopies(
    tx.db,
    pageName(page.id),
    [...new Set(names)].flatMap((name) => channel(context, policy, name)),
  );
};

/** Writes what is to leave, each person on each of their ways, and rings for it once it is committed. */
const sendTo = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  page: Page,
  people: readonly PersonId[],
  kind: 'page' | 'reminder',
): Promise<void> => {
  const now = context.clock.now().getTime();
  const sends = people.flatMap((person) => {
    const ways = waysTo(context, policy, person);
    // A reminder wakes nobody: it comes the first way only.
    return (kind === 'page' ? ways : ways.slice(0, 1)).map(({ way, address, after }) => ({
      page: page.id,
      level: page.level,
      kind,
      person,
      way,
      address,
      dueAt: new Date(now + after),
    }));
  });
  ringSends(tx, context, await insertSends(tx.db, sends));
};

export const ringSends = (tx: Tx, context: Context, sends: readonly ArmedSend[]): void => {
  for (const { id, dueAt } of sends)
    tx.afterCommit(() => context.bell.ring('send-page', { id }, { at: dueAt }));
};

/** Hands an unanswered or acknowledged page to one person, who is paged by all ways. */
export const pagePerson = async (
  tx: Tx,
  context: Context,
  page: Page,
  person: PersonId,
  waitMs: number,
): Promise<Page> => {
  await cancelSends(tx.db, page.id);
  const moved = await updatePage(tx.db, page.id, {
    state: 'open',
    owner: null,
    level: page.level + 1,
    dueAt: new Date(context.clock.now().getTime() + waitMs),
  });
  await sendTo(tx, context, context.policy(), moved, [person], 'page');
  await setOff(tx, context, moved);
  return moved;
};

/** Tells the owner that it is not over. One who cannot be reached any more has lost it: it escalates again. */
export const remindOwner = async (tx: Tx, context: Context, page: Page): Promise<void> => {
  const policy = context.policy();
  if (page.owner === null || waysTo(context, policy, page.owner).length === 0) {
    await movePage(tx, context, { ...page, step: -1 });
    return;
  }
  const reminded = await updatePage(tx.db, page.id, {
    level: page.level + 1,
    dueAt: new Date(context.clock.now().getTime() + policy.oncall.remind),
  });
  tx.record({
    kind: 'page-reminded',
    ...aboutPage(page),
    facts: { page: pageName(page.id), person: page.owner },
  });
  await sendTo(tx, context, policy, reminded, [page.owner], 'reminder');
  await setOff(tx, context, reminded);
};
