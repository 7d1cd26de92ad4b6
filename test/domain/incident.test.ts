import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rcaMarkdown } from '../../src/cards/rca-markdown.ts';
import { actionsIn, type Incident, incidentNumber, suspects } from '../../src/domain/incident.ts';
import { policyOf, shop } from '../support/shop.ts';

const policy = policyOf(shop());
const at = new Date('2026-11-25T03:00:00Z');

const incident = (more: Partial<Incident> = {}): Incident => ({
  id: 2,
  kind: 'incident',
  what: 'nobody can pay',
  service: 'web',
  severity: 'outage',
  lead: 'dana',
  declaredBy: 'dana',
  declaredAt: at,
  beganAt: at,
  endedAt: null,
  closedBy: null,
  analysis: null,
  ...more,
});

it('suspects a service and all that it needs, also in a circle', () => {
  expect(suspects(policy, 'web')).toEqual(['web', 'api', 'db']);
  expect(suspects(policy, 'left')).toEqual(['left', 'right']);
  expect(suspects(policy, 'gone')).toEqual(['gone']);
});

it.each([
  ['INC-4', 4],
  ['inc-4', 4],
  ['CHG-4', undefined],
  ['INC-0', undefined],
])('%s is read as a number: %s', (text, number) => expect(incidentNumber(text)).toBe(number));

describe('actions', () => {
  it('are written as what; who; until when', () => {
    expect(actionsIn('add an alert; dana; Friday | test the failover; omar; 2026-12-04')).toEqual([
      { text: 'add an alert', owner: 'dana', due: 'Friday' },
      { text: 'test the failover', owner: 'omar', due: '2026-12-04' },
    ]);
    expect(actionsIn('one; dana; Friday\ntwo; omar; Monday\n')).toHaveLength(2);
    expect(actionsIn('')).toEqual([]);
  });

  it.each(['add an alert', 'add an alert; dana', '; dana; Friday', 'a; b; c; d', 'a; dana; Friday | b'])(
    'are all or nothing: %s',
    (written) => expect(actionsIn(written)).toBeUndefined(),
  );
});

describe('the export', () => {
  it('has what, why, why not noticed, actions and the timeline', () => {
    const analysis = {
      what: 'The pool was empty.',
      why: 'A leak',
      unnoticed: 'No alert',
      actions: [{ text: 'add an alert', owner: 'dana', due: 'Friday' }],
      by: 'dana',
      at: at.toISOString(),
    };
    const timeline = [
      { at, kind: 'deployed' as const, person: null, text: 'DEP-1 CHG-1 db 1.0.0' },
      { at, kind: 'note' as const, person: 'omar', text: 'pool at 0' },
    ];
    expect(
      rcaMarkdown({
        incident: incident({ analysis, endedAt: at }),
        timeline,
        parts: [],
        owed: [],
        policy,
        now: at,
      }),
    ).toBe(
      [
        '# INC-2: nobody can pay',
        '',
        '- Service: web',
        '- Severity: outage',
        '- Impact: 2026-11-25 03:00 to 2026-11-25 03:00 (UTC)',
        '- Lead: dana',
        '',
        '## What happened',
        '',
        'The pool was empty.',
        '',
        '## Why',
        '',
        'A leak',
        '',
        '## Why it was not noticed',
        '',
        'No alert',
        '',
        '## Actions',
        '',
        '| What | Who | Until |',
        '|---|---|---|',
        '| add an alert | dana | Friday |',
        '',
        '## Timeline',
        '',
        '- 2026-11-25 03:00 deployed — DEP-1 CHG-1 db 1.0.0',
        '- 2026-11-25 03:00 omar: pool at 0',
        '',
      ].join('\n'),
    );
  });

  it('keeps what people wrote as text: no heading, table, link or markup of theirs', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('#', '|', '`', '<', '>', '*', '_', '[', '](x)', '-', '1.', '\n', 'a', ' ', '='),
          {
            maxLength: 12,
          },
        ),
        (parts) => {
          const said = parts.join('');
          const analysis = {
            what: said,
            why: said,
            unnoticed: said,
            actions: [{ text: said, owner: said, due: said }],
            by: 'dana',
            at: at.toISOString(),
          };
          const text = rcaMarkdown({
            incident: incident({ what: said, analysis }),
            timeline: [{ at, kind: 'note', person: 'dana', text: said }],
            parts: [],
            owed: [],
            policy,
            now: at,
          });
          expect(text.match(/^#{1,6} /gm)).toHaveLength(6);
          expect(text.match(/^\|.*\|$/gm)).toHaveLength(3);
          expect(text).not.toMatch(/(?<!\\)[`<>[*_]/);
        },
      ),
    );
  });
});
