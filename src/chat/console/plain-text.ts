import { stripVTControlCharacters } from 'node:util';

/**
 * Text from people and programs, safe for a terminal: escape sequences, control characters (a carriage return
 * could overwrite what stands there) and bidirectional controls (which reorder it) are gone; tabs are spaces
 * and line ends are `\n`.
 */
export const plainLines = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replaceAll('\t', '    ')
    .replace(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, '');

/** The same on one line: nothing can pretend to be a line of its own, a button or another message. */
export const plainText = (text: string): string => plainLines(text).replace(/\s+/gu, ' ');

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** Terminal columns: two for East Asian wide characters and emoji, none for marks that combine. */
export const columns = (text: string): number => {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let total = 0;
  for (const { segment } of graphemes.segment(text)) total += wide.test(segment) ? 2 : 1;
  return total;
};

/** A stretch of text in one style. */
export interface Run {
  readonly text: string;
  readonly style?: Style;
}

export type Style = 'bold' | 'dim' | 'underline' | 'cyan' | 'green' | 'yellow' | 'red';
export type Paint = (text: string, ...styles: readonly (Style | undefined)[]) => string;

const sgr: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  underline: [4, 24],
  cyan: [36, 39],
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
};

export const painter =
  (color: boolean): Paint =>
  (text, ...styles) =>
    styles.reduce<string>((painted, style) => {
      if (!color || style === undefined || text === '') return painted;
      const [on, off] = sgr[style];
      return `\u001b[${on}m${painted}\u001b[${off}m`;
    }, text);

/** Lines of at most `width` columns, broken at white space; a longer word (a URL) stays whole. */
export const wrap = (runs: readonly Run[], width: number, paint: Paint): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of wordsOf(runs)) {
    const length = columns(word.map(({ text }) => text).join(''));
    const painted = word.map(({ text, style }) => paint(text, style)).join('');
    if (used > 0 && used + 1 + length > width) {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += used > 0 ? ` ${painted}` : painted;
    used += used > 0 ? length + 1 : length;
  }
  return [...lines, line];
};

/** Runs that touch without white space between them are one word. */
const wordsOf = (runs: readonly Run[]): readonly (readonly Run[])[] => {
  const words: Run[][] = [];
  let open: Run[] | undefined;
  for (const run of runs)
    for (const [i, part] of plainText(run.text).split(' ').entries()) {
      if (i > 0) open = undefined;
      if (part === '') continue;
      if (open === undefined) {
        open = [];
        words.push(open);
      }
      open.push({ ...run, text: part });
    }
  return words;
};
