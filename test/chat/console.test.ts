import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Button, Card } from '../../src/chat/card.ts';
import { buttonBoard } from '../../src/chat/console/buttons.ts';
import { consolePlatform } from '../../src/chat/console/post.ts';
import { runPrompt } from '../../src/chat/console/receive.ts';
import { openTerminal } from '../../src/chat/console/terminal.ts';
import type { CommandSpec } from '../../src/chat/parse.ts';
import { PlatformError } from '../../src/chat/platform.ts';
import type { Reply } from '../../src/chat/reply.ts';
import type { Request } from '../../src/chat/request.ts';

const noon = new Date('2026-11-25T17:00:00Z');
const zone = 'America/New_York';
const names = new Map([
  ['rita', 'Rita Ramos'],
  ['omar', 'Omar Ortiz'],
]);
const approve: Button = { label: 'Approve', verb: 'change approve', subject: 'CHG-3' };
const veto: Button = {
  label: 'Veto',
  verb: 'change veto',
  subject: 'CHG-3',
  confirm: 'Nothing goes out then.',
};
const show: Button = { label: 'Show', verb: 'change show', subject: 'CHG-3', args: ['all'] };
const card = (title: string, more: Partial<Card> = {}): Card => ({
  title,
  tone: 'neutral',
  summary: title,
  blocks: [],
  buttons: [],
  ...more,
});
const steps = (...marks: readonly ('done' | 'running' | 'waiting')[]): Partial<Card> => ({
  blocks: [{ kind: 'list', items: marks.map((mark, i) => ({ mark, text: [`step ${i + 1}`] })) }],
});

describe('the numbers of buttons', () => {
  test('go on from card to card, so that a number means one button', () => {
    const board = buttonBoard();
    expect(board.numbersFor('a', [approve, veto])).toEqual([1, 2]);
    expect(board.numbersFor('b', [show], 'releases')).toEqual([3]);
    expect(board.pressed(2)).toEqual({ button: veto });
    expect(board.pressed(3)).toEqual({ button: show, channel: 'releases' });
    expect(board.pressed(4)).toBeUndefined();
    expect(board.pressed(0)).toBeUndefined();
  });

  test('stay with what a button does when its card is shown again, and the rest is forgotten', () => {
    const board = buttonBoard();
    board.numbersFor('a', [approve, veto]);
    expect(board.numbersFor('a', [show, { ...veto, label: 'Stop it' }])).toEqual([3, 2]);
    expect(board.pressed(1)).toBeUndefined();
    expect(board.pressed(2)?.button.label).toBe('Stop it');
    expect(board.numbersFor('a', [])).toEqual([]);
    expect(board.pressed(2)).toBeUndefined();
  });

  test('of cards long gone mean nothing, and come round only after a hundred', () => {
    const board = buttonBoard(2);
    for (let i = 1; i <= 99; i++) expect(board.numbersFor(`card ${i}`, [approve])).toEqual([i]);
    expect(board.pressed(97)).toBeUndefined();
    expect(board.pressed(98)).toBeDefined();
    expect(board.numbersFor('next', [approve])).toEqual([1]);
  });

  test('never mean two buttons at a time', () => {
    const button = fc.constantFrom(approve, veto, show);
    const shown = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.array(button, { maxLength: 40 })),
    );
    fc.assert(
      fc.property(shown, (cards) => {
        const board = buttonBoard(3);
        const latest = new Map<string, readonly number[]>();
        for (const [id, buttons] of cards) {
          const numbers = board.numbersFor(id, buttons);
          expect(numbers).toHaveLength(buttons.length);
          expect(new Set(numbers).size).toBe(numbers.length);
          for (const [i, number] of numbers.entries())
            expect(board.pressed(number)?.button).toEqual(buttons[i]);
          latest.delete(id);
          latest.set(id, numbers);
          const visible = [...latest.values()]
            .filter((it) => it.length > 0)
            .slice(-3)
            .flat();
          expect(new Set(visible).size).toBe(visible.length);
        }
      }),
    );
  });
});

