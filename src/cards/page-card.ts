import type { Block, Button, Card, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import { type Page, pageName } from '../domain/page.ts';
import type { PageView } from '../domain/page-view.ts';
import type { Policy } from '../domain/policy.ts';
import { bullets, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { wayNames } from './page-words.ts';
import {
  clip,
  clockTime,
  count,
  dayTime,
  duration,
  joined,
  people,
  personSpan,
  spaced,
  unique,
} from './words.ts';

/** A page as it is now; the same card for whoever is paged, for the channel and for whoever asks. */
export const pageCard = (view: PageView): Card => {
  const { page } = view;
  const name = pageName(page.id);
  const about = clip(page.summary, 200);
  const rest = ` (${page.severity}). ${standing(view)}`;
  return {
    title: `${name}${page.service === null ? '' : ` ${page.service}`}: ${clip(page.summary, 100)}`,
    tone: toneOf(page),
    summary: about + rest,
    blocks: [
      { kind: 'text', text: [bold(about), rest] },
      { kind: 'text', text: state(view) },
      {
        kind: 'fields',
        fields: [{ label: 'Since', value: [dayTime(page.raisedAt)] }, ...releaseFields(view)],
      },
      ...alertBlocks(view),
      ...toldBlocks(view),
    ],
    buttons: buttonsOf(view),
  };
};

const releaseFields = ({
  release,
}: PageView): readonly { readonly label: string; readonly value: Text }[] => {
  if (release === undefined) return [];
  const { deployment, change } = release;
  return [
    {
      label: 'Release',
      value: [
        `${deploymentName(deployment.id)} of ${change.service} ${change.version}, ${changeName(change.id)} on ${change.train}: ${spaced(deployment.state)}`,
        ...(deployment.finishedAt === null ? [] : [' at ', clockTime(deployment.finishedAt)]),
      ],
    },
  ];
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
      return page.level === 0 ? 'Nobody has been paged yet.' : 'Nobody has it yet.';
    case 'held':
      return `It waits: ${page.service ?? 'its service'} is being deployed.`;
    case 'acknowledged':
      return page.owner === null ? 'Its source has taken note.' : `${name(page.owner)} has it.`;
    case 'resolved':
      return page.mergedInto === null ? 'It is over.' : `It is part of ${pageName(page.mergedInto)}.`;
    default:
      return assertNever(page.state);
  }
};

/** What comes next, or how it ended. */
const state = (view: PageView): Text => {
  const { page, policy, now } = view;
  const since = (from: Date, until: Date): string => duration(until.getTime() - from.getTime());
  const due: Text = page.dueAt === null ? [] : [clockTime(page.dueAt), '.'];
  switch (page.state) {
    case 'open':
      return [...askedText(view), 'The next step comes at ', ...due];
    case 'held':
      return ['Unless it ends before, it is paged at ', ...due];
    case 'acknowledged':
      return [
        ...(page.acknowledgedAt === null
          ? []
          : [`Taken ${since(page.raisedAt, page.acknowledgedAt)} after it was raised. `]),
        'The next reminder comes at ',
        ...due,
      ];
    case 'resolved':
      return [
        page.mergedInto === null ? 'Over' : 'Merged',
        ...byWhom(page, policy),
        `, after ${since(page.raisedAt, page.resolvedAt ?? now)}.`,
      ];
    default:
      return assertNever(page.state);
  }
};

/** By name, so that a channel's copy of the card calls them as well. */
const askedText = ({ told, policy }: PageView): Text => {
  const asked = told.filter(({ state: at }) => at !== 'failed' && at !== 'cancelled');
  const names = unique(asked.map(({ person }) => person)).map((person) => [personSpan(person, policy, true)]);
  return names.length === 0 ? [] : ['Asked: ', ...joined(names, 'and'), '. '];
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

const toldBlocks = ({ told, helpers, policy }: PageView): readonly Block[] => {
  const came = helpers.filter(({ cameAt }) => cameAt !== null);
  const help: readonly Block[] =
    came.length === 0
      ? []
      : [
          {
            kind: 'note',
            text: [
              'With ',
              ...people(
                came.map(({ person }) => person),
                policy,
              ),
              '.',
            ],
          },
        ];
  const reached = told.filter(({ state: at }) => at === 'sent' || at === 'failed');
  if (reached.length === 0) return help;
  const texts = unique(reached.map(({ person }) => person)).map((person): Text => {
    const ways = reached.filter((one) => one.person === person);
    const said = unique(
      ways.map(({ way, state: at }) => `${wayNames[way]}${at === 'failed' ? ' (failed)' : ''}`),
    );
    return [personSpan(person, policy), ` by ${said.join(', ')}`];
  });
  return [...help, { kind: 'note', text: ['Told: ', ...joined(texts), '.'] }];
};

/** Escalating carries the level that was seen: a second press on the same card is stale. */
const buttonsOf = ({ page, beside }: PageView): readonly Button[] => {
  const name = pageName(page.id);
  const next = [
    button('page escalate', name, false, [String(page.level)]),
    button('page snooze', name),
    button('page assign', name),
    button('page add', name),
  ];
  const debt = page.subject?.startsWith('OBL-') === true ? [button('change take-over', page.subject)] : [];
  const merge =
    beside === undefined
      ? []
      : [
          {
            ...button('page merge', name, false, [pageName(beside.id)]),
            label: `Merge into ${pageName(beside.id)}`,
          },
        ];
  switch (page.state) {
    case 'held':
    case 'open':
      return page.kind === 'drill'
        ? [button('page ack', name)]
        : [button('page ack', name), button('page resolve', name), ...debt, ...next, ...merge];
    case 'acknowledged':
      return [button('page resolve', name), ...next, ...merge];
    case 'resolved':
      return page.mergedInto === null
        ? []
        : [{ ...button('page show', pageName(page.mergedInto)), label: `Show ${pageName(page.mergedInto)}` }];
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
