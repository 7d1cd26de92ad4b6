import { mostUrgent, type Page, pageName, pageNumber } from '../domain/page.ts';
import { person as personMover, refuse } from '../domain/refusal.ts';
import { cancelSends } from '../store/page-sends.ts';
import { findPage, lockBundles, lockPage, moveAlerts, updatePage } from '../store/pages.ts';
import type { Cause, Tx } from '../store/store.ts';
import { pageNamed, unresolved } from './answer-page.ts';
import type { Context } from './context.ts';
import { personNamed } from './find.ts';
import { askToHelp } from './help-page.ts';
import { aboutPage, movePage, setOff, tellSystems } from './move-page.ts';
import { waysTo } from './reach.ts';

/**
 * Makes two pages one: the alerts of the first are the second one's, now and later; nothing more leaves of the first.
 * The second goes on as it is, but when it was held and the first was not it is paged now. Again: nothing happens.
 * Refuses `unknown-page`, `page-over`, `page-merged` and `same-page`.
 */
export const mergePages = (
  context: Context,
  cause: Cause,
  { page: name, into: other }: { readonly page: string; readonly into: string },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const [from, into] = await lockBoth(tx, name, other);
    if (from.id === into.id) refuse({ code: 'same-page', facts: { page: pageName(from.id) } });
    if (from.mergedInto === into.id) return;
    unresolved(from);
    unresolved(into);
    await cancelSends(tx.db, from.id);
    await moveAlerts(tx.db, from.id, into.id);
    const over = await updatePage(tx.db, from.id, {
      state: 'resolved',
      level: from.level + 1,
      resolvedAt: cause.at,
      resolvedBy: cause.actor,
      dueAt: null,
      mergedInto: into.id,
    });
    tx.record({
      kind: 'page-merged',
      ...aboutPage(from),
      facts: { page: pageName(from.id), into: pageName(into.id) },
    });
    await tellSystems(tx, context, over);
    await setOff(tx, context, over);
    const grown = await updatePage(tx.db, into.id, {
      severity: mostUrgent([from.severity, into.severity]),
      dueAt: into.dueAt,
    });
    if (grown.state === 'held' && from.state !== 'held') await movePage(tx, context, grown);
    else await setOff(tx, context, grown);
  });

/** Bundles first, as whoever raises pages does; then the rows in the order of their numbers. */
const lockBoth = async (tx: Tx, one: string, other: string): Promise<readonly [Page, Page]> => {
  const found = await Promise.all([one, other].map((name) => known(tx, name)));
  await lockBundles(
    tx.db,
    found.map(({ bundle }) => bundle),
  );
  for (const { id } of found.toSorted((a, b) => a.id - b.id)) await lockPage(tx.db, id);
  return [await pageNamed(tx, one), await pageNamed(tx, other)];
};

const known = async (tx: Tx, name: string): Promise<Page> => {
  const id = pageNumber(name);
  const page = id === undefined ? undefined : await findPage(tx.db, id);
  return page ?? refuse({ code: 'unknown-page', facts: { page: name } });
};

/**
 * Pages more people without taking it from whoever has it. Each is asked once, by all ways, until that person
 * acknowledges. Refuses `unknown-person` and `unreachable-person`.
 */
export const addPeople = (
  context: Context,
  cause: Cause,
  { page: name, people }: { readonly page: string; readonly people: readonly string[] },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const ids = (people.length === 0 ? [''] : people).map((one) => personNamed(policy, one).id);
    const page = unresolved(await pageNamed(tx, name));
    const deaf = ids.find((id) => waysTo(context, policy, id).length === 0);
    if (deaf !== undefined)
      refuse({ code: 'unreachable-person', facts: { person: deaf }, movers: [personMover(deaf)] });
    const asked = await askToHelp(tx, context, page, ids);
    if (asked.length > 0) await setOff(tx, context, page);
  });