describe('a posted message', () => {
  const platform = (more: object = {}) => {
    const written: string[] = [];
    const write = (text: string): void => void written.push(text);
    const nameOf = (id: string): string => names.get(id) ?? id;
    const it = consolePlatform({ write, zone, color: false, now: () => noon, nameOf, ...more });
    return { it, written };
  };

  test('says where it is, and when', async () => {
    const { it, written } = platform();
    expect(it.name).toBe('console');
    await it.post({ kind: 'channel', id: 'releases' }, card('Hello', { buttons: [approve] }));
    await it.post({ kind: 'person', id: 'rita' }, card('Psst', { buttons: [veto] }));
    expect(written).toEqual([
      '\n#releases · Wed 25 Nov 12:00\n• Hello\n\n  [1] Approve\n',
      '\n→ Rita Ramos · Wed 25 Nov 12:00\n• Psst\n\n  [2] Veto\n',
    ]);
  });

  test('that is edited shows only what is new under its title', async () => {
    const { it, written } = platform();
    const ref = await it.post(
      { kind: 'channel', id: 'releases' },
      card('DEP-1', steps('running', 'waiting')),
    );
    written.length = 0;
    await it.update(ref, card('DEP-1', steps('done', 'running')));
    await it.update(ref, card('DEP-1', steps('done', 'running')));
    await it.update(ref, card('DEP-1 done', steps('done', 'done')));
    expect(written).toEqual([
      '\n#releases · Wed 25 Nov 12:00 · edited\n• DEP-1\n  ✓ step 1\n  ▶ step 2\n',
      '\n#releases · Wed 25 Nov 12:00 · edited\n• DEP-1 done\n  ✓ step 2\n',
    ]);
  });

  test('from before a restart is printed whole when it is edited', async () => {
    const ref = await platform().it.post({ kind: 'person', id: 'omar' }, card('DEP-1'));
    const { it, written } = platform();
    await it.update(JSON.parse(JSON.stringify(ref)), card('DEP-1', steps('done')));
    expect(written).toEqual(['\n→ Omar Ortiz · Wed 25 Nov 12:00 · edited\n• DEP-1\n  ✓ step 1\n']);
  });

  test('has a reference of its own, and a foreign one is gone', async () => {
    const { it, written } = platform();
    const refs = [
      await it.post({ kind: 'channel', id: 'a' }, card('x')),
      await it.post({ kind: 'channel', id: 'a' }, card('x')),
    ];
    expect(refs[0]).not.toEqual(refs[1]);
    const before = written.length;
    for (const foreign of [{}, { ts: '1' }, { message: 'm', kind: 'page', to: 'x' }])
      await expect(it.update(foreign, card('x'))).rejects.toMatchObject({ outcome: 'gone' });
    await expect(it.update({}, card('x'))).rejects.toBeInstanceOf(PlatformError);
    expect(written).toHaveLength(before);
  });

  test('cannot be forged by the name of a channel', async () => {
    const { it, written } = platform();
    await it.post({ kind: 'channel', id: 'a\n#releases' }, card('x'));
    expect(written[0]).toBe('\n#a #releases · Wed 25 Nov 12:00\n• x\n');
  });
});

const commands: readonly CommandSpec[] = [
  { verb: 'change', usage: '[CHG-n]', summary: '', subject: 'optional' },
  { verb: 'change approve', usage: '<CHG-n>', summary: '', subject: 'required' },
  { verb: 'change submit', usage: '<service> [--type content]', summary: '', subject: 'required' },
];

