import { describe, expect, it } from 'vitest';
import { expectedDuration } from '../../src/domain/phases.ts';
import { minute, second } from '../../src/domain/time.ts';
import { formatFault } from '../../src/policy/fault.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const load = (plan: string) =>
  loadPolicy(
    `timezone: UTC\npeople: { ann: {} }\nservices: { web: { owners: [ann], plan: p } }\ntrains: { weekly: {} }\nplans:\n  p: ${plan}\n`,
    'p.yaml',
    new Date('2026-11-23T12:00:00Z'),
  );

/** Path and message of every fault. */
const faults = (plan: string): readonly string[] => {
  const loaded = load(plan);
  expect(loaded.ok, 'the plan was expected to be faulty').toBe(false);
  return loaded.ok
    ? []
    : loaded.faults.map((fault) => formatFault(fault).replace(/^p\.yaml:\S+ plans\.p\.?/, ''));
};
const planOf = (plan: string) => {
  const loaded = load(plan);
  if (!loaded.ok) throw new Error(loaded.faults.map(formatFault).join('\n'));
  return loaded.policy.plans.get('p');
};

const run = (...words: readonly string[]) =>
  `run: { command: [x, ${words.map((word) => `"${word}"`).join(', ')}] }`;
const check = 'check: { run: { command: [c] }, every: 2m, expected: 5s }';
const steps = `steps: [{ name: a, ${run('{group}{percent}')}, expected: 3m, undo: { command: [y] } }]`;
const phased = (phases: string, more = `${check}, ${steps}`) =>
  `{ strategy: phased, phases: [${phases}], ${more} }`;

describe('phases', () => {
  it('are the steps of each phase, one after the other, each ended by its health check; bakes count', () => {
    const plan = planOf(phased('{ group: trial, bake: 30m, promote: button }, { percent: 100, bake: 0m }'));
    expect(plan?.steps.map(({ name, phase, check: isCheck }) => [name, phase, isCheck])).toEqual([
      ['a trial', 0, undefined],
      ['check trial', 0, true],
      ['a 100%', 1, undefined],
      ['check 100%', 1, true],
    ]);
    expect(plan?.phases).toEqual([
      { name: 'trial', group: 'trial', bake: 30 * minute, every: 2 * minute, promote: 'button' },
      { name: '100%', percent: 100, bake: 0, every: 2 * minute, promote: 'automatic' },
    ]);
    expect(plan && expectedDuration(plan)).toBe(36 * minute + 10 * second);
    expect([plan?.reserve, plan?.unpromoted]).toEqual([6 * minute, undefined]);
  });

  it.each([
    ['one alone', phased('{ group: a }'), 'phases: must be at least two'],
    ['neither', phased('{ bake: 1m }, { group: a }'), 'phases[0]: must have exactly one of group, percent'],
    [
      'both',
      phased('{ group: a, percent: 3 }, { group: b }'),
      'phases[0]: must have exactly one of group, percent',
    ],
    ['twice', phased('{ group: a }, { group: a }'), 'phases[1].group: another phase is for "a"'],
    [
      'less',
      phased('{ percent: 50 }, { percent: 50 }, { percent: 100 }'),
      'phases[1].percent: is not more than in the phases before',
    ],
    ['not all', phased('{ percent: 5 }, { percent: 50 }'), 'phases[1].percent: the last phase must be 100'],
    [
      'a last button',
      phased('{ group: a }, { group: b, promote: button }'),
      'phases[1].promote: there is no phase after it',
    ],
    ['no check', phased('{ group: a }, { group: b }', steps), 'check: is missing: phased needs it'],
    ['no phases', `{ strategy: phased, ${check}, ${steps} }`, 'phases: is missing: phased needs it'],
    [
      'no difference',
      phased('{ group: a }, { group: b }', `${check}, steps: [{ name: a, ${run('y')} }]`),
      'steps: every phase would do the same: use {group} or {percent} in a step',
    ],
    ['elsewhere', `{ ${check}, unpromoted: keep, ${steps} }`, 'check: is for the strategy phased only'],
    ['elsewhere', `{ ${steps} }`, 'steps: {group} and {percent} have a value in the strategy phased only'],
  ])('%s: %s', (_, plan, fault) => {
    expect(faults(plan)).toContain(fault);
  });
});

