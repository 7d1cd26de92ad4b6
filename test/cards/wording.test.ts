import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excuseLine, excuseText } from '../../src/cards/excuse-words.ts';
import { faultCard, refusalCard } from '../../src/cards/refusal-card.ts';
import { refusals } from '../../src/cards/refusal-words.ts';
import { duration, list, moversText, plain, requirementText, roleText } from '../../src/cards/words.ts';
import type { Excuse, ExcuseCode } from '../../src/domain/excuse.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { hour, minute, second } from '../../src/domain/time.ts';
import { labels, policy, shown, trainId } from '../support/card-world.ts';

const source = (path: string): string => readFileSync(path, 'utf8');

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

/** The literals of a union type, read from its source: a type leaves no trace at run time. */
const literals = (path: string, from: string, to: string): readonly string[] => {
  const text = source(path);
  const begin = text.indexOf(from);
  return [...text.slice(begin, text.indexOf(to, begin)).matchAll(/\| '([a-z-]+)'/g)].map(
    ([, code = '']) => code,
  );
};

const excuseCodes = literals('src/domain/excuse.ts', 'export type ExcuseCode', ';') as readonly ExcuseCode[];

/** Every literal that stands for a `code:` in operations and handlers. */
const writtenCodes = [
  ...new Set([
    ...[...filesUnder('src/operations'), ...filesUnder('handlers')].flatMap((path) =>
      [...source(path).matchAll(/\bcode:\s*([^,;}]+)/g)].flatMap(([, expression = '']) =>
        [...expression.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)].map(([, code = '']) => code),
      ),
    ),
    ...literals('src/domain/approval.ts', 'export type MayApprove', '};'),
  ]),
].filter((code) => code !== 'moved-by-hand');

const say = (excuse: Partial<Excuse> & { readonly code: ExcuseCode }): string =>
  plain(excuseLine({ facts: {}, movers: [], ...excuse }, policy), policy);

/** Codes with a hyphen are no words of English, nor is `nogo`. */
const raw = (text: string, code: string): boolean =>
  (/-/.test(code) || code === 'nogo') && text.includes(code);

const anyFacts = fc.dictionary(
  fc.constantFrom(
    'by',
    'reason',
    'comment',
    'platforms',
    'platform',
    'environment',
    'role',
    'roles',
    'seats',
    'changed',
    'opens',
    'until',
    'services',
    'records',
    'change',
    'train',
    'known',
    'state',
    'at',
  ),
  fc.oneof(fc.string(), fc.integer(), fc.array(fc.string(), { maxLength: 40 })),
);

describe('excuses', () => {
  test('are read from the sources', () => {
    expect(excuseCodes.length).toBeGreaterThan(30);
    expect(excuseCodes).toContain('moved-by-hand');
  });

  test.each(excuseCodes)('%s has words, whatever its facts', (code) => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const text = plain(
          excuseText({ code, facts, movers: [], requirement: 'deployed:test' }, policy),
          policy,
        );
        expect(text.trim()).not.toBe('');
        expect(text).not.toMatch(/undefined|NaN|\[object/);
      }),
      { numRuns: 30 },
    );
    expect(raw(plain(excuseText({ code, facts: {}, movers: [] }, policy), policy), code)).toBe(false);
  });

  test('say what is missing and whose move it is, by name', () => {
    expect(
      say({
        code: 'no-build',
        facts: { version: '2.4.1', platforms: ['linux-arm64'] },
        movers: [
          { kind: 'person', person: 'dana' },
          { kind: 'system', system: 'ci' },
        ],
      }),
    ).toBe('no build of 2.4.1 yet on linux-arm64 — Dana Dome or CI');
    expect(
      say({
        code: 'seat-empty',
        facts: { role: 'operations', seats: 2 },
        movers: [{ kind: 'role', role: 'operations' }],
      }),
    ).toBe('2 signatures of operations are missing — operations (Omar Orbit or Olga Optics)');
    expect(say({ code: 'vetoed', facts: { by: 'olga', reason: 'cluster is full' } })).toBe(
      'vetoed by Olga Optics: “cluster is full”',
    );
    expect(
      say({
        code: 'verification-failed',
        facts: { environment: 'preproduction', by: 'ci', comment: 'slow' },
      }),
    ).toBe('verification in preproduction failed (ci: “slow”)');
    expect(
      say({
        code: 'window-shut',
        facts: { opens: '2026-11-29T03:00:00.000Z' },
        movers: [{ kind: 'system', system: 'clock' }],
      }),
    ).toBe('waits for the window, which opens 2026-11-28 22:00');
    expect(
      say({
        code: 'approval-void',
        facts: { role: 'operations', by: ['omar'], changed: ['artifact', 'window'] },
      }),
    ).toBe(
      'Omar Orbit signed before the artifact and the window changed: a new signature of operations is needed',
    );
  });

  test('a service with one unnamed platform has none to tell apart', () => {
    expect(say({ code: 'not-deployed', facts: { platforms: ['default'], environment: 'test' } })).toBe(
      'not deployed to test yet',
    );
  });
});

