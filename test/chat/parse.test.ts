import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CommandSpec, parseCommand, requestWords, splitWords } from '../../src/chat/parse.ts';

const commands: readonly CommandSpec[] = [
  { verb: 'help', usage: '[command]', summary: 'what there is' },
  { verb: 'train', usage: '', summary: 'the train' },
  { verb: 'train status', usage: '[train]', summary: 'where it stands', subject: 'optional' },
  { verb: 'train go', usage: '[train] [CHG-n]', summary: 'go', subject: 'optional' },
  { verb: 'change', usage: '[CHG-n]', summary: 'your changes', subject: 'optional' },
  {
    verb: 'change submit',
    usage: '<service> <version> [--type content] [--record <id>] [--now]',
    summary: 'submit',
    subject: 'required',
  },
  { verb: 'change approve', usage: '<CHG-n> [reason…]', summary: 'sign', subject: 'required' },
  { verb: 'change reject', usage: '<CHG-n> <reason…>', summary: 'reject', subject: 'required' },
  { verb: 'deploy status', usage: '[DEP-n]', summary: 'progress', subject: 'optional' },
  { verb: 'deploy pause', usage: '[DEP-n]', summary: 'pause', subject: 'optional' },
];
const parse = (text: string) => parseCommand(text, commands);
const command = (verb: string, subject?: string, args: readonly string[] = [], flags = {}) => ({
  ok: true,
  verb,
  ...(subject === undefined ? {} : { subject }),
  args,
  flags,
});

describe('words', () => {
  test.each<[string, readonly string[]]>([
    ['', []],
    ['  a\tb \n c ', ['a', 'b', 'c']],
    ['a\u00a0b\u200bc\ufeffd', ['a', 'b', 'c', 'd']],
    ['say "two words" here', ['say', 'two words', 'here']],
    ['“smart quotes” and ‘single ones’', ['smart quotes', 'and', 'single ones']],
    ['„deutsch“ «guillemets» “mixed"', ['deutsch', 'guillemets', 'mixed']],
    ["don't lose omar’s words", ["don't", 'lose', 'omar’s', 'words']],
    ['"it\'s 5" wide" ok', ["it's 5", 'wide"', 'ok']],
    ['"never closed', ['"never', 'closed']],
    ['an empty "" one', ['an', 'empty', '', 'one']],
    ['--reason="two words" x', ['--reason=two words', 'x']],
    ['a="b c"', ['a="b', 'c"']],
  ])('of %j are %j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test('quoted come back as they went in', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'Z', '-', ' ', '=', 'é', '🚆', '/') });
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(splitWords(words.map((w) => `"${w}"`).join(' '))).toEqual(words);
      }),
    );
  });

  test('lose no letter of any text, quotes and white space apart', () => {
    const letters = (text: string) => text.replace(/[\s\u200b\u2060"“”„‟«»'‘’‚‛]/g, '');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(letters(splitWords(text).join(''))).toBe(letters(text));
      }),
    );
  });

  test.each([
    ['opening quotes', '"a '.repeat(200_000)],
    ['quotes in a flag', `--a=${'"='.repeat(200_000)}`],
    ['one long word', 'a'.repeat(1_000_000)],
    ['white space', ' '.repeat(1_000_000)],
  ])('of a megabyte of %s take linear time', (_what, text) => {
    expect(() => parse(text)).not.toThrow();
  });
});

