import type { Block, Button, Card, Mark, Text, Tone } from '../card.ts';
import {
  type Color,
  clip,
  type Drawn,
  drawText,
  type Element,
  escaped,
  legible,
  type Mention,
  type Pen,
} from './text.ts';

export interface RenderOptions extends Pen {
  /** Default true: as wide as the conversation. */
  readonly wide?: boolean;
  /** Verbs whose buttons open a form when nothing more is known than what they act on. */
  readonly opensForm?: (button: Button) => boolean;
  /** Which buttons this reader is shown; default all. */
  readonly shows?: (button: Button) => boolean;
  /** The card asks to be drawn anew for each of these readers (all, where there are none and few in the place). */
  readonly refresh?: { readonly userIds: readonly string[]; readonly key?: string };
}

export interface AdaptiveCard extends Element {
  readonly type: 'AdaptiveCard';
  readonly version: '1.5';
}

/** What a button sends back: nothing that could go stale, and which card it was pressed on. */
export interface Press {
  readonly verb: string;
  readonly subject: string;
  readonly args?: readonly string[];
  /** The card's title: an answer with the same title is the same card, of now. */
  readonly card: string;
}

/**
 * UTF-16 units of a card as JSON: 80 KB, less what the message around it takes. Teams refuses more than 100 KB (413
 * MessageSizeTooBig).
 */
export const mostUnits = 38_000;

/** A card as Adaptive Card 1.5, within Teams' limits: what does not fit is counted (`and 12 more`), the buttons stay. */
export const renderCard = (whole: Card, options: RenderOptions): AdaptiveCard => {
  const card = forReader(whole, options);
  const actions = actionSets(card, options);
  const head = headOf(card);
  const outside = { ...frame(card), ...refreshOf(whole, options) };
  const around = { ...outside, body: [head, ...actions, more(999_999, card, options)] };
  const room = mostUnits - JSON.stringify(around).length - 200;
  const pieces = [
    ...(saysNew(card) ? [{ kind: 'text', text: [card.summary] } satisfies Block] : []),
    ...card.blocks,
  ].flatMap((block) => drawBlock(block, options));
  const { shown, left } = fill(pieces, room);
  const mentions = named(shown.flatMap((piece) => piece.mentions));
  return {
    ...outside,
    body: [
      head,
      ...shown.map(({ element }) => element),
      ...(left > 0 ? [more(left, card, options)] : []),
      ...actions,
    ],
    msteams: {
      ...(options.wide === false ? {} : { width: 'Full' }),
      ...(mentions.length === 0 ? {} : { entities: mentions }),
    },
  };
};

/** Without the buttons that are not this reader's; whoever sees too few asks for a card of their own. */
const forReader = (card: Card, { shows = () => true }: RenderOptions): Card => {
  const buttons = card.buttons.filter(shows);
  const { shownBy } = card;
  return buttons.length === card.buttons.length || shownBy === undefined
    ? card
    : { ...card, buttons: [...buttons, { label: 'What can I do?', ...shownBy }] };
};

const refreshOf = (card: Card, { refresh }: RenderOptions): object => {
  if (refresh === undefined || (card.shownBy === undefined && refresh.key === undefined)) return {};
  const { userIds, key } = refresh;
  const { verb, subject } = card.shownBy ?? { verb: '', subject: '' };
  const data = {
    verb,
    subject,
    card: titleOf(card),
    ...(card.shownBy === undefined ? {} : { show: true }),
    ...(key === undefined ? {} : { key }),
  };
  return {
    refresh: {
      action: { type: 'Action.Execute', title: 'Refresh', verb, data },
      ...(userIds.length === 0 ? {} : { userIds }),
    },
  };
};

export const titleOf = (card: Card): string => clip(legible(card.title), 300);

/** For notifications and screen readers. */
export const summaryOf = (card: Card): string =>
  [card.summary, card.title]
    .map((words) => clip(legible(words).trim(), 1_000))
    .find((words) => words !== '') ?? '…';

const frame = (card: Card) =>
  ({
    type: 'AdaptiveCard',
    version: '1.5',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    fallbackText: summaryOf(card),
    speak: summaryOf(card),
  }) as const;

const headOf = (card: Card): Element => ({
  type: 'Container',
  style: tones[card.tone].style,
  bleed: true,
  items: [
    {
      type: 'TextBlock',
      text: escaped(`${tones[card.tone].mark}${titleOf(card) || '…'}`),
      weight: 'Bolder',
      size: 'Medium',
      wrap: true,
      style: 'heading',
    },
  ],
});

const tones: Readonly<Record<Tone, { readonly style: string; readonly mark: string }>> = {
  neutral: { style: 'emphasis', mark: '' },
  good: { style: 'good', mark: '✓ ' },
  warning: { style: 'warning', mark: '⚠ ' },
  bad: { style: 'attention', mark: '✗ ' },
};

const marks: Readonly<Record<Mark, { readonly text: string; readonly color: Color }>> = {
  done: { text: '✓', color: 'Good' },
  missing: { text: '○', color: 'Warning' },
  failed: { text: '✗', color: 'Attention' },
  waiting: { text: '…', color: 'Default' },
  running: { text: '▶', color: 'Accent' },
  none: { text: '•', color: 'Default' },
};

