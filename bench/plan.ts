import { expectedDuration } from '../src/domain/phases.ts';
import { deploymentPlan, type PlanItem } from '../src/domain/plan.ts';
import { second } from '../src/domain/time.ts';
import { examplePolicy, policyWith } from './server.ts';
import { interleaved, median, ms, type Row, ratioOf, type Sample } from './support.ts';

/** The plan of 150, 1,500 and 15,000 services, against the next smaller one; the largest against a second as well. */
export const plan = async (): Promise<readonly Row[]> => {
  const example = await examplePolicy();
  const itemsOf = (count: number): readonly PlanItem[] => {
    const { services, plans } = policyWith(example, count);
    return [...services.values()].map((service) => {
      const rule = plans.get(service.plan);
      const seconds = rule === undefined ? 0 : expectedDuration(rule) / second;
      return { service: service.name, dependsOn: service.dependsOn, seconds };
    });
  };
  const [small, medium, large] = [itemsOf(150), itemsOf(1_500), itemsOf(15_000)];
  const { concurrency } = example;
  const samples = await interleaved(
    {
      small: () => deploymentPlan(small, concurrency),
      medium: () => deploymentPlan(medium, concurrency),
      large: () => deploymentPlan(large, concurrency),
    },
    { rounds: 5, calls: 3 },
  );
  const inAll = (sample: readonly Sample[]): string => ms(median(sample.flat()));
  return [
    {
      what: 'plan of 1500 services, per service',
      figure: `${inAll(samples.medium)} in all`,
      floor: `150: ${inAll(samples.small)} in all`,
      ratio: ratioOf(samples.medium, samples.small) / 10,
    },
    {
      what: 'plan of 15000 services, per service',
      figure: `${inAll(samples.large)} in all`,
      floor: `1500: ${inAll(samples.medium)} in all`,
      ratio: ratioOf(samples.large, samples.medium) / 10,
    },
    {
      what: 'plan of 15000 services',
      figure: inAll(samples.large),
      floor: 'a second',
      ratio: median(samples.large.flat()) / 1_000,
      aim: 1,
    },
  ];
};
