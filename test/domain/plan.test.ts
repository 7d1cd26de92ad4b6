import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependencyOrder, deploymentPlan, type PlanItem } from '../../src/domain/plan.ts';

const item = (service: string, dependsOn: readonly string[] = [], seconds = 1): PlanItem => ({
  service,
  dependsOn,
  seconds,
});

/** Up to twelve services, any of which may depend on any, itself and ones that are not there included. */
const items = fc.uniqueArray(
  fc.record({
    service: fc.constantFrom(...'abcdefghijkl'),
    dependsOn: fc.array(fc.constantFrom(...'abcdefghijklmn'), { maxLength: 3 }),
    seconds: fc.integer({ min: 0, max: 60 }),
  }),
  { selector: ({ service }) => service, maxLength: 12 },
);
const concurrencies = fc.integer({ min: 1, max: 6 });

/** Everything that can be reached over one dependency or more. */
const reachable = (all: readonly PlanItem[], from: string): ReadonlySet<string> => {
  const names = new Map(all.map((one) => [one.service, one]));
  const seen = new Set<string>();
  const visit = (service: string): void => {
    for (const next of names.get(service)?.dependsOn ?? []) {
      if (!names.has(next) || seen.has(next)) continue;
      seen.add(next);
      visit(next);
    }
  };
  visit(from);
  return seen;
};

const together = (all: readonly PlanItem[], a: string, b: string): boolean =>
  reachable(all, a).has(b) && reachable(all, b).has(a);

describe('the deployment plan', () => {
  it('puts what a service depends on into an earlier wave, and names in order', () => {
    const plan = deploymentPlan(
      [item('web', ['cart', 'ads']), item('cart', ['db']), item('ads'), item('db')],
      8,
    );
    expect(plan.waves).toEqual([['ads', 'db'], ['cart'], ['web']]);
    expect(plan.cycles).toEqual([]);
  });

  it('takes a dependency that is not on the plan for deployed', () => {
    expect(deploymentPlan([item('web', ['elsewhere'])], 1).waves).toEqual([['web']]);
  });

  it('deploys a cycle together, in one wave, and says so; a service that depends on itself is one', () => {
    const plan = deploymentPlan(
      [
        item('a', ['b'], 5),
        item('b', ['a', 'base'], 9),
        item('base'),
        item('top', ['a']),
        item('own', ['own']),
      ],
      8,
    );
    expect(plan.waves).toEqual([['base', 'own'], ['a', 'b'], ['top']]);
    expect(plan.cycles).toEqual([['a', 'b'], ['own']]);
    expect(plan.criticalPathSeconds).toBe(1 + 9 + 1);
  });

  it('starts first what holds up most', () => {
    const plan = deploymentPlan(
      [item('a', [], 3), item('b', [], 3), item('z', [], 1), item('last', ['z'], 9)],
      2,
    );
    expect(plan.order).toEqual(['z', 'a', 'last', 'b']);
    expect([plan.criticalPathSeconds, plan.makespanSeconds]).toEqual([10, 10]);
  });

  it('chooses from all that is ready when several end at the same instant', () => {
    const first = [item('q', [], 1), item('r', ['q'], 1), item('y', ['r'], 5)];
    const plan = deploymentPlan([...first, item('p', [], 2), item('x', ['p'], 1)], 2);
    expect(plan.order).toEqual(['q', 'p', 'r', 'y', 'x']);
  });

  it('deploys one after another with one at a time', () => {
    const plan = deploymentPlan([item('a', [], 2), item('b', ['a'], 3), item('c', [], 4)], 1);
    expect(plan.makespanSeconds).toBe(9);
  });

  it('deploys a service that is listed twice for as long as both, after what either depends on', () => {
    const plan = deploymentPlan(
      [item('a', ['x'], 2), item('a', ['y'], 3), item('x', [], 0), item('y', [], 0)],
      4,
    );
    expect(plan.waves).toEqual([['x', 'y'], ['a']]);
    expect(plan.criticalPathSeconds).toBe(5);
  });

  it('is empty for nothing', () => {
    const nothing = {
      waves: [],
      cycles: [],
      criticalPathSeconds: 0,
      makespanSeconds: 0,
      boundSeconds: 0,
      order: [],
      starts: [],
    };
    expect(deploymentPlan([], 8)).toEqual(nothing);
  });

  it('has every service in exactly one wave, and starts every service once', () => {
    fc.assert(
      fc.property(items, concurrencies, (all, concurrency) => {
        const plan = deploymentPlan(all, concurrency);
        const names = all.map(({ service }) => service).sort();
        expect(plan.waves.flat().sort()).toEqual(names);
        expect([...plan.order].sort()).toEqual(names);
        for (const wave of plan.waves) expect(wave).toEqual([...wave].sort());
      }),
    );
  });

  it('has every dependency in an earlier wave and started before, unless both are of one cycle', () => {
    fc.assert(
      fc.property(items, concurrencies, (all, concurrency) => {
        const { waves, order } = deploymentPlan(all, concurrency);
        const waveOf = (service: string) => waves.findIndex((wave) => wave.includes(service));
        for (const { service, dependsOn } of all) {
          for (const dependency of dependsOn.filter((name) => order.includes(name))) {
            if (together(all, service, dependency)) {
              expect(waveOf(dependency)).toBe(waveOf(service));
            } else {
              expect(waveOf(dependency)).toBeLessThan(waveOf(service));
              expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(service));
            }
          }
        }
      }),
    );
  });

  it('has no wave that could be earlier: each service of a later one waits for one of the wave before', () => {
    fc.assert(
      fc.property(items, (all) => {
        const { waves } = deploymentPlan(all, 1);
        waves.slice(1).forEach((wave, index) => {
          for (const service of wave) {
            const before = reachable(all, service);
            expect(waves[index]?.some((name) => before.has(name))).toBe(true);
          }
        });
      }),
    );
  });

  it('finds the cycles that mutual reachability finds', () => {
    fc.assert(
      fc.property(items, (all) => {
        const naive = all
          .map(({ service }) => service)
          .sort()
          .filter((service) => reachable(all, service).has(service))
          .map((service) =>
            all
              .map((other) => other.service)
              .filter((other) => together(all, service, other))
              .sort()
              .join(),
          );
        expect(deploymentPlan(all, 1).cycles.map((cycle) => cycle.join())).toEqual([...new Set(naive)]);
      }),
      { numRuns: 500 },
    );
  });

  it('takes no less than the longest chain and the work shared out, and at most both together (Graham)', () => {
    fc.assert(
      fc.property(items, concurrencies, (all, concurrency) => {
        const { criticalPathSeconds, makespanSeconds } = deploymentPlan(all, concurrency);
        const share = all.reduce((sum, { seconds }) => sum + seconds, 0) / concurrency;
        expect(makespanSeconds).toBeGreaterThanOrEqual(Math.max(criticalPathSeconds, share) - 1e-9);
        expect(makespanSeconds).toBeLessThanOrEqual(criticalPathSeconds + share + 1e-9);
        expect(deploymentPlan(all, all.length + 1).makespanSeconds).toBe(criticalPathSeconds);
      }),
      { numRuns: 500 },
    );
  });

  it('has the longest weighted chain as its critical path', () => {
    fc.assert(
      fc.property(items, (all) => {
        // Only backwards in the alphabet: no cycles, so a plain recursion is right.
        const acyclic = all.map((one) => ({
          ...one,
          dependsOn: one.dependsOn.filter((name) => name < one.service),
        }));
        const chain = (service: string): number => {
          const one = acyclic.find((candidate) => candidate.service === service);
          return one === undefined ? 0 : one.seconds + Math.max(0, ...one.dependsOn.map(chain));
        };
        const longest = Math.max(0, ...acyclic.map(({ service }) => chain(service)));
        expect(deploymentPlan(acyclic, 2).criticalPathSeconds).toBe(longest);
      }),
    );
  });

  it('is the same for the same items in any order', () => {
    const shuffled = items.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, concurrencies, ([all, other], concurrency) => {
        const turned = other.map((one) => ({ ...one, dependsOn: [...one.dependsOn].reverse() }));
        expect(deploymentPlan(turned, concurrency)).toEqual(deploymentPlan(all, concurrency));
      }),
    );
  });

  it('follows a chain, and a ring, of 15,000 services', () => {
    const name = (index: number) => `s${String(index).padStart(5, '0')}`;
    const chain = Array.from({ length: 15_000 }, (_, i) => item(name(i), i === 0 ? [] : [name(i - 1)]));
    expect(deploymentPlan(chain, 8)).toMatchObject({
      criticalPathSeconds: 15_000,
      makespanSeconds: 15_000,
      cycles: [],
    });
    const ring = [...chain.slice(1), item(name(0), [name(14_999)])];
    const plan = deploymentPlan(ring, 8);
    expect([plan.waves.length, plan.cycles[0]?.length, plan.makespanSeconds]).toEqual([
      1,
      15_000,
      15_000 / 8,
    ]);
  });
});