/** The summary is for notifications; it is shown unless title or first words say the same already. */
const saysNew = (card: Card): boolean => {
  const [first] = card.blocks;
  const opening = first?.kind === 'text' || first?.kind === 'note' ? first.text : [];
  const words = opening
    .map((span) => (typeof span === 'string' ? span : 'text' in span ? span.text : ''))
    .join('');
  const letters = (text: string): string => text.replace(/[\s.`]+/g, '').toLowerCase();
  const summary = letters(card.summary);
  return summary !== letters(card.title) && !letters(words).startsWith(summary);
};

/** What is shown or left out as one. */
interface Piece extends Drawn {
  /** What it counts in `and 12 more`. */
  readonly counts: number;
}

const drawBlock = (block: Block, pen: Pen): readonly Piece[] => {
  const piece = (drawn: Drawn, counts = 1): Piece => ({ ...drawn, counts });
  switch (block.kind) {
    case 'text':
      return [piece(drawText(block.text, pen))];
    case 'note':
      return [piece(drawText(block.text, pen, { subtle: true }))];
    case 'heading':
      return [piece(drawText([block.text], pen, { bold: true, spacing: 'Medium' }), 0)];
    case 'fields':
      return block.fields.map(({ label, value }) => {
        const name = drawText([clip(label, 100)], pen, { subtle: true });
        const drawn = drawText(value, pen);
        return {
          element: {
            type: 'ColumnSet',
            spacing: 'None',
            columns: [
              { type: 'Column', width: '110px', items: [name.element] },
              { type: 'Column', width: 'stretch', items: [drawn.element] },
            ],
          },
          mentions: drawn.mentions,
          counts: 1,
        };
      });
    case 'list':
      return block.items.map(({ mark, text }) =>
        piece(drawText(text, pen, { spacing: 'Small', lead: marks[mark] })),
      );
    case 'progress': {
      const part = block.total > 0 ? Math.min(1, Math.max(0, block.done / block.total)) : 0;
      const filled = Math.floor(part * 20);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${block.done}/${block.total} `;
      return [piece(drawText([{ kind: 'code', text: bar }, ...block.label], pen))];
    }
    case 'output':
      return block.text
        .replace(/\s+$/, '')
        .split('\n')
        .map((text) => piece(drawText([{ kind: 'code', text: kept(text) }], pen, { spacing: 'None' })));
  }
};

/** Spaces at the beginning of a line are swallowed; these are not. */
const kept = (line: string): string => line.replace(/^ +/, (spaces) => '\u00a0'.repeat(spaces.length)) || ' ';

/** In order until there is no room; `left` counts what is missing. */
const fill = (
  pieces: readonly Piece[],
  room: number,
): { readonly shown: readonly Piece[]; readonly left: number } => {
  let used = 0;
  for (const [i, piece] of pieces.entries()) {
    used += JSON.stringify(piece.element).length + 1 + JSON.stringify(piece.mentions).length;
    if (used > room)
      return { shown: pieces.slice(0, i), left: pieces.slice(i).reduce((sum, p) => sum + p.counts, 0) };
  }
  return { shown: pieces, left: 0 };
};

/** What did not fit, and where all of it is. */
const more = (left: number, { page }: Card, pen: Pen): Element => {
  const url = page === undefined ? undefined : pen.pageOf?.(page);
  const link: Text = url === undefined ? [] : [' · ', { kind: 'link', text: 'all of it', url }];
  return drawText([`and ${left} more`, ...link], pen, { subtle: true }).element;
};

/** Each name once: Teams looks a name up, and the first entity that has it is pinged. */
const named = (mentions: readonly Mention[]): readonly Mention[] => [
  ...new Map(mentions.map((mention) => [mention.text, mention])).values(),
];

/** Teams shows six actions in a row. */
const perRow = 6;
const mostActions = 24;

const actionSets = (card: Card, options: RenderOptions): readonly Element[] => {
  const actions = card.buttons
    .map((button) => actionOf(button, card, options))
    // No name of ours is that long; a forged one is no button.
    .filter((action) => JSON.stringify(action).length <= 4_000)
    .slice(0, mostActions);
  let used = 0;
  const fitting = actions.filter((action) => {
    used += JSON.stringify(action).length;
    return used <= mostUnits / 2;
  });
  return Array.from({ length: Math.ceil(fitting.length / perRow) }, (_, row) => ({
    type: 'ActionSet',
    actions: fitting.slice(row * perRow, (row + 1) * perRow),
  }));
};

const styles = { primary: { style: 'positive' }, danger: { style: 'destructive' } } as const;

const actionOf = (button: Button, card: Card, options: RenderOptions): Element => {
  const { verb, subject, args, confirm, style } = button;
  const press: Press = { verb, subject, ...(args === undefined ? {} : { args }), card: titleOf(card) };
  const title = clip(legible(button.label), 60) || '…';
  const look = { title, ...(style === undefined ? {} : styles[style]) };
  if (options.opensForm?.(button) === true)
    return { type: 'Action.Submit', ...look, data: { ...press, msteams: { type: 'task/fetch' } } };
  const execute = (name: string): Element => ({
    type: 'Action.Execute',
    ...look,
    title: name,
    verb,
    data: press,
    fallback: { type: 'Action.Submit', ...look, title: name, data: press },
  });
  if (confirm === undefined) return execute(title);
  return {
    type: 'Action.ShowCard',
    ...look,
    card: {
      type: 'AdaptiveCard',
      body: [drawText([clip(confirm, 500)], options).element],
      actions: [execute(`Yes, ${title}`)],
    },
  };
};
