import { clearScreenDown, createInterface, cursorTo } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Line {
  readonly text: string;
  /** When it was typed, not when its turn came (L3). */
  readonly at: Date;
}

/** A person at a keyboard, or a script on standard input. */
export interface Terminal {
  /** Whether somebody is typing; otherwise the prompt is printed together with the line it got. */
  readonly interactive: boolean;
  /** Every line in order; ends at the end of input, at Ctrl-C and after `close`. One reader. */
  readonly lines: AsyncIterable<Line>;
  /** Text with its line end. What is being typed moves below it. */
  print(text: string): void;
  prompt(label: string): void;
  close(): void;
}

export const openTerminal = (options: {
  readonly input: Readable;
  readonly output: Writable;
  readonly now: () => Date;
  readonly interactive?: boolean;
}): Terminal => {
  const { input, output, now, interactive = false } = options;
  const readline = createInterface({ input, output, terminal: interactive, historySize: 200 });
  const typed: Line[] = [];
  let closed = false;
  let wake = (): void => {};
  // Collected from the first moment on: readline's own iterator loses lines that come before it is asked.
  readline.on('line', (text) => {
    typed.push({ text, at: now() });
    wake();
  });
  readline.on('close', () => {
    closed = true;
    if (interactive) output.write('\n');
    wake();
  });
  readline.on('SIGINT', () => readline.close());
  const lines = async function* (): AsyncGenerator<Line> {
    while (true) {
      const line = typed.shift();
      if (line !== undefined) yield line;
      else if (closed) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  };
  return {
    interactive,
    lines: lines(),
    print: (text) => {
      if (interactive && !closed) {
        cursorTo(output, 0);
        clearScreenDown(output);
      }
      output.write(text);
      if (interactive && !closed) readline.prompt(true);
    },
    prompt: (label) => {
      if (!interactive || closed) return;
      readline.setPrompt(label);
      readline.prompt(true);
    },
    close: () => readline.close(),
  };
};