describe('refusals', () => {
  test('are read from the sources', () => {
    for (const code of ['own-change', 'already-paused', 'not-paused', 'cutoff-closed', 'seats-full'])
      expect(writtenCodes).toContain(code);
  });

  test('L14: every code that operations and handlers write has words of its own', () => {
    expect(writtenCodes.filter((code) => !Object.hasOwn(refusals, code))).toEqual([]);
  });

  test.each([...writtenCodes, 'a-code-of-the-future', 'constructor'])(
    '%s makes a card, whatever its facts',
    (code) => {
      fc.assert(
        fc.property(
          anyFacts,
          fc.option(fc.date({ noInvalidDate: true }), { nil: undefined }),
          (facts, by) => {
            const card = refusalCard({ code, facts, ...(by === undefined ? {} : { by }) }, policy);
            expect(card.title).not.toBe('');
            expect(card.summary.trim()).not.toBe('');
            expect(shown(card)).not.toMatch(/undefined|NaN|\[object/);
          },
        ),
        { numRuns: 30 },
      );
      expect(raw(shown(refusalCard({ code, facts: {} }, policy)), code)).toBe(false);
    },
  );

  test('L14: what, why, whose move, what next, by when', () => {
    const refusal: Refusal = {
      code: 'too-early',
      facts: { train: trainId, cutoff: 'ready-for-production' },
      movers: [{ kind: 'role', role: 'release-manager' }],
      by: new Date('2026-11-27T16:00:00Z'),
    };
    expect(shown(refusalCard(refusal, policy)).split('\n')).toEqual([
      '! Too early for a go',
      '  weekly-2026-W48 can get a go or a no-go once its cutoff “ready for production” has closed.',
      '  Whose move  release manager (Rita Release or Remy Relay)',
      '  Next        `train status weekly-2026-W48`',
      '  When        from Fri 27 Nov 11:00',
      '',
      '  [1] Show weekly-2026-W48',
    ]);
  });

  test('the refusal’s own next step comes before the usual one', () => {
    const card = refusalCard(
      { code: 'deployed-over', facts: { deployment: 'DEP-3', by: 'DEP-5' }, next: 'deploy rollback DEP-5' },
      policy,
    );
    expect(shown(card)).toContain('`deploy rollback DEP-5`');
    expect(labels(card)).toEqual([]);
  });

  test('a role is asked for by its members’ names', () => {
    const card = refusalCard(
      {
        code: 'not-your-role',
        facts: { what: 'sign-off:qa', roles: ['qa'] },
        movers: [{ kind: 'role', role: 'qa' }],
      },
      policy,
    );
    expect(shown(card)).toContain('A sign-off as QA needs the role QA, which you do not have.');
    expect(shown(card)).toContain('Who may  QA (Quinn Quasar or Quincy Query)');
  });

  test('what was probably meant is said', () => {
    expect(
      refusalCard({ code: 'unknown-service', facts: { service: 'chekout', meant: 'checkout' } }, policy)
        .summary,
    ).toBe('The policy has no service “chekout”. Did you mean checkout?');
  });

  test('a fault gives its reference', () => {
    expect(shown(faultCard('ab12cd34'))).toContain('ab12cd34');
  });
});

describe('words', () => {
  test.each([
    [0, '0 s'],
    [45 * second, '45 s'],
    [90 * second, '1 min 30 s'],
    [3 * hour + 20 * minute + 59 * second, '3 h 20 min'],
    [2 * hour, '2 h'],
    [51 * hour + 20 * minute, '2 d 3 h'],
    [-5 * minute, '5 min'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  test('requirements read as what is then true', () => {
    expect(
      [
        'build',
        'deployed:test',
        'verified:preproduction',
        'sign-off:qa',
        'records',
        'date-approved',
        'approvals',
      ].map(requirementText),
    ).toEqual([
      'built',
      'deployed to test',
      'verified in preproduction',
      'signed off by QA',
      'records ready',
      'date approved',
      'approved',
    ]);
  });

  test('a long list is cut, a list of one too many is not', () => {
    const words = (n: number): readonly string[] => Array.from({ length: n }, (_, i) => `${i}`);
    expect(list(words(2), 'or')).toBe('0 or 1');
    expect(list(words(5), 'and', 4)).toBe('0, 1, 2, 3 and 4');
    expect(list(words(16), 'and', 4)).toBe('0, 1, 2, 3 and 12 more');
  });

  test('a role that nobody has says so; a large one stays a role', () => {
    expect(plain(roleText('astronauts', policy), policy)).toBe('astronauts (nobody has this role)');
    const crowd = { ...policy, roles: new Map([['operations', ['omar', 'olga', 'rita', 'remy']]]) };
    expect(plain(roleText('operations', crowd), crowd)).toBe('operations');
  });

  test('nobody is asked to hurry the clock', () => {
    expect(
      moversText(
        [
          { kind: 'system', system: 'clock' },
          { kind: 'system', system: 'deployment' },
        ],
        policy,
      ),
    ).toEqual([]);
  });
});
