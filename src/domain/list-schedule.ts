import type { Claims, Resources } from './claims.ts';
import { type Graph, heaviestPaths, reversed } from './graph.ts';
import { createHeap, type Heap } from './heap.ts';

/** What is to be scheduled: components of nodes, in an order in which each comes after what its edges lead to. */
export interface Work {
  readonly members: Graph;
  readonly edges: Graph;
  readonly seconds: readonly number[];
  /** At a time, in all. */
  readonly places: number;
  readonly claims: readonly Claims[];
  readonly resources: Resources;
}

/**
 * `quick`: as good as list scheduling is; `thorough` improves it where resources are claimed, in up to a fifth of a
 * second; a number: by as many schedules, however long that takes.
 */
export type Effort = 'quick' | 'thorough' | number;

export interface Schedule {
  /** Nodes, as they start. */
  readonly order: readonly number[];
  /** Seconds from the beginning, one for each of `order`. */
  readonly starts: readonly number[];
  readonly makespan: number;
  readonly criticalPath: number;
  /** No schedule is shorter. */
  readonly bound: number;
}

interface Task {
  readonly node: number;
  readonly component: number;
  /** Larger goes first; then the lower node. */
  readonly rank: number;
}

/**
 * List scheduling (Graham 1969): whenever there is room, the ready task of the highest rank that fits starts, so that
 * nothing is idle that could be used. Ranked by the longest remaining path. Where things are claimed that is not enough:
 * the schedule is improved, the same way every time, until it is within a hundredth of what no schedule can beat.
 */
export const bestSchedule = (work: Work, effort: Effort): Schedule => {
  const ahead = pathsAhead(work, (node) => work.seconds[node] ?? 0);
  const criticalPath = ahead.reduce((most, path) => Math.max(most, path), 0);
  const bound = Math.max(criticalPath, workBound(work));
  const plain = schedule(work, ahead);
  if (effort === 'quick' || work.claims.every((claims) => Object.keys(claims).length === 0))
    return { ...plain, bound, criticalPath };
  return { ...improved(work, plain, ahead, bound, effort), bound, criticalPath };
};

type Timed = Omit<Schedule, 'criticalPath' | 'bound'>;

/** Schedules that are tried at the most, and how many nodes of work that may be in all. */
const [tries, patience] = [200, 100_000];

const improved = (
  work: Work,
  plain: Timed,
  ahead: readonly number[],
  bound: number,
  effort: 'thorough' | number,
): Timed => {
  const next = dice();
  const share = scarcity(work);
  const first = pathsAhead(work, (node) => (work.seconds[node] ?? 0) * (1 + (share[node] ?? 0)));
  let best = plain;
  const most =
    effort === 'thorough' ? Math.min(tries, Math.ceil(patience / Math.max(1, work.seconds.length))) : effort;
  for (let tried = 0; tried < most && best.makespan > 1.01 * bound; tried += 1) {
    const rank =
      tried === 0
        ? ahead
        : tried === 1
          ? first
          : (tried % 2 === 0 ? ahead : first).map((one) => one * (0.7 + 0.6 * next()));
    const found = justified(work, schedule(work, rank));
    if (found.makespan < best.makespan) best = found;
  }
  return best;
};

/**
 * Pushed to the end and back to the beginning (Valls, Ballestín and Quintanilla 2005): scheduled backwards in the order
 * of ending, then forwards in the order that this gives; never longer when it is kept only if it is shorter.
 */
const justified = (work: Work, from: Timed): Timed => {
  let best = from;
  for (let round = 0; round < 3; round += 1) {
    const ends = endsOf(work, best);
    const backwards = schedule({ ...work, edges: reversed(work.edges) }, ends);
    const found = schedule(work, endsOf(work, backwards));
    if (found.makespan >= best.makespan) return best;
    best = found;
  }
  return best;
};

const endsOf = ({ seconds }: Work, { order, starts }: Timed): readonly number[] => {
  const ends: number[] = [];
  order.forEach((node, i) => {
    ends[node] = (starts[i] ?? 0) + (seconds[node] ?? 0);
  });
  return ends;
};

/** Numbers from 0 to 1 that look like chance and are the same every time (Numerical Recipes' generator). */
const dice = (): (() => number) => {
  let state = 1;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
};

/** For every node: its weight and that of the heaviest chain that waits for it. */
const pathsAhead = ({ members, edges }: Work, weightOf: (node: number) => number): readonly number[] => {
  const heaviest = members.map((nodes) => nodes.reduce((most, node) => Math.max(most, weightOf(node)), 0));
  // Components come after what they depend on, so from the last one on they come after what depends on them.
  const paths = heaviestPaths(reversed(edges), [...members.keys()].reverse(), (c) => heaviest[c] ?? 0);
  const ahead: number[] = [];
  members.forEach((nodes, component) => {
    for (const node of nodes)
      ahead[node] = (paths[component] ?? 0) - (heaviest[component] ?? 0) + weightOf(node);
  });
  return ahead;
};

/** Of every node, how long the busiest of its resources is needed in all, against all the work by all hands. */
const scarcity = ({ claims, seconds, resources, places }: Work): readonly number[] => {
  const hands = seconds.reduce((sum, one) => sum + one, 0) / places || 1;
  const needed = loads(claims, seconds, resources);
  return claims.map((own) =>
    Object.keys(own).reduce((most, name) => Math.max(most, (needed.get(name) ?? 0) / hands), 0),
  );
};

/** Seconds that each resource is busy at the least. */
const loads = (
  claims: readonly Claims[],
  seconds: readonly number[],
  resources: Resources,
): ReadonlyMap<string, number> => {
  const busy = new Map<string, number>();
  claims.forEach((own, node) => {
    for (const [name, amount] of Object.entries(own)) {
      const capacity = resources.get(name) ?? amount;
      busy.set(name, (busy.get(name) ?? 0) + ((seconds[node] ?? 0) * Math.min(amount, capacity)) / capacity);
    }
  });
  return busy;
};

