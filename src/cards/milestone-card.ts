import type { Card } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import type { Policy } from '../domain/policy.ts';
import type { MilestoneView } from '../domain/view.ts';
import { bullets, type Item } from './blocks.ts';
import { button, few } from './buttons.ts';
import { count, dayTime, list, people, personSpan, quoted } from './words.ts';

/** What changes wait for outside of software. */
export const milestoneCard = (views: readonly MilestoneView[], policy: Policy): Card => {
  const open = views.filter(({ said }) => said?.outcome !== 'pass');
  const [only] = views;
  const summary =
    views.length === 0
      ? 'The policy has no milestones.'
      : only !== undefined && views.length === 1
        ? `${only.rule.name} is ${open.length === 0 ? 'there' : 'not there yet'}.`
        : `${count(views.length, 'milestone')}, ${open.length} not there yet.`;
  return {
    title: views.length === 1 ? `Milestone ${only?.rule.name ?? ''}` : 'Milestones',
    tone: open.length === 0 ? 'good' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...bullets(
        views.map((view) => item(view, policy)),
        20,
      ),
    ],
    buttons: few(open.map(({ rule }) => button('change milestone', rule.name, views.length > 1, ['pass']))),
  };
};

const item = ({ rule, said, waiting }: MilestoneView, policy: Policy): Item => ({
  mark: said === null ? 'missing' : said.outcome === 'pass' ? 'done' : 'failed',
  text: [
    bold(rule.name),
    ` ${rule.what}, due ${rule.due}`,
    ...(rule.owners.length === 0 ? [] : [' — ', ...people(rule.owners, policy)]),
    ...(said === null
      ? []
      : [
          said.outcome === 'pass' ? '; there since ' : '; not there, said ',
          dayTime(said.observedAt),
          ' by ',
          said.person === null ? said.source : personSpan(said.person, policy),
          ...(said.comment === null || said.comment === '' ? [] : [` ${quoted(said.comment)}`]),
        ]),
    ...(waiting.length === 0
      ? []
      : [
          `; ${list(waiting.map(({ change, service }) => `${change} ${service}`))} ${waiting.length === 1 ? 'waits' : 'wait'} for it`,
        ]),
  ],
});
