import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { Report } from '../../src/operations/record-evidence.ts';
import type { Store } from '../../src/store/store.ts';

const channelNames = ['releases', 'oncall'] as const;
export type ChannelName = (typeof channelNames)[number];
export const isChannel = (to: string): boolean => channelNames.some((name) => name === to);

/** Something that can be read in a chat, as it is now. */
export interface Line {
  /** The same as long as it is the same message. */
  readonly id: string;
  /** A channel, by the policy's name for it, or the one person who can read it. */
  readonly to: string;
  readonly title: string;
  /** All of it, with buttons in brackets. */
  readonly words: string;
}

/** How a person comes to a form; where there are none they type it all. */
export type Opening = { readonly typed: string } & (
  | { readonly says: string }
  | { readonly clicks: string; readonly on: string }
);

/** A chat platform as people see and use it. Whatever they do is resolved when the platform has been told. */
export interface Chat {
  readonly name: string;
  /** Whether words are said where others read; else every answer is for the one who asked. */
  readonly isShared: boolean;
  /** Whether threads tell what happened in detail. */
  readonly hasThreads: boolean;
  says(person: string, line: string): Promise<void>;
  /** The button of a channel's card. */
  clicks(person: string, label: string, card: string): Promise<void>;
  /** The same click, delivered twice at once, and again later as the platform does when an answer was slow. */
  clicksTwice(person: string, label: string, card: string): Promise<void>;
  /** The same words, delivered twice. */
  saysTwice(person: string, line: string): Promise<void>;
  /** Opens a form, fills it in and sends it; what it says when it was refused, else ''. */
  fillsIn(person: string, opening: Opening, values: Readonly<Record<string, string>>): Promise<string>;
  lines(): readonly Line[];
  /** What the platform would have refused, had it been the real one. */
  faults(): readonly string[];
}

/** The bot, what it stands on and what it reports to. */
export interface House {
  readonly store: Store;
  now(): Date;
  /** All that waits is done, sent and drawn. */
  settle(): Promise<void>;
  /** Goes on to the instant; whatever falls due on the way is done in its time. */
  advance(to: Date | string): Promise<void>;
  /** A system reports; a repeated id has no second effect. */
  report(report: Omit<Report, 'source' | 'outcome'> & Partial<Report>, id?: string): Promise<void>;
  /** What the step of the service does besides being written down: a piece of shell. */
  behave(service: string, step: string, script: string): void;
  /** `service step` of each process that began, in order. */
  ledger(): readonly string[];
  audit(kind?: AuditEntry['kind']): Promise<readonly AuditEntry[]>;
  /** Real milliseconds that one waits for what is on its way; 0 where nothing is once it has settled. */
  readonly patienceMs: number;
}

export interface Player {
  says(line: string): Promise<void>;
  clicks(label: string, card: string): Promise<void>;
  clicksTwice(label: string, card: string): Promise<void>;
  saysTwice(line: string): Promise<void>;
  /** Resolves to the fault that the form shows; '' when it is done. */
  fillsIn(opening: Opening, values: Readonly<Record<string, string>>): Promise<string>;
  /** Is told something, alone, that nobody has asked about yet; all its words. */
  hears(what: RegExp): Promise<string>;
  /** Is answered so that everybody where it was asked can read it. */
  letsAllHear(what: RegExp): Promise<string>;
}

export interface Channel {
  /** Somebody or something posted it, and nobody has asked about it yet. */
  hears(what: RegExp): Promise<string>;
  /** Its one card of this name says so now. */
  shows(card: string, what: RegExp): Promise<void>;
  /** A thread tells it, where there are threads. */
  details(what: RegExp): Promise<void>;
}

export interface Stage extends House {
  /** A person, at the first platform or the named one. */
  who(name: string, chat?: Chat): Player;
  channel(name: ChannelName, chat?: Chat): Channel;
  /** Nothing was said that no `hears` has asked about, nothing waits to be sent, and no platform refused anything. */
  nothingElse(): Promise<void>;
}

