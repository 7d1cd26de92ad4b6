import type { Card } from '../chat/card.ts';
import { renderCard, timesIn } from '../chat/console/render.ts';
import { painter, plainText, wrap } from '../chat/console/plain-text.ts';
import type { Destination } from '../chat/platform.ts';
import { shortDigest } from '../domain/change.ts';
import type { Policy } from '../domain/policy.ts';
import type { Audience } from './director.ts';
import type { SystemReport } from './scenario.ts';
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
  /** The newest card with this first word in its title. */
  cardOf(subject: string): Card | undefined;
}

interface Shown {
  readonly to: Destination;
  readonly card: Card;
  /** Lines that stand on the screen. */
  readonly lines: readonly string[];
}

const indent = '       ';

/** The chat as people see it: what is said, what is posted, and of an edited card what is new. */
export const createTranscript = (options: TranscriptOptions): Transcript => {
  const { write, policy, color, now, width = 100 } = options;
  const paint = painter(color);
  const time = timesIn(policy.timezone);
  const messages = new Map<string, Shown>();
  const edited = new Map<string, Card>();
  const order: string[] = [];
  let lastDay = '';
  let lastMinute = '';

  const nameOf = (id: string): string => policy.people.get(id)?.name ?? id;
  const line = (text: string): void => write(`${text.trimEnd()}\n`);
  /** A line with its time, where the minute is another one than that of the line before. */
  const timed = (at: Date, text: string): void => {
    const day = time(at, 'date');
    if (day !== lastDay) {
      line('');
      line(paint(`── ${day} ${'─'.repeat(Math.max(0, width - day.length - 4))}`, 'bold'));
      lastMinute = '';
    }
    lastDay = day;
    const minute = time(at, 'time');
    if (minute !== lastMinute) line('');
    line(`${minute === lastMinute ? '     ' : paint(minute, 'dim')}  ${text}`);
    lastMinute = minute;
  };
  const drawn = (card: Card): readonly string[] =>
    renderCard({ ...card, buttons: [] }, { zone: policy.timezone, width: width - indent.length - 2, color })
      .text.split('\n')
      .filter((text) => text !== '');
  const body = (lines: readonly string[]): void => {
    for (const text of lines) line(`${indent}${paint('│', 'dim')} ${text}`);
  };
  const wrapped = (text: string): readonly string[] => wrap([{ text }], width, paint);
  const placeOf = (to: Destination): string =>
    to.kind === 'channel' ? `#${to.id}` : `→ ${nameOf(to.id)}`;

  const flush = (at: Date): void => {
    for (const [message, card] of edited) {
      const before = messages.get(message);
      if (before === undefined) continue;
      const lines = drawn(card);
      const fresh = newLines(before.lines, lines);
      messages.set(message, { to: before.to, card, lines });
      if (fresh.length === 0) continue;
      timed(at, `${paint(placeOf(before.to), 'bold')}  ${paint('edited', 'dim')}`);
      body(fresh);
    }
    edited.clear();
  };

  return {
    paragraph: (text) => {
      for (const part of wrapped(text)) line(part);
      line('');
    },
    heading: (text) => {
      line('');
      line(paint(`── ${text} ${'─'.repeat(Math.max(0, width - text.length - 4))}`, 'bold'));
      line('');
    },
    lines: (lines) => lines.forEach(line),
    post: (message, to, card) => {
      const lines = drawn(card);
      messages.set(message, { to, card, lines });
      order.push(message);
      timed(now(), paint(placeOf(to), 'bold'));
      body(lines);
    },
    update: (message, card) => {
      const before = messages.get(message);
      if (before !== undefined) edited.set(message, card);
    },
    cardOf: (subject) => {
      for (const message of order.toReversed()) {
        const card = edited.get(message) ?? messages.get(message)?.card;
        if (card?.title.split(' ')[0] === subject) return card;
      }
      return undefined;
    },
    said: (at, person, words, answer, refused) => {
      timed(at, `${paint(nameOf(person), 'bold')}: ${plainText(words)}`);
      const looks = refused || answer.inChannel || !isAction(words);
      body(looks ? drawn(answer.card) : [plainText(answer.card.summary)]);
    },
    reported: (at, report, artifact, refusal) =>
      timed(at, `${paint('CI', 'bold')}: ${reportWords(report, artifact)}${refusal === undefined ? '' : ` — refused: ${refusal}`}`),
    broke: (at, { service, verb, reason }) =>
      timed(at, paint(`✂ From now on "${verb}" of ${service} fails: ${reason}.`, 'yellow')),
    botKilled: (at, running) => {
      flush(at);
      timed(at, paint(`✂ The bot's process is killed (SIGKILL) while ${running.join(' and ')} run.`, 'red'));
    },
    botStarted: (at) => timed(at, paint('✂ Another bot process has started and takes over.', 'yellow')),
    calm: async (at) => flush(at),
  };
};

const reportWords = (report: SystemReport, artifact: string): string => {
  const { kind, service, version, environment, outcome, comment, again, builder } = report;
  const name = `${service} ${version}`;
  const said = comment === undefined ? '' : ` (${comment})`;
  const verdict = outcome === 'pass' ? '' : ' FAILED';
  if (kind === 'build')
    return `${again ? 'rebuilt' : 'built'} ${name}${verdict}: ${shortDigest(artifact)}${builder === undefined ? '' : ` on ${builder}`}${said}`;
  return kind === 'deployed'
    ? `deployment of ${name} to ${environment}${verdict === '' ? ' succeeded' : verdict}${said}`
    : `verification of ${name} in ${environment}${verdict === '' ? ' passed' : verdict}${said}`;
};

/** Title and the lines that were not there before; nothing when only the title's mark or the countdown is new. */
const newLines = (before: readonly string[], now: readonly string[]): readonly string[] => {
  const left = new Map<string, number>();
  for (const text of before) left.set(key(text), (left.get(key(text)) ?? 0) + 1);
  const [title = '', ...rest] = now;
  const fresh = rest.filter((text) => {
    const count = left.get(key(text)) ?? 0;
    left.set(key(text), count - 1);
    return count <= 0;
  });
  return fresh.length === 0 && key(title) === key(before[0] ?? '') ? [] : [title, ...fresh];
};

/** A countdown goes on by itself: that is no news. */
const key = (text: string): string => text.replace(/\bin \d+ (?:d|h|min|s)(?: \d+ (?:h|min|s))?\b/g, 'in …');
