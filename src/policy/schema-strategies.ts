import { z } from 'zod';
import { placeholdersOf } from '../domain/placeholders.ts';
import { type Part, parts, type Run } from '../domain/policy.ts';
import { day, formatDuration, minute, second } from '../domain/time.ts';
import { duration, nameOf, report } from './scalars.ts';
import { live, run, runToVerify, undo } from './schema-runs.ts';

/** How a service is deployed: its steps, and what its strategy asks for besides. */

const defaultTimeout = 10 * minute;

const timeout = duration(second, 7 * day)
  .exactOptional()
  .describe(
    `When it is stopped and counts as failed; not less than \`expected\`. Default: \`${formatDuration(defaultTimeout)}\`, or twice \`expected\` if that is longer.`,
  );

const withTimeout = <T extends { readonly expected: number; readonly timeout?: number }>(value: T) => ({
  timeout: Math.max(defaultTimeout, 2 * value.expected),
  ...value,
});

const timely = (context: z.core.ParsePayload<{ readonly expected: number; readonly timeout?: number }>) => {
  const { expected, timeout: limit } = context.value;
  if (limit !== undefined && limit < expected)
    report(context, `is less than the expected ${formatDuration(expected)}`, ['timeout']);
};

const probe = (describe: string) =>
  z
    .strictObject({
      run: runToVerify,
      expected: duration().prefault('10s').describe('How long it usually takes. Default: `10s`.'),
      timeout,
    })
    .check(timely)
    .transform(withTimeout)
    .describe(describe);

const step = z
  .strictObject({
    name: nameOf('step').describe('How cards call the step; once per plan.'),
    part: z
      .enum(parts)
      .exactOptional()
      .describe(
        'What the step is for in parallel production, in this order: `prepare` the idle side, `verify` it (smoke, production-level volume), `switch` to it, `validate` what is live now, `refresh` the old side. Default: not said.',
      ),
    run,
    expected: duration()
      .prefault('1m')
      .describe('How long it usually takes; a change starts only if it fits into the window. Default: `1m`.'),
    timeout,
    verify: probe(
      'Looks whether the step did what it should; when it fails the step has failed, and is undone.',
    )
      .exactOptional()
      .describe(
        'Looks whether the step did what it should; when it fails the step has failed. Default: nothing.',
      ),
    undo: undo.exactOptional(),
  })
  .check(timely)
  .transform(withTimeout);

const phase = z
  .strictObject({
    group: nameOf('group')
      .exactOptional()
      .describe('The part of production, `{group}` in the steps. Default: by `percent`.'),
    percent: z
      .int()
      .min(1)
      .max(100)
      .exactOptional()
      .describe('How much of production, `{percent}` in the steps. Default: by `group`.'),
    bake: duration(0, 7 * day)
      .prefault('15m')
      .describe('How long it is looked at before the next phase may begin. Default: `15m`.'),
    promote: z
      .enum(['automatic', 'button'])
      .prefault('automatic')
      .describe(
        'Who lets the next phase begin once this one has baked and is healthy: the clock, or operations and release managers by a button. Default: `automatic`.',
      ),
  })
  .check((context) => {
    const { group, percent } = context.value;
    if ((group === undefined) === (percent === undefined))
      report(context, 'must have exactly one of group, percent');
  });

const check = z
  .strictObject({
    run: runToVerify,
    every: duration(second, day).prefault('5m').describe('Time between two of them. Default: `5m`.'),
    expected: duration().prefault('10s').describe('How long it usually takes. Default: `10s`.'),
    timeout,
  })
  .check(timely)
  .transform(withTimeout)
  .exactOptional()
  .describe(
    'The health check of `phased`: done again and again while a phase bakes, and once more at its end. The first one that fails undoes all phases done so far, the last one first. Default: none; `phased` must have one.',
  );

const sides = z
  .strictObject({
    names: z
      .tuple([nameOf('side'), nameOf('side')])
      .describe(
        'The two sides; `{new-side}` and `{old-side}` in the steps are the idle and the live one of them.',
      ),
    live,
  })
  .check((context) => {
    const [one, other] = context.value.names;
    if (one === other) report(context, 'is the other side too', ['names', 1]);
  })
  .exactOptional()
  .describe(
    'How the live side of parallel production is known. It is asked before the deployment starts and before every step that alters a side: none of them alters the live one, and one that is not known counts as live. Default: not known, and nothing is kept from altering it.',
  );

