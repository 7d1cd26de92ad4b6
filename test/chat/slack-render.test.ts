import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block, Button, Card, Span } from '../../src/chat/card.ts';
import type { Pen } from '../../src/chat/slack/mrkdwn.ts';
import { renderCard } from '../../src/chat/slack/render.ts';
import { faultsOfMessage } from '../support/block-kit.ts';

const pen: Pen = {
  zone: 'America/New_York',
  userOf: (person) => (person === 'rita' ? 'U01RITA' : undefined),
};
const noon = new Date('2026-11-25T17:00:00Z');

const card = (part: Partial<Card>): Card => ({
  title: 'CHG-3',
  tone: 'neutral',
  summary: 'CHG-3 waits.',
  blocks: [],
  buttons: [],
  ...part,
});
const shown = (...text: Span[]): string =>
  JSON.stringify(renderCard(card({ blocks: [{ kind: 'text', text }] }), pen).blocks.at(-1));
const drawn = (...text: Span[]): string => {
  const block: unknown = renderCard(card({ blocks: [{ kind: 'text', text }] }), pen).blocks.at(-1);
  return (block as { text: { text: string } }).text.text;
};

describe('what people wrote', () => {
  it('cannot mention, link or break out: & < > are escaped, and Slack looks for nothing else in it', () => {
    expect(drawn('<!channel> <@U01RITA> a & b')).toBe('&lt;!channel&gt; &lt;@U01RITA&gt; a &amp; b');
    expect(shown('@here')).toContain('"verbatim":true');
  });

  it('cannot end its own bold, code or link', () => {
    expect(drawn({ kind: 'code', text: 'a`b' })).toBe('`aˋb`');
    expect(drawn({ kind: 'bold', text: 'a*b\nc' })).toBe('*a∗b c*');
    expect(drawn({ kind: 'link', text: 'a>|b', url: 'https://x.example/?a=1|<b>' })).toBe(
      '<https://x.example/?a=1%7C%3Cb%3E|a&gt;¦b>',
    );
  });

  it('is no link when its address is no web address', () => {
    expect(drawn({ kind: 'link', text: 'click', url: 'javascript:alert(1)' })).toBe('click');
  });

  it('is escaped in the notification text too', () => {
    expect(renderCard(card({ summary: '<!here> & now' }), pen).text).toBe('&lt;!here&gt; &amp; now');
  });

  it('stays inside its fence when it is output, and its end is what is shown', () => {
    const { blocks } = renderCard(
      card({ blocks: [{ kind: 'output', text: `${'x <\n'.repeat(2_000)}\`\`\`\n<!channel> the end` }] }),
      pen,
    );
    const { text } = (blocks.at(-1) as { text: { text: string } }).text;
    expect(text.match(/```/g)).toHaveLength(2);
    expect(text).toContain('&lt;!channel&gt; the end\n```');
    expect(text.length).toBeLessThanOrEqual(3_000);
  });
});

describe('spans', () => {
  it('mention whoever has a Slack id, and only when the card asks for it', () => {
    expect(drawn({ kind: 'person', person: 'rita', name: 'Rita', mention: true })).toBe('<@U01RITA>');
    expect(drawn({ kind: 'person', person: 'rita', name: 'Rita' })).toBe('Rita');
    expect(drawn({ kind: 'person', person: 'olga', name: '<Olga>', mention: true })).toBe('&lt;Olga&gt;');
  });

  it("show times in the reader's zone, and in the policy's where Slack cannot", () => {
    expect(drawn({ kind: 'time', at: noon, style: 'day-time' })).toBe(
      '<!date^1795626000^{date_short_pretty} {time}|Wed 25 Nov 12:00 America/New_York>',
    );
  });
});

describe('buttons', () => {
  const press: Button = {
    label: 'Veto',
    verb: 'change veto',
    subject: 'CHG-3',
    args: ['now'],
    style: 'danger',
    confirm: 'Sure?',
  };

  it('carry verb, subject and words, never state; the irreversible ask', () => {
    const { blocks } = renderCard(card({ buttons: [press] }), pen);
    const [button] = (blocks.at(-1) as unknown as { elements: Record<string, unknown>[] }).elements;
    expect(JSON.parse(String(button?.['value']))).toEqual({
      verb: 'change veto',
      subject: 'CHG-3',
      args: ['now'],
    });
    expect(button).toMatchObject({ style: 'danger', confirm: { text: { text: 'Sure?' } } });
  });

  it('that Slack would refuse are left out rather than cut into others', () => {
    const { blocks } = renderCard(card({ buttons: [{ ...press, args: ['x'.repeat(2_000)] }] }), pen);
    expect(blocks.map(({ type }) => type)).not.toContain('actions');
  });
});

describe('a card that is too long', () => {
  const items = Array.from({ length: 300 }, (_, i) => ({
    mark: 'missing' as const,
    text: [`CHG-${i} needs ${'something '.repeat(10)}`],
  }));

  it('says how much is missing, and keeps its buttons', () => {
    const button: Button = { label: 'Go', verb: 'train go', subject: 'weekly-2026-W48' };
    const { blocks, text } = renderCard(card({ blocks: [{ kind: 'list', items }], buttons: [button] }), pen);
    const all = JSON.stringify(blocks);
    const lines = all.match(/CHG-\d+ needs/g)?.length ?? 0;
    expect(lines).toBeGreaterThan(50);
    expect(all).toContain(`and ${300 - lines} more`);
    expect(blocks.at(-1)?.type).toBe('actions');
    expect(faultsOfMessage({ text, blocks })).toEqual([]);
  });

  it('says where all of it is, where there is such a place', () => {
    const pages: Pen = { ...pen, pageOf: (train) => `https://signalbox.example/trains/${train}?key=1&x=2` };
    const long = card({ blocks: [{ kind: 'list', items }], page: 'weekly-2026-W48' });
    const message = renderCard(long, pages);
    expect(JSON.stringify(message.blocks)).toMatch(
      /and \d+ more · <https:\/\/signalbox\.example\/trains\/weekly-2026-W48\?key=1&amp;x=2\|all of it>/,
    );
    expect(faultsOfMessage(message)).toEqual([]);
    expect(JSON.stringify(renderCard({ ...long, blocks: [] }, pages))).not.toContain('all of it');
    const home = { blocks: 100, total: 60_000 };
    expect(JSON.stringify(renderCard(card({ blocks: long.blocks }), pages, home))).not.toContain('all of it');
  });
});

describe('any card', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('<!channel>', '&', '```', '\u0000', '😀'.repeat(40), '>'.repeat(200)),
    fc.nat({ max: 5_000 }).map((n) => '<&>é'.repeat(n)),
  );
  const span: fc.Arbitrary<Span> = fc.oneof(
    word,
    fc.record({ kind: fc.constant('bold' as const), text: word }),
    fc.record({ kind: fc.constant('code' as const), text: word }),
    fc.record({
      kind: fc.constant('person' as const),
      person: fc.constantFrom('rita', 'olga'),
      name: word,
      mention: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('time' as const),
      at: fc.date({ noInvalidDate: false }),
      style: fc.constantFrom('time' as const, 'day-time' as const, 'date' as const),
    }),
    fc.record({
      kind: fc.constant('link' as const),
      text: word,
      url: fc.oneof(fc.webUrl(), word),
    }),
  );
  const text = fc.array(span, { maxLength: 6 });
  const mark = fc.constantFrom(...(['done', 'missing', 'failed', 'waiting', 'running', 'none'] as const));
  const block: fc.Arbitrary<Block> = fc.oneof(
    fc.record({ kind: fc.constantFrom('text' as const, 'note' as const), text }),
    fc.record({ kind: fc.constant('heading' as const), text: word }),
    fc.record({ kind: fc.constant('output' as const), text: word }),
    fc.record({
      kind: fc.constant('fields' as const),
      fields: fc.array(fc.record({ label: word, value: text }), { maxLength: 25 }),
    }),
    fc.record({
      kind: fc.constant('list' as const),
      items: fc.array(fc.record({ mark, text }), { maxLength: 80 }),
    }),
    fc.record({
      kind: fc.constant('progress' as const),
      done: fc.integer(),
      total: fc.integer(),
      label: text,
    }),
  );
  const button: fc.Arbitrary<Button> = fc.record(
    {
      label: word,
      verb: fc.constantFrom('change approve', 'train go'),
      subject: word,
      args: fc.array(word, { maxLength: 3 }),
      style: fc.constantFrom('primary' as const, 'danger' as const),
      confirm: word,
    },
    { requiredKeys: ['label', 'verb', 'subject'] },
  );
  const anyCard: fc.Arbitrary<Card> = fc.record({
    title: word,
    tone: fc.constantFrom('neutral' as const, 'good' as const, 'warning' as const, 'bad' as const),
    summary: word,
    blocks: fc.array(block, { maxLength: 70 }),
    buttons: fc.array(button, { maxLength: 40 }),
  });

  it('is a message that Slack takes', () => {
    fc.assert(
      fc.property(anyCard, fc.boolean(), (any, answer) => {
        const message = renderCard(any, pen, { answer });
        expect(faultsOfMessage(message)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('mentions nobody but the people it names', () => {
    fc.assert(
      fc.property(anyCard, (any) => {
        const { blocks, text: summary } = renderCard(any, pen);
        const markup = [
          ...(
            JSON.stringify(blocks.filter(({ type }) => type !== 'header' && type !== 'actions')) + summary
          ).matchAll(/<([!@#][^>|^]*)/g),
        ].map(([, inside]) => inside);
        expect(markup.filter((inside) => inside !== '@U01RITA' && inside !== '!date')).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
