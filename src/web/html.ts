import type { Block, Card, Mark, Span, Text } from '../chat/card.ts';
import { timesIn } from '../chat/times.ts';

/**
 * Text from people and programs, safe in HTML text and quoted attributes; without controls, and without the
 * bidirectional ones that reorder what stands around them.
 */
export const escapeHtml = (text: string): string =>
  text
    .replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const e = escapeHtml;

/** A card as an HTML section, for reading: buttons belong to the chat, where it is known who presses them. */
export const cardHtml = (card: Card, zone: string): string => {
  const text = textIn(zone);
  return [
    `<section class="card ${card.tone}" id="${e(slugOf(card.title))}">`,
    `<h2>${e(card.title)}</h2>`,
    ...card.blocks.map((block) => blockHtml(block, text)),
    '</section>',
  ].join('\n');
};

const slugOf = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]+/g, '-');

type Write = (text: Text) => string;

const blockHtml = (block: Block, write: Write): string => {
  switch (block.kind) {
    case 'text':
      return `<p>${write(block.text)}</p>`;
    case 'note':
      return `<p class="note">${write(block.text)}</p>`;
    case 'heading':
      return `<h3>${e(block.text)}</h3>`;
    case 'fields':
      return `<dl>${block.fields
        .map(({ label, value }) => `<div><dt>${e(label)}</dt><dd>${write(value)}</dd></div>`)
        .join('')}</dl>`;
    case 'list':
      return `<ul>${block.items
        .map(({ mark, text }) => `<li class="${mark}">${markHtml(mark)}<span>${write(text)}</span></li>`)
        .join('')}</ul>`;
    case 'progress':
      return `<p class="progress"><progress max="${Math.max(1, block.total)}" value="${block.done}"></progress> <b>${block.done}/${block.total}</b> ${write(block.label)}</p>`;
    case 'output':
      return `<pre>${e(block.text)}</pre>`;
  }
};

const marks: Readonly<Record<Mark, readonly [sign: string, name: string]>> = {
  done: ['✓', 'done'],
  missing: ['○', 'missing'],
  failed: ['✗', 'failed'],
  waiting: ['…', 'waiting'],
  running: ['▶', 'running'],
  none: ['·', ''],
};

const markHtml = (mark: Mark): string => {
  const [sign, name] = marks[mark];
  return name === ''
    ? `<i aria-hidden="true">${sign}</i>`
    : `<i role="img" aria-label="${name}" title="${name}">${sign}</i>`;
};

const textIn = (zone: string): Write => {
  const time = timesIn(zone);
  const spanHtml = (span: Span): string => {
    if (typeof span === 'string') return e(span);
    switch (span.kind) {
      case 'bold':
        return `<b>${e(span.text)}</b>`;
      case 'code':
        return `<code>${e(span.text)}</code>`;
      case 'person':
        return `<span class="person">${e(span.name)}</span>`;
      case 'time':
        return `<time datetime="${span.at.toISOString()}">${e(time(span.at, span.style))}</time>`;
      case 'link':
        return isWeb(span.url)
          ? `<a href="${e(new URL(span.url).href)}" rel="noreferrer noopener">${e(span.text)}</a>`
          : e(span.text);
    }
  };
  return (text) => text.map(spanHtml).join('');
};

/** A `javascript:` link would run in the reader's name. */
const isWeb = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

export interface Page {
  readonly title: string;
  readonly cards: readonly Card[];
  /** IANA zone of all times. */
  readonly zone: string;
  readonly asOf: Date;
  /** Changes that the page leaves out. */
  readonly more: number;
  /** What its one button says: it posts to the page's own address. */
  readonly button?: string;
}

export const pageHtml = ({ title, cards, zone, asOf, more, button }: Page): string =>
  `${pageTop(title)}${cards.map((card) => cardHtml(card, zone)).join('\n')}
${more > 0 ? `<p class="note">And ${more} more.</p>` : ''}
${button === undefined ? '' : `<form method="post"><button>${e(button)}</button></form>`}
${pageBottom(zone, asOf)}`;

export const pageTop = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${e(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
`;

export const pageBottom = (zone: string, asOf: Date): string => `</main>
<footer>As of ${textIn(zone)([{ kind: 'time', at: asOf, style: 'day-time' }])}, ${e(zone)}. Signalbox; act on it in chat.</footer>
</body>
</html>
`;

const style = `
:root { --ink: #1c2024; --dim: #60646c; --paper: #f6f7f8; --card: #fff; --line: #dfe2e6; --link: #0b63c5;
  --neutral: #7b8794; --good: #218358; --warning: #a35a00; --bad: #c62a2f }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --dim: #a5abb4; --paper: #111315; --card: #1a1d20;
  --line: #2f343a; --link: #70b8ff; --neutral: #8b96a3; --good: #3dd68c; --warning: #ffb86a; --bad: #ff9592 } }
* { box-sizing: border-box }
body { margin: 0; padding: 1.5rem 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif }
main, footer { max-width: 52rem; margin: 0 auto }
footer { color: var(--dim); font-size: .85rem }
.card { background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--neutral);
  border-radius: .4rem; padding: .9rem 1.1rem; margin: 0 0 1rem; overflow-wrap: anywhere }
.card.good { border-left-color: var(--good) } .card.warning { border-left-color: var(--warning) }
.card.bad { border-left-color: var(--bad) }
h2 { font-size: 1.1rem; margin: 0 0 .4rem } .card:first-child h2 { font-size: 1.4rem }
h3 { font-size: .95rem; margin: .9rem 0 .2rem }
p { margin: .4rem 0 } .note { color: var(--dim); font-size: .9rem }
dl { display: flex; flex-wrap: wrap; gap: .3rem 2rem; margin: .5rem 0 }
dt { color: var(--dim); font-size: .8rem } dd { margin: 0 }
ul { list-style: none; margin: .3rem 0; padding: 0 }
li { display: flex; gap: .5rem } li i { flex: 0 0 1.1em; text-align: center; font-style: normal; color: var(--dim) }
.done > i { color: var(--good) } .failed > i { color: var(--bad) } .missing > i { color: var(--warning) }
.running > i { color: var(--link) } a { color: var(--link) }
button { font: inherit; font-weight: 600; padding: .7rem 1.4rem; border: 0; border-radius: .4rem;
  background: var(--link); color: var(--card) }
code, pre { font: .88em/1.5 ui-monospace, monospace } code { background: var(--paper); padding: .1em .3em; border-radius: .2em }
pre { background: var(--paper); border: 1px solid var(--line); border-radius: .3rem; padding: .6rem; overflow-x: auto;
  white-space: pre-wrap } progress { width: 10rem; accent-color: var(--good) }
`;
