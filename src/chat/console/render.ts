import type { Block, Button, Card, Mark, Span, Text, Tone } from '../card.ts';
import { timesIn } from '../times.ts';
import {
  columns,
  type Paint,
  painter,
  plainLines,
  plainText,
  type Run,
  type Style,
  wrap,
} from './plain-text.ts';

export { timesIn };

export interface RenderOptions {
  /** IANA zone of all times. */
  readonly zone: string;
  /** Columns; output and long words may be longer. */
  readonly width: number;
  /** With ANSI colours; without, the same words and marks. */
  readonly color: boolean;
  /** The number of each button; default 1, 2, 3 … */
  readonly numbers?: readonly number[];
}

/** A card as a terminal shows it, without a line end after the last line. Marks say what colours say. */
export const renderCard = (
  card: Card,
  options: RenderOptions,
): { readonly text: string; readonly buttons: readonly Button[] } => {
  const paint = painter(options.color);
  const pen: Pen = {
    paint,
    color: options.color,
    time: timesIn(options.zone),
    width: Math.max(20, options.width),
  };
  const mark = toneMarks[card.tone];
  const lines = [
    ...hang([mark, styled(' ')], [styled(card.title, 'bold')], pen),
    ...(saysNew(card, pen) ? hang(margin, [styled(card.summary)], pen) : []),
    ...card.blocks.flatMap((block) => renderBlock(block, pen)),
    ...renderButtons(card.buttons, options.numbers, pen),
  ];
  return { text: lines.map((line) => line.trimEnd()).join('\n'), buttons: card.buttons };
};

interface Pen {
  readonly paint: Paint;
  readonly color: boolean;
  readonly time: ReturnType<typeof timesIn>;
  readonly width: number;
}

const toneMarks: Readonly<Record<Tone, Run>> = {
  neutral: { text: '•', style: 'cyan' },
  good: { text: '✓', style: 'green' },
  warning: { text: '!', style: 'yellow' },
  bad: { text: '✗', style: 'red' },
};

const listMarks: Readonly<Record<Mark, Run>> = {
  done: { text: '✓', style: 'green' },
  missing: { text: '○', style: 'yellow' },
  failed: { text: '✗', style: 'red' },
  waiting: { text: '…', style: 'dim' },
  running: { text: '▶', style: 'cyan' },
  none: { text: '·', style: 'dim' },
};

/** The summary is for notifications; here it is shown unless title or first words say the same already. */
const saysNew = (card: Card, pen: Pen): boolean => {
  const [first] = card.blocks;
  const opening = first?.kind === 'text' || first?.kind === 'note' ? runsOf(first.text, pen) : [];
  const letters = (text: string): string =>
    plainText(text)
      .replace(/[\s.`]+/g, '')
      .toLowerCase();
  const said = ['', card.title, opening.map(({ text }) => text).join('')].map(letters);
  return !said.includes(letters(card.summary));
};

const renderBlock = (block: Block, pen: Pen): readonly string[] => {
  switch (block.kind) {
    case 'text':
      return hang(margin, runsOf(block.text, pen), pen);
    case 'note':
      return hang(margin, runsOf(block.text, pen, 'dim'), pen);
    case 'heading':
      return ['', ...hang(margin, [styled(block.text, 'bold')], pen)];
    case 'fields': {
      const labels = block.fields.map(({ label }) => plainText(label));
      const widest = Math.min(24, Math.max(0, ...labels.map(columns)));
      return block.fields.flatMap(({ value }, i) => {
        const label = labels[i] ?? '';
        const gap = ' '.repeat(Math.max(0, widest - columns(label)) + 2);
        return hang([...margin, styled(label, 'dim'), styled(gap)], runsOf(value, pen), pen);
      });
    }
    case 'list':
      return block.items.flatMap(({ mark, text }) =>
        hang([...margin, listMarks[mark], styled(' ')], runsOf(text, pen), pen),
      );
    case 'progress': {
      const part = block.total > 0 ? Math.min(1, Math.max(0, block.done / block.total)) : 0;
      const filled = Math.floor(part * barWidth);
      const bar = [styled('█'.repeat(filled), 'green'), styled('░'.repeat(barWidth - filled), 'dim')];
      const count = styled(`${block.done}/${block.total} `, 'bold');
      return hang([...margin, ...bar, styled(' ')], [count, ...runsOf(block.label, pen)], pen);
    }
    case 'output':
      return plainLines(block.text)
        .replace(/\n+$/, '')
        .split('\n')
        .map((line) => `    ${pen.paint('│', 'dim')} ${line}`);
  }
};

const barWidth = 20;
const margin: readonly Run[] = [{ text: '  ' }];

/** `[1] Approve  [2] Veto`; a button stays on one line. */
const renderButtons = (
  buttons: readonly Button[],
  numbers: readonly number[] | undefined,
  pen: Pen,
): readonly string[] => {
  if (buttons.length === 0) return [];
  const lines: string[] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const [i, button] of buttons.entries()) {
    const number = `[${numbers?.[i] ?? i + 1}]`;
    const label = plainText(button.label);
    const length = columns(`${number} ${label}`) + 2;
    const style = button.style === 'danger' ? 'red' : button.style === 'primary' ? 'green' : undefined;
    const painted = `${pen.paint(number, 'bold')} ${pen.paint(label, style)}`;
    if (used + length > pen.width) {
      lines.push(`  ${painted}`);
      used = length;
    } else {
      lines.push(`${lines.pop()}  ${painted}`);
      used += length;
    }
  }
  return ['', ...lines];
};

/** Wrapped text after a lead; the lines below start where the text does. */
const hang = (lead: readonly Run[], text: readonly Run[], pen: Pen): readonly string[] => {
  const indent = columns(lead.map((run) => run.text).join(''));
  const painted = lead.map((run) => pen.paint(run.text, run.style)).join('');
  const lines = wrap(text, Math.max(10, pen.width - indent), pen.paint);
  return lines.map((line, i) => (i === 0 ? painted + line : ' '.repeat(indent) + line));
};

const runsOf = (text: Text, pen: Pen, style?: Style): readonly Run[] =>
  text.flatMap((span) => spanRuns(span, pen, style));

/** Without colours, code keeps its backquotes: it is mostly what one may type. */
const spanRuns = (span: Span, pen: Pen, style?: Style): readonly Run[] => {
  if (typeof span === 'string') return [styled(span, style)];
  switch (span.kind) {
    case 'bold':
      return [styled(span.text, 'bold')];
    case 'code':
      return [pen.color ? styled(span.text, 'cyan') : styled(`\`${span.text}\``)];
    case 'person':
      return [span.mention === true ? styled(`@${span.name}`, 'bold') : styled(span.name, style)];
    case 'time':
      return [styled(pen.time(span.at, span.style), style)];
    case 'link':
      return span.text === span.url
        ? [styled(span.url, 'underline')]
        : [styled(`${span.text} `, style), styled(`<${span.url}>`, 'underline')];
  }
};

const styled = (text: string, style?: Style): Run => (style === undefined ? { text } : { text, style });
