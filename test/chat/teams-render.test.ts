import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block, Button, Card, Mark, Span, Tone } from '../../src/chat/card.ts';
import { filledIn, renderForm } from '../../src/chat/teams/dialog.ts';
import { renderCard } from '../../src/chat/teams/render.ts';
import { cardFaults } from '../support/adaptive-card.ts';

const pen = { userOf: (person: string) => (person === 'rita' ? 'aad-rita' : undefined) };
const cardOf = (more: Partial<Card>): Card => ({
  title: 'CHG-17 checkout 1.2 · normal',
  tone: 'neutral',
  summary: 'CHG-17 waits for QA.',
  blocks: [],
  buttons: [],
  ...more,
});
const text = (...spans: readonly Span[]): Card => cardOf({ blocks: [{ kind: 'text', text: spans }] });
const drawn = (card: Card): string => JSON.stringify(renderCard(card, pen));

/** Everything that a reader sees, element by element. */
const shown = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(shown);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'text' && typeof inner === 'string'
      ? [inner]
      : key === 'data' || key === 'msteams'
        ? []
        : shown(inner),
  );
};

const everything = cardOf({
  tone: 'bad',
  blocks: [
    {
      kind: 'text',
      text: ['Plain, ', { kind: 'bold', text: 'bold' }, ' and ', { kind: 'code', text: 'a*b' }],
    },
    { kind: 'heading', text: 'In test' },
    {
      kind: 'fields',
      fields: [
        {
          label: 'Train',
          value: ['weekly', { kind: 'time', at: new Date('2026-11-25T17:00:00Z'), style: 'day-time' }],
        },
        { label: 'Asked by', value: [{ kind: 'person', person: 'rita', name: 'Rita Ramos', mention: true }] },
      ],
    },
    {
      kind: 'list',
      items: (['done', 'missing', 'failed', 'waiting', 'running', 'none'] as const).map((mark) => ({
        mark,
        text: [mark, { kind: 'person', person: 'rita', name: 'Rita Ramos', mention: mark === 'missing' }],
      })),
    },
    { kind: 'progress', done: 3, total: 8, label: ['deployed'] },
    { kind: 'output', text: '  indented\nand *not* Markdown\n' },
    { kind: 'note', text: [{ kind: 'link', text: 'the log', url: 'https://ci.shop.example/1?a=(b)' }] },
  ],
  buttons: [
    { label: 'Approve', verb: 'change approve', subject: 'CHG-17', style: 'primary' },
    { label: 'Veto', verb: 'change veto', subject: 'CHG-17', style: 'danger', confirm: 'Veto CHG-17?' },
    { label: 'Submit', verb: 'change submit', subject: '' },
  ],
});

