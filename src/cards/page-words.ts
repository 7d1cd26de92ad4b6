import { assertNever } from '../domain/assert-never.ts';
import { pageName } from '../domain/page.ts';
import type { PageView } from '../domain/page-view.ts';
import { clip, count } from './words.ts';

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

/** To whoever calls the number that is always answered. */
export const voiceAnswer = (page: number | undefined): string =>
  `Your call is ${page === undefined ? 'on record' : `page ${page}`}. Whoever is on call is being told and will call you back.`;
