import { assertNever } from '../domain/assert-never.ts';
import { pageName } from '../domain/page.ts';
import type { PageView } from '../domain/page-view.ts';
import { clip, count } from './words.ts';

/** How a page reaches people. */
export const wayNames: Readonly<Record<string, string>> = {
  chat: 'chat',
  sms: 'SMS',
  voice: 'a call',
  email: 'e-mail',
  webhook: 'webhook',
  pagerduty: 'PagerDuty',
};

const subject = ({ page, active }: PageView): string =>
  `${page.severity}${page.service === null ? '' : `, ${page.service}`}: ${clip(page.summary, 120)}${
    active > 1 ? ` (and ${count(active - 1, 'more alert')})` : ''
  }`;

/** An SMS: what it is, and what to answer. */
export const pageText = (view: PageView): string => {
  const { id } = view.page;
  return `${pageName(id)} ${subject(view)}. Reply ACK ${id} to take it, RESOLVE ${id} when it is over, ESCALATE ${id} to pass it on.`;
};

/** What a call says. */
export const pageSpeech = (view: PageView): string =>
  `Signalbox, page ${view.page.id}. ${subject(view)}. Press 1 to take it, press 2 to pass it on.`;

/** A mail: what it is, what is known, and where to answer. `links` go to pages on which a person confirms. */
export const pageMail = (
  view: PageView,
  links: { readonly acknowledge: string; readonly resolve: string } | undefined,
): { readonly subject: string; readonly text: string } => {
  const { page, alerts, total } = view;
  const facts = alerts.flatMap(({ summary, source, url, details }) => [
    '',
    `${summary} (${source})`,
    ...(url === null ? [] : [url]),
    ...Object.entries(details).map(([label, value]) => `${label}: ${value}`),
  ]);
  return {
    subject: `${pageName(page.id)} ${clip(subject(view), 150)}`.replace(/\s+/g, ' '),
    text: [
      page.summary,
      ...facts,
      ...(total > alerts.length ? ['', `${count(total, 'alert')} in all.`] : []),
      '',
      ...(links === undefined
        ? [`Answer in chat: page ack ${pageName(page.id)}`]
        : [`Take it: ${links.acknowledge}`, `It is over: ${links.resolve}`]),
      '',
    ].join('\n'),
  };
};

/** What came of an answer by SMS or key. */
export const smsAnswer = ({ page, policy }: PageView): string => {
  const name = pageName(page.id);
  switch (page.state) {
    case 'acknowledged':
      return page.owner === null
        ? `${name} has been taken note of.`
        : `${name}: ${policy.people.get(page.owner)?.name ?? page.owner} has it.`;
    case 'resolved':
      return page.mergedInto === null
        ? `${name} is over.`
        : `${name} is part of ${pageName(page.mergedInto)}.`;
    case 'held':
    case 'open':
      return `${name} has been passed on.`;
    default:
      return assertNever(page.state);
  }
};
