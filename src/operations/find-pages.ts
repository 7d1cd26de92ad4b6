import { deploymentNumber } from '../domain/change.ts';
import { type Page, pageNumber } from '../domain/page.ts';
import type { OncallView, PageView } from '../domain/page-view.ts';
import { refuse } from '../domain/refusal.ts';
import { rosterOf } from '../domain/roster.ts';
import { type Shift, shiftAt, shiftsBetween } from '../domain/schedule.ts';
import { week } from '../domain/time.ts';
import { findChange } from '../store/changes.ts';
import { findDeployment } from '../store/deployments.ts';
import { helpersOf } from '../store/page-helpers.ts';
import { toldOf } from '../store/page-sends.ts';
import { alertsOf, findPage, lastAlerts, livePages, pageBeside } from '../store/pages.ts';
import { arrangedAfter } from '../store/roster.ts';
import type { Context } from './context.ts';
import { momentOf } from './period.ts';

/** What a card shows of the alerts of a page. */
const mostAlerts = 10;

export const describePage = async (context: Context, name: string, now: Date): Promise<PageView> => {
  const { db } = context.store;
  const id = pageNumber(name);
  if (id === undefined) return refuse({ code: 'unknown-page', facts: { page: name } });
  // Side by side: a page waits for its card.
  const [found, alerts, told, helpers, other] = await Promise.all([
    findPage(db, id),
    alertsOf(db, id, mostAlerts),
    toldOf(db, id),
    helpersOf(db, id),
    pageBeside(db, id),
  ]);
  const page = found ?? refuse({ code: 'unknown-page', facts: { page: name } });
  const beside = page.state === 'resolved' || page.kind !== 'page' ? undefined : other;
  const release = await releaseOf(context, page);
  return { page, ...alerts, told, helpers, beside, release, policy: context.policy(), now };
};

const releaseOf = async (context: Context, { subject }: Page): Promise<PageView['release']> => {
  const id = subject?.startsWith('DEP-') === true ? deploymentNumber(subject) : undefined;
  const deployment = id === undefined ? undefined : await findDeployment(context.store.db, id);
  const change = deployment && (await findChange(context.store.db, deployment.change));
  return deployment && change && { deployment, change };
};

/** Those that are not over, the oldest first. */
export const openPages = (context: Context): Promise<readonly Page[]> => livePages(context.store.db);

/** The page that an alert led to; undefined when it led to none. */
export const pageOfAlert = async (
  context: Context,
  source: string,
  key: string,
): Promise<number | undefined> => (await lastAlerts(context.store.db, source, [key])).get(key)?.page;

/** Of now, or of the time that is asked about, as typed. Refuses `unknown-schedule` and `bad-instant`; without a name, all schedules. */
export const describeOncall = async (
  context: Context,
  only: string | undefined,
  now: Date,
  asked?: string,
): Promise<OncallView> => {
  const policy = context.policy();
  const known = [...policy.oncall.schedules.keys()];
  if (only !== undefined && !known.includes(only))
    refuse({ code: 'unknown-schedule', facts: { schedule: only, known } });
  const at = asked === undefined ? now : momentOf(policy, asked);
  const arranged = await arrangedAfter(context.store.db, at);
  const schedules = known
    .filter((name) => only === undefined || name === only)
    .flatMap((name) => {
      const roster = rosterOf(policy, name, arranged);
      if (roster === undefined) return [];
      const current = shiftAt(roster, at);
      const after = shiftAt(roster, current.until);
      return [{ name, current, next: after.person === current.person ? undefined : after }];
    });
  return { schedules, at: asked === undefined ? null : at, pages: await openPages(context), policy, now };
};

/** The shifts of the coming fortnight. Refuses `unknown-schedule`. */
export const comingShifts = async (
  context: Context,
  schedule: string | undefined,
  now: Date,
): Promise<{ readonly schedule: string; readonly shifts: readonly Shift[] }> => {
  const policy = context.policy();
  const known = [...policy.oncall.schedules.keys()];
  const name = schedule ?? known[0] ?? '';
  const roster = rosterOf(policy, name, await arrangedAfter(context.store.db, now));
  if (roster === undefined) return refuse({ code: 'unknown-schedule', facts: { schedule: name, known } });
  return {
    schedule: name,
    shifts: shiftsBetween(roster, { from: now, until: new Date(now.getTime() + 2 * week) }),
  };
};