export const setStage = (house: House, chats: readonly [Chat, ...Chat[]]): Stage => {
  const noticed = new Set<string>();
  const keyOf = (chat: Chat, { id }: Line): string => `${chat.name} ${id}`;
  const linesTo = (chat: Chat, to: string): readonly Line[] => chat.lines().filter((line) => line.to === to);

  const eventually = async <T>(find: () => T | undefined, otherwise: () => string): Promise<T> => {
    const until = performance.now() + house.patienceMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (performance.now() >= until) throw new Error(otherwise());
      await pause(20);
    }
  };
  const hear = async (chat: Chat, to: string, what: RegExp): Promise<string> => {
    const fresh = () =>
      linesTo(chat, to).filter((line) => !noticed.has(keyOf(chat, line)) && !isDetails(line));
    const line = await eventually(
      () => fresh().find(({ title, words }) => what.test(`${title}\n${words}`)),
      () =>
        `${to} did not hear ${what} in ${chat.name}, but ${JSON.stringify(fresh().map(({ words }) => words))}`,
    );
    noticed.add(keyOf(chat, line));
    return line.words;
  };
  const see = async (chat: Chat, to: ChannelName, name: string, what: RegExp): Promise<void> => {
    const words = () => cardIn(linesTo(chat, to), name)?.words;
    await eventually(
      () => {
        const now = words();
        return now !== undefined && what.test(now) ? now : undefined;
      },
      () => `${name} does not show ${what} in ${chat.name}: ${words()}`,
    );
  };
  const settled = async <T>(deed: Promise<T>): Promise<T> => {
    const done = await deed;
    await house.settle();
    return done;
  };

  return {
    ...house,
    who: (name, chat = chats[0]) => ({
      says: (line) => settled(chat.says(name, line)),
      clicks: (label, card) => settled(chat.clicks(name, label, card)),
      clicksTwice: (label, card) => settled(chat.clicksTwice(name, label, card)),
      saysTwice: (line) => settled(chat.saysTwice(name, line)),
      fillsIn: (opening, values) => settled(chat.fillsIn(name, opening, values)),
      hears: (what) => hear(chat, name, what),
      letsAllHear: (what) => hear(chat, chat.isShared ? 'releases' : name, what),
    }),
    channel: (to, chat = chats[0]) => ({
      hears: (what) => hear(chat, to, what),
      shows: (card, what) => see(chat, to, card, what),
      details: async (what) => {
        const found = () => linesTo(chat, to).find((line) => isDetails(line) && what.test(line.words));
        if (chat.hasThreads) await eventually(found, () => `no thread of ${chat.name} tells ${what}`);
      },
    }),
    nothingElse: async () => {
      await house.settle();
      const unasked = chats.flatMap((chat) =>
        chat
          .lines()
          .filter((line) => !noticed.has(keyOf(chat, line)) && !isDetails(line))
          .map(({ to, title }) => `${chat.name}: ${to}: ${title}`),
      );
      expect(unasked).toEqual([]);
      for (const chat of chats) {
        const threads = chat
          .lines()
          .filter(isDetails)
          .map(({ title }) => title);
        expect(new Set(threads).size).toBe(threads.length);
      }
      expect(chats.flatMap((chat) => chat.faults())).toEqual([]);
      const waiting = await house.store.db
        .selectFrom('notice')
        .select('lane')
        .where('state', 'in', ['waiting', 'sending'])
        .execute();
      expect(waiting).toEqual([]);
    },
  };
};

/** What a card has no room for, in a thread that is written on as long as something happens. */
const isDetails = ({ title }: Line): boolean => /^\W*Details of /.test(title);

/** `CHG-1` is the card whose title begins so; a mark may stand before it. Throws when there are two. */
export const cardIn = (lines: readonly Line[], name: string): Line | undefined => {
  const found = lines.filter(({ title }) => new RegExp(`^[^\\p{L}]*${name}\\b`, 'u').test(title));
  if (found.length > 1) throw new Error(`${found.length} cards ${name}`);
  return found[0];
};

/** Its copy in the first channel that has one. */
export const cardInAny = (lines: readonly Line[], name: string): Line | undefined =>
  channelNames
    .map((channel) =>
      cardIn(
        lines.filter(({ to }) => to === channel),
        name,
      ),
    )
    .find((line) => line !== undefined);
