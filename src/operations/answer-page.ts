import { type Page, pageName, pageNumber } from '../domain/page.ts';
import { person as personMover, refuse } from '../domain/refusal.ts';
import { minute } from '../domain/time.ts';
import { helperCame, helpersOf } from '../store/page-helpers.ts';
import { cancelSends } from '../store/page-sends.ts';
import { endAlerts, findPage, lastAlerts, lockPage, updatePage } from '../store/pages.ts';
import type { Cause, Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { personNamed } from './find.ts';
import { aboutPage, movePage, pagePerson, setOff, tellSystems } from './move-page.ts';
import { waysTo } from './reach.ts';

/** A new owner is waited for so long before the escalation goes on. */
const assignedMs = 5 * minute;

export const pageNamed = async (tx: Tx, name: string): Promise<Page> => {
  const id = pageNumber(name);
  return (
    (id === undefined ? undefined : await lockPage(tx.db, id)) ??
    refuse({ code: 'unknown-page', facts: { page: name } })
  );
};

export const unresolved = (page: Page): Page => {
  if (page.state !== 'resolved') return page;
  const facts = { page: pageName(page.id), by: page.resolvedBy ?? '' };
  if (page.mergedInto === null) return refuse({ code: 'page-over', facts });
  const into = pageName(page.mergedInto);
  return refuse({ code: 'page-merged', facts: { ...facts, into }, next: `page show ${into}` });
};

export interface Answer {
  readonly page: string;
}

/**
 * From now on nothing leaves but reminders to the one who has it (L10). Again by the same person: nothing happens; by one
 * who was asked to help: that person has come. `forMs`: when its owner wants to be reminded; default as the policy says.
 * Refuses `page-over`, `page-merged` and `page-taken`.
 */
export const acknowledgePage = (
  context: Context,
  cause: Cause,
  { page: name, forMs }: Answer & { readonly forMs?: number },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const page = unresolved(await pageNamed(tx, name));
    const mine = page.state === 'acknowledged' && page.owner === cause.actor;
    if (mine && forMs === undefined) return;
    if (page.state !== 'acknowledged' || page.owner === null || mine) return take(tx, context, page, forMs);
    const came = await helperCame(tx.db, page.id, cause.actor, cause.at);
    if (!came && !(await helpersOf(tx.db, page.id)).some(({ person }) => person === cause.actor))
      refuse({
        code: 'page-taken',
        facts: { page: pageName(page.id), by: page.owner },
        movers: [personMover(page.owner)],
        next: `page assign ${pageName(page.id)} ${cause.actor}`,
      });
    if (!came) return;
    await cancelSends(tx.db, page.id, cause.actor);
    tx.record({ kind: 'page-help', ...aboutPage(page), outcome: 'came' });
    await setOff(tx, context, page);
  });

const take = async (tx: Tx, context: Context, page: Page, forMs?: number): Promise<void> => {
  const { actor, at } = tx.cause;
  if (page.kind === 'drill') {
    tx.record({ kind: 'drill', outcome: 'answered', facts: { page: pageName(page.id) } });
    return resolveLocked(tx, context, page);
  }
  await cancelSends(tx.db, page.id);
  await helperCame(tx.db, page.id, actor, at);
  const armedAt = context.clock.now();
  const isPerson = !actor.startsWith('system:');
  const taken = await updatePage(tx.db, page.id, {
    state: 'acknowledged',
    // A monitoring system that acknowledges owns nothing: the escalation goes on when nobody takes it.
    owner: isPerson ? actor : null,
    level: page.level + 1,
    ...(isPerson ? { acknowledgedAt: page.acknowledgedAt ?? at } : {}),
    dueAt: new Date(armedAt.getTime() + (forMs ?? context.policy().oncall.remind)),
    armedAt,
  });
  tx.record({
    kind: 'page-acknowledged',
    ...aboutPage(page),
    facts: { page: pageName(page.id), afterMs: at.getTime() - page.raisedAt.getTime() },
  });
  await tellSystems(tx, context, taken);
  await setOff(tx, context, taken);
};

/** It is over, with all its alerts. Again: nothing happens. */
export const resolvePage = (context: Context, cause: Cause, { page: name }: Answer): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const page = await pageNamed(tx, name);
    if (page.state === 'resolved') return;
    await endAlerts(tx.db, { page: page.id }, cause.actor, cause.at);
    await resolveLocked(tx, context, page);
  });

export const resolveLocked = async (tx: Tx, context: Context, page: Page): Promise<void> => {
  await cancelSends(tx.db, page.id);
  const over = await updatePage(tx.db, page.id, {
    state: 'resolved',
    level: page.level + 1,
    resolvedAt: tx.cause.at,
    resolvedBy: tx.cause.actor,
    dueAt: null,
  });
  tx.record({
    kind: 'page-resolved',
    ...aboutPage(page),
    facts: { page: pageName(page.id), afterMs: tx.cause.at.getTime() - page.raisedAt.getTime() },
  });
  await tellSystems(tx, context, over);
  await setOff(tx, context, over);
};

/**
 * The next step now. `asOf` is the level that the person saw: when it has escalated or been answered since, nothing
 * happens, so that two presses on the same card are one.
 */
export const escalatePage = (
  context: Context,
  cause: Cause,
  { page: name, asOf }: Answer & { readonly asOf?: number },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const page = unresolved(await pageNamed(tx, name));
    if (asOf !== undefined && asOf !== page.level) return;
    await cancelSends(tx.db, page.id);
    await movePage(tx, context, page);
  });

/**
 * Hands it to one person, who is paged; unanswered, it escalates as before. To oneself: it is one's own from now on, also
 * when somebody else had it. Refuses `unreachable-person`.
 */
export const assignPage = (
  context: Context,
  cause: Cause,
  { page: name, person }: Answer & { readonly person: string },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const { id } = personNamed(policy, person);
    const page = unresolved(await pageNamed(tx, name));
    if (page.state === 'acknowledged' && page.owner === id) return;
    if (id === cause.actor) return take(tx, context, page);
    if (waysTo(context, policy, id).length === 0)
      refuse({ code: 'unreachable-person', facts: { person: id } });
    tx.record({
      kind: 'page-escalated',
      ...aboutPage(page),
      outcome: 'assigned',
      facts: { page: pageName(page.id), people: [id] },
    });
    await pagePerson(tx, context, page, id, assignedMs);
  });

/** A source says that somebody has it there; nothing happens when nobody was asked here, or somebody has answered. */
export const acknowledgeAlert = async (
  context: Context,
  cause: Cause,
  source: string,
  key: string,
): Promise<void> => {
  const alert = (await lastAlerts(context.store.db, source, [key])).get(key);
  if (alert === undefined || alert.endedAt !== null) return;
  const page = await findPage(context.store.db, alert.page);
  if (page?.state === 'open' || page?.state === 'held')
    await acknowledgePage(context, cause, { page: pageName(page.id) });
};
