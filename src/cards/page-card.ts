import type { Block, Button, Card, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import { type Page, pageName } from '../domain/page.ts';
import type { PageView } from '../domain/page-view.ts';
import type { Policy } from '../domain/policy.ts';
import { bullets, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { clip, clockTime, count, dayTime, duration, joined, personSpan, unique } from './words.ts';

/** A page as it is now; the same card for whoever is paged, for the channel and for whoever asks. */
export const pageCard = (view: PageView): Card => {
  const { page, policy } = view;
  const name = pageName(page.id);
  const about = clip(page.summary, 200);
  return {
    title: `${name}${page.service === null ? '' : ` ${page.service}`}: ${clip(page.summary, 100)}`,
    tone: toneOf(page),
    summary: `${about} (${page.severity}). ${standing(view)}`,
    blocks: [
      { kind: 'text', text: [bold(about)] },
      { kind: 'text', text: state(view) },
      {
        kind: 'fields',
        fields: [
          { label: 'Urgency', value: [page.severity] },
          { label: 'Since', value: [dayTime(page.raisedAt)] },
        ],
      },
      ...alertBlocks(view),
      ...toldBlocks(view, policy),
    ],
    buttons: buttonsOf(page),
  };
};

const toneOf = ({ state: at }: Page): Card['tone'] => {
  switch (at) {
    case 'open':
      return 'bad';
    case 'acknowledged':
    case 'held':
      return 'warning';
    case 'resolved':
      return 'good';
    default:
      return assertNever(at);
  }
};

const standing = ({ page, policy }: PageView): string => {
  const name = (id: string): string => policy.people.get(id)?.name ?? id;
  switch (page.state) {
    case 'open':
      return 'Nobody has it yet.';
    case 'held':
      return 'It waits for the deployment.';
    case 'acknowledged':
      return page.owner === null ? 'Its source has taken note.' : `${name(page.owner)} has it.`;
    case 'resolved':
      return 'It is over.';
    default:
      return assertNever(page.state);
  }
};

const state = ({ page, policy, now }: PageView): Text => {
  const since = (from: Date, until: Date): string => duration(until.getTime() - from.getTime());
  const due: Text = page.dueAt === null ? [] : [clockTime(page.dueAt)];
  switch (page.state) {
    case 'open':
      return [
        page.level === 0 ? 'Nobody has been paged yet.' : 'Nobody has it yet. The next step comes at ',
        ...(page.level === 0 ? [] : due),
        page.level === 0 ? '' : '.',
      ];
    case 'held':
      return [
        `${page.service ?? 'Its service'} is being deployed. It is paged at `,
        ...due,
        ' unless it ends before.',
      ];
    case 'acknowledged':
      return [
        ...(page.owner === null ? ['Its source'] : [personSpan(page.owner, policy)]),
        ' has it',
        ...(page.acknowledgedAt === null
          ? []
          : [`, ${since(page.raisedAt, page.acknowledgedAt)} after it was raised`]),
        '. The next reminder comes at ',
        ...due,
        '.',
      ];
    case 'resolved':
      return [
        'It is over',
        ...byWhom(page, policy),
        `, after ${since(page.raisedAt, page.resolvedAt ?? now)}.`,
      ];
    default:
      return assertNever(page.state);
  }
};

const byWhom = ({ resolvedBy }: Page, policy: Policy): Text => {
  if (resolvedBy === null) return [];
  return resolvedBy.startsWith('system:')
    ? [`: ${resolvedBy.slice('system:'.length)} says so`]
    : [': ', personSpan(resolvedBy, policy), ' says so'];
};

const alertBlocks = ({ alerts, total, active }: PageView): readonly Block[] => {
  const [only] = alerts;
  const items = alerts.map(
    (alert): Item => ({
      mark: alert.endedAt === null ? 'failed' : 'done',
      text: [
        ...(alert.url === null
          ? [clip(alert.summary, 150)]
          : [{ kind: 'link' as const, text: clip(alert.summary, 150), url: alert.url }]),
        ` (${alert.source}, since `,
        clockTime(alert.startedAt),
        ')',
      ],
    }),
  );
  const rest = total - alerts.length;
  // A single alert has been told in full above.
  if (total === 1 && only !== undefined) {
    const facts = Object.entries(only.details).map(([label, value]) => ({
      label: clip(label, 60),
      value: [clip(value, 300)],
    }));
    const from: Text =
      only.url === null ? [only.source] : [{ kind: 'link', text: only.source, url: only.url }];
    return [{ kind: 'fields', fields: [{ label: 'Told by', value: from }, ...facts.slice(0, 10)] }];
  }
  return [
    ...bullets(items),
    ...(rest > 0
      ? [{ kind: 'note' as const, text: [`${count(total, 'alert')} in all, ${active} still firing.`] }]
      : []),
  ];
};

const wayNames = { chat: 'chat', sms: 'SMS', voice: 'a call' } as const;

const toldBlocks = ({ told }: PageView, policy: Policy): readonly Block[] => {
  const reached = told.filter(({ state: at }) => at === 'sent' || at === 'failed');
  if (reached.length === 0) return [];
  const texts = unique(reached.map(({ person }) => person)).map((person): Text => {
    const ways = reached.filter((one) => one.person === person);
    const said = unique(
      ways.map(({ way, state: at }) => `${wayNames[way]}${at === 'failed' ? ' (failed)' : ''}`),
    );
    return [personSpan(person, policy), ` by ${said.join(', ')}`];
  });
  return [{ kind: 'note', text: ['Told: ', ...joined(texts), '.'] }];
};

/** Escalating carries the level that was seen: a second press on the same card is stale. */
const buttonsOf = (page: Page): readonly Button[] => {
  const name = pageName(page.id);
  const escalate = button('page escalate', name, false, [String(page.level)]);
  switch (page.state) {
    case 'held':
    case 'open':
      return [button('page ack', name), button('page resolve', name), escalate];
    case 'acknowledged':
      return [button('page resolve', name), escalate];
    case 'resolved':
      return [];
    default:
      return assertNever(page.state);
  }
};

/** All that is not over. */
export const pageListCard = (pages: readonly Page[], policy: Policy): Card => {
  const open = pages.filter(({ state: at }) => at === 'open');
  const summary =
    pages.length === 0
      ? 'No page is open.'
      : `${count(pages.length, 'page')} not over, ${open.length} of them nobody’s yet.`;
  return {
    title: 'Pages',
    tone: open.length > 0 ? 'bad' : pages.length > 0 ? 'warning' : 'good',
    summary,
    blocks: [{ kind: 'text', text: [summary] }, ...bullets(pages.map((page) => line(page, policy)))],
    buttons: pages
      .slice(0, 6)
      .map((page) => button(page.state === 'open' ? 'page ack' : 'page show', pageName(page.id), true)),
  };
};

const line = (page: Page, policy: Policy): Item => ({
  mark: page.state === 'open' ? 'missing' : page.state === 'held' ? 'waiting' : 'running',
  text: [
    bold(pageName(page.id)),
    `${page.service === null ? '' : ` ${page.service}`}: ${clip(page.summary, 100)}, since `,
    dayTime(page.raisedAt),
    ...(page.owner === null
      ? [page.state === 'held' ? ', waits for its deployment' : ', nobody has it']
      : [', ', personSpan(page.owner, policy), ' has it']),
  ],
});
