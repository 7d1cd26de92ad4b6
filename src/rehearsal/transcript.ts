import type { Card } from '../chat/card.ts';
import { painter, plainText, wrap } from '../chat/console/plain-text.ts';
import { timesIn } from '../chat/console/render.ts';
import type { Destination } from '../chat/platform.ts';
import type { Policy } from '../domain/policy.ts';
import { cardLines, hangingLines, newsOf } from './card-lines.ts';
import type { Audience } from './director.ts';
import { reportWords } from './report-words.ts';
import { summaryIndent } from './summary.ts';
import { isAction } from './verbs.ts';

export interface TranscriptOptions {
  readonly write: (text: string) => void;
  readonly policy: Policy;
  readonly color: boolean;
  readonly now: () => Date;
  /** Columns. */
  readonly width?: number;
}

export interface Transcript extends Audience {
  paragraph(text: string): void;
  heading(text: string): void;
  lines(lines: readonly string[]): void;
  post(message: string, to: Destination, card: Card): void;
  update(message: string, card: Card): void;
  /** The newest card whose title begins with this word, as it is now. */
  cardOf(subject: string): Card | undefined;
}

const indent = '       ';

/**
 * The chat as people see it: what is said, what is posted, and of an edited card what is new. What the bot shows is
 * kept until the moment is calm: what many people are told alike is then printed once.
 */
export const createTranscript = (options: TranscriptOptions): Transcript => {
  const { write, policy, color, now, width = 100 } = options;
  const paint = painter(color);
  const time = timesIn(policy.timezone);
  const look = { zone: policy.timezone, width: width - indent.length - 2, color };
  /** As it stands on the screen, and as it is. */
  const messages = new Map<string, { readonly to: Destination; readonly shown: Card; readonly card: Card }>();
  let posts: readonly { readonly at: Date; readonly to: Destination; readonly card: Card }[] = [];
  let edited = new Set<string>();
  /** What the moment's answers have said already. */
  let heard = new Set<string>();
  let lastDay = '';
  let lastMinute = '';

  const nameOf = (id: string): string => policy.people.get(id)?.name ?? id;
  const line = (text: string): void => write(`${text.trimEnd()}\n`);
  const rule = (text: string): void =>
    line(paint(`── ${text} ${'─'.repeat(Math.max(0, width - text.length - 4))}`, 'bold'));
  /** A line with its time, where the minute is another one than that of the line before. */
  const timed = (at: Date, text: string): void => {
    const day = time(at, 'date');
    const minute = time(at, 'time');
    if (day !== lastDay) {
      line('');
      rule(day);
    }
    const isNew = minute !== lastMinute || day !== lastDay;
    if (isNew) line('');
    line(`${isNew ? paint(minute, 'dim') : '     '}  ${text}`);
    lastDay = day;
    lastMinute = minute;
  };
  const body = (lines: readonly string[]): void => {
    for (const text of lines) line(`${indent}${paint('│', 'dim')} ${text}`);
  };

  const printPosts = (): void => {
    const groups = new Map<string, { at: Date; to: Destination[]; lines: readonly string[] }>();
    for (const [index, { at, to, card }] of posts.entries()) {
      const isPrivate = to.kind === 'person';
      const lines = cardLines(isPrivate ? unaddressed(card) : card, look, !isPrivate);
      const key = isPrivate ? lines.join('\n') : String(index);
      const group = groups.get(key) ?? { at, to: [], lines };
      group.to.push(to);
      groups.set(key, group);
    }
    for (const { at, to, lines } of groups.values()) {
      const [first] = to;
      const where =
        first?.kind === 'channel' ? `#${first.id}` : `→ ${listed(to.map(({ id }) => nameOf(id)))}`;
      timed(at, paint(where, 'bold'));
      body(lines);
    }
    posts = [];
  };

  const printEdits = (at: Date): void => {
    const news = [...edited].flatMap((message) => {
      const known = messages.get(message);
      if (known === undefined) return [];
      messages.set(message, { ...known, shown: known.card });
      const { headline, lines } = newsOf(known.shown, known.card, look);
      const isHeard = heard.has(known.card.summary) && lines.length === 0;
      return headline === '' || isHeard ? [] : [{ order: orderOf(known.card), text: [headline, ...lines] }];
    });
    edited = new Set();
    heard = new Set();
    if (news.length === 0) return;
    timed(at, `${paint(`#releases`, 'bold')}  ${paint('edited', 'dim')}`);
    for (const { text } of news.toSorted((a, b) => a.order - b.order))
      body(text.flatMap((part) => hangingLines(part, look.width)));
  };

  const flush = (at: Date): void => {
    printPosts();
    printEdits(at);
  };

  return {
    paragraph: (text) => {
      for (const part of wrap([{ text }], width, paint)) line(part);
      line('');
    },
    heading: (text) => {
      line('');
      rule(text);
      line('');
    },
    lines: (lines) => lines.flatMap((text) => hangingLines(text, width, summaryIndent)).forEach(line),
    post: (message, to, card) => {
      messages.set(message, { to, shown: card, card });
      posts = [...posts, { at: now(), to, card }];
    },
    update: (message, card) => {
      const known = messages.get(message);
      if (known === undefined) return;
      messages.set(message, { ...known, card });
      edited.add(message);
    },
    cardOf: (subject) =>
      [...messages.values()].findLast(({ card }) => card.title.split(' ')[0] === subject)?.card,
    said: (at, person, words, { card, inChannel }, refused) => {
      timed(at, `${paint(nameOf(person), 'bold')}: ${plainText(words)}`);
      const isWhole = refused || inChannel || !isAction(words);
      body(isWhole ? cardLines(card, look, true) : hangingLines(plainText(card.summary), look.width));
      heard.add(card.summary);
    },
    reported: (at, report, artifact, refusal) =>
      timed(
        at,
        `${paint('CI', 'bold')}: ${reportWords(report, artifact)}${refusal === undefined ? '' : ` — refused: ${refusal}`}`,
      ),
    broke: (at, { service, verb, reason }) => {
      timed(at, paint(`✂ From now on "${verb}" fails for ${service}: ${reason}.`, 'yellow'));
    },
    botKilled: (at, running) => {
      flush(at);
      timed(at, paint(`✂ SIGKILL: the bot's process is gone while ${listed(running)} are under way.`, 'red'));
    },
    botStarted: (at) =>
      timed(at, paint('✂ Another process of the bot has started, and takes over what it finds.', 'yellow')),
    calm: async (at) => flush(at),
  };
};

/** Without the name of the one who reads it in private: what several are told alike is then the same. */
const unaddressed = (card: Card): Card => ({
  ...card,
  blocks: card.blocks.map((block) => {
    if (block.kind !== 'text') return block;
    const [first, second, ...rest] = block.text;
    const isAddress = typeof first === 'object' && first.kind === 'person' && first.mention === true;
    return isAddress && typeof second === 'string'
      ? { ...block, text: [second.replace(/^: /, ''), ...rest] }
      : block;
  }),
});

/** Changes by number, then trains. */
const orderOf = ({ title }: Card): number =>
  Number(/^CHG-(\d+)/.exec(title)?.[1] ?? Number.POSITIVE_INFINITY);

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
