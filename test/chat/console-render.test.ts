import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bold, type Card, code } from '../../src/chat/card.ts';
import { columns } from '../../src/chat/console/plain-text.ts';
import { renderCard, timesIn } from '../../src/chat/console/render.ts';

const noon = new Date('2026-11-25T17:00:00Z');
const empty: Card = { title: 'T', tone: 'neutral', summary: 'T', blocks: [], buttons: [] };
const options = { zone: 'America/New_York', width: 60, color: false } as const;
const draw = (card: Partial<Card>, more: Partial<Parameters<typeof renderCard>[1]> = {}): string =>
  renderCard({ ...empty, ...card }, { ...options, ...more }).text;
const lines = (...all: readonly string[]): string => all.join('\n');

const change: Card = {
  title: 'CHG-3 · checkout 1.4.2',
  tone: 'warning',
  summary: 'CHG-3 waits for one signature.',
  blocks: [
    {
      kind: 'fields',
      fields: [
        { label: 'Artifact', value: [code('sha256:9f3a')] },
        { label: 'Cutoff', value: ['ready for production, ', { kind: 'time', at: noon, style: 'day-time' }] },
        {
          label: 'By',
          value: [
            { kind: 'person', person: 'dana', name: 'Dana Diaz' },
            ', to be seen by ',
            { kind: 'person', person: 'rita', name: 'Rita Ramos', mention: true },
            ' and everybody else who signs',
          ],
        },
      ],
    },
    { kind: 'heading', text: 'Approvals' },
    {
      kind: 'list',
      items: [
        { mark: 'done', text: ['operations: ', bold('Omar Ortiz')] },
        { mark: 'missing', text: ['release manager'] },
        { mark: 'failed', text: ['records'] },
        { mark: 'waiting', text: ['the window'] },
        { mark: 'running', text: ['smoke tests'] },
        { mark: 'none', text: ['no page'] },
      ],
    },
    { kind: 'progress', done: 3, total: 7, label: ['steps'] },
    { kind: 'output', text: 'switching\tblue → green\n  ok\n\n' },
    { kind: 'note', text: ['Or type ', code('change approve CHG-3'), '.'] },
  ],
  buttons: [
    { label: 'Approve', verb: 'change approve', subject: 'CHG-3', style: 'primary' },
    { label: 'Veto', verb: 'change veto', subject: 'CHG-3', style: 'danger', confirm: 'Sure?' },
  ],
};

describe('a card in the terminal', () => {
  test('reads like this', () => {
    expect(renderCard(change, options)).toEqual({
      text: lines(
        '! CHG-3 · checkout 1.4.2',
        '  CHG-3 waits for one signature.',
        '  Artifact  `sha256:9f3a`',
        '  Cutoff    ready for production, Wed 25 Nov 12:00',
        '  By        Dana Diaz, to be seen by @Rita Ramos and',
        '            everybody else who signs',
        '',
        '  Approvals',
        '  ✓ operations: Omar Ortiz',
        '  ○ release manager',
        '  ✗ records',
        '  … the window',
        '  ▶ smoke tests',
        '  · no page',
        '  ████████░░░░░░░░░░░░ 3/7 steps',
        '    │ switching    blue → green',
        '    │   ok',
        '  Or type `change approve CHG-3`.',
        '',
        '  [1] Approve  [2] Veto',
      ),
      buttons: change.buttons,
    });
  });

  test('says the same in colour', () => {
    const coloured = renderCard(change, { ...options, color: true }).text;
    expect(coloured).toContain('\u001b[33m!\u001b[39m \u001b[1mCHG-3\u001b[22m');
    expect(coloured).toContain('  \u001b[1m[2]\u001b[22m \u001b[31mVeto\u001b[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: taking the colours out again
    const plain = coloured.replace(/\u001b\[\d+m/g, '');
    expect(plain).toBe(renderCard(change, options).text.replaceAll('`', ''));
  });

  test.each([
    ['neutral', '•'],
    ['good', '✓'],
    ['warning', '!'],
    ['bad', '✗'],
  ] as const)('of tone %s is marked %s', (tone, mark) => {
    expect(draw({ tone })).toBe(`${mark} T`);
  });

  test('does not repeat its title or its first words as a summary', () => {
    expect(draw({ title: 'Train is ready', summary: 'Train is ready.' })).toBe('• Train is ready');
    const text = [{ kind: 'text', text: ['Go was ', bold('given'), '.'] }] as const;
    expect(draw({ summary: 'Go was given', blocks: text })).toBe('• T\n  Go was given.');
    expect(draw({ summary: 'Something else', blocks: text })).toBe('• T\n  Something else\n  Go was given.');
  });

  test('numbers its buttons as it is told, and keeps each on one line', () => {
    const buttons = ['Approve this change', 'Reject it', 'Show what changed', 'Ask why'].map((label) => ({
      label,
      verb: 'v',
      subject: 's',
    }));
    expect(draw({ buttons }, { numbers: [9, 10, 11, 12], width: 44 })).toBe(
      lines('• T', '', '  [9] Approve this change  [10] Reject it', '  [11] Show what changed  [12] Ask why'),
    );
  });

  test('names a link and shows where it goes', () => {
    const url = 'https://ci.shop.example/builds/1';
    const blocks = [
      {
        kind: 'text',
        text: [{ kind: 'link', text: 'Build 1', url }, ' and ', { kind: 'link', text: url, url }],
      },
    ] as const;
    expect(draw({ blocks }, { width: 120 })).toBe(`• T\n  Build 1 <${url}> and ${url}`);
  });

  test.each([
    [0, 0, '░'.repeat(20), '0/0'],
    [7, 7, '█'.repeat(20), '7/7'],
    [9, 7, '█'.repeat(20), '9/7'],
    [-1, 7, '░'.repeat(20), '-1/7'],
    [149, 150, `${'█'.repeat(19)}░`, '149/150'],
  ])('draws %i of %i without ever breaking the bar', (done, total, bar, count) => {
    expect(draw({ blocks: [{ kind: 'progress', done, total, label: [] }] })).toBe(`• T\n  ${bar} ${count}`);
  });

  test('aligns wide characters by the columns they take', () => {
    const fields = [
      { label: '担当', value: ['山田'] },
      { label: 'Name', value: ['é🚆'] },
      { label: 'Nº', value: ['x'] },
    ];
    expect(draw({ blocks: [{ kind: 'fields', fields }] })).toBe(
      lines('• T', '  担当  山田', '  Name  é🚆', '  Nº    x'),
    );
  });

  test('fits the width, words longer than a line apart', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🚆'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 24, max: 80 }), (words, width) => {
        const text = draw(
          { summary: '', blocks: [{ kind: 'text', text: words.map((w) => `${w} `) }] },
          { width },
        );
        const [, ...body] = text.split('\n');
        for (const line of body) expect(columns(line)).toBeLessThanOrEqual(width);
        expect(body.flatMap((line) => line.trim().split(' '))).toEqual(words);
      }),
    );
  });
});

