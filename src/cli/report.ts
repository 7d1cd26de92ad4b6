import { pageReportCard } from '../cards/page-report-card.ts';
import { renderCard } from '../chat/console/render.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import type { Log } from '../log.ts';
import { reportPages } from '../operations/report-pages.ts';
import type { Settings } from '../settings.ts';
import { migrate } from '../store/migrate.ts';
import { type Outcome, withStore } from './database.ts';
import { parseEdge } from './timetable.ts';

export interface ReportOptions {
  /** A local date of the policy's zone, or an ISO instant. */
  readonly from: string;
  /** A local date, up to its 24:00; or an ISO instant. */
  readonly to: string;
}

/** How on-call duty went, from the bot's database. Durations are milliseconds. Refuses `bad-time` and `range-backwards`. */
export const reportCommand = (
  settings: Settings,
  log: Log,
  policy: Policy,
  options: ReportOptions,
): Promise<Outcome> => {
  const from = parseEdge(policy, 'from', options.from);
  const until = parseEdge(policy, 'to', options.to);
  if (until <= from) refuse({ code: 'range-backwards', facts: { from: options.from, to: options.to } });
  return withStore(settings, log, async (store) => {
    await migrate(store.db);
    const report = await reportPages(store, policy, { from, until });
    const { text } = renderCard(pageReportCard(report, policy), {
      zone: policy.timezone,
      width: 100,
      color: false,
    });
    return { text, json: report, exit: 0 };
  });
};
