import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { day, formatDuration } from '../../src/domain/time.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { sectionExamples } from '../../src/policy/reference-examples.ts';
import { parseDuration } from '../../src/policy/scalars.ts';

const now = new Date('2026-11-23T12:00:00Z');
const complete = Object.values(sectionExamples).join('\n');
const example = readFileSync(
  new URL('../../examples/astronomy-shop/signalbox.yaml', import.meta.url),
  'utf8',
);

/** Whatever comes in: an answer, and at least one place inside the text for every no. */
const answers = (text: string): void => {
  const result = loadPolicy(text, 'p.yaml', now);
  const lines = text.split('\n').length;
  if (!result.ok) expect(result.faults.length).toBeGreaterThan(0);
  for (const { line, column } of [...(result.ok ? [] : result.faults), ...result.warnings]) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines);
    expect(column).toBeGreaterThanOrEqual(1);
  }
};

const pieces = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ': ',
    ', ',
    '- ',
    '\n',
    '  ',
    '&a ',
    '*a',
    '? ',
    '"',
    "'",
    '|',
    '>',
    '!!set ',
    '#',
    '<<: ',
    '---',
    '\t',
    '%',
    '~',
    '\0',
    '\uFEFF',
  ],
  ...[
    'people',
    'trains',
    'weekly',
    'ann',
    'requires',
    'Saturday 22:00',
    '2026-02-30',
    '4h',
    '0',
    '-1',
    '1e999',
    '.nan',
    '__proto__',
    'constructor',
  ],
);

it('never throws on any text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(pieces).map((all) => all.join('')),
      ),
      answers,
    ),
    { numRuns: 300 },
  );
});

it('never throws on any JSON below any key of the policy', () => {
  const keys = Object.keys(sectionExamples);
  const junk = fc.jsonValue({ maxDepth: 4 });
  const shaped = fc.letrec((tie) => ({
    value: fc.oneof(
      junk,
      fc.dictionary(
        fc.constantFrom(
          'a',
          'weekly',
          'cutoffs',
          'windows',
          'steps',
          'run',
          'command',
          'opens',
          'lasts',
          'at',
          'from',
          'to',
          'rotation',
          'name',
          'timeout',
          'toString',
        ),
        tie('value'),
        { maxKeys: 4 },
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.constantFrom('4h', 'Saturday 22:00', '2026-12-18', '2026-02-30', 'a', 'build', 'sign-off:a', 9e99),
    ),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), shaped), (file) => answers(JSON.stringify(file))),
    { numRuns: 300 },
  );
});

it('never throws on an example with a piece cut out, doubled or replaced', () => {
  fc.assert(
    fc.property(fc.nat(complete.length), fc.nat(30), fc.oneof(pieces, fc.constant('')), (at, length, piece) =>
      answers(`${complete.slice(0, at)}${piece}${complete.slice(at + length)}`),
    ),
    { numRuns: 300 },
  );
});

it('finds a word that is replaced by an unknown one exactly where it stands', () => {
  // Words in the example that can only be names, forms or numbers: none of them can be anything else.
  const words = [
    ...example.matchAll(
      /(?<=[[ ])(?:omar|dana|quinn|flagd|otel-collector|parallel-production|[0-9]+[mhs]|deployed:test|sign-off:qa|(?:Wednesday|Saturday) \d\d:\d\d|role:operations|U01[A-Z]+)(?=[\], }\n])/g,
    ),
  ];
  expect(words.length).toBeGreaterThan(70);
  fc.assert(
    fc.property(fc.constantFrom(...words), ({ 0: word, index }) => {
      const text = `${example.slice(0, index)}"§"${example.slice(index + word.length)}`;
      const before = example.slice(0, index);
      const line = before.split('\n').length;
      const column = index - before.lastIndexOf('\n');
      const result = loadPolicy(text, 'p.yaml', now);
      expect(result.ok ? [] : result.faults).toContainEqual(expect.objectContaining({ line, column }));
    }),
    { numRuns: 60 },
  );
});

it('a duration reads back as it was written', () => {
  fc.assert(
    fc.property(fc.nat(999_999), fc.constantFrom('s', 'm', 'h', 'd'), (amount, unit) => {
      const ms = parseDuration(`${amount}${unit}`);
      fc.pre(ms !== undefined && ms < 366 * day && formatDuration(ms).length <= 7);
      expect(parseDuration(formatDuration(ms ?? 0))).toBe(ms);
    }),
  );
  expect(parseDuration('90s')).toBe(90_000);
  for (const wrong of ['', '5', 'm', '1.5h', '-5m', '5 m', '5w', '1h30m', '9999999s', '5M'])
    expect(parseDuration(wrong)).toBeUndefined();
});
