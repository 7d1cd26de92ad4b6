import { changeName, deploymentNumber } from '../domain/change.ts';
import { type Escalated, escalate } from '../domain/escalation.ts';
import { politeFrom } from '../domain/obligation.ts';
import type { EscalationRule } from '../domain/oncall.ts';
import { type Page, pageName } from '../domain/page.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { qualificationFor } from '../domain/qualification.ts';
import { escalationFor } from '../domain/roster.ts';
import { type PlannedSend, quietly, type Send } from '../domain/send.ts';
import { day, hour } from '../domain/time.ts';
import { addCopies } from '../store/cards.ts';
import { findDeployment } from '../store/deployments.ts';
import { helpersOf } from '../store/page-helpers.ts';
import { type ArmedSend, cancelRepeats, cancelSends, insertSends, systemsTold } from '../store/page-sends.ts';
import { lockTurns, saveTurns } from '../store/page-turns.ts';
import { updatePage } from '../store/pages.ts';
import type { Recorded, Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { channel, redraw } from './outgoing.ts';
import { reachAt, waysTo } from './reach.ts';

export const aboutPage = (page: Page): Pick<Recorded, 'service'> & { readonly facts: { page: string } } => ({
  ...(page.service === null ? {} : { service: page.service }),
  facts: { page: pageName(page.id) },
});

export const escalationOf = (
  policy: Policy,
  { escalation, service }: Pick<Page, 'escalation' | 'service'>,
): EscalationRule | undefined => {
  const named = escalation === null ? undefined : policy.oncall.escalations.get(escalation);
  return named ?? escalationFor(policy, service ?? undefined);
};

/** The next step of the escalation: pages whom it names and arms the one after it. */
export const movePage = async (tx: Tx, context: Context, page: Page): Promise<Page> => {
  const policy = context.policy();
  // Not the deadline's instant: after an outage a page goes on from here, it does not catch up with what was missed.
  const now = context.clock.now();
  const move = page.kind === 'page' ? await nextStep(tx, context, policy, page, now) : undefined;
  const { people, dueAt } = await whom(tx, context, policy, page, move, now);
  if (page.level > 0) await cancelRepeats(tx.db, page.id);
  const moved = await updatePage(tx.db, page.id, {
    state: 'open',
    owner: null,
    ...(move === undefined ? {} : { step: move.step, round: move.round }),
    level: page.level + 1,
    dueAt,
    armedAt: now,
  });
  tx.record({
    kind: 'page-escalated',
    ...aboutPage(page),
    outcome: people.length === 0 ? 'nobody' : move?.catchAll === true ? 'catch-all' : 'paged',
    facts: {
      page: pageName(page.id),
      level: moved.level,
      step: moved.step,
      round: moved.round,
      people,
      ...(move?.unqualified === true ? { unqualified: true } : {}),
    },
  });
  await sendTo(tx, context, policy, moved, people, 'page');
  if (people.length === 0)
    context.log.error({ page: pageName(page.id) }, 'a page reaches nobody at all: look at the policy');
  // Nobody who is asked answers, or can be: everybody who reads shall see it.
  const loud = people.length === 0 || move?.catchAll === true;
  await showIn(tx, context, policy, moved, [
    ...(move?.channels ?? []),
    ...(loud ? ['oncall', 'releases'] : []),
  ]);
  return moved;
};

/** Whether there is anybody left to turn to before everything begins again. */
export const hasNextStep = (policy: Policy, page: Page): boolean =>
  page.kind === 'page' && page.step < (escalationOf(policy, page)?.steps.length ?? 0);

const nextStep = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  page: Page,
  now: Date,
): Promise<Escalated> => {
  const rule = escalationOf(policy, page);
  const inTurn = rule?.steps.some((step) => step.inTurn === true) === true ? rule.name : undefined;
  const move = escalate(rule, policy.oncall, page, {
    reach: await reachAt(tx.db, context, policy, now),
    isQualified: qualificationFor(policy, page.service, now),
    ...(inTurn === undefined ? {} : { turns: await lockTurns(tx.db, inTurn) }),
  });
  if (inTurn !== undefined) await saveTurns(tx.db, inTurn, move.turns);
  return move;
};

/** Whoever was asked by name is paged with the first step; quiet pages and drills go to nobody else. */
const whom = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  page: Page,
  move: Escalated | undefined,
  now: Date,
): Promise<{ readonly people: readonly PersonId[]; readonly dueAt: Date }> => {
  const isAsked = page.level === 0 || move === undefined;
  const asked = isAsked ? (await helpersOf(tx.db, page.id)).map(({ person }) => person) : [];
  const reachable = asked.filter((person) => waysTo(context, policy, person).length > 0);
  return {
    people: [...new Set([...(move?.people ?? []), ...reachable])],
    dueAt: move === undefined ? nextOf(policy, page, now) : new Date(now.getTime() + move.waitMs),
  };
};