describe('the order of dependencies at run time', () => {
  const order = dependencyOrder([
    item('a', ['b']),
    item('b', ['a', 'base']),
    item('base', ['elsewhere']),
    item('top', ['a', 'base']),
    item('roof', ['top']),
  ]);

  it('knows what is deployed together', () => {
    expect(order.componentOf('b')).toEqual(['a', 'b']);
    expect(order.componentOf('top')).toEqual(['top']);
    expect(order.componentOf('elsewhere')).toEqual(['elsewhere']);
  });

  it('knows what a service waits for: all that its cycle depends on, but not the cycle', () => {
    expect(order.waitsFor('a')).toEqual(['base']);
    expect(order.waitsFor('top')).toEqual(['a', 'b', 'base']);
    expect(order.waitsFor('base')).toEqual([]);
    expect(order.waitsFor('elsewhere')).toEqual([]);
  });

  it('knows what a failure holds, over any number of steps', () => {
    expect(order.heldBy('base')).toEqual(['a', 'b', 'roof', 'top']);
    expect(order.heldBy('a')).toEqual(['b', 'roof', 'top']);
    expect(order.heldBy('roof')).toEqual([]);
    expect(order.heldBy('elsewhere')).toEqual([]);
  });

  it('holds exactly what can reach the failed service', () => {
    fc.assert(
      fc.property(items, (all) => {
        const { heldBy, waitsFor } = dependencyOrder(all);
        const { waves } = deploymentPlan(all, 1);
        for (const { service } of all) {
          const naive = all
            .map((other) => other.service)
            .filter((other) => other !== service && reachable(all, other).has(service));
          expect(heldBy(service)).toEqual(naive.sort());
          const wave = waves.findIndex((names) => names.includes(service));
          for (const awaited of waitsFor(service)) expect(waves.slice(0, wave).flat()).toContain(awaited);
        }
      }),
    );
  });
});
