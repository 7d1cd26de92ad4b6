/** For every node, the nodes its edges lead to: indexes from 0, each at most once. */
export type Graph = readonly (readonly number[])[];

export interface Condensation {
  /** Component of every node. An edge leads to a component of the same or a lower number: components come after what they lead to. */
  readonly componentOf: readonly number[];
  /** Nodes of every component, in ascending order. */
  readonly members: readonly (readonly number[])[];
  /** The graph of the components, without edges inside one. Acyclic. */
  readonly edges: Graph;
}

/**
 * Strongly connected components (Tarjan 1972) and the graph of them, in O(V + E). Keeps its own stack: a chain
 * of any length does not overflow the call stack.
 */
export const condense = (graph: Graph): Condensation => {
  const componentOf: number[] = new Array(graph.length).fill(-1);
  const members: number[][] = [];
  /** Order of discovery from 1; 0 is undiscovered. */
  const found: number[] = new Array(graph.length).fill(0);
  /** The earliest discovered open node that is known to be reachable. */
  const low: number[] = new Array(graph.length).fill(0);
  /** Discovered, but not in a component yet. */
  const open: number[] = [];
  let discovered = 0;

  const discover = (node: number): Visit => {
    discovered += 1;
    found[node] = discovered;
    low[node] = discovered;
    open.push(node);
    return { node, next: 0 };
  };

  const close = (root: number): void => {
    const component: number[] = [];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      componentOf[node] = members.length;
      component.push(node);
      if (node === root) break;
    }
    members.push(component.sort((a, b) => a - b));
  };

  for (let start = 0; start < graph.length; start += 1) {
    if (at(found, start) !== 0) continue;
    const path: Visit[] = [discover(start)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const { node } = visit;
      const target = graph[node]?.[visit.next];
      if (target !== undefined) {
        visit.next += 1;
        if (at(found, target) === 0) path.push(discover(target));
        else if (at(componentOf, target) === -1) low[node] = Math.min(at(low, node), at(found, target));
        continue;
      }
      path.pop();
      const parent = path.at(-1)?.node;
      if (parent !== undefined) low[parent] = Math.min(at(low, parent), at(low, node));
      if (at(low, node) === at(found, node)) close(node);
    }
  }
  const edges = members.map((nodes, component) => {
    const targets = nodes.flatMap((node) => (graph[node] ?? []).map((target) => at(componentOf, target)));
    return [...new Set(targets)].filter((target) => target !== component);
  });
  return { componentOf, members, edges };
};

interface Visit {
  readonly node: number;
  /** Index of the edge to look at next. */
  next: number;
}

/** The same edges, the other way round. */
export const reversed = (graph: Graph): Graph => {
  const back: number[][] = graph.map(() => []);
  graph.forEach((targets, node) => {
    for (const target of targets) back[target]?.push(node);
  });
  return back;
};

/**
 * For every node of an acyclic graph: its weight plus the heaviest path that its edges begin. `order` names
 * every node after those that its edges lead to.
 */
export const heaviestPaths = (
  graph: Graph,
  order: Iterable<number>,
  weightOf: (node: number) => number,
): readonly number[] => {
  const heaviest: number[] = new Array(graph.length).fill(0);
  for (const node of order) {
    const beyond = (graph[node] ?? []).reduce((most, target) => Math.max(most, at(heaviest, target)), 0);
    heaviest[node] = weightOf(node) + beyond;
  }
  return heaviest;
};

const at = (numbers: readonly number[], index: number): number => numbers[index] ?? 0;
