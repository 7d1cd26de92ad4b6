import { type Aspect, aspects } from './aspect.ts';
import type { Change } from './change.ts';
import type { ConfirmedReading } from './observation.ts';
import type { EnvironmentName, Policy, Service } from './policy.ts';

/**
 * An environment held against production, as both are read. `coming`: it has what a change is about to bring there ·
 * `declared`: the policy lets the two differ · `unread`: one of them is not known.
 */
export type Likeness = 'same' | 'coming' | 'declared' | 'drift' | 'unread';

export interface Comparison {
  readonly platform: string;
  readonly aspect: Aspect;
  readonly likeness: Likeness;
  /** What is read there, and in production. */
  readonly here: ConfirmedReading | undefined;
  readonly there: ConfirmedReading | undefined;
}

/** Of each platform, its bytes and its configuration; the latter only where somebody reads it at all. */
export const compare = (
  service: Service,
  /** Of the service, oldest first. */
  readings: readonly ConfirmedReading[],
  environment: EnvironmentName,
  production: EnvironmentName,
  coming: readonly Pick<Change, 'artifact' | 'version'>[],
): readonly Comparison[] =>
  service.platforms.flatMap((platform) =>
    aspects.flatMap((aspect): readonly Comparison[] => {
      const newest = (where: EnvironmentName) =>
        readings.findLast((r) => r.environment === where && r.platform === platform && r.aspect === aspect);
      const here = newest(environment);
      const there = newest(production);
      if (aspect === 'configuration' && here === undefined && there === undefined) return [];
      return [{ platform, aspect, likeness: likenessOf(service, here, there, coming), here, there }];
    }),
  );

const likenessOf = (
  { differs }: Service,
  here: ConfirmedReading | undefined,
  there: ConfirmedReading | undefined,
  coming: readonly Pick<Change, 'artifact' | 'version'>[],
): Likeness => {
  const aspect = here?.aspect ?? there?.aspect ?? 'artifact';
  if (here !== undefined && here.value === there?.value) return 'same';
  if (differs?.includes(aspect)) return 'declared';
  if (here === undefined || there === undefined) return 'unread';
  return aspect === 'artifact' &&
    coming.some(({ artifact, version }) => here.value === artifact || here.value === version)
    ? 'coming'
    : 'drift';
};

/** What is held against production: what cutoffs ask for, or else the last environment before it. */
export const mirrors = ({ trains, environments }: Policy): readonly EnvironmentName[] => {
  const asked = [...trains.values()].flatMap(({ cutoffs }) =>
    cutoffs.flatMap(({ requires }) => requires.flatMap((r) => (r.kind === 'mirror' ? [r.environment] : []))),
  );
  return asked.length > 0 ? [...new Set(asked)] : environments.slice(-2, -1);
};

export interface MirrorLine extends Comparison {
  readonly service: string;
  readonly environment: EnvironmentName;
  /** Of the older of the two environments' last readings; null when one was never read. */
  readonly readAt: Date | null;
}
