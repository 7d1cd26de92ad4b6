import type { PhaseRule, PlanRule, Policy, StepRule } from '../domain/policy.ts';
import { minute } from '../domain/time.ts';
import { mapValues } from './map-values.ts';
import type { PolicyFile } from './schema.ts';

type WrittenPlan = PolicyFile['plans'][string];
type WrittenStep = WrittenPlan['steps'][number];

export const plansOf = (file: PolicyFile, services: Policy['services']): ReadonlyMap<string, PlanRule> => {
  const plans = mapValues(file.plans, planOf);
  const used = [...services.values()].some(({ plan }) => plan === 'default');
  if (used && !plans.has('default')) plans.set('default', builtInPlan);
  return plans;
};

const planOf = (written: WrittenPlan, name: string): PlanRule => {
  const { strategy, reserve, claims, sides, keepOldSide, unpromoted } = written;
  const phases = phasesOf(written);
  const steps =
    phases === undefined
      ? written.steps.flatMap((step) => stepsOf(step))
      : phases.flatMap((phase, i) => stepsOfPhase(written, phase, i));
  return {
    name,
    strategy,
    steps,
    reserve: reserve ?? steps.reduce(byUndo, 0),
    ...(claims === undefined ? {} : { claims }),
    ...(phases === undefined ? {} : { phases }),
    ...(unpromoted === 'keep' ? { unpromoted } : {}),
    ...(sides === undefined ? {} : { sides }),
    ...(keepOldSide === undefined ? {} : { keepOldSide }),
  };
};

/** What is done to the old side comes after the night. */
const byUndo = (sum: number, { undo, expected, part }: StepRule): number =>
  undo === undefined || part === 'refresh' ? sum : sum + expected;

/** A step, and what looks whether it did what it should. */
const stepsOf = ({ verify, ...step }: WrittenStep): readonly StepRule[] => [
  step,
  ...(verify === undefined
    ? []
    : [
        {
          ...verify,
          name: `verify ${step.name}`,
          ...(step.part === undefined ? {} : { part: step.part }),
        },
      ]),
];

const phasesOf = ({ phases, check }: WrittenPlan): readonly PhaseRule[] | undefined =>
  check === undefined
    ? undefined
    : phases?.map(({ group, percent, bake, promote }) => ({
        name: group ?? `${percent}%`,
        ...(group === undefined ? {} : { group }),
        ...(percent === undefined ? {} : { percent }),
        bake,
        every: check.every,
        promote,
      }));

/** Named after their phase: a step is known by its name. */
const stepsOfPhase = (
  { steps, check }: WrittenPlan,
  { name }: PhaseRule,
  phase: number,
): readonly StepRule[] => {
  const named = (step: StepRule): StepRule => ({ ...step, name: `${step.name} ${name}`, phase });
  if (check === undefined) return [];
  const { every: _, ...probe } = check;
  return [
    ...steps.flatMap((step) => stepsOf(step)).map(named),
    named({ ...probe, name: 'check', check: true }),
  ];
};

const deploy = (artifact: string) =>
  ({ executor: 'command', command: ['./deploy.sh', '{service}', artifact] }) as const;

const builtInPlan: PlanRule = {
  name: 'default',
  strategy: 'in-place',
  steps: [
    {
      name: 'deploy',
      run: deploy('{artifact}'),
      expected: minute,
      timeout: 10 * minute,
      undo: deploy('{previous}'),
    },
  ],
  reserve: minute,
};
