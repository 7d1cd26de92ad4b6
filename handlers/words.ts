import type { Request } from '../src/chat/request.ts';
import { refuse } from '../src/operations/outcome.ts';

/** A button carries no flags; a typed command always has some, if none were given an empty record. */
export const isPress = (request: Request): boolean => request.flags === undefined;

/** The words that are left, as one text. */
export const textOf = (words: readonly string[]): string | undefined => words.join(' ').trim() || undefined;

/** The rest of the words, or a form's field; an object to spread, because an absent reason is not an undefined one. */
export const reasonOf = ({ flags }: Request, words: readonly string[]): { readonly reason?: string } => {
  // `--reason the bank waits` is one word of a flag, and the rest of what was said.
  const reason = textOf([flags?.['reason'] ?? '', ...words]);
  return reason === undefined ? {} : { reason };
};

/** Nothing but the verb and what it is about: there is room for a form. */
export const isBare = ({ args, flags = {} }: Request): boolean =>
  args.length === 0 && Object.keys(flags).length === 0;

/** Whoever types a no says why; a button has no room for it, and the no matters more than its reason. */
export const requireReason = (request: Request): { readonly reason?: string } => {
  const given = reasonOf(request, request.args);
  if (given.reason === undefined && !isPress(request))
    refuse({
      code: 'reason-missing',
      facts: { what: request.verb },
      next: [request.verb, request.subject, '<reason>'].filter((word) => word !== undefined).join(' '),
    });
  return given;
};

/** The request's subject; what the parser demands of people, a forged button may lack. */
export const subjectOf = ({ verb, subject }: Request): string =>
  subject ?? refuse({ code: 'subject-missing', facts: { verb }, next: `help ${verb}` });

/** `weekly-2026-w48` as trains are called, undefined when the word is no such name. */
export const asTrain = (word: string | undefined): string | undefined =>
  word !== undefined && /.-\d{4}-w\d{2}$/i.test(word)
    ? word.slice(0, -3) + word.slice(-3).toUpperCase()
    : undefined;

export const asChange = (word: string | undefined): string | undefined =>
  word !== undefined && /^chg-\d+$/i.test(word) ? word.toUpperCase() : undefined;

/** From a form's fields, or a leading `fail` or `pass` and what is said about it. In doubt it is no pass: `fails on login` is a fail. */
export const outcomeOf = (
  { flags = {} }: Request,
  words: readonly string[],
): { readonly outcome: 'pass' | 'fail'; readonly comment?: string } => {
  const [first = '', ...rest] = words;
  const failed = /^fail/i.test(flags['outcome'] ?? first);
  const spoken = /^(fail|pass(ed)?$)/i.test(first);
  const comment = textOf(spoken ? rest : words) ?? textOf([flags['comment'] ?? '']);
  return { outcome: failed ? 'fail' : 'pass', ...(comment === undefined ? {} : { comment }) };
};

/** Milliseconds of `30m`, `2h`, `1d`. */
export const durationOf = (word: string): number => {
  const [, amount = '', unit = ''] = /^(\d{1,4})(m|h|d)$/i.exec(word) ?? [];
  const size = { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit.toLowerCase()];
  return size === undefined || Number(amount) === 0
    ? refuse({ code: 'bad-duration', facts: { text: word } })
    : Number(amount) * size;
};
