import { z } from 'zod';
import { expectedDuration } from '../domain/phases.ts';
import { type DeploymentPlan, deploymentPlan, type PlanItem } from '../domain/plan.ts';
import type { Policy, ServiceName } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { second } from '../domain/time.ts';
import { didYouMean } from '../policy/did-you-mean.ts';
import { formatPath, type Path } from '../policy/fault.ts';
import { readYaml, type YamlFile } from '../policy/yaml.ts';

export interface PlanOptions {
  readonly json?: boolean;
}

/**
 * Text for stdout, without the last line's end. `changesText` is a YAML or JSON list of what is deployed; without
 * it, every service of the policy is. Refuses `faulty-changes` and `unknown-services`, each with all of its
 * `faults`, as `line:column path: message`.
 */
export const planCommand = (
  policy: Policy,
  changesText: string | undefined,
  options: PlanOptions = {},
): string => {
  const changes = changesText === undefined ? allServices(policy) : readChanges(policy, changesText);
  const plan = deploymentPlan(planItems(policy, changes), policy.concurrency, policy.resources);
  return options.json === true ? JSON.stringify(planJson(plan), null, 2) : planText(plan, policy.concurrency);
};

export interface PlannedChange {
  readonly service: ServiceName;
  /** Beside what the policy says of the service. */
  readonly dependsOn?: readonly ServiceName[] | undefined;
}

/** What is deployed, with the policy's dependencies and expected durations. */
export const planItems = (policy: Policy, changes: readonly PlannedChange[]): readonly PlanItem[] =>
  changes.map(({ service, dependsOn = [] }) => {
    const known = policy.services.get(service);
    const plan = policy.plans.get(known?.plan ?? '');
    return {
      service,
      dependsOn: [...(known?.dependsOn ?? []), ...dependsOn],
      seconds: plan === undefined ? 0 : expectedDuration(plan) / second,
      ...(plan?.claims === undefined ? {} : { claims: plan.claims }),
    };
  });

const allServices = (policy: Policy): readonly PlannedChange[] =>
  [...policy.services.keys()].map((service) => ({ service }));

/** The version plays no part in the plan: it is there so that a list made for people can be used as it is. */
const changeList = z.array(
  z.strictObject({
    service: z.string(),
    version: z.union([z.string(), z.number()]).optional(),
    dependsOn: z.array(z.string()).optional(),
  }),
);

const readChanges = (policy: Policy, text: string): readonly PlannedChange[] => {
  // Places in the text cost seconds for 15,000 changes; a good list in JSON needs none.
  const quick = changeList.safeParse(fromJson(text));
  if (quick.success && unknownServices(policy, quick.data).length === 0) return quick.data;
  const { file, faults } = readYaml(text);
  const broken = faults.filter(({ severity }) => severity === 'error');
  if (file === undefined || broken.length > 0) {
    return fault(
      'faulty-changes',
      broken.map(({ line, column, path, message }) => `${line}:${column} ${formatPath(path)}: ${message}`),
    );
  }
  const parsed = changeList.safeParse(file.value);
  if (!parsed.success) {
    return fault(
      'faulty-changes',
      parsed.error.issues.map(({ path, message }) => at(file, path.map(step), message)),
    );
  }
  const unknown = unknownServices(policy, parsed.data);
  if (unknown.length === 0) return parsed.data;
  return fault(
    'unknown-services',
    unknown.map(({ name, path }, index) => {
      const hint = index < maxHints ? didYouMean(name, policy.services.keys()) : '';
      return at(file, path, `there is no service "${name}"${hint}`);
    }),
  );
};

/** Each looks at every service; the list of another company should not take minutes to refuse. */
const maxHints = 20;

const unknownServices = (
  policy: Policy,
  changes: readonly PlannedChange[],
): readonly { readonly name: ServiceName; readonly path: Path }[] =>
  changes
    .flatMap(({ service, dependsOn = [] }, index) => [
      { name: service, path: [index, 'service'] },
      ...dependsOn.map((name, i) => ({ name, path: [index, 'dependsOn', i] })),
    ])
    .filter(({ name }) => !policy.services.has(name));

const fromJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const fault = (code: 'faulty-changes' | 'unknown-services', faults: readonly string[]): never =>
  refuse({ code, facts: { faults } });

const at = (file: YamlFile, path: Path, message: string): string => {
  const { line, column } = file.locate(path, 'value');
  return `${line}:${column} ${formatPath(path)}: ${message}`;
};

const step = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key));

const planJson = ({ waves, cycles, criticalPathSeconds, makespanSeconds }: DeploymentPlan) => ({
  waves,
  cycles,
  criticalPathSeconds,
  makespanSeconds,
});

export const planText = (plan: DeploymentPlan, concurrency: number): string => {
  if (plan.waves.length === 0) return 'Nothing is deployed.';
  const width = String(plan.waves.length).length;
  return [
    ...plan.waves.map((wave, index) => `Wave ${String(index + 1).padStart(width)}: ${wave.join(', ')}`),
    ...plan.cycles.map((cycle) =>
      cycle.length === 1
        ? `Depends on itself: ${cycle.join()}`
        : `Depend on each other, deployed together: ${cycle.join(', ')}`,
    ),
    `The longest chain takes ${duration(plan.criticalPathSeconds)}; ` +
      `with ${concurrency} at a time all takes ${duration(plan.makespanSeconds)}.`,
  ].join('\n');
};

/** `1h 2m 5s`; the largest units first, what is zero left out. */
const duration = (seconds: number): string => {
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count}${unit}`] : [])).join(' ') || '0s';
};
