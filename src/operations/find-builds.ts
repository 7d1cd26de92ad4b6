import type { PersonId } from '../domain/policy.ts';
import { listChanges } from '../store/changes.ts';
import { newestBuilds } from '../store/evidence.ts';
import type { Context } from './context.ts';

export interface Build {
  readonly service: string;
  readonly version: string;
  /** `sha256:…` */
  readonly artifact: string;
}

/** What could be submitted now: recent builds that no open change carries, the person's own services first. */
export const buildsToSubmit = async (
  context: Context,
  person: PersonId,
  most: number,
): Promise<readonly Build[]> => {
  const { db } = context.store;
  const { services } = context.policy();
  const open = await listChanges(db, { states: ['boarded', 'deploying'] });
  const builds = (await newestBuilds(db, 500)).filter(
    ({ service, version }) =>
      services.has(service) &&
      !open.some((change) => change.service === service && change.version === version),
  );
  const isOwn = ({ service }: Build): boolean => services.get(service)?.owners.includes(person) === true;
  return [...builds.filter(isOwn), ...builds.filter((build) => !isOwn(build))].slice(0, most);
};

/** The person's own first, then all the others. */
export const servicesFor = (context: Context, person: PersonId): readonly string[] => {
  const services = [...context.policy().services.values()];
  const own = services.filter(({ owners }) => owners.includes(person));
  return [...own, ...services.filter((service) => !own.includes(service))].map(({ name }) => name);
};

/** Names of the trains that one can board. */
export const trainRules = (context: Context): readonly string[] => [...context.policy().trains.keys()];
