import { setTimeout as pause } from 'node:timers/promises';
import { type Chat, isChannel, type Line } from './stage.ts';

/** A terminal's two ends, as whoever types sees them. */
export interface Keyboard {
  type(line: string): void;
  /** All that was printed so far. */
  screen(): string;
}

interface Print {
  readonly to: string;
  readonly isEdited: boolean;
  readonly text: string;
}

/** What people do at the prompt, one after the other. A number presses a button, and there are no forms. */
export const consoleChat = (keyboard: Keyboard): Chat => {
  /** Answers that only show the presser the card that everybody sees. */
  const echoes = new Set<string>();

  const act = async (person: string, line: string): Promise<readonly Print[]> => {
    keyboard.type(`as ${person}`);
    const before = keyboard.screen().length;
    keyboard.type(line);
    const fresh = () => keyboard.screen().slice(before);
    const asksAgain = (): boolean => /^\d+$/.test(line) && /^\w+> \d+\n[^\n]+: [^\n]+\n$/m.test(fresh());
    const answers = (): readonly Print[] =>
      printsIn(fresh()).filter(({ to, isEdited }) => to === person && !isEdited);
    for (let i = 0; i < 2_000 && answers().length === 0; i++) {
      if (asksAgain()) return act(person, 'y');
      await pause(10);
    }
    if (answers().length === 0) throw new Error(`no answer to ${line}: ${fresh()}`);
    return answers();
  };
  const numberOf = (label: string, card: string): string => {
    const mine = printsIn(keyboard.screen()).filter(
      ({ to, text }) => isChannel(to) && firstWord(text) === firstWord(card),
    );
    for (const { text } of mine.toReversed())
      for (const [, number = '', shown] of text.matchAll(buttons)) if (shown === label) return number;
    throw new Error(`no button ${label} on ${card}`);
  };
  const click = async (person: string, label: string, card: string): Promise<void> => {
    const before = lines().length;
    await act(person, numberOf(label, card));
    const [answer] = lines()
      .slice(before)
      .filter(({ to }) => to === person);
    if (answer !== undefined && firstWord(answer.title) === firstWord(card)) echoes.add(answer.id);
  };
  const lines = (): readonly Line[] => {
    const found: Line[] = [];
    for (const [i, { to, isEdited, text }] of printsIn(keyboard.screen()).entries()) {
      const title = text.split('\n')[0] ?? '';
      const at = isEdited
        ? found.findLastIndex((line) => line.to === to && firstWord(line.title) === firstWord(title))
        : -1;
      const before = found[at];
      if (before === undefined) found.push({ id: `${i}`, to, title, words: legible(text) });
      else found[at] = { ...before, title, words: `${legible(text)} ${before.words}` };
    }
    return found;
  };
  return {
    name: 'the console',
    isShared: false,
    hasThreads: false,
    lines: () => lines().filter(({ id }) => !echoes.has(id)),
    faults: () => [],
    says: async (person, line) => void (await act(person, line.replace(/^\//, ''))),
    clicks: click,
    clicksTwice: async (person, label, card) => {
      await click(person, label, card);
      await click(person, label, card);
    },
    // Nobody resends a line that was typed.
    saysTwice: async (person, line) => void (await act(person, line.replace(/^\//, ''))),
    fillsIn: async (person, { typed }) => {
      await act(person, typed.replace(/^\//, ''));
      return '';
    },
  };
};

const buttons = /\[(\d+)\] (.*?)(?= {2}\[|$)/gm;

/** Without the marks before it. */
const firstWord = (text: string): string => /\p{L}[\p{L}\p{N}-]*/u.exec(text)?.[0] ?? '';

const legible = (text: string): string => text.replace(buttons, '[$2]').replace(/\s*\n\s*/g, ' ');

/** `#releases · Wed 12:00 · edited` or `→ rita · Wed 12:00`, and the card below it. */
const heading = /^(?:#(\S+)|→ (\S+)) · [^\n]*$/;

const printsIn = (screen: string): readonly Print[] => {
  const prints: { to: string; isEdited: boolean; text: string }[] = [];
  let open: (typeof prints)[number] | undefined;
  let last = '';
  for (const line of screen.split('\n')) {
    const [head, channel, person] = heading.exec(line) ?? [];
    if (head !== undefined && last === '') {
      open = { to: channel ?? person ?? '', isEdited: head.endsWith('· edited'), text: '' };
      prints.push(open);
    } else if (/^\w+> /.test(line) || /^You are \w+ now\.$/.test(line)) open = undefined;
    else if (open !== undefined) open.text += `${open.text === '' ? '' : '\n'}${line}`;
    last = line;
  }
  return prints;
};
