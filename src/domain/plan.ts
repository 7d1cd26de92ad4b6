import { condense, type Graph, heaviestPaths, reversed } from './graph.ts';
import { createHeap } from './heap.ts';
import type { ServiceName } from './policy.ts';

export interface PlanItem {
  readonly service: ServiceName;
  /** Deployed before it. A service that is not on the plan counts as deployed. */
  readonly dependsOn: readonly ServiceName[];
  /** Expected duration of its deployment; at least 0. */
  readonly seconds: number;
}

export interface DeploymentPlan {
  /** What may be deployed at the same time, by name; everything that a service depends on is in an earlier wave. */
  readonly waves: readonly (readonly ServiceName[])[];
  /** Services that depend on each other, or on themselves: no order among them, deployed together. */
  readonly cycles: readonly (readonly ServiceName[])[];
  /** The longest chain of dependencies: no number of deployments at a time makes it shorter. */
  readonly criticalPathSeconds: number;
  /** With `concurrency` deployments at a time, those that hold up most first. */
  readonly makespanSeconds: number;
  /** The order in which they then start. */
  readonly order: readonly ServiceName[];
}

/**
 * In which order services are deployed. The same for the same items in any order; a service that is listed
 * twice is deployed twice in a row, after all that either entry depends on. O((V + E) log V).
 */
export const deploymentPlan = (items: readonly PlanItem[], concurrency: number): DeploymentPlan => {
  const { names, seconds, dependencies } = byName(items);
  const { members, edges } = condense(dependencies);
  const named = (nodes: readonly number[]) => nodes.map((node) => names[node] ?? '');

  const waves: number[][] = [];
  heaviestPaths(edges, edges.keys(), () => 1).forEach((level, component) => {
    const wave = waves[level - 1] ?? [];
    waves[level - 1] = wave;
    wave.push(...(members[component] ?? []));
  });
  const { order, makespan, criticalPath } = schedule(
    members,
    edges,
    seconds,
    Math.max(1, Math.floor(concurrency)),
  );
  return {
    waves: waves.map((nodes) => named(nodes.sort(ascending))),
    cycles: members
      .filter((nodes) => nodes.length > 1 || nodes.some((node) => dependencies[node]?.includes(node)))
      .sort(([a = 0], [b = 0]) => a - b)
      .map(named),
    criticalPathSeconds: criticalPath,
    makespanSeconds: makespan,
    order: named(order),
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
  const merged = new Map<ServiceName, { seconds: number; dependsOn: Set<ServiceName> }>();
  for (const { service, seconds, dependsOn } of items) {
    const entry = merged.get(service) ?? { seconds: 0, dependsOn: new Set() };
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
    dependencies,
  };
};

interface Task {
  readonly node: number;
  readonly component: number;
  /** Seconds from its start to the end of all that waits for it. */
  readonly ahead: number;
}

/**
 * List scheduling by longest remaining path: whenever a place is free, the ready task with the most ahead of it
 * starts. At most twice as long as the best schedule (Graham 1969). A component is done when its members are.
 */
const schedule = (
  members: Graph,
  edges: Graph,
  seconds: readonly number[],
  places: number,
): { order: readonly number[]; makespan: number; criticalPath: number } => {
  const dependents = reversed(edges);
  const longest = members.map((nodes) => nodes.reduce((most, node) => Math.max(most, seconds[node] ?? 0), 0));
  // Components come after what they depend on, so from the last one on they come after what depends on them.
  const ahead = heaviestPaths(
    dependents,
    [...members.keys()].reverse(),
    (component) => longest[component] ?? 0,
  );
  const missing = edges.map((targets) => targets.length);
  const unfinished = members.map((nodes) => nodes.length);
  const ready = createHeap<Task>((a, b) => a.ahead > b.ahead || (a.ahead === b.ahead && a.node < b.node));
  const running = createHeap<{ task: Task; end: number }>((a, b) => a.end < b.end);
  const order: number[] = [];
  let now = 0;

  const release = (component: number): void => {
    for (const node of members[component] ?? []) {
      const own = (ahead[component] ?? 0) - (longest[component] ?? 0) + (seconds[node] ?? 0);
      ready.add({ node, component, ahead: own });
    }
  };
  const finish = (component: number): void => {
    unfinished[component] = (unfinished[component] ?? 0) - 1;
    if (unfinished[component] !== 0) return;
    for (const dependent of dependents[component] ?? []) {
      missing[dependent] = (missing[dependent] ?? 0) - 1;
      if (missing[dependent] === 0) release(dependent);
    }
  };

  missing.forEach((count, component) => {
    if (count === 0) release(component);
  });
  while (ready.size() > 0 || running.size() > 0) {
    while (running.size() < places) {
      const task = ready.take();
      if (task === undefined) break;
      order.push(task.node);
      running.add({ task, end: now + (seconds[task.node] ?? 0) });
    }
    now = running.first()?.end ?? now;
    // All that ends at this instant, so that what starts next is chosen from all that is ready.
    while (running.first()?.end === now) finish(running.take()?.task.component ?? -1);
  }
  return { order, makespan: now, criticalPath: ahead.reduce((most, path) => Math.max(most, path), 0) };
};

const ascending = (a: number, b: number): number => a - b;
