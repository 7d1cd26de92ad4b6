import { expect, it } from 'vitest';
import { oncallCommand } from '../../src/cli/oncall.ts';
import { Refused } from '../../src/domain/refusal.ts';
import { policyOf, shop } from '../support/shop.ts';

const policy = policyOf(`${shop()}
oncall:
  schedules:
    operations: { rotation: { weekly: [olga, omar] } }
    nights: { rotation: { daily: [dana] }, hours: "22:00-06:00" }
  absences: [{ person: omar, from: 2026-11-26, to: 2026-11-26 }]
`);
const at = '2026-11-25T12:00:00Z';

it('tells who is on call, until when, why, and how many hours everybody has', () => {
  const rows = JSON.parse(oncallCommand(policy, { at, json: true }));
  expect(rows).toMatchObject([
    {
      schedule: 'operations',
      at: '2026-11-25T12:00:00.000Z',
      because: { kind: 'turn', layer: 'operations' },
      from: '2026-11-23T09:00:00.000Z',
    },
    { schedule: 'nights', person: null, because: { kind: 'nobody' }, from: '2026-11-25T06:00:00.000Z' },
  ]);
  expect(rows[0].hours.olga + rows[0].hours.omar).toBe(12 * 7 * 24);
  expect(oncallCommand(policy, { at, schedule: 'nights' })).toBe(
    'nights: nobody, because no rotation is in force; from 2026-11-25 06:00 to 2026-11-25 22:00 UTC',
  );
});

it('says who stands in for whom', () => {
  const turns = ['2026-11-24', '2026-11-26'].map((date) =>
    oncallCommand(policy, { at: `${date}T12:00:00Z`, schedule: 'operations' }),
  );
  expect(turns.join('\n')).toContain('because omar is away');
});

it('refuses what is no instant, and a schedule that there is not, with the one that was meant', () => {
  const refusal = (options: { at: string; schedule?: string }) => {
    try {
      oncallCommand(policy, options);
    } catch (error) {
      return error instanceof Refused ? error.refusal : error;
    }
    return undefined;
  };
  expect(refusal({ at: 'tomorrow' })).toMatchObject({ code: 'bad-time' });
  expect(refusal({ at, schedule: 'operation' })).toMatchObject({
    code: 'unknown-schedule',
    facts: { meant: 'operations' },
  });
});
