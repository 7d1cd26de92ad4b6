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
  'page-merged': (f) => ({
    title: `${f.text('page')} is part of ${f.text('into')}`,
    why: [`It was merged: what is to be done is done with ${f.text('into')}.`],
    movers: 'nobody',
  }),
  'same-page': (f) => ({
    title: 'One page only',
    why: [`${f.text('page')} cannot be merged into itself.`],
    next: 'page list',
  }),
  'whom-missing': (f) => ({
    title: 'Whom?',
    why: [`Please name a person of the policy, for ${f.text('page')}.`],
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
  'bad-period': (f) => ({
    title: 'From when until when?',
    why: [
      `${quoted(f.text('from'))} to ${quoted(f.text('to'))} is no time to come. Write dates or times such as ${list(f.list('known'), 'or')}.`,
    ],
  }),
  'bad-instant': (f) => ({
    title: 'At what time?',
    why: [`${quoted(f.text('text'))} is no time. Write ${list(f.list('known'), 'or')}.`],
  }),
  'no-duty': (f, policy) => ({
    title: 'Nothing to take over',
    why: [personSpan(f.text('person'), policy), ` is not on call for ${f.text('schedule')} in that time.`],
    next: `oncall schedule ${f.text('schedule')}`,
  }),
  'not-manager': (f, policy) => ({
    title: 'Not yours to say',
    why: [
      'Only ',
      personSpan(f.text('person'), policy),
      ' and the manager whom the policy names can say who is away and who stands in.',
    ],
    movers: 'who may',
  }),
  'own-stand-in': () => ({
    title: 'Nobody stands in for themselves',
    why: ['A stand-in is another person, who signs while somebody is away.'],
  }),
  'unknown-swap': (f) => ({
    title: 'Unknown swap',
    why: [`There is no swap ${quoted(f.text('swap'))}.`],
  }),
  'not-asked': (f) => ({
    title: 'You were not asked',
    why: [`${f.text('swap')} is for somebody else to agree to.`],
  }),
  'swap-over': (f) => ({
    title: 'Answered already',
    why: [`${f.text('swap')} was ${f.text('state', 'settled')} before.`],
    movers: 'nobody',
  }),
  'unknown-heartbeat': (f) => ({
    title: 'Unknown heartbeat',
    why: [`The policy has no heartbeat ${quoted(f.text('heartbeat'))}.`],
  }),
  'bad-duration': (f) => ({
    title: 'How long?',
    why: [`${quoted(f.text('text'))} is not a time such as 30m, 2h or 1d.`],
  }),
};
