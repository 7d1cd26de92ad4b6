import { stripVTControlCharacters } from 'node:util';
import type { Card } from '../chat/card.ts';
import { type RenderOptions, renderCard } from '../chat/console/render.ts';

type Look = Omit<RenderOptions, 'numbers'>;

/** A card as the console draws it, without buttons and empty lines; its sentence only where it is worth a line. */
export const cardLines = (card: Card, look: Look, withSentence: boolean): readonly string[] => {
  const drawn = { ...card, buttons: [], ...(withSentence ? {} : { summary: card.title }) };
  return renderCard(drawn, look)
    .text.split('\n')
    .filter((text) => text !== '');
};

/** Wide enough that nothing is broken: lines are compared whole. */
const unbroken = 10_000;

/** What is new on an edited card: its title with the new sentence, and lines that say what was done or went wrong. */
export const newsOf = (
  before: Card,
  card: Card,
  look: Look,
): { readonly headline: string; readonly lines: readonly string[] } => {
  const [old, current] = [before, card].map((each) => cardLines(each, { ...look, width: unbroken }, true));
  const known = new Set((old ?? []).map(timeless));
  const [title = '', ...rest] = current ?? [];
  const isTrain = card.title.startsWith('Train');
  const lines = isTrain
    ? []
    : rest.filter(
        (text) => !known.has(timeless(text)) && isNews(timeless(text)) && !sameWords(text, card.summary),
      );
  const isNew = before.summary !== card.summary || before.title !== card.title;
  if (!isNew && lines.length === 0) return { headline: '', lines };
  const subject = card.title.split(' ')[0] ?? '';
  const sentence = card.summary.startsWith(`${subject} `)
    ? card.summary.slice(subject.length + 1)
    : card.summary;
  return { headline: `${title} — ${sentence}`, lines };
};

/** Failures, outputs, and what a deployment has done; what is only still to come is on the card. */
const isNews = (text: string): boolean =>
  /^\s*(?:✗|│)|^\s*[✓·] .*\b(?:done|undone|failed) |^\s*[✓·] .*undone/.test(text);

/** Countdowns and durations go on by themselves: that is no news. */
const timeless = (text: string): string =>
  stripVTControlCharacters(text).replace(
    /\b\d+ (?:d|h|min|s)\b(?: \d+ (?:h|min|s)\b)?(?: left at \d\d:\d\d| ago)?/g,
    '…',
  );

/** The sentence often names the one thing that is wrong, and the line says whose move it is besides. */
const sameWords = (line: string, sentence: string): boolean => {
  const letters = (text: string): string => stripVTControlCharacters(text).replace(/[\s.`✗]+/g, '');
  return letters(sentence).includes(letters(line.replace(/ — [^—]*$/, '')));
};

/** Broken at spaces; what goes on stands below the text, not below its mark. Colours do not count. */
export const hangingLines = (text: string, width: number, least = 0): readonly string[] => {
  const plain = stripVTControlCharacters(text);
  // Output is verbatim.
  if (plain.length <= width || /^\s*│/.test(plain)) return [text];
  const lead = Math.max(least, /^\s*(?:[✓✗○…▶·•!] )?/.exec(plain)?.[0].length ?? 0);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) /)) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (stripVTControlCharacters(joined).length > width && line !== '') {
      lines.push(line);
      line = `${' '.repeat(lead)}${word}`;
    } else {
      line = joined;
    }
  }
  return [...lines, line];
};
