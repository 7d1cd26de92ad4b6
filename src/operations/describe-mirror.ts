import { compare, type MirrorLine, mirrors } from '../domain/mirror.ts';
import type { ConfirmedReading, Observed } from '../domain/observation.ts';
import { listChanges } from '../store/changes.ts';
import { listObserved } from '../store/observations.ts';
import type { Context } from './context.ts';
import { serviceNamed } from './find.ts';

export interface MirrorView {
  readonly environments: readonly string[];
  readonly production: string;
  /** Of services that anybody reads at all, in the policy's order. */
  readonly lines: readonly MirrorLine[];
  /** Services that nobody reads anywhere. */
  readonly unread: readonly string[];
  readonly now: Date;
}

/** What comes before production, held against it as both are read now; of one service, or of all. */
export const describeMirror = async (
  context: Context,
  service: string | undefined,
  now: Date,
): Promise<MirrorView> => {
  const { db } = context.store;
  const policy = context.policy();
  const services = service === undefined ? [...policy.services.values()] : [serviceNamed(policy, service)];
  const environments = mirrors(policy);
  const production = policy.environments.at(-1) ?? '';
  const observed = await listObserved(db);
  const aboard = await listChanges(db, { states: ['boarded', 'deploying'] });
  const known = new Set(observed.map((one) => one.service));
  const read = services.filter(({ name }) => known.has(name));
  const lines = read.flatMap((of) => {
    const own = observed.filter((one) => one.service === of.name);
    const coming = aboard.filter((change) => change.service === of.name);
    return environments.flatMap((environment) =>
      compare(of, own.flatMap(confirmed), environment, production, coming).map((one) => ({
        ...one,
        service: of.name,
        environment,
        readAt: oldest(own, environment, production, one),
      })),
    );
  });
  const unread = services.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  return { environments, production, lines, unread, now };
};

const confirmed = ({ value, since, ...observed }: Observed): readonly ConfirmedReading[] =>
  value === null || since === null
    ? []
    : [{ ...observed, value, observedAt: since, receivedAt: observed.readAt }];

const oldest = (
  observed: readonly Observed[],
  environment: string,
  production: string,
  { platform, aspect }: Pick<Observed, 'platform' | 'aspect'>,
): Date | null => {
  const times = [environment, production].map(
    (where) =>
      observed.find((o) => o.environment === where && o.platform === platform && o.aspect === aspect)?.readAt,
  );
  const known = times.filter((at) => at !== undefined);
  return known.length < times.length ? null : new Date(Math.min(...known.map((at) => at.getTime())));
};