export const plan = z
  .strictObject({
    strategy: z
      .enum(['in-place', 'parallel-production', 'phased'])
      .prefault('in-place')
      .describe(
        '`in-place` replaces what runs; `parallel-production` prepares an idle system and switches to it; `phased` does its steps for one part of production after the other. Default: `in-place`.',
      ),
    steps: z
      .array(step)
      .min(1, 'must not be empty')
      .describe('Done in this order; after a failure the undos are done in reverse order.'),
    phases: z
      .array(phase)
      .min(2, 'must be at least two')
      .exactOptional()
      .describe(
        'The parts of production of `phased`, the boldest users first. Default: none; `phased` must have them.',
      ),
    check,
    unpromoted: z
      .enum(['roll-back', 'keep'])
      .exactOptional()
      .describe(
        'What becomes of a phase of `phased` whose successors do not fit into the window any more: it is undone in time, or stays and goes on in the next window. Default: `roll-back`.',
      ),
    sides,
    keepOldSide: duration(0, 30 * day)
      .exactOptional()
      .describe(
        'How long the old side stays as it was before the steps of the part `refresh` are done. Until then a rollback is a switch back. Default: `0m`.',
      ),
    reserve: duration(0)
      .exactOptional()
      .describe(
        "Time kept free before the window's end for a rollback. Default: the sum of `expected` over the steps that have an `undo`.",
      ),
    claims: z
      .record(nameOf('resource'), z.int().min(1).max(1_000_000))
      .exactOptional()
      .describe(
        'How much of which resource it holds from its first step to its end, all of it at once. A rollback never waits for a resource. Default: none.',
      ),
  })
  .check((context) => {
    const names = context.value.steps.map(({ name }) => name);
    names.forEach((name, i) => {
      if (names.indexOf(name) < i) report(context, `another step is named "${name}"`, ['steps', i, 'name']);
    });
    phasedFaults(context);
    sidesFaults(context);
  });

type Plan = z.core.ParsePayload<{
  readonly strategy: 'in-place' | 'parallel-production' | 'phased';
  readonly steps: readonly { readonly part?: Part; readonly run: Run; readonly undo?: Run }[];
  readonly phases?: readonly z.output<typeof phase>[];
  readonly check?: unknown;
  readonly unpromoted?: unknown;
  readonly sides?: z.output<typeof sides>;
  readonly keepOldSide?: unknown;
}>;

function phasedFaults(context: Plan): void {
  const { strategy, phases = [], steps } = context.value;
  const used = new Set(textsIn(steps).flatMap(placeholdersOf));
  const differs = used.has('group') || used.has('percent');
  for (const key of ['phases', 'check', 'unpromoted'] as const) {
    const given = context.value[key] !== undefined;
    if (strategy !== 'phased' && given) report(context, 'is for the strategy phased only', [key]);
    if (strategy === 'phased' && !given && key !== 'unpromoted')
      report(context, 'is missing: phased needs it', [key]);
  }
  if (strategy !== 'phased' && differs)
    report(context, '{group} and {percent} have a value in the strategy phased only', ['steps']);
  if (strategy === 'phased' && !differs)
    report(context, 'every phase would do the same: use {group} or {percent} in a step', ['steps']);
  phases.forEach(({ group, percent, promote }, i) => {
    const earlier = phases.slice(0, i);
    if (group !== undefined && earlier.some((other) => other.group === group))
      report(context, `another phase is for "${group}"`, ['phases', i, 'group']);
    if (percent !== undefined && earlier.some((other) => (other.percent ?? 0) >= percent))
      report(context, 'is not more than in the phases before', ['phases', i, 'percent']);
    if (i < phases.length - 1) return;
    if (percent !== undefined && percent < 100)
      report(context, 'the last phase must be 100', ['phases', i, 'percent']);
    if (promote === 'button') report(context, 'there is no phase after it', ['phases', i, 'promote']);
  });
}

function sidesFaults(context: Plan): void {
  const { strategy, steps, sides: given, keepOldSide } = context.value;
  const used = new Set(textsIn(steps).flatMap(placeholdersOf));
  const isParallel = strategy === 'parallel-production';
  if (given !== undefined && !isParallel)
    report(context, 'is for the strategy parallel-production only', ['sides']);
  if (given === undefined && (used.has('new-side') || used.has('old-side')))
    report(context, '{new-side} and {old-side} have a value where there are `sides` only', ['steps']);
  let reached = 0;
  steps.forEach(({ part, run: forth, undo: back }, i) => {
    for (const [key, done] of [
      ['run', forth],
      ['undo', back],
    ] as const)
      if (done?.executor === 'haproxy' && given?.names.includes(done.to))
        report(context, 'use {new-side} or {old-side}: which is which changes with every deployment', [
          'steps',
          i,
          key,
          'haproxy',
          'to',
        ]);
    if (part === undefined) {
      if (given !== undefined)
        report(context, 'is missing: a plan with `sides` says what each step is for', ['steps', i, 'part']);
      return;
    }
    const place = parts.indexOf(part);
    if (!isParallel) report(context, 'is for the strategy parallel-production only', ['steps', i, 'part']);
    else if (place < reached)
      report(context, `"${part}" comes before "${parts[reached]}"`, ['steps', i, 'part']);
    reached = Math.max(reached, place);
    if (part === 'switch' && back === undefined)
      report(context, 'is missing: a switch must be possible to take back', ['steps', i, 'undo']);
  });
  const named = steps.flatMap(({ part }) => part ?? []);
  if (keepOldSide !== undefined && !named.includes('refresh'))
    report(context, 'needs a step of the part `refresh` that ends it', ['keepOldSide']);
  if (given === undefined) return;
  for (const part of ['prepare', 'verify', 'switch', 'validate'] as const)
    if (!named.includes(part)) report(context, `there is no step of the part \`${part}\``, ['steps']);
  if (named.filter((part) => part === 'switch').length > 1)
    report(context, 'there is more than one step of the part `switch`', ['steps']);
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
};