describe('a card in Teams', () => {
  it('is an Adaptive Card 1.5 with every kind of block and button', () => {
    const card = renderCard(everything, { ...pen, opensForm: ({ verb }) => verb === 'change submit' });
    expect(cardFaults(card)).toEqual([]);
    expect(shown(card)).toEqual(
      expect.arrayContaining(['In test', '✗ ', '\u00a0\u00a0indented', 'and *not* Markdown']),
    );
  });

  it('sends a press as verb and subject, with a Submit for clients that know no Execute', () => {
    const [approve, veto, submit] = actionsOf(
      renderCard(everything, { ...pen, opensForm: ({ verb }) => verb === 'change submit' }),
    );
    const data = { verb: 'change approve', subject: 'CHG-17', card: everything.title };
    expect(approve).toMatchObject({
      type: 'Action.Execute',
      verb: 'change approve',
      style: 'positive',
      data,
      fallback: { type: 'Action.Submit', data },
    });
    expect(veto).toMatchObject({
      type: 'Action.ShowCard',
      style: 'destructive',
      card: { actions: [{ type: 'Action.Execute', title: 'Yes, Veto', data: { verb: 'change veto' } }] },
    });
    expect(shown(veto)).toContain('Veto CHG-17?');
    expect(submit).toMatchObject({ type: 'Action.Submit', data: { msteams: { type: 'task/fetch' } } });
  });

  it('shows six buttons in a row at most', () => {
    const buttons = Array.from(
      { length: 13 },
      (_, i): Button => ({ label: `B${i}`, verb: 'change show', subject: `CHG-${i}` }),
    );
    const rows = bodyOf(renderCard(cardOf({ buttons }), pen)).filter(({ type }) => type === 'ActionSet');
    expect(rows.map(({ actions }) => (Array.isArray(actions) ? actions.length : 0))).toEqual([6, 6, 1]);
  });

  it('gives times in the reader’s zone by the card’s own functions', () => {
    const at = new Date('2026-11-25T17:00:00.123Z');
    const times = (['time', 'date', 'day-time'] as const).map((style): Span => ({ kind: 'time', at, style }));
    expect(shown(renderCard(text(...times), pen))).toEqual(
      expect.arrayContaining([
        '{{TIME(2026-11-25T17:00:00Z)}}',
        '{{DATE(2026-11-25T17:00:00Z,SHORT)}}',
        '{{DATE(2026-11-25T17:00:00Z,SHORT)}} {{TIME(2026-11-25T17:00:00Z)}}',
      ]),
    );
  });

  it('pings a person by an entity with exactly the text’s letters', () => {
    const name = 'Rita *R* <Ramos> 🦊';
    const card = renderCard(
      text({ kind: 'person', person: 'rita', name, mention: true }, ': your move'),
      pen,
    );
    const [entity] = entitiesOf(card);
    expect(entity).toMatchObject({ type: 'mention', mentioned: { id: 'aad-rita' } });
    expect(shown(card).some((words) => words.includes(String(entity?.text)))).toBe(true);
    expect(shown(card).join()).toContain('<at>Rita  R   Ramos</at>: your move');
  });

  it('names whom Teams does not know, and whom nobody means to ping', () => {
    const spans: readonly Span[] = [
      { kind: 'person', person: 'rita', name: 'Rita' },
      { kind: 'person', person: 'ghost', name: 'Ghost', mention: true },
    ];
    expect(entitiesOf(renderCard(text(...spans), pen))).toEqual([]);
    expect(drawn(text(...spans))).not.toContain('<at>');
  });

  it('takes no mention, link, function or Markdown from what people write', () => {
    const hostile = '<at>Everyone</at> **x** [y](https://evil.example) {{DATE(2026-11-25T17:00:00Z)}} `z`';
    const beside: Span = { kind: 'person', person: 'rita', name: 'Rita', mention: true };
    for (const card of [text(hostile), text(hostile, beside), cardOf({ title: hostile })]) {
      const rendered = renderCard(card, pen);
      for (const block of blocksOf(rendered, 'TextBlock')) {
        expect(block.text).not.toMatch(/<at>Everyone/);
        expect(block.text).not.toMatch(/(?<!\\)[*`[\]]/);
      }
      expect(shown(rendered).join()).not.toContain('{{');
      expect(entitiesOf(rendered).map(({ text }) => text)).not.toContain('<at>Everyone</at>');
    }
  });

  it('links to the web only', () => {
    const link = (url: string): Span => ({ kind: 'link', text: 'here', url });
    expect(drawn(text(link('https://ci.shop.example/1')))).toContain('"url":"https://ci.shop.example/1"');
    expect(drawn(text(link('javascript:alert(1)')))).not.toContain('javascript');
  });

  it('counts what does not fit', () => {
    const items = Array.from({ length: 1_500 }, (_, i) => ({
      mark: 'missing' as const,
      text: [`CHG-${i} `, 'x'.repeat(80)],
    }));
    const card = renderCard(cardOf({ blocks: [{ kind: 'list', items }], buttons: everything.buttons }), pen);
    const lines = shown(card);
    const listed = lines.filter((line) => /^CHG-\d+ $/.test(line)).length;
    expect(listed).toBeGreaterThan(50);
    expect(lines).toContain(`and ${1_500 - listed} more`);
    expect(actionsOf(card)).toHaveLength(3);
    const pages = { ...pen, pageOf: (train: string) => `https://signalbox.example/trains/${train}` };
    const linked = renderCard(cardOf({ blocks: [{ kind: 'list', items }], page: 'weekly-2026-W48' }), pages);
    expect(shown(linked)).toContain('all of it');
    expect(JSON.stringify(linked)).toContain('"url":"https://signalbox.example/trains/weekly-2026-W48"');
    expect(cardFaults(linked)).toEqual([]);
  });

  it('is valid and at most 80 KB as UTF-16, whatever is on it', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const rendered = renderCard(card, pen);
        expect(JSON.stringify(rendered).length * 2).toBeLessThanOrEqual(80 * 1_024);
        expect(cardFaults(rendered)).toEqual([]);
        for (const { text: words } of entitiesOf(rendered))
          expect(shown(rendered).join('\n')).toContain(words);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a form in Teams', () => {
  const form = {
    title: 'Submit a change',
    verb: 'change submit',
    submitLabel: 'Submit',
    intro: 'What is to go to production?',
    fields: [
      {
        name: 'service',
        label: 'Service',
        required: true,
        kind: 'choice',
        choices: [{ value: 'cart', label: 'Cart' }],
        initial: 'cart',
      },
      { name: 'version', label: 'Version', required: true, kind: 'line', maxLength: 60 },
      { name: 'note', label: 'Note', required: false, kind: 'text', hint: 'What changes' },
    ],
  } as const;

  it('is a dialog of inputs', () => {
    const card = renderForm(form, { notes: ['The service is missing.'] });
    expect(cardFaults(card)).toEqual([]);
    expect(shown(card)).toEqual(['The service is missing.', 'What is to go to production?']);
    expect(card).toMatchObject({
      actions: [{ type: 'Action.Submit', data: { verb: 'change submit', form: true } }],
    });
  });

  it('comes back by the names of its fields, the empty ones left out', () => {
    expect(
      filledIn({ verb: 'change submit', 'field.service': ' cart ', 'field.note': ' ', 'field.x': 3 }),
    ).toEqual({ service: 'cart' });
  });
});

interface Json {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly actions?: unknown;
  readonly [key: string]: unknown;
}
const objects = (value: unknown): readonly Json[] =>
  Array.isArray(value)
    ? value.flatMap(objects)
    : typeof value === 'object' && value !== null
      ? [value as Json, ...Object.values(value).flatMap(objects)]
      : [];
const blocksOf = (card: object, type: string) => objects(card).filter((element) => element.type === type);
const bodyOf = (card: { readonly [key: string]: unknown }): readonly Json[] =>
  Array.isArray(card['body']) ? card['body'] : [];
const actionsOf = (card: { readonly [key: string]: unknown }): readonly Json[] =>
  bodyOf(card).flatMap(({ actions }): readonly Json[] => (Array.isArray(actions) ? actions : []));
const entitiesOf = (card: object): readonly { readonly text: string }[] =>
  blocksOf(card, 'mention').map((entity) => ({ ...entity, text: String(entity.text) }));

const words = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('**', '{{', '<at>a</at>', '\n- ', '1. ', '\\', '\u0000', '\ud800'),
  },
  { weight: 1, arbitrary: fc.constantFrom('x', '\u0001', '🦊', '\n', '*').map((unit) => unit.repeat(9_000)) },
);
const span: fc.Arbitrary<Span> = fc.oneof(
  words,
  fc.record({ kind: fc.constantFrom('bold', 'code'), text: words }),
  fc.record({
    kind: fc.constant('person'),
    person: fc.constantFrom('rita', 'omar'),
    name: words,
    mention: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('time'),
    at: fc.date({ noInvalidDate: false }),
    style: fc.constantFrom('time', 'date', 'day-time'),
  }),
  fc.record({ kind: fc.constant('link'), text: words, url: fc.oneof(fc.webUrl(), words) }),
);
const spans = fc.array(span, { maxLength: 6 });
const mark = fc.constantFrom<Mark[]>('done', 'missing', 'failed', 'waiting', 'running', 'none');
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constantFrom('text', 'note'), text: spans }),
  fc.record({ kind: fc.constant('heading'), text: words }),
  fc.record({ kind: fc.constant('output'), text: words }),
  fc.record({
    kind: fc.constant('fields'),
    fields: fc.array(fc.record({ label: words, value: spans }), { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant('list'),
    items: fc.array(fc.record({ mark, text: spans }), { maxLength: 200 }),
  }),
  fc.record({ kind: fc.constant('progress'), done: fc.integer(), total: fc.integer(), label: spans }),
);
const button: fc.Arbitrary<Button> = fc.record(
  {
    label: words,
    verb: words,
    subject: words,
    confirm: words,
    style: fc.constantFrom('primary', 'danger'),
    args: fc.array(words, { maxLength: 3 }),
  },
  { requiredKeys: ['label', 'verb', 'subject'] },
);
const anyCard: fc.Arbitrary<Card> = fc.record({
  title: words,
  tone: fc.constantFrom<Tone[]>('neutral', 'good', 'warning', 'bad'),
  summary: words,
  blocks: fc.array(block, { maxLength: 20 }),
  buttons: fc.array(button, { maxLength: 30 }),
});
