import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handlers } from '../../handlers/index.ts';
import { parseCommand } from '../../src/chat/parse.ts';
import { openDesk } from '../support/desk.ts';
import { createWorld } from '../support/world.ts';

const verbs = handlers.map(({ verb }) => verb);

describe('the table of verbs', () => {
  it('has every verb once', () => {
    expect(verbs).toEqual([...new Set(verbs)]);
    expect([...verbs].sort()).toEqual([
      'change',
      'change approve',
      'change approve-date',
      'change debts',
      'change emergency',
      'change late',
      'change let-board',
      'change list',
      'change milestone',
      'change move',
      'change records',
      'change reject',
      'change rescind',
      'change settle',
      'change show',
      'change sign-off',
      'change submit',
      'change take-over',
      'change veto',
      'change why',
      'change withdraw',
      'deploy',
      'deploy abort',
      'deploy end',
      'deploy mirror',
      'deploy pause',
      'deploy plan',
      'deploy promote',
      'deploy resolve',
      'deploy resume',
      'deploy rollback',
      'deploy status',
      'deploy stop',
      'help',
      'home',
      'incident',
      'incident claim',
      'incident close',
      'incident declare',
      'incident deny',
      'incident fix',
      'incident impact',
      'incident note',
      'incident observed',
      'incident rca',
      'incident role',
      'incident show',
      'oncall',
      'oncall agree',
      'oncall away',
      'oncall decline',
      'oncall override',
      'oncall schedule',
      'oncall swap',
      'oncall who',
      'page',
      'page ack',
      'page add',
      'page assign',
      'page escalate',
      'page list',
      'page merge',
      'page raise',
      'page report',
      'page resolve',
      'page show',
      'page snooze',
      'train',
      'train calendar',
      'train decide',
      'train go',
      'train next',
      'train nogo',
      'train report',
      'train status',
    ]);
  });

  it.each<[string, string, string | undefined, readonly string[], Readonly<Record<string, string>>]>([
    ['change submit checkout', 'change submit', 'checkout', [], {}],
    [
      'change submit checkout 2.4.1 --artifact sha256:ab --type content --record A-1 --record A-2 --train weekly --note "mind the gap" please',
      'change submit',
      'checkout',
      ['2.4.1', 'please'],
      { artifact: 'sha256:ab', type: 'content', record: 'A-1,A-2', train: 'weekly', note: 'mind the gap' },
    ],
    ['change 3', 'change', 'CHG-3', [], {}],
    ['change approve #3 fine', 'change approve', 'CHG-3', ['fine'], {}],
    ['change sign-off 3 qa fail slow', 'change sign-off', 'CHG-3', ['qa', 'fail', 'slow'], {}],
    ['change move chg-3 weekly-2026-w49', 'change move', 'CHG-3', ['weekly-2026-w49'], {}],
    ['change list weekly-2026-w49', 'change list', 'weekly-2026-W49', [], {}],
    ['train weekly-2026-w48', 'train', 'weekly-2026-W48', [], {}],
    ['train go chg-3', 'train go', 'CHG-3', [], {}],
    ['train nogo too risky', 'train nogo', 'too', ['risky'], {}],
    ['train calendar 4', 'train calendar', undefined, ['4'], {}],
    ['deploy 4', 'deploy', 'DEP-4', [], {}],
    ['deploy chg-4', 'deploy', 'CHG-4', [], {}],
    ['deploy abort 4 it hangs', 'deploy abort', 'DEP-4', ['it', 'hangs'], {}],
    ['deploy resolve dep-4 failed', 'deploy resolve', 'DEP-4', ['failed'], {}],
    ['deploy pause', 'deploy pause', undefined, [], {}],
  ])('understands: %s', (line, verb, subject, args, flags) => {
    expect(parseCommand(line, handlers)).toEqual({
      ok: true,
      verb,
      ...(subject === undefined ? {} : { subject }),
      args,
      flags,
    });
  });

  it('gives an answer to every verb, bare and with every kind of subject, and never a fault', async () => {
    const world = await createWorld();
    const faults: object[] = [];
    const log = { ...world.context.log, error: (facts: object) => faults.push(facts) };
    const { say, ask } = openDesk({ ...world.context, log });
    await world.submit('dana', 'api');
    for (const verb of verbs)
      for (const rest of [
        '',
        ' 1',
        ' CHG-99',
        ' DEP-1',
        ' weekly-2026-W48',
        ' weekly-2026-W99',
        ' api',
        ' what ever',
      ]) {
        const { card } = await say('rita', `${verb}${rest}`);
        expect(`${verb}${rest}: ${card.title}`).not.toBe(`${verb}${rest}: `);
        expect(card.summary).not.toBe('');
      }
    // What the parser never lets through, a forged button may say.
    for (const verb of [...verbs, 'change explode', 'constructor', '__proto__'])
      for (const subject of [
        undefined,
        '',
        'CHG-0',
        'CHG-99999999999',
        '../x',
        '-2026-W48',
        'x\u0000y',
        '\ud800',
      ])
        await ask({ verb, ...(subject === undefined ? {} : { subject }), args: ['\u0000', '\ud800'] });
    expect(faults).toEqual([]);
  });
});

describe('any line', () => {
  it('is answered, whatever it is made of', async () => {
    const world = await createWorld();
    const faults: object[] = [];
    const log = { ...world.context.log, error: (facts: object) => faults.push(facts) };
    const { say } = openDesk({ ...world.context, log });
    const word = fc.oneof(
      fc.constantFrom(...new Set(verbs.flatMap((verb) => verb.split(' ')))),
      fc.constantFrom(
        'CHG-1',
        'DEP-1',
        '1',
        'api',
        '1.0',
        'weekly-2026-W48',
        '--type',
        '--record',
        '--note',
        'qa',
        'fail',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('rita', 'omar', 'dana', 'quinn'),
        fc.constantFrom(...verbs),
        fc.array(word, { maxLength: 5 }),
        async (person, verb, words) => {
          const { card } = await say(person, [verb, ...words].join(' '));
          expect(card.title).not.toBe('');
        },
      ),
      { numRuns: 200 },
    );
    expect(faults).toEqual([]);
  });
});

describe('help', () => {
  const asker = async () => {
    const desk = openDesk((await createWorld()).context);
    return async (line: string) => (await desk.say('dana', line)).text;
  };

  it('without words names every verb, and so does an empty line', async () => {
    const desk = openDesk((await createWorld()).context);
    const { text } = await desk.say('dana', 'help');
    for (const word of ['train', 'change submit', 'deploy']) expect(text).toContain(word);
    expect((await desk.say('dana', '')).text).toBe(text);
    expect((await desk.say('dana', '?')).text).toBe(text);
  });

  it('tells of one verb, or of a group', async () => {
    const about = await asker();
    expect(await about('help change approve')).toContain('change approve <CHG-n> [note…]');
    const group = await about('help deploy');
    expect(group).toContain('deploy rollback');
    expect(group).not.toContain('change submit');
  });

  it('says what was probably meant by a typo, and what a command lacks', async () => {
    const about = await asker();
    expect(await about('change aprove CHG-3')).toContain('change approve');
    expect(await about('chnage submit checkout')).toContain('change submit');
    expect(await about('aprove 3')).toContain('change approve');
    expect(await about('change approve')).toContain('<CHG-n>');
    expect(await about('sing me a song')).toContain('sing me a song');
  });
});