const step = (part: string, more = '') => `{ name: ${part}, part: ${part}, ${run('{new-side}')}${more} }`;
const undo = ', undo: { command: [y] }';
const all = [step('prepare'), step('verify'), step('switch', undo), step('validate'), step('refresh')];
const sides = (given: readonly string[], more = '') =>
  `{ strategy: parallel-production, sides: { names: [blue, green], live: { command: [l] } }, ${more} steps: [${given.join(', ')}] }`;

describe('sides', () => {
  it('are kept, with what asks which is live, and how long the old one stays', () => {
    const plan = planOf(sides(all, 'keepOldSide: 8h,'));
    expect(plan?.sides).toEqual({ names: ['blue', 'green'], live: { executor: 'command', command: ['l'] } });
    expect([plan?.keepOldSide, plan?.steps.map(({ part }) => part)]).toEqual([
      480 * minute,
      ['prepare', 'verify', 'switch', 'validate', 'refresh'],
    ]);
    // What is done to the old side comes after the night.
    expect(plan && expectedDuration(plan)).toBe(4 * minute);
    const haproxy = planOf(
      sides(all).replace('command: [l]', 'haproxy: { socket: /run/h.sock, backend: web }'),
    );
    expect(haproxy?.sides?.live).toEqual({ executor: 'haproxy', socket: '/run/h.sock', backend: 'web' });
  });

  it.each([
    ['no verification', sides(all.filter((_, i) => i !== 1)), 'steps: there is no step of the part `verify`'],
    [
      'no part',
      sides([...all, `{ name: z, ${run('z')} }`]),
      'steps[5].part: is missing: a plan with `sides` says what each step is for',
    ],
    ['out of order', sides(all.toReversed()), 'steps[1].part: "validate" comes before "refresh"'],
    [
      'a switch for good',
      sides([...all.slice(0, 2), step('switch'), step('validate')]),
      'steps[2].undo: is missing: a switch must be possible to take back',
    ],
    ['one side', sides(all).replace('green', 'blue'), 'sides.names[1]: is the other side too'],
    [
      'nobody to ask',
      sides(all).replace('{ command: [l] }', '{}'),
      'sides.live: must have exactly one of command, haproxy',
    ],
    [
      'kept for nothing',
      sides(all.slice(0, 4), 'keepOldSide: 1h,'),
      'keepOldSide: needs a step of the part `refresh` that ends it',
    ],
    [
      'elsewhere',
      sides(all).replace('parallel-production', 'in-place'),
      'sides: is for the strategy parallel-production only',
    ],
    [
      'no sides',
      `{ strategy: parallel-production, steps: [${all.join(', ')}] }`,
      'steps: {new-side} and {old-side} have a value where there are `sides` only',
    ],
    [
      'a fixed side',
      sides(all).replace(
        'part: switch, run: { command: [x, "{new-side}"] }',
        'part: switch, run: { haproxy: { socket: /s, backend: b, to: green, from: [blue] } }',
      ),
      'steps[2].run.haproxy.to: use {new-side} or {old-side}: which is which changes with every deployment',
    ],
  ])('%s: %s', (_, plan, fault) => {
    expect(faults(plan)).toContain(fault);
  });

  it('a plan of parallel production without them is warned of: nothing keeps it from altering the live side', () => {
    const loaded = load(`{ strategy: parallel-production, steps: [{ name: a, ${run('y')} }] }`);
    expect(loaded.warnings.map(formatFault)).toContainEqual(
      expect.stringContaining('does not say how the live side is known'),
    );
  });
});

it('a verification is a step of its own after its step', () => {
  const plan = planOf(
    `{ steps: [{ name: a, ${run('y')}, verify: { run: { command: [v] }, expected: 20s } }, { name: b, ${run('y')} }] }`,
  );
  expect(plan?.steps.map(({ name, expected }) => [name, expected])).toEqual([
    ['a', minute],
    ['verify a', 20 * second],
    ['b', minute],
  ]);
});
