import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRule, type EventRule, timeOf } from '../../src/domain/event-rule.ts';
import { at, textAt } from '../../src/domain/json-pointer.ts';
import { digestIn, nameIn, versionIn } from '../../src/domain/package-name.ts';
import { verdictOf } from '../../src/domain/ticket.ts';

const digest = `sha256:${'0b'.repeat(32)}`;

describe('a JSON pointer', () => {
  const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'm~n': 8, nothing: null };

  it.each<[string, unknown]>([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/m~0n', 8],
    ['/foo/2', undefined],
    ['/foo/length', undefined],
    ['/foo/0/0', undefined],
    ['/constructor', undefined],
    ['/__proto__', undefined],
  ])('%j finds what RFC 6901 says', (pointer, value) => {
    expect(at(document, pointer)).toEqual(value);
  });

  it('finds texts, numbers and truth values as text, and nothing else; of anything', () => {
    expect(['/', '/foo', '/nothing', '/foo/1'].map((p) => textAt(document, p))).toEqual([
      '0',
      undefined,
      undefined,
      'baz',
    ]);
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, pointer) => void textAt(value, `/${pointer}`)),
    );
  });
});

describe('the name of a package', () => {
  it.each([
    [`pkg:oci/checkout@sha256%3A${'0b'.repeat(32)}?tag=2.4.1`, 'checkout', '2.4.1', digest],
    [`pkg:oci/checkout@${digest}`, 'checkout', undefined, digest],
    ['pkg:npm/%40shop/checkout@2.4.1#lib', 'checkout', '2.4.1', undefined],
    ['pkg:golang/git.shop.example/shop/checkout@234fd47e07d1', 'checkout', '234fd47e07d1', undefined],
    [`ghcr.io:5000/shop/checkout:2.4.1@${digest}`, 'checkout', '2.4.1', digest],
    ['checkout', 'checkout', undefined, undefined],
    ['%E0%A4%A', '%E0%A4%A', undefined, undefined],
  ])('%s', (text, name, version, bytes) => {
    expect([nameIn(text), versionIn(text), digestIn(text)]).toEqual([name, version, bytes]);
  });

  it('is read out of any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => void [nameIn(text), versionIn(text), digestIn(text)],
      ),
    );
    expect(digestIn(`${digest}0`)).toBeUndefined();
  });
});

const rule = (more: Partial<EventRule>): EventRule => ({
  source: 'cdevents',
  type: 'artifact.published',
  when: new Map(),
  is: 'build',
  fields: { service: '{/subject/id|name}', artifact: '{/subject/id|digest}' },
  ...more,
});
const published = {
  source: 'cdevents',
  type: 'artifact.published',
  body: {
    context: { timestamp: '2026-11-23T09:00:00Z' },
    subject: { id: `pkg:oci/api@${digest}`, content: {} },
  },
} as const;
const check = (conclusion: string | null, name = 'smoke') => ({
  source: 'github' as const,
  type: 'check_run.completed',
  body: {
    check_run: { conclusion, name, completed_at: '2026-11-23T09:00:00Z' },
    repository: { full_name: 'shop/api' },
  },
});
const verified: EventRule = {
  source: 'github',
  type: 'check_run',
  when: new Map([['/check_run/name', ['smoke', 'load']]]),
  is: 'verified',
  fields: { environment: 'preproduction' },
};

describe('a rule about events', () => {
  it('says what it is evidence of, by the parts of the event', () => {
    expect(applyRule(rule({}), published)).toEqual({
      kind: 'said',
      said: { is: 'build', outcome: 'pass', word: undefined, service: 'api', artifact: digest },
    });
    expect(timeOf(published)).toEqual(new Date('2026-11-23T09:00:00Z'));
    expect(applyRule(rule({ type: 'artifact.signed' }), published)).toBeUndefined();
    expect(applyRule(rule({ source: 'github' }), published)).toBeUndefined();
  });

  it('is silent when a part is missing that it needs, and leaves out one that it does not', () => {
    expect(applyRule(rule({ fields: { service: '{/subject/name}' } }), published)).toEqual({
      kind: 'silent',
      reason: 'it has no service',
    });
    const said = applyRule(rule({ fields: { service: 'api', version: 'v{/subject/version}' } }), published);
    expect(said).toMatchObject({ kind: 'said', said: { service: 'api' } });
    expect(said).not.toHaveProperty('said.version');
  });

  it.each([
    ['success', 'pass'],
    ['failure', 'fail'],
    ['timed_out', 'fail'],
    ['neutral', undefined],
    ['skipped', undefined],
    [null, undefined],
  ])('a conclusion of %s is %s', (conclusion, outcome) => {
    const applied = applyRule(verified, check(conclusion));
    expect(applied?.kind === 'said' ? applied.said.outcome : undefined).toBe(outcome);
  });

  it('may ask for values, and may name the words of a pass', () => {
    expect(applyRule(verified, check('success', 'lint'))).toEqual({
      kind: 'silent',
      reason: '/check_run/name is not smoke or load',
    });
    const lenient = { ...verified, pass: ['Neutral'] };
    expect(applyRule(lenient, check('neutral'))).toMatchObject({ said: { outcome: 'pass' } });
    expect(applyRule(lenient, check('success'))).toMatchObject({ said: { outcome: 'fail' } });
  });

  it('takes any body whatsoever', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const one of [rule({}), { ...verified, source: 'cdevents' as const, type: 'artifact' }])
          applyRule(one, { source: 'cdevents', type: 'artifact.published', body });
      }),
    );
  });
});

describe('tickets', () => {
  const ticket = (record: string, ready: boolean, state: string | null = 'Open') => ({
    record,
    tracker: 'jira',
    state,
    ready,
    fault: state === null ? 'it did not answer' : null,
    askedAt: new Date(0),
  });

  it('one that is not ready, or could not be asked for, is a fail, whatever people say', () => {
    expect(verdictOf(['A', 'B'], [ticket('A', true), ticket('B', false)], 'pass')).toMatchObject({
      outcome: 'fail',
      comment: 'B is Open',
    });
    expect(verdictOf(['A'], [ticket('A', false, null)], 'pass')?.comment).toBe(
      'A could not be asked for: it did not answer',
    );
  });

  it('all ready are a pass; with others among the records, people say', () => {
    expect(verdictOf(['A', 'A'], [ticket('A', true)], undefined)).toMatchObject({ outcome: 'pass' });
    expect(verdictOf(['A', 'X'], [ticket('A', true)], undefined)).toMatchObject({
      outcome: 'fail',
      comment: 'nobody has told where X stands',
    });
    expect(verdictOf(['A', 'X'], [ticket('A', true)], 'pass')).toMatchObject({ outcome: 'pass' });
    expect(verdictOf(['A'], [ticket('A', true)], 'fail')).toBeUndefined();
    expect(verdictOf(['A', 'X'], [ticket('A', true)], 'fail')).toBeUndefined();
    expect(verdictOf(['X'], [ticket('A', false)], 'pass')).toBeUndefined();
    expect(verdictOf([], [], 'pass')).toBeUndefined();
  });
});
