import { randomUUID } from 'node:crypto';
import { type CommandSpec, closest, requestWords } from '../parse.ts';
import type { Reply } from '../reply.ts';
import type { Request } from '../request.ts';
import type { ButtonBoard, ShownButton } from './buttons.ts';
import { plainText } from './plain-text.ts';
import { messagePrinter, type ScreenOptions } from './post.ts';
import type { Line, Terminal } from './terminal.ts';

export interface PromptOptions extends Omit<ScreenOptions, 'write'> {
  readonly terminal: Terminal;
  /** The platform's, so that posted cards can be pressed too. */
  readonly buttons: ButtonBoard;
  readonly commands: readonly CommandSpec[];
  /** Names by id, of the policy in force: whom one may act as. */
  readonly people: () => ReadonlyMap<string, string>;
  /** Who is at the prompt first; default nobody. */
  readonly as?: string;
  readonly answer: (request: Request) => Promise<Reply>;
}

/**
 * Reads lines until the end of input or `quit`, one after the other: `as rita` changes who acts, a number
 * presses a button, anything else is a command. Rejects only when `answer` does.
 */
export const runPrompt = async (options: PromptOptions): Promise<void> => {
  const { terminal, buttons, commands, people, answer } = options;
  const nameOf = (person: string): string => people().get(person) ?? person;
  const show = messagePrinter({ nameOf, ...options, write: terminal.print });
  const say = (text: string): void => terminal.print(`${plainText(text)}\n`);
  let actor = options.as;
  let toConfirm: ShownButton | undefined;

  const ask = async (
    line: Line,
    words: Pick<Request, 'verb' | 'subject' | 'args' | 'flags' | 'channel'>,
  ): Promise<void> => {
    if (actor === undefined)
      return say(`Say who you are first, for example: as ${[...people().keys()][0] ?? 'rita'}`);
    const id = randomUUID();
    const reply = await answer({
      id,
      actor: { platform: 'console', id: actor },
      ...words,
      receivedAt: line.at,
    });
    const inChannel = reply.audience === 'channel' && words.channel !== undefined;
    show({
      message: id,
      to: inChannel ? { kind: 'channel', id: words.channel } : { kind: 'person', id: actor },
      card: reply.card,
    });
    if (words.verb === 'help' && words.args.length === 0) say(ownWords);
  };
  const press = (line: Line, { button, channel }: ShownButton): Promise<void> =>
    ask(line, {
      verb: button.verb,
      subject: button.subject,
      args: button.args ?? [],
      ...(channel === undefined ? {} : { channel }),
    });

  const become = (wanted: string): void => {
    const found = personNamed(wanted, people());
    say(found === undefined ? whoElse(wanted, people()) : `You are ${nameOf(found)} now.`);
    actor = found ?? actor;
  };

  const obey = async (line: Line, text: string): Promise<void> => {
    const number = /^\[?(\d{1,4})\]?$/.exec(text)?.[1];
    const as = /^as(?:\s+(.*))?$/i.exec(text);
    if (text === '') return;
    if (as !== null) return become(as[1] ?? '');
    if (number === undefined) return ask(line, requestWords(text, commands));
    const shown = buttons.pressed(Number(number));
    if (shown === undefined) return say(`No button ${number} is in view.`);
    if (shown.button.confirm === undefined) return press(line, shown);
    toConfirm = shown;
    say(`${shown.button.label}: ${shown.button.confirm}`);
  };

  const label = (): string => (toConfirm === undefined ? `${actor ?? 'nobody'}> ` : 'Really? [y/n] ');
  terminal.prompt(label());
  for await (const line of terminal.lines) {
    const text = line.text.trim();
    if (!terminal.interactive && text !== '') terminal.print(`\n${label()}${plainText(text)}\n`);
    if (/^(quit|exit)$/i.test(text)) break;
    const confirmed = toConfirm;
    toConfirm = undefined;
    if (confirmed !== undefined && /^y(es)?$/i.test(text)) await press(line, confirmed);
    else {
      if (confirmed !== undefined) say('Nothing was pressed.');
      // Anything but a yes is a no; what is not an answer at all is obeyed as a line of its own.
      if (confirmed === undefined || !/^n(o)?$/i.test(text)) await obey(line, text);
    }
    terminal.prompt(label());
  }
  terminal.close();
};

const ownWords =
  'At this prompt: `as <person>` acts as somebody else, a number presses the button that has it, `quit` ends.';

const personNamed = (wanted: string, people: ReadonlyMap<string, string>): string | undefined => {
  const folded = wanted.toLowerCase();
  return [...people].find(([id, name]) => id.toLowerCase() === folded || name.toLowerCase() === folded)?.[0];
};

const whoElse = (wanted: string, people: ReadonlyMap<string, string>): string => {
  const everyone = [...people.keys()];
  const meant = closest(wanted, everyone);
  const nobody = wanted === '' ? 'As whom?' : `There is no ${wanted}.`;
  return `${nobody} ${meant === undefined ? `There are: ${everyone.join(', ')}.` : `Did you mean: as ${meant}?`}`;
};