describe('a command', () => {
  test.each([
    ['/change approve chg-3', command('change approve', 'CHG-3')],
    ['change approve CHG-3 looks fine', command('change approve', 'CHG-3', ['looks', 'fine'])],
    ['  CHANGE   Approve  Chg-3 ', command('change approve', 'CHG-3')],
    ['change approve 3', command('change approve', 'CHG-3')],
    ['change approve #3', command('change approve', 'CHG-3')],
    ['change approve DEP-3', command('change approve', 'DEP-3')],
    ['/change', command('change')],
    ['change chg-3', command('change', 'CHG-3')],
    ['change 3', command('change', 'CHG-3')],
    ['train', command('train')],
    ['train weekly-2026-w48', command('train', 'weekly-2026-W48')],
    ['train status weekly-2026-w48', command('train status', 'weekly-2026-W48')],
    ['train status', command('train status')],
    ['change submit web-2 1.4.2', command('change submit', 'web-2', ['1.4.2'])],
    ['deploy status dep-4', command('deploy status', 'DEP-4')],
    ['deploy', command('deploy')],
    ['deploy dep-4', command('deploy', 'DEP-4')],
    ['', command('')],
    ['   ', command('')],
  ])('%j is understood', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test.each([
    ['--type content cart 1.2', 'cart', ['1.2'], { type: 'content' }],
    ['cart --TYPE=content 1.2', 'cart', ['1.2'], { type: 'content' }],
    ['cart 1.2 —type content', 'cart', ['1.2'], { type: 'content' }],
    ['cart 1.2 --type="a b" --now', 'cart', ['1.2'], { type: 'a b', now: 'true' }],
    ['cart --now 1.2', 'cart', ['1.2'], { now: 'true' }],
    ['cart 1.2 --type --now', 'cart', ['1.2'], { type: '', now: 'true' }],
    ['cart 1.2 --type', 'cart', ['1.2'], { type: '' }],
    ['cart --record R-1 1.2 --record R-2', 'cart', ['1.2'], { record: 'R-1,R-2' }],
    ['cart "--now" 1.2', 'cart', ['--now', '1.2'], {}],
    ['cart 1.2 --colour red', 'cart', ['1.2', '--colour', 'red'], {}],
  ])('change submit %s: flags are those that the usage names', (text, subject, args, flags) => {
    expect(parse(`change submit ${text}`)).toEqual(command('change submit', subject, args, flags));
  });

  test('a reason loses no word, though it looks like a flag', () => {
    expect(parse('change reject 3 use --force — or wait')).toEqual(
      command('change reject', 'CHG-3', ['use', '--force', '—', 'or', 'wait']),
    );
  });

  test.each([
    ['help', []],
    ['/help change approve', ['change', 'approve']],
    ['?', []],
    ['change help', ['change']],
    ['deploy help me', ['deploy', 'me']],
  ])('%j asks for help', (text, args) => {
    expect(parse(text)).toEqual(command('help', undefined, args));
  });
});

describe('a typo', () => {
  test.each([
    ['change aprove chg-3', 'change approve'],
    ['chagne approve CHG-3', 'change approve'],
    ['chnage', 'change'],
    ['approve CHG-3', 'change approve'],
    ['aprove CHG-3', 'change approve'],
    ['tarin go', 'train go'],
    ['Deplyo Statsu', 'deploy status'],
    ['hlep', 'help'],
  ])('L14: %j is answered with %j first', (text, verb) => {
    expect(parse(text)).toMatchObject({
      ok: false,
      reason: 'unknown',
      closest: expect.arrayContaining([verb]),
    });
    const parsed = parse(text);
    expect(parsed.ok ? undefined : parsed.closest[0]).toBe(verb);
  });

  test('with nothing near is answered with the group, or with nothing', () => {
    expect(parse('deploy everything')).toMatchObject({
      ok: false,
      closest: ['deploy status', 'deploy pause'],
    });
    expect(parse('xyzzy')).toEqual({ ok: false, reason: 'unknown', words: ['xyzzy'], closest: [] });
  });

  test('a missing subject is said, not guessed', () => {
    expect(parse('change approve')).toEqual({
      ok: false,
      reason: 'subject-missing',
      words: ['change', 'approve'],
      closest: ['change approve'],
    });
  });

  test('reaches the handlers as help with the words as typed', () => {
    expect(requestWords('/change Aprove chg-3', commands)).toEqual({
      verb: 'help',
      args: ['change', 'Aprove', 'chg-3'],
    });
    expect(requestWords('change approve 3', commands)).toEqual({
      verb: 'change approve',
      subject: 'CHG-3',
      args: [],
      flags: {},
    });
  });
});

describe('any text at all', () => {
  const pieces = fc.constantFrom(
    'change',
    'approve',
    'aprove',
    ' ',
    '  ',
    '--',
    '—type',
    '=',
    '"',
    '“',
    "'",
    '/',
    '3',
    'CHG-',
    'x',
    '__proto__',
    'constructor',
    '\n',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map((all) => all.join('')),
  );

  test('is a known command or an answer, and never an exception', () => {
    fc.assert(
      fc.property(text, (line) => {
        const parsed = parse(line);
        if (!parsed.ok) {
          const verbs = [...commands.map(({ verb }) => verb), 'change', 'deploy', 'train'];
          for (const verb of parsed.closest) expect(verbs).toContain(verb);
          return;
        }
        expect(['', 'help', 'deploy', ...commands.map(({ verb }) => verb)]).toContain(parsed.verb);
        for (const value of Object.values(parsed.flags)) expect(typeof value).toBe('string');
      }),
      { numRuns: 1_000 },
    );
  });

  test('means the same in any case', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...commands),
        fc.integer({ min: 1, max: 999 }),
        fc.boolean(),
        (spec, n, upper) => {
          const line = `${spec.verb} x-${n}`;
          const parsed = parse(upper ? line.toUpperCase() : line);
          const expected = parse(line);
          expect([parsed.ok, parsed.ok && parsed.verb]).toEqual([expected.ok, expected.ok && expected.verb]);
        },
      ),
    );
  });
});