const nextOf = (policy: Policy, { kind }: Page, now: Date): Date =>
  kind === 'drill'
    ? new Date(now.getTime() + (policy.oncall.drill?.within ?? policy.oncall.again))
    : tomorrow(policy, now);

/** When it is polite to come back to what is no emergency: after whoever chases it has had a chance to. */
const tomorrow = (policy: Policy, now: Date): Date =>
  politeFrom(policy, new Date(politeFrom(policy, new Date(now.getTime() + day)).getTime() + 2 * hour));

/** Arms the page's timer and has its card drawn: the last of a transaction's statements about it. */
export const setOff = async (tx: Tx, context: Context, page: Page): Promise<void> => {
  const { id, dueAt } = page;
  if (dueAt !== null) tx.afterCommit(() => context.bell.ring('ring-page', { id }, { at: dueAt }));
  await redrawPage(tx, context, page);
};

/** For changes that leave the timer as it is. */
export const redrawPage = async (tx: Tx, context: Context, page: Page): Promise<void> => {
  const { id } = page;
  await redraw(tx, context, [pageName(id), ...(await changesOf(tx, page))]);
};

/** The change on whose card the page stands, because it is about its deployment. */
const changesOf = async (tx: Tx, { subject }: Page): Promise<readonly string[]> => {
  const id = subject?.startsWith('DEP-') === true ? deploymentNumber(subject) : undefined;
  const deployment = id === undefined ? undefined : await findDeployment(tx.db, id);
  return deployment === undefined ? [] : [changeName(deployment.change)];
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
export const sendTo = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  page: Page,
  people: readonly PersonId[],
  kind: Send['kind'],
): Promise<void> => {
  const armedAt = context.clock.now();
  const start = page.kind === 'quiet' ? politeFrom(policy, armedAt) : armedAt;
  const sends = people.flatMap((person) =>
    waysFor(policy, page, kind, waysTo(context, policy, person)).map(({ way, address, after }) => ({
      page: page.id,
      level: page.level,
      kind,
      person,
      way,
      address,
      dueAt: new Date(start.getTime() + after),
      armedAt,
    })),
  );
  ringSends(tx, context, await insertSends(tx.db, sends));
};

/** A reminder, and what can wait, wake nobody. */
const waysFor = (
  policy: Policy,
  page: Page,
  kind: Send['kind'],
  ways: readonly PlannedSend[],
): readonly PlannedSend[] => {
  if (page.kind === 'quiet') return quietly(ways);
  const only = page.kind === 'drill' ? policy.oncall.drill?.by : undefined;
  if (only !== undefined)
    return ways.filter(({ way }) => way === only).map((planned) => ({ ...planned, after: 0 }));
  return kind === 'reminder' ? ways.slice(0, 1) : ways;
};

/** What leaves at once leaves from here; its bell rings later, in case that this process is gone by then. */
const followMs = 5_000;

export const ringSends = (tx: Tx, context: Context, sends: readonly ArmedSend[]): void => {
  for (const { id, dueAt } of sends)
    tx.afterCommit(() => {
      const now = context.clock.now();
      const isOnItsWay = dueAt <= now && context.sendAtOnce?.(id) === true;
      const at = isOnItsWay ? new Date(now.getTime() + followMs) : dueAt;
      return context.bell.ring('send-page', { id }, { at });
    });
};

/** Systems that were told of the page are told what has become of it. */
export const tellSystems = async (tx: Tx, context: Context, page: Page): Promise<void> => {
  const now = context.clock.now();
  const updates = (await systemsTold(tx.db, page.id)).map((system) => ({
    ...system,
    page: page.id,
    level: page.level,
    kind: 'update' as const,
    dueAt: now,
    armedAt: now,
  }));
  ringSends(tx, context, await insertSends(tx.db, updates));
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
  const armedAt = context.clock.now();
  const moved = await updatePage(tx.db, page.id, {
    state: 'open',
    owner: null,
    level: page.level + 1,
    dueAt: new Date(armedAt.getTime() + waitMs),
    armedAt,
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
  const now = context.clock.now();
  const reminded = await updatePage(tx.db, page.id, {
    level: page.level + 1,
    dueAt: page.kind === 'quiet' ? tomorrow(policy, now) : new Date(now.getTime() + policy.oncall.remind),
    armedAt: now,
  });
  tx.record({
    kind: 'page-reminded',
    ...aboutPage(page),
    facts: { page: pageName(page.id), person: page.owner },
  });
  await sendTo(tx, context, policy, reminded, [page.owner], 'reminder');
  await setOff(tx, context, reminded);
};
