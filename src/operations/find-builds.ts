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

/** What of the service could be submitted now: recent builds that no open change carries, the newest first. */
export const buildsOf = async (
  context: Context,
  service: string,
  most: number,
): Promise<readonly Build[]> => {
  const { db } = context.store;
  const open = await listChanges(db, { service, states: ['boarded', 'deploying'] });
  const builds = await newestBuilds(db, most + open.length, service);
  return builds.filter(({ version }) => !open.some((change) => change.version === version)).slice(0, most);
};

/** The newest build that no open change carries, of the person's own services if there is one. */
export const newestBuild = async (context: Context, person: PersonId): Promise<Build | undefined> => {
  const { db } = context.store;
  const { services } = context.policy();
  const open = await listChanges(db, { states: ['boarded', 'deploying'] });
  const builds = (await newestBuilds(db, 500)).filter(
    ({ service, version }) =>
      services.has(service) &&
      !open.some((change) => change.service === service && change.version === version),
  );
  return builds.find(({ service }) => services.get(service)?.owners.includes(person)) ?? builds[0];
};

/** The person's own first, then all the others. */
export const servicesFor = (context: Context, person: PersonId): readonly string[] => {
  const services = [...context.policy().services.values()];
  const own = services.filter(({ owners }) => owners.includes(person));
  return [...own, ...services.filter((service) => !own.includes(service))].map(({ name }) => name);
};

/** Names of the trains that one can board. */
export const trainRules = (context: Context): readonly string[] => [...context.policy().trains.keys()];
