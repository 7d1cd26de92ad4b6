import { expect, it } from 'vitest';
import { formatFault } from '../../src/policy/fault.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const now = new Date('2026-11-23T12:00:00Z');

/** A policy without warnings, and what `more` adds to or replaces in it. */
const warnings = (more = ''): readonly string[] => {
  const sections = [
    'timezone: America/New_York',
    'people: { a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {} }',
    'roles: { operations: [a], release-manager: [b], qa: [c], marketing: [d], public-relations: [e], business-owner: [f], senior-management: [g] }',
    'services: { web: { owners: [a] } }',
    'trains: { weekly: {} }',
  ];
  const given = new Set([...more.matchAll(/^(\w+):/gm)].map(([, name]) => name));
  const text = [...sections.filter((section) => !given.has(section.split(':')[0])), more].join('\n');
  const result = loadPolicy(text, 'p.yaml', now);
  expect(result.ok ? [] : result.faults).toEqual([]);
  return result.warnings.map(formatFault);
};

it('does not warn of a policy that is all right', () => {
  expect(warnings()).toEqual([]);
});

it('warns of a seat that nobody can fill, also of a default rule', () => {
  expect(
    warnings(
      'roles: { operations: [a], release-manager: [b], qa: [c], marketing: [d], business-owner: [f], senior-management: [g], public-relations: [] }',
    ),
  ).toEqual([
    expect.stringMatching(
      /^p\.yaml:1:1 approvals\.content\[2\]\.public-relations: warning: a content change: nobody can fill the seat of public-relations$/,
    ),
  ]);
});

it('warns of a rule that asks for more people than its role has', () => {
  expect(warnings('approvals: { normal: [operations: 2] }')).toEqual([
    'p.yaml:6:35 approvals.normal[0].operations: warning: a normal change: the rule asks for 2 of operations, and there is 1',
  ]);
});

it('L6: warns of seats that cannot all be filled by different people', () => {
  const roles =
    'roles: { operations: [a, b], release-manager: [a, b], qa: [a, b], marketing: [d], public-relations: [e], business-owner: [f], senior-management: [g] }';
  expect(
    warnings(
      `${roles}\napprovals: { normal: [operations: 1, release-manager: 1, qa: 1], late: [senior-management: 1] }`,
    ),
  ).toEqual([
    'p.yaml:6:14 approvals.normal: warning: a normal change: qa cannot be filled, as each seat needs another person',
  ]);
});

it('warns of a late change whose own seats use up the people of the late ones', () => {
  expect(warnings('approvals: { normal: [operations: 1], late: [operations: 1] }').join('\n')).toContain(
    'approvals.late: warning: a late normal change: operations cannot be filled, as each seat needs another person',
  );
});

it('warns when nobody can sign off or give a go', () => {
  const text = warnings('roles: { operations: [a] }').join('\n');
  expect(text).toContain(
    'trains.weekly.cutoffs.ready-for-production.requires[0]: warning: nobody can sign off: the role qa has no people',
  );
  expect(text).toContain('releaseManagers: warning: nobody can give a go: release-manager has no people');
});

it('warns of services without owners and of dependency cycles, which are deployed together', () => {
  expect(
    warnings('services: { x: { owners: [a], dependsOn: [y] }, y: { owners: [a], dependsOn: [x] }, z: {} }'),
  ).toEqual([
    'p.yaml:5:31 services.x.dependsOn: warning: x, y depend on each other in a circle; they are deployed together',
    'p.yaml:5:85 services.z: warning: has no owners',
  ]);
});

it('L13: warns of a time in a gap and of an ambiguous one within two years, at the value', () => {
  const at = (opens: string) =>
    warnings(`trains:\n  weekly:\n    windows:\n      - { name: w, opens: ${opens} }`);
  expect(at('Sunday 02:30')).toEqual([
    'p.yaml:8:27 trains.weekly.windows[0].opens: warning: the clocks in America/New_York skip this time (2027-03-14 02:30, 2028-03-12 02:30); 2027-03-14 03:30 holds instead',
  ]);
  expect(at('Sunday 01:30')).toEqual([
    'p.yaml:8:27 trains.weekly.windows[0].opens: warning: the clocks in America/New_York show this time twice (2027-11-07 01:30, 2028-11-05 01:30); 2027-11-07T05:30:00.000Z is taken',
  ]);
  expect(at('Sunday 03:30')).toEqual([]);
});

it('warns of windows that overlap, of a cancelled date that cancels nothing, and of a train without windows', () => {
  const [overlap, cancelled, ...rest] = warnings(
    'trains:\n  weekly:\n    windows:\n      - { name: w, opens: Saturday 22:00, lasts: 4h, cancelled: [2026-11-27] }\n      - { name: v, opens: 2026-12-05 23:00 }',
  ).toReversed();
  expect(rest).toEqual([]);
  expect(overlap).toBe(
    'p.yaml:9:27 trains.weekly.windows[1].opens: warning: weekly/v opens while weekly/w is open (2026-12-05 23:00)',
  );
  expect(cancelled).toBe(
    'p.yaml:8:66 trains.weekly.windows[0].cancelled[0]: warning: weekly/w would not open on 2026-11-27 anyway',
  );
  expect(warnings('trains: { weekly: { windows: [] } }')).toEqual([
    'p.yaml:5:30 trains.weekly.windows: warning: without a window nothing on this train is ever deployed',
  ]);
});

it('warns of a plan that never fits into a window', () => {
  expect(
    warnings(
      'plans: { slow: { steps: [{ name: s, run: { command: [x] }, expected: 3h, undo: { command: [y] } }] } }',
    ),
  ).toEqual(['p.yaml:6:10 plans.slow: warning: needs 6h with its reserve, and the longest window lasts 4h']);
});