/** Plays a script at the prompt; every request is answered by `answer`. */
const play = async (
  script: string,
  more: {
    readonly as?: string;
    readonly answer?: (request: Request) => Reply | Promise<Reply>;
    readonly clock?: () => Date;
    readonly posted?: Card;
  } = {},
) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const requests: Request[] = [];
  const now = more.clock ?? (() => noon);
  const terminal = openTerminal({ input, output, now });
  const screen = {
    zone,
    color: false,
    now,
    buttons: buttonBoard(),
    nameOf: (id: string) => names.get(id) ?? id,
  };
  if (more.posted !== undefined)
    await consolePlatform({ ...screen, write: terminal.print }).post(
      { kind: 'channel', id: 'releases' },
      more.posted,
    );
  output.read();
  const running = runPrompt({
    ...screen,
    terminal,
    commands,
    people: () => names,
    ...(more.as === undefined ? {} : { as: more.as }),
    answer: async (request) => {
      requests.push(request);
      return (await more.answer?.(request)) ?? { card: card(`Did ${request.verb}`), audience: 'asker' };
    },
  });
  input.end(script);
  await running;
  return { requests, printed: String(output.read() ?? '') };
};

describe('the prompt, with a script on standard input', () => {
  test('obeys line by line, prints what was asked and answered, and ends with the input', async () => {
    const { requests, printed } = await play(
      'as rita\n/change approve chg-3\n\nas Omar Ortiz\nchange submit cart --type content',
    );
    expect(requests).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        actor: { platform: 'console', id: 'rita' },
        verb: 'change approve',
        subject: 'CHG-3',
        args: [],
        flags: {},
        receivedAt: noon,
      },
      {
        id: expect.any(String),
        actor: { platform: 'console', id: 'omar' },
        verb: 'change submit',
        subject: 'cart',
        args: [],
        flags: { type: 'content' },
        receivedAt: noon,
      },
    ]);
    expect(requests[0]?.id).not.toBe(requests[1]?.id);
    expect(printed).toBe(
      [
        '\nnobody> as rita\nYou are Rita Ramos now.\n',
        '\nrita> /change approve chg-3\n',
        '\n→ Rita Ramos · Wed 25 Nov 12:00\n• Did change approve\n',
        '\nrita> as Omar Ortiz\nYou are Omar Ortiz now.\n',
        '\nomar> change submit cart --type content\n',
        '\n→ Omar Ortiz · Wed 25 Nov 12:00\n• Did change submit\n',
      ].join(''),
    );
  });

  test('wants to know who acts', async () => {
    const { requests, printed } = await play('change\nas\nas rtia\nas somebody-else\n1\n');
    expect(requests).toEqual([]);
    expect(printed).toContain('Say who you are first, for example: as rita');
    expect(printed).toContain('As whom? There are: rita, omar.');
    expect(printed).toContain('There is no rtia. Did you mean: as rita?');
    expect(printed).toContain('There is no somebody-else. There are: rita, omar.');
    expect(printed).toContain('No button 1 is in view.');
  });

  test('a number presses the button of a posted card, in its channel', async () => {
    const answer = (): Reply => ({ card: card('Signed'), audience: 'channel' });
    const { requests, printed } = await play('1\n[2]\n3', {
      as: 'rita',
      answer,
      posted: card('CHG-3', { buttons: [approve, show] }),
    });
    expect(requests).toMatchObject([
      { verb: 'change approve', subject: 'CHG-3', args: [], channel: 'releases' },
      { verb: 'change show', subject: 'CHG-3', args: ['all'], channel: 'releases' },
    ]);
    expect(printed).toContain('\n#releases · Wed 25 Nov 12:00\n• Signed\n');
    expect(printed).toContain('No button 3 is in view.');
  });

  test('the button of a reply can be pressed like any other', async () => {
    const answer = (request: Request): Reply => ({
      card: card(`Did ${request.verb}`, { buttons: request.verb === 'change' ? [approve] : [] }),
      audience: 'asker',
    });
    const { requests } = await play('change\n1', { as: 'rita', answer });
    expect(requests.map(({ verb, channel }) => [verb, channel])).toEqual([
      ['change', undefined],
      ['change approve', undefined],
    ]);
  });

  test.each([
    ['1\ny', ['change veto']],
    ['1\nYES', ['change veto']],
    ['1\nn', []],
    ['1\n', []],
    ['1', []],
    ['1\n\ny', ['help']],
    ['1\nchange\ny', ['change', 'help']],
    ['1\n1\ny', ['change veto']],
    ['1\nquit\ny', []],
  ])('an irreversible press is asked about first: %j does %j', async (script, verbs) => {
    const { requests, printed } = await play(script, {
      as: 'rita',
      posted: card('CHG-3', { buttons: [veto] }),
    });
    expect(requests.map(({ verb }) => verb)).toEqual(verbs);
    expect(printed).toContain('Veto: Nothing goes out then.');
    if (script === '1\nn') expect(printed).toContain('Really? [y/n] n\nNothing was pressed.');
  });

  test('help adds the words that only this prompt knows; a typo is answered by the handlers', async () => {
    const { requests, printed } = await play('help\nchange aprove 3', { as: 'rita' });
    expect(requests).toMatchObject([
      { verb: 'help', args: [] },
      { verb: 'help', args: ['change', 'aprove', '3'] },
    ]);
    expect(printed.match(/At this prompt: `as <person>`/g)).toHaveLength(1);
  });

  test('quit ends it though more lines wait', async () => {
    const { requests } = await play('change\nquit\nchange\n', { as: 'rita' });
    expect(requests).toHaveLength(1);
  });

  test('L3: a line is received when it arrives, not when those before it are answered', async () => {
    let minutes = 0;
    const clock = (): Date => new Date(noon.getTime() + minutes * 60_000);
    const answer = async (): Promise<Reply> => {
      await new Promise((resolve) => setImmediate(resolve));
      minutes += 10;
      return { card: card('done'), audience: 'asker' };
    };
    const { requests } = await play('change\nchange\nchange', { as: 'rita', clock, answer });
    expect(requests.map(({ receivedAt }) => receivedAt)).toEqual([noon, noon, noon]);
  });

  test('typed escape sequences are not echoed to the terminal', async () => {
    const { printed } = await play('as \u001b[2Jrita\u202e\nchange \u001b]0;x\u0007', { as: 'rita' });
    expect(printed).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  });

  test('survives any script', async () => {
    const word = fc.constantFrom(
      'as',
      'rita',
      'y',
      '1',
      '2',
      'change',
      '"',
      '--type',
      '\n',
      '\n',
      ' ',
      '\u001b[A',
    );
    const script = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word).map((all) => all.join(' ')),
    );
    await fc.assert(
      fc.asyncProperty(script, async (text) => {
        const { printed } = await play(text, { as: 'rita', posted: card('x', { buttons: [veto] }) });
        expect(printed).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the prompt, with a person at the keyboard', () => {
  test('shows who acts, and a message that arrives meanwhile goes above what is being typed', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const terminal = openTerminal({ input, output, now: () => noon, interactive: true });
    const screen = { zone, color: false, now: () => noon, buttons: buttonBoard() };
    const answer = async (): Promise<Reply> => ({ card: card('Done'), audience: 'asker' });
    const running = runPrompt({ ...screen, terminal, commands, people: () => names, as: 'rita', answer });
    input.write('chan');
    await new Promise((resolve) => setImmediate(resolve));
    output.read();
    await consolePlatform({ ...screen, write: terminal.print }).post(
      { kind: 'channel', id: 'releases' },
      card('News'),
    );
    // The line is cleared, the message printed, and the prompt drawn again with what stood there.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: cursor movements are the subject here
    const moves = /\u001b\[\d*[A-Z]/g;
    expect(String(output.read()).replace(moves, '')).toBe(
      '\n#releases · Wed 25 Nov 12:00\n• News\nrita> chan',
    );
    input.write('ge\r');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(String(output.read())).toContain('• Done\n');
    input.write('\u0003');
    await running;
  });
});
