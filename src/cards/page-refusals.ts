import type { Policy } from '../domain/policy.ts';
import type { Facts } from './facts.ts';
import type { Told } from './told.ts';
import { list, personSpan, quoted } from './words.ts';

/** What is refused about pages and on-call duty. */
export const pageRefusals: Readonly<Record<string, (f: Facts, policy: Policy) => Told>> = {
  'unknown-page': (f) => ({
    title: 'Unknown page',
    why: [`There is no page ${quoted(f.text('page'))}.`],
    next: 'page list',
  }),
  'page-over': (f, policy) => ({
    title: `${f.text('page')} is over`,
    why: [
      f.text('by').startsWith('system:') || !f.has('by')
        ? 'Its source said that it ended.'
        : personSpan(f.text('by'), policy),
      ...(f.text('by').startsWith('system:') || !f.has('by') ? [] : [' has resolved it.']),
    ],
    next: `page show ${f.text('page')}`,
    movers: 'nobody',
  }),
  'page-taken': (f, policy) => ({
    title: `${f.text('page')} is taken`,
    why: [personSpan(f.text('by'), policy), ' has it. It can be handed over.'],
  }),
  'unreachable-person': (f, policy) => ({
    title: 'Out of reach',
    why: [personSpan(f.text('person'), policy), ' has no address at which a page could arrive.'],
  }),
  'summary-missing': () => ({
    title: 'Please say what is wrong',
    why: ['Whoever is woken by a page needs to know why.'],
  }),
  'unknown-severity': (f) => ({
    title: 'How urgent is it?',
    why: [`I do not know ${quoted(f.text('severity'))}. There are ${list(f.list('known'), 'or')}.`],
  }),
  'unknown-schedule': (f) => ({
    title: 'Unknown schedule',
    why: [
      f.list('known').length === 0
        ? 'The policy has no on-call schedules.'
        : `The policy has no schedule ${quoted(f.text('schedule'))}; there are ${list(f.list('known'))}.`,
    ],
    next: 'oncall',
  }),
  'bad-duration': (f) => ({
    title: 'How long?',
    why: [`${quoted(f.text('text'))} is not a time such as 30m, 2h or 1d.`],
  }),
};
