import { expect, it } from 'vitest';
import { formatFault } from '../../src/policy/fault.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const now = new Date('2026-11-23T12:00:00Z');
const base = `timezone: UTC
people: { a: { slack: U01A, level: senior }, b: { slack: U01B, level: junior }, c: { phone: "+15550100" }, d: {} }
roles: { operations: [a], release-manager: [b], qa: [c], marketing: [a], public-relations: [b], business-owner: [a], senior-management: [b], empty: [] }
services: { web: { owners: [a], tier: gold } }
trains: { weekly: {} }
`;
const check = (oncall: string): readonly string[] => {
  const loaded = loadPolicy(`${base}${oncall}`, 'p.yaml', now);
  return (loaded.ok ? loaded.warnings : loaded.faults)
    .map(formatFault)
    .filter((line) => line.includes('oncall') || line.includes('people.'))
    .map((line) => line.replace(/^p\.yaml:\d+:\d+ /, ''));
};
const tiers = 'tiers: { gold: {} }';

it.each<[string, string]>([
  ['schedules: { s: {} }', 'oncall.schedules.s.rotation: is missing; write a rotation, or layers'],
  [
    'schedules: { s: { rotation: {} } }',
    'oncall.schedules.s.rotation.weekly: is missing; write weekly: [PERSON …] or daily: [PERSON …]',
  ],
  [
    'schedules: { s: { rotation: { daily: [a], handoff: Monday 09:00 } } }',
    'oncall.schedules.s.rotation.handoff: a daily rotation passes on every day: write a time such as 09:00',
  ],
  [
    'schedules: { s: { rotation: { weekly: [a], handoff: "09:00" } } }',
    'oncall.schedules.s.rotation.handoff: a weekly rotation needs a weekday: write Monday 09:00',
  ],
  [
    'schedules: { s: { rotation: { weekly: [a] }, hours: 9-5 } }',
    'oncall.schedules.s.hours: "9-5" are not hours such as 09:00-17:00 or 22:00-06:00',
  ],
  [
    'escalations: { e: [{ page: [channel:nowhere] }] }',
    'oncall.escalations.e[0].page[0]: there is no channel "nowhere"',
  ],
  [
    'overrides: [{ schedule: s, person: a, from: 2026-12-01, to: 2026-12-02 }]',
    'oncall.overrides[0].schedule: there is no schedule "s"',
  ],
])('%s is a fault', (written, fault) => {
  expect(check(`oncall: { ${tiers}, ${written} }`)).toContain(fault);
});

it('warns of hours without anybody, of nobody to reach, of nights in a row and of empty steps', () => {
  expect(
    check(`oncall:
  ${tiers}
  nights: 7
  schedules:
    days: { rotation: { daily: [a, b] }, hours: "00:00-23:00" }
    alone: { rotation: { weekly: [d] } }
  escalations: { default: [{ page: [role:empty] }] }`),
  ).toEqual([
    'people.d: warning: is on call and cannot be reached: there is neither slack, teams, email nor phone',
    'oncall.schedules.days: warning: nobody is on call for 91 hours of the coming 13 weeks, first from 2026-11-23 23:00 to 2026-11-24 00:00',
    'oncall.schedules.alone: warning: nobody who can be reached is on call for 2184 hours of the coming 13 weeks, first from 2026-11-23 12:00 to 2027-02-22 12:00',
    'oncall.schedules.alone: warning: d is on call for 91 nights in a row from 2026-11-23',
    'oncall.escalations.default[0].page: warning: nobody has these roles, so the step is passed over',
  ]);
});

it('warns of first responders below the level of a tier, and of strangers at weekends', () => {
  const policy = (level: string, weekly: string) => `oncall:
  levels: [junior, senior]
  tiers: { gold: { level: ${level}, weekends: operations } }
  schedules: { s: { rotation: { weekly: ${weekly} } } }
  escalations: { default: [{ page: [schedule:s] }] }`;
  expect(check(policy('senior', '[a, b]'))).toEqual([
    'oncall.tiers.gold: warning: nobody who is qualified is paged first for 1173 hours of the coming 13 weeks, first from 2026-11-23 12:00 to 2026-11-30 09:00',
    'oncall.tiers.gold.level: warning: b will be paged first and is not senior or above',
    'oncall.tiers.gold.weekends: warning: b will be paged first at a weekend and is not of operations',
  ]);
  expect(check(policy('senior', '[a]'))).toEqual([]);
  // Somebody who is qualified is paged along with them.
  expect(
    check(policy('senior', '[a, b]').replace('[schedule:s]', '[schedule:s, person:a]')).filter((line) =>
      line.includes('nobody who is qualified'),
    ),
  ).toEqual([]);
  expect(check(policy('expert', '[a]'))).toEqual([
    'oncall.tiers.gold.level: warning: "expert" is not one of oncall.levels',
  ]);
});

it('warns of whoever has many more hours than the others, because they are away', () => {
  const policy = (to: string, fairness = '') => `oncall:
  ${tiers}
  ${fairness}
  schedules: { s: { rotation: { weekly: [a, b, c] } } }
  absences: [{ person: b, from: 2026-11-23, to: ${to} }]`;
  expect(check(policy('2026-11-30'))).toEqual([]);
  expect(check(policy('2027-03-01'))).toEqual([
    'oncall.schedules.s: warning: c is on call for 1512 hours of s in the coming 13 weeks, and the average of its people is 728',
  ]);
  expect(check(policy('2027-03-01', 'fairness: 3'))).toEqual([]);
});
