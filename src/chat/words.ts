/**
 * The words of a command line. Quotes, straight or typographic, hold words together; an apostrophe inside a
 * word and a quote that is never closed are letters. Any white space separates, `&nbsp;` characters too.
 */
export const splitWords = (text: string): readonly string[] => tokensOf(text).map((token) => token.text);

export interface Token {
  readonly text: string;
  /** Begins with a quote: never a flag. */
  readonly quoted: boolean;
}

const space = /[\s\u200b\u2060]/;
/** Phones mix opening and closing quotes freely, so any of a kind closes any other. */
const quotes = [/["“”„‟«»]/, /['‘’‚‛]/] as const;

export const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  const closers = quotes.map((kind) => closersOf(text, kind));
  let i = 0;
  while (i < text.length) {
    if (space.test(text.charAt(i))) {
      i++;
      continue;
    }
    let word = '';
    let quoted = false;
    const start = i;
    while (i < text.length && !space.test(text.charAt(i))) {
      const kind = quotes.findIndex((quote) => quote.test(text.charAt(i)));
      const mayOpen = kind >= 0 && (i === start || isFlagAwaitingValue(word));
      const end = mayOpen ? closers[kind]?.after(i) : undefined;
      if (end === undefined) {
        word += text.charAt(i++);
        continue;
      }
      quoted ||= i === start;
      word += text.slice(i + 1, end);
      i = end + 1;
    }
    tokens.push({ text: word, quoted });
  }
  return tokens;
};

/** `--reason=` before a quote; the length keeps the work on hostile input linear. */
const isFlagAwaitingValue = (word: string): boolean =>
  word.length < 64 && word.endsWith('=') && flagWord.test(word);

/** Where quotes of a kind can close: before white space or at the end. `after` is asked for growing positions. */
const closersOf = (text: string, kind: RegExp): { after(index: number): number | undefined } => {
  const ends = [...text.matchAll(new RegExp(kind, 'g'))]
    .map(({ index }) => index)
    .filter((index) => index + 1 === text.length || space.test(text.charAt(index + 1)));
  let next = 0;
  return {
    after: (index) => {
      while (next < ends.length && (ends[next] ?? 0) <= index) next++;
      return ends[next];
    },
  };
};

/** Autocorrection turns `--` into a dash. */
const flagWord = /^(?:--|—|–)([a-z][a-z0-9-]*)(?:=(.*))?$/is;

/** Takes the flags that the usage names out of the words; see `CommandSpec.usage`. */
export const takeFlags = (
  tokens: readonly Token[],
  usage: string,
): { readonly args: readonly string[]; readonly flags: Readonly<Record<string, string>> } => {
  const takesValue = new Map(
    [...usage.matchAll(/--([a-z][a-z0-9-]*)([ =](?![-[\]|]))?/g)].map((match) => [
      match[1] ?? '',
      match[2] !== undefined,
    ]),
  );
  const flagOf = (token: Token | undefined): { name: string; value: string | undefined } | undefined => {
    if (token === undefined || token.quoted) return undefined;
    const [, name = '', value] = flagWord.exec(token.text) ?? [];
    return takesValue.has(name.toLowerCase()) ? { name: name.toLowerCase(), value } : undefined;
  };
  const args: string[] = [];
  const flags: Record<string, string> = {};
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    const flag = flagOf(token);
    if (flag === undefined) {
      args.push(token.text);
      continue;
    }
    let { value } = flag;
    if (value === undefined && takesValue.get(flag.name) === true) {
      const next = tokens[i + 1];
      if (next !== undefined && flagOf(next) === undefined) i++;
      value = next !== undefined && flagOf(next) === undefined ? next.text : '';
    }
    const before = flags[flag.name];
    flags[flag.name] = before === undefined ? (value ?? 'true') : `${before},${value ?? 'true'}`;
  }
  return { args, flags };
};
