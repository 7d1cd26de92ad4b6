import { type Deployment, isAtWork, isBetween, isDeployed } from './deployment.ts';
import { dependencyOrder } from './plan.ts';
import type { Policy } from './policy.ts';

type Known = Pick<Deployment, 'id' | 'service' | 'unit' | 'state'>;

/**
 * Of the deployments of one train those that cannot stay without this one: in production, or on their way, and
 * depending on it over any number of others. What can do without stays; what stands or falls with it is not one of them.
 */
export const dependentsOf = <D extends Known>(
  { services }: Pick<Policy, 'services'>,
  deployment: Known,
  all: readonly D[],
): readonly D[] => {
  const there = all.filter(
    ({ id, unit, state }) =>
      id !== deployment.id &&
      unit !== deployment.unit &&
      (isDeployed(state) || isAtWork(state) || isBetween(state)),
  );
  const items = [deployment, ...there].map(({ service }) => {
    const rule = services.get(service);
    return { service, dependsOn: rule?.withoutDependency === 'degrade' ? [] : (rule?.dependsOn ?? []) };
  });
  const held = new Set(dependencyOrder(items).heldBy(deployment.service));
  return there.filter(({ service }) => held.has(service));
};
