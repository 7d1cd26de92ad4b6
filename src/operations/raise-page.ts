import type { Severity } from '../domain/oncall.ts';
import { type Alert, isNews, joins, mostUrgent, type Page, pageName } from '../domain/page.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { insertHelpers } from '../store/page-helpers.ts';
import {
  alertsOf,
  endAlerts,
  insertAlerts,
  insertPage,
  lastAlerts,
  lockBundles,
  lockPage,
  lockPageOfBundle,
  updatePage,
} from '../store/pages.ts';
import type { Cause, Tx } from '../store/store.ts';
import { resolveLocked } from './answer-page.ts';
import type { Context } from './context.ts';
import { askToHelp } from './help-page.ts';
import { heldBy } from './hold-page.ts';
import { aboutPage, movePage, redrawPage, setOff } from './move-page.ts';

/** Something that fires at a source. */
export interface Firing {
  /** Names the occurrence at its source. */
  readonly key: string;
  /** Whether the same name may begin again once it has ended. */
  readonly recurs: boolean;
  readonly severity: Severity;
  readonly summary: string;
  /** As the source calls it; one that the policy does not know is told and pages the default escalation. */
  readonly service?: string;
  readonly escalation?: string;
  /** What else goes together when there is no service. */
  readonly group?: string;
  /** What else it is about: `DEP-4`, `OBL-3`. */
  readonly subject?: string;
  /** Who is paged besides whom the escalation names. */
  readonly people?: readonly PersonId[];
  /** It can wait for working hours, and goes to `people` only. */
  readonly quiet?: true;
  readonly url?: string;
  readonly details: Readonly<Record<string, string>>;
  readonly startedAt: Date;
  /** Milliseconds in which its source may still say whom it is for: nobody is paged before. */
  readonly waitMs?: number;
}

export interface Told {
  readonly source: string;
  readonly firing: readonly Firing[];
  /** Names of what has ended. */
  readonly ended: readonly string[];
}

/**
 * What a source tells, in one transaction: durable before it is answered, the same again without effect (L8). What
 * fires joins the page of its bundle or raises one; what has ended always passes, and ends the page with its last alert.
 */
export const receiveAlerts = (context: Context, cause: Cause, told: Told): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    await raiseIn(tx, context, told.source, told.firing);
    await endIn(tx, context, told.source, told.ended);
  });

/** Returns the pages that the alerts belong to; those that are no news belong to none. */
export const raiseIn = async (
  tx: Tx,
  context: Context,
  source: string,
  firing: readonly Firing[],
): Promise<readonly Page[]> => {
  if (firing.length === 0) return [];
  const policy = context.policy();
  const bundled = new Map<string, Firing[]>();
  // A body may name an alert twice.
  for (const alert of new Map(firing.map((one) => [one.key, one])).values()) {
    const bundle = bundleOf(policy, source, alert);
    bundled.set(bundle, [...(bundled.get(bundle) ?? []), alert]);
  }
  await lockBundles(tx.db, [...bundled.keys()]);
  const last = await lastAlerts(
    tx.db,
    source,
    firing.map(({ key }) => key),
  );
  const pages: Page[] = [];
  for (const [bundle, alerts] of [...bundled].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const news = alerts.filter(({ key, recurs }) => isNews(last.get(key), recurs, tx.cause.at));
    if (news.length > 0) pages.push(await raiseBundle(tx, context, policy, source, bundle, news));
  }
  return pages;
};

const bundleOf = (policy: Policy, source: string, { service, group, key }: Firing): string =>
  service !== undefined && policy.services.has(service)
    ? `service/${service}`
    : `${source}/${service ?? group ?? key}`;

const raiseBundle = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  source: string,
  bundle: string,
  news: readonly Firing[],
): Promise<Page> => {
  const at = tx.cause.at;
  const severity = mostUrgent(news.map((alert) => alert.severity));
  const known = await lockPageOfBundle(tx.db, bundle);
  const joined = known !== undefined && joins(known, severity, policy.oncall.bundle, at) ? known : undefined;
  const first = news.find((alert) => alert.severity === severity);
  const service = first?.service !== undefined && policy.services.has(first.service) ? first.service : null;
  const hold = await heldBy(tx, context, policy, service, severity);
  const waitMs = Math.min(...news.map((alert) => alert.waitMs ?? 0));
  const page =
    joined ??
    (await insertPage(tx.db, {
      kind: first?.quiet === true ? 'quiet' : 'page',
      state: hold === undefined ? 'open' : 'held',
      severity,
      summary: first?.summary ?? '',
      service,
      escalation: first?.escalation ?? null,
      bundle,
      subject: hold?.deployment ?? first?.subject ?? null,
      raisedBy: tx.cause.actor,
      raisedAt: at,
      dueAt: hold?.until ?? new Date(context.clock.now().getTime() + waitMs),
      armedAt: context.clock.now(),
    }));
  await insertAlerts(
    tx.db,
    news.map((alert) => ({
      page: page.id,
      source,
      key: alert.key,
      severity: alert.severity,
      summary: alert.summary,
      url: alert.url ?? null,
      details: alert.details,
      startedAt: alert.startedAt,
      receivedAt: at,
    })),
  );
  tx.record({
    kind: joined === undefined ? 'paged' : 'alert',
    ...aboutPage(page),
    outcome: page.state,
    facts: {
      page: pageName(page.id),
      source,
      severity,
      alerts: news.length,
      keys: news.slice(0, 20).map(({ key }) => key),
    },
  });
  const people = news.flatMap((alert) => alert.people ?? []);
  if (joined === undefined) {
    await insertHelpers(tx.db, page.id, people, tx.cause.actor, at);
    if (page.state === 'open' && waitMs === 0) return movePage(tx, context, page);
    await setOff(tx, context, page);
    return page;
  }
  const urgent = { severity: mostUrgent([page.severity, severity]), dueAt: page.dueAt };
  const raised = await updatePage(tx.db, page.id, urgent);
  await askToHelp(tx, context, raised, people);
  if (raised.state === 'held' && hold === undefined) return movePage(tx, context, raised);
  await redrawPage(tx, context, raised);
  return raised;
};

/** Ends what these keys name; the page goes with its last alert. */
export const endIn = async (
  tx: Tx,
  context: Context,
  source: string,
  keys: readonly string[],
): Promise<void> => {
  if (keys.length === 0) return;
  const by = tx.cause.actor;
  for (const id of await endAlerts(tx.db, { source, keys }, by, tx.cause.at)) {
    const page = await lockPage(tx.db, id);
    if (page === undefined || page.state === 'resolved') continue;
    const { active } = await alertsOf(tx.db, id, 0);
    tx.record({ kind: 'alert-ended', ...aboutPage(page), facts: { page: pageName(id), source, active } });
    if (active === 0) await resolveLocked(tx, context, page);
    else await redrawPage(tx, context, page);
  }
};

export type { Alert };