describe('times', () => {
  test.each([
    ['America/New_York', 'Wed 25 Nov 12:00', '12:00', 'Wed 25 Nov 2026'],
    ['Asia/Tokyo', 'Thu 26 Nov 02:00', '02:00', 'Thu 26 Nov 2026'],
    ['Asia/Kathmandu', 'Wed 25 Nov 22:45', '22:45', 'Wed 25 Nov 2026'],
  ])('in %s', (zone, dayTime, time, date) => {
    const at = timesIn(zone);
    expect([at(noon, 'day-time'), at(noon, 'time'), at(noon, 'date')]).toEqual([dayTime, time, date]);
  });

  test('midnight is 00:00', () => {
    expect(timesIn('Etc/UTC')(new Date('2026-09-06T00:00:00Z'), 'day-time')).toBe('Sun 6 Sep 00:00');
  });
});

describe('untrusted text', () => {
  const hostile = [
    ['colours', 'a\u001b[31mb', 'ab'],
    ['a cleared screen', 'a\u001b[2J\u001b[Hb', 'ab'],
    ['an eight-bit sequence', 'a\u009b31mb', 'ab'],
    ['a window title', 'a\u001b]0;pwned\u0007b', 'ab'],
    ['an overwriting carriage return', 'a\rb', 'a b'],
    ['backspaces and a bell', 'a\b\b\u0007b', 'ab'],
    ['reversed reading', 'a\u202eb\u2066c\u200f', 'abc'],
    ['a line of its own', 'a\n✓ approved\n[1] Approve', 'a ✓ approved [1] Approve'],
    ['a line separator', 'a\u2028b\u0085c', 'a b c'],
  ] as const;

  test.each(hostile)('cannot smuggle in %s', (_what, text, shown) => {
    const buttons = [{ label: text, verb: 'v', subject: 's' }];
    const person = { kind: 'person', person: 'x', name: text } as const;
    const blocks = [
      { kind: 'text', text: [text] },
      { kind: 'fields', fields: [{ label: text, value: [bold(text)] }] },
      { kind: 'list', items: [{ mark: 'none', text: [person] }] },
    ] as const;
    expect(draw({ title: text, summary: '', blocks, buttons }, { width: 200 })).toBe(
      lines(`• ${shown}`, `  ${shown}`, `  ${shown}  ${shown}`, `  · ${shown}`, '', `  [1] ${shown}`),
    );
  });

  test('leaves no control character in any place of a card', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, (evil) => {
        const shown = draw({
          title: evil,
          summary: `${evil}!`,
          blocks: [
            { kind: 'heading', text: evil },
            { kind: 'output', text: evil },
            { kind: 'text', text: [code(evil), { kind: 'link', text: evil, url: `${evil}?` }] },
            { kind: 'progress', done: 1, total: 2, label: [evil] },
          ],
          buttons: [{ label: evil, verb: evil, subject: evil }],
        });
        expect(shown).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}|[\u2028\u2029]/u);
      }),
    );
  });

  test('stays inside the rule of an output, line by line', () => {
    expect(draw({ blocks: [{ kind: 'output', text: 'one\r\ntwo\u001b[1A\n[1] Approve' }] })).toBe(
      lines('• T', '    │ one', '    │ two', '    │ [1] Approve'),
    );
  });
});
