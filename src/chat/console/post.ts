import { randomUUID } from 'node:crypto';
import type { Card } from '../card.ts';
import { type Destination, type MessageRef, type Platform, PlatformError } from '../platform.ts';
import { type ButtonBoard, buttonBoard } from './buttons.ts';
import { painter, plainText } from './plain-text.ts';
import { renderCard, timesIn } from './render.ts';

export interface ScreenOptions {
  /** Gets whole messages, each ended by a line end; see `Terminal.print`. */
  readonly write: (text: string) => void;
  /** IANA zone of all times. */
  readonly zone: string;
  readonly color: boolean;
  readonly now: () => Date;
  /** Columns; default 100. */
  readonly width?: number;
  /** Shared with the prompt, which presses the buttons. */
  readonly buttons?: ButtonBoard;
  /** A person's name by id; default the id. */
  readonly nameOf?: (person: string) => string;
}

/** Channels and people are named by the policy's own names; a message is what was printed. */
export const consolePlatform = (options: ScreenOptions): Platform => {
  const show = messagePrinter(options);
  return {
    name: 'console',
    post: async (to, card) => {
      const message = randomUUID();
      show({ message, to, card });
      return { message, kind: to.kind, to: to.id };
    },
    update: async (ref, card) =>
      show({ message: messageOf(ref), to: destinationOf(ref), card, edited: true }),
  };
};

export interface Message {
  readonly message: string;
  readonly to: Destination;
  readonly card: Card;
  /** Print only what is new since the message was last printed; nothing when nothing is. */
  readonly edited?: boolean;
}

/** Prints messages under a heading that says where, when and whether again. */
export const messagePrinter = (options: ScreenOptions): ((message: Message) => void) => {
  const { zone, color, width = 100, buttons = buttonBoard(), nameOf = (id) => id } = options;
  const paint = painter(color);
  const time = timesIn(zone);
  const printed = new Map<string, readonly string[]>();
  return ({ message, to, card, edited = false }) => {
    const numbers = buttons.numbersFor(message, card.buttons, to.kind === 'channel' ? to.id : undefined);
    const lines = renderCard(card, { zone, width, color, numbers }).text.split('\n');
    const before = printed.get(message);
    remember(printed, message, lines);
    const fresh = edited && before !== undefined ? newLines(before, lines) : lines;
    if (fresh.length === 0) return;
    const where = to.kind === 'channel' ? `#${to.id.replace(/^#/, '')}` : `→ ${nameOf(to.id)}`;
    const heading = `${paint(plainText(where), 'bold')}${paint(` · ${time(options.now(), 'day-time')}${edited ? ' · edited' : ''}`, 'dim')}`;
    options.write(`\n${[heading, ...fresh].join('\n')}\n`);
  };
};

/** Title and the lines that were not there before, in order; none when all were there. */
const newLines = (before: readonly string[], now: readonly string[]): readonly string[] => {
  const left = new Map<string, number>();
  for (const line of before) left.set(line, (left.get(line) ?? 0) + 1);
  const fresh = now.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return line !== '' && count <= 0;
  });
  const [title] = now;
  return fresh.length === 0 || title === undefined || fresh[0] === title ? fresh : [title, ...fresh];
};

/** The last 200 messages; an older one is printed whole when it is edited. */
const remember = (
  printed: Map<string, readonly string[]>,
  message: string,
  lines: readonly string[],
): void => {
  printed.delete(message);
  printed.set(message, lines);
  for (const oldest of printed.keys()) if (printed.size > 200) printed.delete(oldest);
};

const messageOf = ({ message }: MessageRef): string => message ?? gone();

const destinationOf = (ref: MessageRef): Destination => {
  const { kind, to } = ref;
  return (kind === 'channel' || kind === 'person') && to !== undefined ? { kind, id: to } : gone();
};

const gone = (): never => {
  throw new PlatformError('unknown-message', 'gone');
};
