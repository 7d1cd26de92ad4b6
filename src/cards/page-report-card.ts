import type { Card } from '../chat/card.ts';
import type { PageReport, Spread } from '../domain/page-report.ts';
import type { Policy } from '../domain/policy.ts';
import { bullets, header } from './blocks.ts';
import { count, dayTime, duration, personSpan } from './words.ts';

/** How on-call duty went: MTTA, MTTR, what did not arrive, whom it has woken, which services, week by week. */
export const pageReportCard = (report: PageReport, policy: Policy): Card => {
  const { pages, answered, toAnswer, toEnd, undelivered, wakeUps, services, weeks, from, until } = report;
  const summary = `${count(pages, 'page')}, ${answered} answered by a person${
    toAnswer === null ? '' : `, on average after ${duration(toAnswer.mean)}`
  }.`;
  return {
    title: 'On-call report',
    tone: undelivered.share > 0.1 ? 'warning' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'fields',
        fields: [
          { label: 'From', value: [dayTime(from), ' to ', dayTime(until)] },
          { label: 'To answer (MTTA)', value: [spread(toAnswer)] },
          { label: 'To the end (MTTR)', value: [spread(toEnd)] },
          {
            label: 'Undelivered',
            value: [`${percent(undelivered.share)} (${undelivered.failed} of ${undelivered.of})`],
          },
        ],
      },
      ...(wakeUps.length === 0
        ? []
        : [
            header('Woken at night'),
            ...bullets(
              wakeUps.map(({ person, wakeUps: n, nights }) => ({
                mark: 'none' as const,
                text: [personSpan(person, policy), `: ${count(n, 'time')} in ${count(nights, 'night')}`],
              })),
            ),
          ]),
      ...(services.length === 0
        ? []
        : [
            header('By service'),
            ...bullets(
              services.map(({ service, pages: n }) => ({
                mark: 'none' as const,
                text: [`${service ?? 'no service'}: ${count(n, 'page')}`],
              })),
            ),
          ]),
      header('By week'),
      ...bullets(
        weeks.map(({ week, pages: n, toAnswer: mean }) => ({
          mark: 'none' as const,
          text: [`${week}: ${count(n, 'page')}${mean === null ? '' : `, answered after ${duration(mean)}`}`],
        })),
      ),
    ],
    buttons: [],
  };
};

const spread = (of: Spread | null): string =>
  of === null
    ? 'none yet'
    : `mean ${duration(of.mean)}, median ${duration(of.median)}, 90 % within ${duration(of.p90)}, most ${duration(of.most)}`;

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
