import type { Span, Text } from '../card.ts';

/** An element of an Adaptive Card, as JSON. */
export interface Element {
  readonly type: string;
  readonly [property: string]: unknown;
}

/** A person who is pinged: Teams finds `text` in the card's text blocks, letter by letter. */
export interface Mention {
  readonly type: 'mention';
  readonly text: string;
  readonly mentioned: { readonly id: string; readonly name: string };
}

export interface Pen {
  /** A person's Entra object id, if they have one. */
  readonly userOf: (person: string) => string | undefined;
  /** Address of a train's page on the web; undefined where there is none. */
  readonly pageOf?: ((train: string) => string | undefined) | undefined;
}

/** Without control characters and halves of characters, which JSON writes six times as long and Teams shows as boxes. */
export const legible = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]/gu, '').replace(/\p{Surrogate}/gu, '\uFFFD');

/** Whole characters, at most `most` UTF-16 units, with `…` where something was left out. */
export const clip = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const kept = text.slice(0, Math.max(0, most - 1));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
};

/** Cards' date functions are looked for in any text; a person's braces are none. */
const withoutFunctions = (text: string): string => text.replace(/\{(?=\{|$)/g, '{\u200b');

/**
 * For text blocks, which read Markdown, and `<at>` as a mention. Backslashes work in Markdown of every client;
 * for what begins a tag there is no escape that all of them know.
 */
export const escaped = (text: string): string =>
  withoutFunctions(legible(text))
    .replace(/[\\*_`~[\]()#|!]/g, '\\$&')
    .replace(/<(?=[a-z/])/gi, '<\u200b')
    .replace(/^(\s*)([-+>]|\d+(?=\.))/gm, '$1\\$2');

/** The longest text of one block, in UTF-16 units. */
const longest = 4_000;

/**
 * A text as one element. Text runs are shown as they are, so nothing in them can be taken for markup; only where
 * somebody is mentioned it must be a text block, which pings. `look` is spread over it.
 */
export const drawText = (text: Text, pen: Pen, look: Look = {}): Drawn => {
  const spans = clipped(text.length === 0 ? [' '] : text);
  const mentions = spans.flatMap((span) => mentionOf(span, pen) ?? []);
  if (mentions.length === 0) {
    const runs = spans.map((span) => runOf(span, look));
    const inlines = look.lead === undefined ? runs : [signOf(look.lead), ...runs];
    return { element: { type: 'RichTextBlock', inlines, ...spaced(look) }, mentions };
  }
  const markdown = spans.map((span) => mentionOf(span, pen)?.text ?? markdownOf(span)).join('');
  const { color, subtle, bold, lead } = look;
  return {
    element: {
      type: 'TextBlock',
      text: lead === undefined ? markdown : `${escaped(lead.text)} ${markdown}`,
      wrap: true,
      ...spaced(look),
      ...(color === undefined ? {} : { color }),
      ...(subtle === true ? { isSubtle: true, size: 'Small' } : {}),
      ...(bold === true ? { weight: 'Bolder' } : {}),
    },
    mentions,
  };
};

export type Color = 'Default' | 'Good' | 'Warning' | 'Attention' | 'Accent';

export interface Look {
  readonly color?: Color;
  readonly subtle?: boolean;
  readonly bold?: boolean;
  readonly spacing?: 'None' | 'Small' | 'Medium';
  /** Before the text, in a colour of its own: the mark of a line. */
  readonly lead?: { readonly text: string; readonly color: Color };
}

export interface Drawn {
  readonly element: Element;
  readonly mentions: readonly Mention[];
}

const signOf = ({ text, color }: NonNullable<Look['lead']>): Element => ({
  type: 'TextRun',
  text: `${text} `,
  color,
  weight: 'Bolder',
});

const spaced = ({ spacing }: Look): object => (spacing === undefined ? {} : { spacing });

const clipped = (text: Text): Text => {
  let room = longest;
  const kept: Span[] = [];
  for (const span of text) {
    if (room <= 0) break;
    const words = typeof span === 'string' ? span : 'text' in span ? span.text : '';
    kept.push(
      typeof span === 'string'
        ? clip(span, room)
        : 'text' in span
          ? { ...span, text: clip(words, room) }
          : span,
    );
    room -= Math.max(words.length, 30);
  }
  return kept;
};

const runOf = (span: Span, look: Look): Element => {
  const run = (text: string, more: object = {}): Element => ({
    type: 'TextRun',
    text,
    ...(look.color === undefined ? {} : { color: look.color }),
    ...(look.subtle === true ? { isSubtle: true, size: 'Small' } : {}),
    ...(look.bold === true ? { weight: 'Bolder' } : {}),
    ...more,
  });
  const plain = (text: string): string => withoutFunctions(legible(text));
  if (typeof span === 'string') return run(plain(span));
  switch (span.kind) {
    case 'bold':
      return run(plain(span.text), { weight: 'Bolder' });
    case 'code':
      return run(plain(span.text), { fontType: 'Monospace' });
    case 'person':
      return run(plain(span.name), span.mention === true ? { weight: 'Bolder' } : {});
    case 'time':
      return run(timeOf(span.at, span.style));
    case 'link': {
      const url = addressOf(span.url);
      return run(
        plain(span.text),
        url === undefined ? {} : { selectAction: { type: 'Action.OpenUrl', url }, color: 'Accent' },
      );
    }
  }
};

const markdownOf = (span: Span): string => {
  if (typeof span === 'string') return escaped(span);
  switch (span.kind) {
    case 'bold':
      return span.text.trim() === '' ? escaped(span.text) : `**${escaped(span.text.trim())}**`;
    case 'code':
      return escaped(span.text);
    case 'person':
      return escaped(span.name);
    case 'time':
      return timeOf(span.at, span.style);
    case 'link': {
      const url = addressOf(span.url);
      return url === undefined ? escaped(span.text) : `[${escaped(span.text)}](${url})`;
    }
  }
};

/** In each reader's own zone and language: cards' DATE and TIME functions. */
const timeOf = (at: Date, style: 'time' | 'day-time' | 'date'): string => {
  const instant = Number.isNaN(at.getTime()) ? '' : at.toISOString().replace(/\.\d+Z$/, 'Z');
  if (!/^\d{4}-/.test(instant)) return '?';
  const date = `{{DATE(${instant},SHORT)}}`;
  const time = `{{TIME(${instant})}}`;
  return style === 'time' ? time : style === 'date' ? date : `${date} ${time}`;
};

/** Only addresses of the web, in a form that ends no Markdown link. */
const addressOf = (url: string): string | undefined => {
  if (url.length > 2_000 || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return /^(https?|mailto):$/.test(protocol) ? href.replaceAll('(', '%28').replaceAll(')', '%29') : undefined;
};

const mentionOf = (span: Span, pen: Pen): Mention | undefined => {
  if (typeof span === 'string' || span.kind !== 'person' || span.mention !== true) return undefined;
  const id = pen.userOf(span.person);
  // The same letters in text and entity, whatever the client makes of Markdown: none that mean anything to it.
  const name = clip(legible(span.name), 100)
    .replace(/[^\p{L}\p{M}\p{N} .,'’-]/gu, ' ')
    .trim();
  if (id === undefined || name === '') return undefined;
  return { type: 'mention', text: `<at>${name}</at>`, mentioned: { id, name } };
};
