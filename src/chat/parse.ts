import { closest, editDistance } from '../domain/spelling.ts';
import type { Request } from './request.ts';
import { takeFlags, tokensOf } from './words.ts';

export { splitWords } from './words.ts';
/** For the platforms, which may import from this folder only. */
export { closest };

/** One line of help, and the grammar of the command: what the usage names is what the parser understands. */
export interface CommandSpec {
  /** Lower case: `change approve`, `train`. */
  readonly verb: string;
  /**
   * What follows the verb: `<CHG-n> [reason…]`, `<service> [--type content] [--now]`. `CHG-n` lets people write
   * `chg-3` or `3`. Only flags that stand here are taken out of the words, so no reason ever loses a word;
   * a flag takes a value when the usage shows one after it.
   */
  readonly usage: string;
  readonly summary: string;
  /** Whether the first word after the verb names what is acted on. Default `none`. */
  readonly subject?: 'required' | 'optional' | 'none';
}

export type Parsed =
  | {
      readonly ok: true;
      readonly verb: string;
      readonly subject?: string;
      readonly args: readonly string[];
      /** By name without dashes. `true` for a flag without value; a repeated flag's values are joined by commas. */
      readonly flags: Readonly<Record<string, string>>;
    }
  | {
      readonly ok: false;
      readonly reason: 'unknown' | 'subject-missing';
      /** As typed. */
      readonly words: readonly string[];
      /** Verbs that were probably meant, best first; all of a known group when nothing is near. */
      readonly closest: readonly string[];
    };

/** Total: any text is a command or an answer that says what was probably meant. Empty text is the verb ``. */
export const parseCommand = (text: string, commands: readonly CommandSpec[]): Parsed => {
  const [first, ...others] = tokensOf(text);
  if (first === undefined) return { ok: true, verb: '', args: [], flags: {} };
  const tokens = [{ ...first, text: first.text.replace(/^\/(?=.)/, '') }, ...others];
  const words = tokens.map((token) => token.text);
  const [head = '', second] = words.slice(0, 2).map((word) => word.toLowerCase());
  if (head === 'help' || head === '?') return { ok: true, verb: 'help', args: words.slice(1), flags: {} };

  const spec = commands
    .filter(({ verb }) => startsWith(words, verb))
    .reduce<CommandSpec | undefined>(
      (best, next) => (best && best.verb.length >= next.verb.length ? best : next),
      undefined,
    );
  const group = commands.filter(({ verb }) => verb.startsWith(`${spec?.verb ?? head} `));
  if (spec === undefined && group.length === 0) return unknown(words, commands);
  const verb = spec?.verb ?? head;
  if (group.length > 0 && second === 'help' && verb === head)
    return { ok: true, verb: 'help', args: [head, ...words.slice(2)], flags: {} };

  const { args, flags } = takeFlags(tokens.slice(verb.split(' ').length), spec?.usage ?? '');
  const [next] = args;
  const prefixes = prefixesOf(spec === undefined || group.length > 0 ? commands : [spec]);
  if (group.length > 0 && next !== undefined) {
    // After `change` a word is a change's name or a misspelt verb, unless `change` itself takes other words.
    if (isName(next, prefixes))
      return { ok: true, verb, subject: nameOf(next, prefixesOf(group)), args: args.slice(1), flags };
    const misspelt = group.some((sub) => closest(next, [sub.verb.slice(verb.length + 1)]) !== undefined);
    if (misspelt || (spec?.subject ?? 'none') === 'none') return unknown(words, commands);
  }
  if ((spec?.subject ?? 'none') === 'none') return { ok: true, verb, args, flags };
  if (next === undefined)
    return spec?.subject === 'required'
      ? { ok: false, reason: 'subject-missing', words, closest: [verb] }
      : { ok: true, verb, args, flags };
  return { ok: true, verb, subject: nameOf(next, prefixes), args: args.slice(1), flags };
};

/** A Request's words. What cannot be understood becomes `help` with the words as typed. */
export const requestWords = (
  text: string,
  commands: readonly CommandSpec[],
): Pick<Request, 'verb' | 'subject' | 'args' | 'flags'> => {
  const parsed = parseCommand(text, commands);
  if (!parsed.ok) return { verb: 'help', args: parsed.words };
  const { ok: _ok, ...words } = parsed;
  return words;
};

const startsWith = (words: readonly string[], verb: string): boolean =>
  verb.split(' ').every((word, i) => words[i]?.toLowerCase() === word);

const unknown = (words: readonly string[], commands: readonly CommandSpec[]): Parsed => {
  const verbs = commands.map(({ verb }) => verb);
  const heads = verbs.map((verb) => verb.split(' ')[0] ?? verb);
  const scored = [...new Set([...verbs, ...heads, 'help'])].flatMap((verb) => {
    const parts = verb.split(' ');
    // `aprove CHG-3` leaves out the group: the last word of the verb is enough, at the price of one edit.
    const whole = editsOf(words, parts);
    const short = parts.length > 1 ? editsOf(words, parts.slice(-1)) : undefined;
    const edits = Math.min(whole ?? Number.POSITIVE_INFINITY, (short ?? Number.POSITIVE_INFINITY) + 1);
    return Number.isFinite(edits) ? [{ verb, edits, length: parts.length }] : [];
  });
  // A verb that explains more of the words comes before its group.
  const near = scored.sort((a, b) => b.length - a.length || a.edits - b.edits).map(({ verb }) => verb);
  const head = words[0]?.toLowerCase() ?? '';
  const siblings = verbs.filter((verb) => verb.startsWith(`${head} `));
  const meant = near.filter((verb) => verb !== head).slice(0, 3);
  return { ok: false, reason: 'unknown', words, closest: meant.length > 0 ? meant : siblings };
};

/** Edits over all words of the verb; undefined when one of them is too far off. */
const editsOf = (typed: readonly string[], verb: readonly string[]): number | undefined => {
  let edits = 0;
  for (const [i, word] of verb.entries()) {
    const candidate = typed[i];
    if (candidate === undefined || closest(candidate, [word]) === undefined) return undefined;
    edits += editDistance(candidate.toLowerCase(), word);
  }
  return edits;
};

/** `CHG` where a usage says `CHG-n`. */
const prefixesOf = (specs: readonly CommandSpec[]): readonly string[] => [
  ...new Set(
    specs.flatMap(({ usage }) => [...usage.matchAll(/\b([A-Z]+)-n\b/g)].map((match) => match[1] ?? '')),
  ),
];

const trainName = /-\d{4}-w\d{2}$/i;

const isName = (word: string, prefixes: readonly string[]): boolean =>
  /^#?\d+$/.test(word) ||
  trainName.test(word) ||
  prefixes.some((prefix) => numberAfter(prefix, word) !== undefined);

/** `chg-3`, `#3` and `3` are `CHG-3`; `weekly-2026-w48` is `weekly-2026-W48`; anything else is as typed. */
const nameOf = (word: string, prefixes: readonly string[]): string => {
  for (const prefix of prefixes) {
    const number = numberAfter(prefix, word);
    if (number !== undefined) return `${prefix}-${number}`;
  }
  const [prefix] = prefixes;
  const bare = /^#?(\d+)$/.exec(word)?.[1];
  if (prefix !== undefined && bare !== undefined) return `${prefix}-${bare}`;
  return word.replace(trainName, (suffix) => suffix.toUpperCase());
};

const numberAfter = (prefix: string, word: string): string | undefined => {
  const match = /^#?([a-z]+)-(\d+)$/i.exec(word);
  return match?.[1]?.toUpperCase() === prefix ? match[2] : undefined;
};
