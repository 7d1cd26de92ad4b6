import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Card } from '../../src/chat/card.ts';
import { cardHtml, escapeHtml, pageHtml } from '../../src/web/html.ts';
import { trainLink } from '../../src/web/train-page.ts';
import { week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';
import { openSite, secret, stillQueue } from './site.ts';

const revealed = { reveal: () => secret };

describe('GET /trains/:id', () => {
  it('shows the train and its changes, for reading only', async () => {
    const world = await createWorld();
    await world.submit('dev', 'api', { note: '<img src=x onerror=alert(1)>' });
    await world.submit('dana', 'web');
    const site = await openSite({ context: world.context, queue: stillQueue });
    const response = await site.get(`/trains/${week48.train}`);
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    for (const shown of [week48.train, 'CHG-1', 'CHG-2', '<time datetime="2026-11-25T12:00:00.000Z">'])
      expect(html).toContain(shown);
    expect(html).not.toMatch(/<(img|script|form|button|iframe|link)/i);
    expect(html).toContain('&#60;img src=x onerror=alert(1)&#62;');
  });

  it.each([
    'weekly-2026-W99',
    'weekly-2026-w48',
    'nightly-2026-W48',
    'x',
    '%00',
    '..%2f..%2fetc',
    'weekly-0000-W01',
    'weekly-9999-W53',
  ])('answers no page but an error below 500 for %s', async (id) => {
    const world = await createWorld();
    const site = await openSite({ context: world.context, queue: stillQueue });
    const { status } = await site.get(`/trains/${id}`);
    expect([200, 404]).toContain(status);
    if (!/^weekly-\d{4}-W(01|53)$/.test(id)) expect(status).toBe(404);
    expect(site.logged).toEqual([]);
  });

  it('opens by its signed link only, as soon as anyone but this machine can reach it', async () => {
    const world = await createWorld();
    const ready = { context: world.context, queue: stillQueue };
    const path = `/trains/${week48.train}`;
    const link = trainLink(week48.train, '', revealed);
    const other = trainLink(week48.next, '', revealed).replace(week48.next, week48.train);
    const forged = trainLink(week48.train, '', { reveal: () => 'another secret' });

    for (const options of [{ publicUrl: 'https://signalbox.example' }, { host: '0.0.0.0' }]) {
      const site = await openSite(ready, options);
      expect((await site.get(link)).status).toBe(200);
      const closed = [path, `${path}?key=`, other, forged, `${link}0`, `${link}&key=x`, `${path}?key[]=x`];
      for (const attempt of closed) expect((await site.get(attempt)).status, attempt).toBe(403);
      expect((await site.get('/trains/unheard-of')).status).toBe(403);
    }

    const keyless = await openSite(ready, { host: '0.0.0.0', hookSecret: undefined });
    for (const attempt of [path, link, trainLink(week48.train, '', { reveal: () => '' })])
      expect((await keyless.get(attempt)).status).toBe(403);
  });

  it('shuts out whoever comes through a proxy or by a foreign name, also on loopback', async () => {
    const world = await createWorld();
    const site = await openSite({ context: world.context, queue: stillQueue });
    const path = `/trains/${week48.train}`;
    expect((await site.get(path)).status).toBe(200);
    expect((await site.get(path, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(403);
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      request(`${site.url}${path}`, { headers: { host: 'rebound.example' } }, (res) =>
        resolve(res.statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});

const card = (over: Partial<Card>): Card => ({
  title: 'T',
  tone: 'good',
  summary: 'S',
  blocks: [],
  buttons: [],
  ...over,
});

describe('a card as HTML', () => {
  it('draws every kind of block', () => {
    const at = new Date('2026-11-25T17:00:00Z');
    const html = cardHtml(
      card({
        blocks: [
          { kind: 'heading', text: 'Heading' },
          {
            kind: 'text',
            text: [
              'a ',
              { kind: 'bold', text: 'b' },
              { kind: 'code', text: 'c' },
              { kind: 'person', person: 'rita', name: 'Rita', mention: true },
              { kind: 'time', at, style: 'day-time' },
              { kind: 'time', at, style: 'time' },
              { kind: 'time', at, style: 'date' },
              { kind: 'link', text: 'l', url: 'https://shop.example/?a=1&b="2"' },
            ],
          },
          { kind: 'fields', fields: [{ label: 'Label', value: ['value'] }] },
          { kind: 'list', items: [{ mark: 'failed', text: ['item'] }] },
          { kind: 'progress', done: 2, total: 5, label: ['steps'] },
          { kind: 'output', text: 'line 1\n  line 2 <b>' },
          { kind: 'note', text: ['note'] },
        ],
      }),
      'America/New_York',
    );
    expect(html).toMatchInlineSnapshot(`
      "<section class="card good" id="t">
      <h2>T</h2>
      <h3>Heading</h3>
      <p>a <b>b</b><code>c</code><span class="person">Rita</span><time datetime="2026-11-25T17:00:00.000Z">Wed 25 Nov 12:00</time><time datetime="2026-11-25T17:00:00.000Z">12:00</time><time datetime="2026-11-25T17:00:00.000Z">Wed 25 Nov 2026</time><a href="https://shop.example/?a=1&#38;b=%222%22" rel="noreferrer noopener">l</a></p>
      <dl><div><dt>Label</dt><dd>value</dd></div></dl>
      <ul><li class="failed"><i role="img" aria-label="failed" title="failed">✗</i><span>item</span></li></ul>
      <p class="progress"><progress max="5" value="2"></progress> <b>2/5</b> steps</p>
      <pre>line 1
        line 2 &#60;b&#62;</pre>
      <p class="note">note</p>
      </section>"
    `);
  });

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//evil.example',
    'nothing',
  ])('makes no link of %s', (url) => {
    const html = cardHtml(
      card({ blocks: [{ kind: 'text', text: [{ kind: 'link', text: 'click', url }] }] }),
      'UTC',
    );
    expect(html).not.toContain('<a');
    expect(html).toContain('click');
  });

  it('no text, wherever it stands, becomes markup', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom('<', '>', '"', "'", '&', '</style>', '<script>', ' onload=', '\u202e', '\0', 'x'),
        )
        .map((parts) => parts.join('')),
    );
    const tags = (html: string): readonly string[] => html.match(/<[^>]*>/g) ?? [];
    const cardOf = (text: string): Card =>
      card({
        title: text,
        blocks: [
          { kind: 'heading', text },
          {
            kind: 'text',
            text: [
              text,
              { kind: 'bold', text },
              { kind: 'code', text },
              { kind: 'person', person: text, name: text },
              { kind: 'link', text, url: `https://shop.example/${text}` },
            ],
          },
          { kind: 'fields', fields: [{ label: text, value: [text] }] },
          { kind: 'list', items: [{ mark: 'none', text: [text] }] },
          { kind: 'output', text },
        ],
      });
    const names = (html: string): readonly string[] => tags(html).map((tag) => tag.split(/[\s>]/)[0] ?? '');
    const page = (text: string): string =>
      pageHtml({ title: text, cards: [cardOf(text)], zone: 'UTC', asOf: new Date(0), more: 0 });
    const expected = names(page('x'));
    fc.assert(
      fc.property(hostile, (text) => {
        expect(names(page(text))).toEqual(expected);
        expect(escapeHtml(text)).not.toMatch(/[<>"'\u202e\0]/);
      }),
    );
  });
});