/** One of those that share something: what it takes of it, and the shortest way to its start and from its end. */
interface Share {
  readonly head: number;
  readonly load: number;
  readonly tail: number;
}

/**
 * No schedule is shorter than the work that shares something (the hands, or a resource) with the shortest way to it and from it; nor than any part of that work is.
 */
const workBound = (work: Work): number => {
  const { seconds, places, claims, resources, members, edges } = work;
  const ahead = pathsAhead(work, (node) => seconds[node] ?? 0);
  const heads = pathsBefore({ members, edges, seconds });
  const shared = new Map<string, Share[]>();
  const add = (name: string, node: number, part: number): void => {
    const own = seconds[node] ?? 0;
    const share = { head: heads[node] ?? 0, load: own * part, tail: (ahead[node] ?? 0) - own };
    const shares = shared.get(name) ?? [];
    shared.set(name, shares);
    shares.push(share);
  };
  const leasts = leastClaims(claims);
  claims.forEach((ones, node) => {
    add('hands', node, 1 / places);
    for (const [name, amount] of Object.entries(ones)) {
      const capacity = resources.get(name) ?? amount;
      // What leaves no room for the least of those that are counted has all of it.
      for (const least of leasts.get(name) ?? [])
        if (amount >= least)
          add(`${name} from ${least}`, node, amount > capacity - least ? 1 : amount / capacity);
    }
  });
  return [...shared.values()].reduce((most, shares) => Math.max(most, boundOf(shares)), 0);
};

/** Of each resource, the sizes of claims from which on they are counted; none is all of them. */
const leastClaims = (claims: readonly Claims[]): ReadonlyMap<string, ReadonlySet<number>> => {
  const found = new Map<string, Set<number>>();
  for (const ones of claims)
    for (const [name, amount] of Object.entries(ones)) {
      const sizes = found.get(name) ?? new Set([0]);
      found.set(name, sizes);
      if (sizes.size <= sizesTried) sizes.add(amount);
    }
  return found;
};
const sizesTried = 50;

/** As many heads are tried: every set of shares gives a bound, so that leaving some out is no fault. */
const headsTried = 200;

/** The best over the sets of those that start at a head or later and have a tail or more. */
const boundOf = (shares: readonly Share[]): number => {
  const heads = [...new Set(shares.map(({ head }) => head))].sort((a, b) => a - b);
  const step = Math.ceil(heads.length / headsTried);
  const byTail = shares.toSorted((a, b) => b.tail - a.tail);
  let most = 0;
  for (let n = 0; n < heads.length; n += step) {
    const from = heads[n] ?? 0;
    let load = 0;
    for (const share of byTail) {
      if (share.head < from) continue;
      load += share.load;
      most = Math.max(most, from + load + share.tail);
    }
  }
  return most;
};

/** For every node, how long it takes at the least until it can start. */
const pathsBefore = ({
  members,
  edges,
  seconds,
}: Pick<Work, 'members' | 'edges' | 'seconds'>): readonly number[] => {
  const longest = members.map((nodes) => nodes.reduce((most, node) => Math.max(most, seconds[node] ?? 0), 0));
  const ends = heaviestPaths(edges, edges.keys(), (component) => longest[component] ?? 0);
  const before: number[] = [];
  members.forEach((nodes, component) => {
    for (const node of nodes) before[node] = (ends[component] ?? 0) - (longest[component] ?? 0);
  });
  return before;
};

const schedule = (
  { members, edges, seconds, places, claims, resources }: Work,
  rank: readonly number[],
): Timed => {
  const dependents = reversed(edges);
  const missing = edges.map((targets) => targets.length);
  const unfinished = members.map((nodes) => nodes.length);
  const ready: Heap<Task> = createHeap((a, b) => a.rank > b.rank || (a.rank === b.rank && a.node < b.node));
  const running = createHeap<{ task: Task; end: number }>((a, b) => a.end < b.end);
  /** Taken out of `ready` for want of a resource, until something ends. */
  const stuck: Task[] = [];
  const used = new Map<string, number>();
  const order: number[] = [];
  const starts: number[] = [];
  let now = 0;

  const take = (node: number, sign: 1 | -1): void => {
    for (const [name, amount] of Object.entries(claims[node] ?? {}))
      used.set(name, (used.get(name) ?? 0) + sign * amount);
  };
  /** One that claims more than there is runs alone with it, so that a plan can be shown at all. */
  const hasRoom = (node: number): boolean =>
    Object.entries(claims[node] ?? {}).every(([name, amount]) => {
      const inUse = used.get(name) ?? 0;
      return inUse === 0 || inUse + amount <= (resources.get(name) ?? amount);
    });
  const release = (component: number): void => {
    for (const node of members[component] ?? []) ready.add({ node, component, rank: rank[node] ?? 0 });
  };
  const finish = ({ node, component }: Task): void => {
    take(node, -1);
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
      if (!hasRoom(task.node)) {
        stuck.push(task);
        continue;
      }
      take(task.node, 1);
      order.push(task.node);
      starts.push(now);
      running.add({ task, end: now + (seconds[task.node] ?? 0) });
    }
    now = running.first()?.end ?? now;
    // All that ends at this instant, so that what starts next is chosen from all that is ready.
    while (running.first()?.end === now) {
      const done = running.take();
      if (done !== undefined) finish(done.task);
    }
    for (const task of stuck.splice(0)) ready.add(task);
  }
  return { order, starts, makespan: now };
};
