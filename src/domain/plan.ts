import type { Claims, Resources } from './claims.ts';
import { condense, type Graph, heaviestPaths, reversed } from './graph.ts';
import { bestSchedule, type Effort } from './list-schedule.ts';
import type { ServiceName } from './policy.ts';

export interface PlanItem {
  readonly service: ServiceName;
  /** Deployed before it. A service that is not on the plan counts as deployed. */
  readonly dependsOn: readonly ServiceName[];
  /** Expected duration of its deployment; at least 0. */
  readonly seconds: number;
  /** Of resources, while it is deployed. Absent: none. */
  readonly claims?: Claims;
}

export interface DeploymentPlan {
  /** What may be deployed at the same time, by name; everything that a service depends on is in an earlier wave. */
  readonly waves: readonly (readonly ServiceName[])[];
  /** Services that depend on each other, or on themselves: no order among them, deployed together. */
  readonly cycles: readonly (readonly ServiceName[])[];
  /** The longest chain of dependencies: no number of deployments at a time makes it shorter. */
  readonly criticalPathSeconds: number;
  /** With `concurrency` deployments at a time and what there is of resources. */
  readonly makespanSeconds: number;
  /** No schedule is shorter: the critical path, all the work by as many hands, and the work on every resource. */
  readonly boundSeconds: number;
  /** The order in which they then start. */
  readonly order: readonly ServiceName[];
  /** When they then start, in seconds from the beginning, one for each of `order`. */
  readonly starts: readonly number[];
}

/**
 * In which order services are deployed. The same for the same items in any order; a service that is listed
 * twice is deployed twice in a row, after all that either entry depends on. O((V + E) log V).
 */
export const deploymentPlan = (
  items: readonly PlanItem[],
  concurrency: number,
  resources: Resources = new Map(),
  effort: Effort = 'thorough',
): DeploymentPlan => {
  const { names, seconds, dependencies, claims } = byName(items);
  const places = Math.max(1, Math.floor(concurrency));
  const { members, edges } = condense(dependencies);
  const named = (nodes: readonly number[]) => nodes.map((node) => names[node] ?? '');

  const waves: number[][] = [];
  heaviestPaths(edges, edges.keys(), () => 1).forEach((level, component) => {
    const wave = waves[level - 1] ?? [];
    waves[level - 1] = wave;
    wave.push(...(members[component] ?? []));
  });
  const { order, starts, makespan, criticalPath, bound } = bestSchedule(
    {
      members,
      edges,
      seconds,
      places,
      claims,
      resources,
    },
    effort,
  );
  return {
    waves: waves.map((nodes) => named(nodes.sort(ascending))),
    cycles: members
      .filter((nodes) => nodes.length > 1 || nodes.some((node) => dependencies[node]?.includes(node)))
      .sort(([a = 0], [b = 0]) => a - b)
      .map(named),
    criticalPathSeconds: criticalPath,
    makespanSeconds: makespan,
    boundSeconds: bound,
    order: named(order),
    starts,
  };
};

/** What start and failure of one deployment mean for the others, by the same rules as the plan. */
export interface DependencyOrder {
  /** The services that are deployed together with it, itself included, by name. */
  componentOf(service: ServiceName): readonly ServiceName[];
  /** The services on the plan that it, or one that is deployed together with it, depends on directly. */
  waitsFor(service: ServiceName): readonly ServiceName[];
  /** Everything on the plan that depends on it over any number of steps, those of its own cycle included. */
  heldBy(service: ServiceName): readonly ServiceName[];
}

/** A service that is not on the plan stands alone. */
export const dependencyOrder = (items: readonly Omit<PlanItem, 'seconds'>[]): DependencyOrder => {
  const { names, dependencies } = byName(items.map((item) => ({ ...item, seconds: 0 })));
  const { componentOf, members, edges } = condense(dependencies);
  const dependents = reversed(edges);
  const numbers = new Map(names.map((name, node) => [name, componentOf[node] ?? -1]));
  const component = (service: ServiceName): number => numbers.get(service) ?? -1;
  const namesIn = (components: Iterable<number>): readonly ServiceName[] =>
    [...components]
      .flatMap((one) => members[one] ?? [])
      .sort(ascending)
      .map((node) => names[node] ?? '');
  return {
    componentOf: (service) => (numbers.has(service) ? namesIn([component(service)]) : [service]),
    waitsFor: (service) => namesIn(edges[component(service)] ?? []),
    heldBy: (service) => {
      const held = new Set([component(service)]);
      // A Set is walked in the order of insertion, what is added on the way included.
      for (const one of held) for (const dependent of dependents[one] ?? []) held.add(dependent);
      return namesIn(held).filter((name) => name !== service);
    },
  };
};

/** Services as numbers in the order of their names, by code unit: the same on every machine. */
const byName = (items: readonly PlanItem[]) => {
  const merged = new Map<ServiceName, { seconds: number; dependsOn: Set<ServiceName>; claims: Claims }>();
  for (const { service, seconds, dependsOn, claims = {} } of items) {
    const entry = merged.get(service) ?? { seconds: 0, dependsOn: new Set(), claims };
    entry.seconds += seconds;
    for (const dependency of dependsOn) entry.dependsOn.add(dependency);
    merged.set(service, entry);
  }
  const entries = [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
  const numbers = new Map(entries.map(([name], node) => [name, node]));
  const dependencies: Graph = entries.map(([, { dependsOn }]) =>
    [...dependsOn]
      .map((name) => numbers.get(name) ?? -1)
      .filter((node) => node !== -1)
      .sort(ascending),
  );
  return {
    names: entries.map(([name]) => name),
    seconds: entries.map(([, entry]) => entry.seconds),
    claims: entries.map(([, entry]) => entry.claims),
    dependencies,
  };
};

const ascending = (a: number, b: number): number => a - b;
