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
