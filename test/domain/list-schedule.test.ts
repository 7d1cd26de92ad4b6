import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortfalls } from '../../src/domain/claims.ts';
import { deploymentPlan, type PlanItem } from '../../src/domain/plan.ts';

const resources = new Map([
  ['lock', 1],
  ['hands', 3],
  ['bandwidth', 100],
]);

const claims = fc.record(
  {
    lock: fc.constant(1),
    hands: fc.integer({ min: 1, max: 3 }),
    bandwidth: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: [] },
);

/** Any graph, cycles too. */
const items = fc.integer({ min: 1, max: 25 }).chain((count) =>
  fc.tuple(
    ...Array.from({ length: count }, (_, i) =>
      fc.record({
        service: fc.constant(`s${i}`),
        dependsOn: fc.array(
          fc.integer({ min: 0, max: count - 1 }).map((n) => `s${n}`),
          { maxLength: 3 },
        ),
        seconds: fc.integer({ min: 0, max: 600 }),
        claims,
      }),
    ),
  ),
) as fc.Arbitrary<PlanItem[]>;

describe('a schedule with resources', () => {
  it('starts everything once, and never takes more of anything than there is', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 6 }), (all, places) => {
        const plan = deploymentPlan(all, places, resources);
        expect([...plan.order].sort()).toEqual(all.map(({ service }) => service).sort());
        const runs = plan.order.map((service, i) => {
          const item = all.find((one) => one.service === service);
          const from = plan.starts[i] ?? -1;
          return { service, from, until: from + (item?.seconds ?? 0), claims: item?.claims ?? {} };
        });
        for (const { from } of runs) {
          const now = runs.filter((run) => run.from <= from && from < run.until);
          expect(now.length).toBeLessThanOrEqual(places);
          for (const [name, capacity] of resources) {
            const used = now.reduce((sum, run) => sum + (run.claims[name] ?? 0), 0);
            expect(used).toBeLessThanOrEqual(capacity);
          }
        }
        const together = new Map(plan.cycles.flatMap((cycle) => cycle.map((name) => [name, cycle] as const)));
        for (const item of all)
          for (const other of item.dependsOn) {
            if (other === item.service || together.get(item.service)?.includes(other)) continue;
            const [mine, theirs] = [item.service, other].map((s) => runs.find((run) => run.service === s));
            expect(mine?.from ?? -1).toBeGreaterThanOrEqual(theirs?.until ?? Number.NaN);
          }
        expect(plan.makespanSeconds).toBe(Math.max(...runs.map(({ until }) => until)));
        expect(plan.makespanSeconds).toBeGreaterThanOrEqual(plan.boundSeconds - 1e-6);
      }),
    );
  });

  it('leaves nothing idle that could be used: what waits lacks a hand, a resource or what it depends on', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 6 }), (all, places) => {
        const loose = all.map((item) => ({ ...item, dependsOn: [] }));
        const plan = deploymentPlan(loose, places, resources);
        const runs = plan.order.map((service, i) => {
          const item = loose.find((one) => one.service === service);
          const from = plan.starts[i] ?? -1;
          return { name: service, from, until: from + (item?.seconds ?? 0), claims: item?.claims ?? {} };
        });
        for (const late of runs)
          for (const at of runs.map(({ until }) => until).filter((until) => until < late.from)) {
            const now = runs.filter((run) => run.from <= at && at < run.until);
            expect(now.length === places || shortfalls(late.claims, resources, now).length > 0).toBe(true);
          }
      }),
    );
  });

  it('is what it was without resources when nothing is claimed', () => {
    fc.assert(
      fc.property(items, (all) => {
        const bare = all.map(({ claims: _none, ...item }) => item);
        expect(deploymentPlan(bare, 3, resources)).toEqual(deploymentPlan(bare, 3));
      }),
    );
  });
});

describe('claims', () => {
  it('say what is short, how much others hold, and who', () => {
    const holders = [
      { name: 'DEP-1', claims: { bandwidth: 60 } },
      { name: 'DEP-2', claims: { bandwidth: 30, lock: 1 } },
    ];
    expect(shortfalls({ bandwidth: 10, hands: 3 }, resources, holders)).toEqual([]);
    expect(shortfalls({ bandwidth: 11, lock: 1, unheard: 1 }, resources, holders)).toEqual([
      { resource: 'bandwidth', needs: 11, capacity: 100, used: 90, by: ['DEP-1', 'DEP-2'] },
      { resource: 'lock', needs: 1, capacity: 1, used: 1, by: ['DEP-2'] },
      { resource: 'unheard', needs: 1, capacity: 0, used: 0, by: [] },
    ]);
  });
});
