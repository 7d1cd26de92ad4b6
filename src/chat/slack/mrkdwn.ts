import type { Span, Text } from '../card.ts';
import { timesIn } from '../times.ts';
import { cutAt } from './limits.ts';

export interface Pen {
  /** IANA zone of the policy: in what readers without Slack's own times see. */
  readonly zone: string;
  /** A person's Slack id, if they have one. */
  readonly userOf: (person: string) => string | undefined;
  /** Address of a train's page on the web; undefined where there is none. */
  readonly pageOf?: ((train: string) => string | undefined) | undefined;
}

/** The only characters that Slack's text treats as more than themselves. */
export const escaped = (text: string): string =>
  legible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Without control characters, which Slack refuses or shows as boxes. */
export const legible = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]/gu, '').replace(/\p{Surrogate}/gu, '\uFFFD');

/** Slack's markup of a text, at most so many units long; never half an entity, a mention or a character. */
export const mrkdwn = (text: Text, most: number, pen: Pen): string => {
  const pieces = text.map((span) => drawSpan(span, pen));
  const whole = pieces.join('');
  if (whole.length <= most) return whole;
  let drawn = '';
  for (const [i, piece] of pieces.entries()) {
    const room = most - 1 - drawn.length;
    if (piece.length > room) return `${drawn}${beginning(text[i] ?? '', room, pen)}…`;
    drawn += piece;
  }
  return drawn;
};

/** As much of a span's words as there is room for; a mention or a time is whole or not there. */
const beginning = (span: Span, room: number, pen: Pen): string => {
  if (typeof span !== 'string' && !('text' in span)) return '';
  const words = (typeof span === 'string' ? span : span.text).slice(0, room);
  const draw = (units: number): string => {
    const text = cutAt(words, units);
    return text === '' ? '' : drawSpan(typeof span === 'string' ? text : { ...span, text }, pen);
  };
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (draw(middle).length <= room) low = middle;
    else high = middle - 1;
  }
  return draw(low);
};

const drawSpan = (span: Span, pen: Pen): string => {
  if (typeof span === 'string') return escaped(span);
  switch (span.kind) {
    case 'bold':
      return styled('*', span.text.replaceAll('*', '∗'));
    case 'code':
      return styled('`', span.text.replaceAll('`', 'ˋ'));
    case 'person': {
      const user = span.mention === true ? pen.userOf(span.person) : undefined;
      return user === undefined || !/^[UW][A-Z0-9]+$/.test(user) ? escaped(span.name) : `<@${user}>`;
    }
    case 'time':
      return time(span.at, span.style, pen);
    case 'link':
      return link(span.text, span.url);
  }
};

/** A mark of style holds on one line only, and not around nothing. */
const styled = (mark: '*' | '`', text: string): string => {
  const line = escaped(text).replace(/\s+/g, ' ').trim();
  return line === '' ? '' : `${mark}${line}${mark}`;
};

const formats = {
  time: '{time}',
  'day-time': '{date_short_pretty} {time}',
  date: '{date_short_pretty}',
} as const;

/** In each reader's own zone (Slack's date formatting). */
const time = (at: Date, style: keyof typeof formats, pen: Pen): string => {
  if (Number.isNaN(at.getTime())) return '?';
  const zone = style === 'date' ? '' : ` ${pen.zone}`;
  return `<!date^${Math.floor(at.getTime() / 1_000)}^${formats[style]}|${escaped(timesIn(pen.zone)(at, style) + zone)}>`;
};

/** What is no web address, or too long for one, is shown as text. */
const link = (text: string, url: string): string => {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const isWeb = address !== undefined && /^(https?|mailto):$/.test(address.protocol) && url.length <= 1_000;
  const label = escaped(text).replace(/\s+/g, ' ').trim();
  if (!isWeb) return label;
  const target = escaped(address.href).replaceAll('|', '%7C');
  return label === '' ? `<${target}>` : `<${target}|${label.replaceAll('|', '¦')}>`;
};
