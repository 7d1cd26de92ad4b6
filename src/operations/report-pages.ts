import { type PageReport, pageReport } from '../domain/page-report.ts';
import type { Policy } from '../domain/policy.ts';
import type { Interval } from '../domain/time.ts';
import { pagesRaised, sendsTried } from '../store/page-report.ts';
import type { Store } from '../store/store.ts';

/** How on-call duty went: how fast people answered, what did not arrive, whom it has woken. Reads only. */
export const reportPages = async (
  { db }: Pick<Store, 'db'>,
  policy: Policy,
  interval: Interval,
): Promise<PageReport> =>
  pageReport({
    ...interval,
    pages: await pagesRaised(db, interval),
    sends: await sendsTried(db, interval),
    zone: policy.timezone,
    zoneOf: (person) => policy.people.get(person)?.timezone ?? policy.timezone,
  });
