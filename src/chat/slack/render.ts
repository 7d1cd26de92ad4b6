import type { KnownBlock } from '@slack/types';
import type { Block, Button, Card, Mark, Text, Tone } from '../card.ts';
import { clip, limits } from './limits.ts';
import { escaped, legible, mrkdwn, type Pen } from './mrkdwn.ts';
import { answerBlockId, nameIn, type Press } from './press.ts';

export interface Message {
  /** For notifications and screen readers; escaped. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** A card within all of Slack's limits: what does not fit is counted (`and 12 more`), the buttons stay. */
export const renderCard = (
  card: Card,
  pen: Pen,
  options: { readonly answer?: boolean; readonly blocks?: number; readonly total?: number } = {},
): Message => {
  const { blocks: mostBlocks = limits.blocks, total = limits.total } = options;
  const header: KnownBlock = {
    type: 'header',
    text: plainText(toneMarks[card.tone] + (legible(card.title).trim() || '…'), limits.header),
    ...(options.answer === true ? { block_id: answerBlockId } : {}),
  };
  const summary = saysNew(card) ? [{ kind: 'text', text: [card.summary] } satisfies Block] : [];
  const about = options.answer === true ? { card: nameIn(card.title) } : {};
  const actions = renderButtons(card.buttons, Math.floor(total / 3), about);
  const room = {
    blocks: mostBlocks - 1 - actions.length - 1,
    units: total - sizeOf([header, ...actions, more(999_999, card, pen)]),
  };
  const { shown, left } = fill([...summary, ...card.blocks], room, pen);
  return {
    text:
      [card.summary, card.title]
        .map((words) => mrkdwn([words], limits.text, pen))
        .find((words) => words.trim() !== '') ?? '…',
    blocks: [header, ...shown, ...(left > 0 ? [more(left, card, pen)] : []), ...actions],
  };
};

export const plainText = (text: string, most: number) => ({
  type: 'plain_text' as const,
  text: clip(legible(text), most) || '…',
  emoji: false,
});

/** What did not fit, and where all of it is. */
const more = (left: number, { page }: Card, pen: Pen): KnownBlock => {
  const url = page === undefined ? undefined : pen.pageOf?.(page);
  const link: Text = url === undefined ? [] : [' · ', { kind: 'link', text: 'all of it', url }];
  return note(mrkdwn([`and ${left} more`, ...link], limits.context, pen));
};

/** Units of the blocks as they are sent. */
const sizeOf = (blocks: readonly KnownBlock[]): number => JSON.stringify(blocks).length;

/** Block by block, a list line by line, until there is no room; `left` counts the blocks and lines that are missing. */
const fill = (
  blocks: readonly Block[],
  room: { readonly blocks: number; readonly units: number },
  pen: Pen,
): { readonly shown: readonly KnownBlock[]; readonly left: number } => {
  const shown: KnownBlock[] = [];
  let units = 0;
  const take = (drawn: readonly KnownBlock[]): boolean => {
    const size = sizeOf(drawn);
    if (shown.length + drawn.length > room.blocks || units + size > room.units) return false;
    shown.push(...drawn);
    units += size;
    return true;
  };
  for (const [i, block] of blocks.entries()) {
    const after = blocks.slice(i + 1).reduce((sum, next) => sum + countOf(next), 0);
    if (block.kind !== 'list') {
      if (!take(renderBlock(block, pen))) return { shown, left: after + 1 };
      continue;
    }
    const sections = packed(block.items.map((item) => lineOf(item, pen)));
    for (const [nth, lines] of sections.entries()) {
      if (take([section(lines.join('\n'))])) continue;
      const fitting = longest(lines, (some) => take([section(some.join('\n'))]));
      const rest = sections.slice(nth).reduce((sum, { length }) => sum + length, 0);
      return { shown, left: rest - fitting + after };
    }
  }
  return { shown, left: 0 };
};

const countOf = (block: Block): number => (block.kind === 'list' ? block.items.length : 1);

/** The longest beginning, shortened by halves, that is accepted; its length. */
const longest = (lines: readonly string[], accept: (some: readonly string[]) => boolean): number => {
  for (let n = Math.floor(lines.length / 2); n > 0; n = Math.floor(n / 2))
    if (accept(lines.slice(0, n))) return n;
  return 0;
};

/** Lines in portions of one section each. */
const packed = (lines: readonly string[]): readonly (readonly string[])[] => {
  const portions: string[][] = [];
  let units: number = limits.section;
  for (const line of lines) {
    if (units + 1 + line.length > limits.section) {
      portions.push([]);
      units = 0;
    }
    portions.at(-1)?.push(line);
    units += line.length + 1;
  }
  return portions;
};

const lineOf = ({ mark, text }: { readonly mark: Mark; readonly text: Text }, pen: Pen): string =>
  `${listMarks[mark]} ${mrkdwn(text, mostOfLine, pen).replaceAll('\n', ' ')}`;

/** One line of a list does not take the room of the others. */
const mostOfLine = 700;

const toneMarks: Readonly<Record<Tone, string>> = { neutral: '', good: '✅ ', warning: '⚠️ ', bad: '⛔ ' };
const listMarks: Readonly<Record<Mark, string>> = {
  done: '✅',
  missing: '◻️',
  failed: '❌',
  waiting: '⏳',
  running: '▶️',
  none: '•',
};

const renderBlock = (block: Exclude<Block, { kind: 'list' }>, pen: Pen): readonly KnownBlock[] => {
  switch (block.kind) {
    case 'text':
      return written(mrkdwn(block.text, limits.section, pen), section);
    case 'note':
      return written(mrkdwn(block.text, limits.context, pen), note);
    case 'heading':
      return written(mrkdwn([{ kind: 'bold', text: block.text }], limits.section, pen), section);
    case 'fields': {
      const fields = block.fields.map(({ label, value }) =>
        verbatim(mrkdwn([{ kind: 'bold', text: clip(label, 200) }, '\n', ...value], mostOfField, pen)),
      );
      return chunks(fields, limits.fields).map((some) => ({ type: 'section', fields: [...some] }));
    }
    case 'progress': {
      const count = `${bar(block.done, block.total)}  *${block.done}/${block.total}* `;
      return [section(count + mrkdwn(block.label, mostOfLine, pen))];
    }
    case 'output':
      return written(legible(block.text).trimEnd(), (text) => section(fenced(text)));
  }
};

/** A field stands in a narrow column. */
const mostOfField = 1_000;

/** Slack refuses blocks without text. */
const written = (text: string, draw: (text: string) => KnownBlock): readonly KnownBlock[] =>
  text.trim() === '' ? [] : [draw(text)];

/** What the end says matters most. A fence inside cannot close ours. */
const fenced = (output: string): string => {
  const text = escaped(output.replaceAll('```', '`\u200b`\u200b`'));
  const most = limits.section - 8 - cutMark.length;
  if (text.length <= most) return `\`\`\`\n${text}\n\`\`\``;
  // From the next line on: neither an entity nor a character is cut in two, unless one line is longer than all.
  const tail = text.slice(-most);
  const line = tail.indexOf('\n');
  const whole = line === -1 ? tail.replace(/^(?:[^&;\s]{0,5};|[\uDC00-\uDFFF])/, '') : tail.slice(line + 1);
  return `\`\`\`\n${cutMark}${whole}\n\`\`\``;
};
const cutMark = '…\n';

const bar = (done: number, total: number): string => {
  const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.floor(part * 10);
  return '▰'.repeat(filled) + '▱'.repeat(10 - filled);
};

/** `verbatim`: Slack makes no mentions, channels or links out of what people wrote. */
const verbatim = (text: string) => ({ type: 'mrkdwn' as const, text, verbatim: true });
const section = (text: string): KnownBlock => ({ type: 'section', text: verbatim(text) });
const note = (text: string): KnownBlock => ({ type: 'context', elements: [verbatim(text)] });

/** In rows; a button whose value Slack would refuse is left out, and so is what exceeds the room. */
const renderButtons = (
  buttons: readonly Button[],
  room: number,
  about: Pick<Press, 'card'>,
): readonly KnownBlock[] => {
  const elements: ReturnType<typeof renderButton>[] = [];
  let units = 0;
  for (const [i, button] of buttons.entries()) {
    const value = pressOf(button, about);
    if (value.length > limits.value || elements.length === mostButtons) continue;
    const element = renderButton(button, value, i);
    units += JSON.stringify(element).length + 1;
    if (units > room) break;
    elements.push(element);
  }
  return chunks(elements, limits.actions).map((some) => ({ type: 'actions', elements: [...some] }));
};

/** More than that nobody reads; in one row. */
const mostButtons = limits.actions;

const pressOf = ({ verb, subject, args = [] }: Button, about: Pick<Press, 'card'>): string =>
  JSON.stringify({ verb, subject, args: [...args], ...about } satisfies Press);

const renderButton = (button: Button, value: string, i: number) => ({
  type: 'button' as const,
  action_id: `press:${i}`,
  text: plainText(button.label, limits.button),
  value,
  ...(button.style === undefined ? {} : { style: button.style }),
  ...(button.confirm === undefined
    ? {}
    : {
        confirm: {
          title: plainText(button.label, limits.confirmTitle),
          text: plainText(button.confirm, limits.confirm),
          confirm: plainText(button.label, 30),
          deny: plainText('Cancel', 30),
          ...(button.style === undefined ? {} : { style: button.style }),
        },
      }),
});

const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

/** The summary is for notifications; here it is shown unless title or first words say the same already. */
const saysNew = (card: Card): boolean => {
  const [first] = card.blocks;
  const opening =
    first?.kind === 'text' || first?.kind === 'note'
      ? first.text.map((span) => (typeof span === 'string' ? span : 'text' in span ? span.text : '')).join('')
      : '';
  const letters = (text: string): string => text.replace(/[\s.`]+/g, '').toLowerCase();
  return !['', letters(card.title), letters(opening)].includes(letters(card.summary));
};
