import { pageName } from '../domain/page.ts';
import type { PageView } from '../domain/page-view.ts';
import { clip } from './words.ts';

export interface AnswerLinks {
  readonly acknowledge: string;
  readonly resolve: string;
}

/** A page as it is now, for programs. Who POSTs to a link answers in the name of the person whose webhook it is. */
export const pageEvent = (
  { page, alerts, total, active, now }: PageView,
  person: string,
  event: 'page' | 'reminder' | 'help' | 'update',
  links: AnswerLinks | undefined,
): object => ({
  event,
  page: pageName(page.id),
  state: page.state,
  severity: page.severity,
  summary: page.summary,
  service: page.service,
  person,
  owner: page.owner,
  level: page.level,
  raisedAt: page.raisedAt,
  at: now,
  alerts: alerts.map(({ source, key, severity, summary, url, details, startedAt, endedAt }) => ({
    source,
    key,
    severity,
    summary,
    url,
    details,
    startedAt,
    endedAt,
  })),
  total,
  active,
  ...(links === undefined || event === 'update' ? {} : { links }),
});

/** The same as PagerDuty's Events v2 has it: one incident there for one page here, whatever is told of it. */
export const pagerDutyEvent = (
  { page, alerts }: PageView,
  { organization, links }: { readonly organization: string; readonly links: AnswerLinks | undefined },
) => {
  // Of this page of this company: the routing key may have others' incidents too.
  const dedup_key = clip(`signalbox/${organization}/${pageName(page.id)}`, 255);
  switch (page.state) {
    case 'resolved':
      return { event_action: 'resolve' as const, dedup_key };
    case 'acknowledged':
      return { event_action: 'acknowledge' as const, dedup_key };
    default:
      return {
        event_action: 'trigger' as const,
        dedup_key,
        payload: {
          summary: clip(`${pageName(page.id)} ${page.summary}`, 1_024),
          source: 'signalbox',
          severity: page.severity,
          timestamp: page.raisedAt.toISOString(),
          ...(page.service === null ? {} : { component: page.service }),
          custom_details: { ...alerts[0]?.details },
        },
        links: [
          ...(links === undefined
            ? []
            : [
                { href: links.acknowledge, text: 'Take it in Signalbox' },
                { href: links.resolve, text: 'It is over' },
              ]),
          ...alerts.flatMap(({ url, summary }) =>
            url === null ? [] : [{ href: url, text: clip(summary, 100) }],
          ),
        ].slice(0, 10),
      };
  }
};
