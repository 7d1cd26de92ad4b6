/** Amounts by the name of the resource; 1 of a resource of 1 is a lock. */
export type Claims = Readonly<Record<string, number>>;
/** How much of each there is. What is not listed is not there. */
export type Resources = ReadonlyMap<string, number>;

export interface Holder {
  readonly name: string;
  readonly claims: Claims;
}

/** A claim that cannot be met now: `used` by others, of `capacity`. */
export interface Shortfall {
  readonly resource: string;
  readonly needs: number;
  readonly capacity: number;
  readonly used: number;
  readonly by: readonly string[];
}

/**
 * What keeps the claims from being taken, all of them at once: who holds something never waits for more, so that
 * nobody waits for each other. Empty: they may be taken.
 */
export const shortfalls = (
  claims: Claims,
  resources: Resources,
  holders: readonly Holder[],
): readonly Shortfall[] =>
  Object.entries(claims).flatMap(([resource, needs]): readonly Shortfall[] => {
    const capacity = resources.get(resource) ?? 0;
    const holding = holders.filter((holder) => (holder.claims[resource] ?? 0) > 0);
    const used = holding.reduce((sum, holder) => sum + (holder.claims[resource] ?? 0), 0);
    if (used + needs <= capacity) return [];
    return [{ resource, needs, capacity, used, by: holding.map((holder) => holder.name) }];
  });
