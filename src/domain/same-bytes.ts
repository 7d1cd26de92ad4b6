import { type Change, shortDigest } from './change.ts';
import { type Evidence, inForce } from './evidence.ts';
import type { Excuse } from './excuse.ts';
import type { EnvironmentName, Policy, Service } from './policy.ts';
import type { Mover } from './refusal.ts';

/** What is known of where a change has been. */
export interface Travelled {
  readonly change: Change;
  readonly service: Service;
  readonly evidence: readonly Evidence[];
  /** Reports of other bytes that were built as the same version. */
  readonly rivals?: readonly Evidence[];
}

/**
 * L4: the same bytes, set up in the same way, in every environment up to this one. Other bytes of the same version
 * that came there since, or a setting with another value that is not external to the service, are an excuse. What was
 * not reported cannot be compared.
 */
export const differsIn = (
  environment: EnvironmentName,
  travelled: Travelled,
  policy: Policy,
  movers: readonly Mover[],
  requirement?: string,
): Excuse | undefined => {
  const { change, service } = travelled;
  const earlier = policy.environments.slice(0, Math.max(0, policy.environments.indexOf(environment)));
  const about = requirement === undefined ? {} : { requirement };
  for (const platform of service.platforms) {
    const other = rivalIn(environment, platform, travelled);
    if (other !== undefined)
      return {
        code: 'other-bytes',
        ...about,
        facts: { environment, version: change.version, artifact: shortDigest(other), platform },
        movers,
      };
    if (service.differs?.includes('configuration') === true) continue;
    const here = configurationIn(environment, platform, travelled);
    for (const before of here === undefined ? [] : earlier) {
      const settings = differences(configurationIn(before, platform, travelled), here, service);
      if (settings.length > 0)
        return {
          code: 'configuration-differs',
          ...about,
          facts: { environments: [before, environment], settings, platform },
          movers,
        };
    }
  }
  return undefined;
};

const isThere = (environment: EnvironmentName, platform: string) => (e: Evidence) =>
  (e.kind === 'deployed' || e.kind === 'verified') &&
  e.environment === environment &&
  e.platform === platform;

/** The bytes that came to the environment last, if they are not the change's. */
const rivalIn = (
  environment: EnvironmentName,
  platform: string,
  { change, evidence, rivals = [] }: Travelled,
): string | undefined => {
  const there = isThere(environment, platform);
  const last = inForce([...evidence, ...rivals], (e) => there(e) && e.artifact !== null);
  return last?.artifact === change.artifact ? undefined : (last?.artifact ?? undefined);
};

const configurationIn = (
  environment: EnvironmentName,
  platform: string,
  { change, evidence }: Travelled,
): Evidence['configuration'] => {
  const there = isThere(environment, platform);
  return inForce(evidence, (e) => there(e) && e.artifact === change.artifact && e.configuration !== undefined)
    ?.configuration;
};

const differences = (
  before: Evidence['configuration'],
  here: Evidence['configuration'],
  { externalConfiguration = [] }: Service,
): readonly string[] => {
  if (before === undefined || here === undefined) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(here)])]
    .filter((name) => !externalConfiguration.includes(name) && before[name] !== here[name])
    .sort();
};
