import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './fault.ts';
import { isMapping, select } from './select.ts';

/**
 * Faults between sections, found in the file as it is written, so that they are reported together with faults
 * of form. What is not of the expected shape is passed over here: the schema has reported it.
 */
export const referenceFindings = (file: unknown): readonly Finding[] => [
  ...references.flatMap((reference) => unknownNames(file, reference)),
  ...identities.flatMap((pattern) => sharedValues(file, pattern)),
  ...selfDependencies(file),
  ...excessiveClaims(file),
  ...productionRequirements(file),
  ...selfMirrors(file),
  ...missingRequirements(file),
];

type Section =
  | 'resources'
  | 'people'
  | 'roles'
  | 'services'
  | 'plans'
  | 'environments'
  | 'schedules'
  | 'escalations'
  | 'tiers'
  | 'channels';

interface Reference {
  /** As `select` takes it. */
  readonly at: readonly string[];
  readonly to: Section;
  /** The name stands after this word and a colon. */
  readonly after?: string;
}

const references: readonly Reference[] = [
  { at: ['roles', '*', '*'], to: 'people' },
  { at: ['services', '*', 'owners', '*'], to: 'people' },
  { at: ['services', '*', 'businessOwner'], to: 'people' },
  { at: ['people', '*', 'manager'], to: 'people' },
  { at: ['milestones', '*', 'owners', '*'], to: 'people' },
  { at: ['services', '*', 'dependsOn', '*'], to: 'services' },
  { at: ['services', '*', 'plan'], to: 'plans' },
  { at: ['trains', '*', 'cutoffs', '*', 'requires', '*'], to: 'environments', after: 'deployed' },
  { at: ['trains', '*', 'cutoffs', '*', 'requires', '*'], to: 'environments', after: 'verified' },
  { at: ['trains', '*', 'cutoffs', '*', 'requires', '*'], to: 'environments', after: 'mirror' },
  { at: ['trains', '*', 'cutoffs', '*', 'requires', '*'], to: 'roles', after: 'sign-off' },
  { at: ['emergency', 'requires', '*'], to: 'environments', after: 'deployed' },
  { at: ['emergency', 'requires', '*'], to: 'environments', after: 'verified' },
  { at: ['emergency', 'requires', '*'], to: 'environments', after: 'mirror' },
  { at: ['emergency', 'requires', '*'], to: 'roles', after: 'sign-off' },
  { at: ['approvals', '*', '*', 'key()'], to: 'roles' },
  { at: ['plans', '*', 'claims', 'key()'], to: 'resources' },
  { at: ['vetoes', '*'], to: 'roles' },
  { at: ['events', '*', 'service'], to: 'services' },
  { at: ['events', '*', 'environment'], to: 'environments' },
  { at: ['releaseManagers', '*'], to: 'roles' },
  ...['weekly', 'daily'].flatMap((unit): readonly Reference[] => [
    { at: ['oncall', 'schedules', '*', 'rotation', unit, '*'], to: 'people' },
    { at: ['oncall', 'schedules', '*', 'layers', '*', 'rotation', unit, '*'], to: 'people' },
  ]),
  ...[
    ['oncall', 'escalations', '*', '*', 'page', '*'],
    ['oncall', 'catchAll', '*'],
    ['oncall', 'drill', 'page', '*'],
  ].flatMap((at): readonly Reference[] => [
    { at, to: 'schedules', after: 'schedule' },
    { at, to: 'roles', after: 'role' },
    { at, to: 'people', after: 'person' },
    { at, to: 'channels', after: 'channel' },
  ]),
  { at: ['oncall', 'absences', '*', 'person'], to: 'people' },
  { at: ['oncall', 'overrides', '*', 'person'], to: 'people' },
  { at: ['oncall', 'overrides', '*', 'schedule'], to: 'schedules' },
  { at: ['oncall', 'line', 'services', '*'], to: 'services' },
  { at: ['oncall', 'tiers', '*', 'escalation'], to: 'escalations' },
  { at: ['oncall', 'tiers', '*', 'weekends'], to: 'roles' },
  { at: ['oncall', 'heartbeats', '*', 'service'], to: 'services' },
  { at: ['services', '*', 'tier'], to: 'tiers' },
  { at: ['services', '*', 'escalation'], to: 'escalations' },
];

const singular: Readonly<Record<Section, string>> = {
  resources: 'resource',
  people: 'person',
  roles: 'role',
  services: 'service',
  plans: 'plan',
  environments: 'environment',
  schedules: 'schedule',
  escalations: 'escalation',
  tiers: 'tier',
  channels: 'channel',
};

const unknownNames = (file: unknown, { at, to, after }: Reference): readonly Finding[] => {
  const known = namesOf(file, to);
  if (known === undefined) return [];
  return select(file, at).flatMap(({ path, value, at: where }): readonly Finding[] => {
    if (typeof value !== 'string') return [];
    const name = after === undefined ? value : nameAfter(after, value);
    // What is filled in from an event is not known here; no name has a brace.
    if (name === undefined || known.has(name) || name.includes('{')) return [];
    const meant = didYouMean(name, known);
    return [{ path, at: where, message: `there is no ${singular[to]} "${name}"${meant}` }];
  });
};

const nameAfter = (word: string, value: string): string | undefined =>
  value.startsWith(`${word}:`) ? value.slice(word.length + 1) : undefined;

/** Undefined when the section is there but not of a shape that has names. */
const namesOf = (file: unknown, section: Section): ReadonlySet<string> | undefined => {
  switch (section) {
    case 'people':
    case 'services':
      return keysOf(get(file, [section]));
    case 'roles':
      return keysOf(get(file, ['roles']) ?? {}, ['business-owner']);
    case 'plans':
      return keysOf(get(file, ['plans']) ?? {}, ['default']);
    case 'resources':
      return keysOf(get(file, ['resources']) ?? {});
    case 'schedules':
    case 'escalations':
    case 'tiers':
      return keysOf(get(file, ['oncall', section]) ?? {});
    case 'channels':
      return keysOf(get(file, ['channels']) ?? {}, ['oncall', 'releases']);
    case 'environments':
      return environmentsOf(file);
  }
};

const keysOf = (value: unknown, more: readonly string[] = []): ReadonlySet<string> | undefined =>
  isMapping(value) && !Array.isArray(value) ? new Set([...Object.keys(value), ...more]) : undefined;

const environmentsOf = (file: unknown): ReadonlySet<string> | undefined => {
  const written = get(file, ['environments']) ?? ['test', 'preproduction', 'production'];
  return Array.isArray(written) ? new Set(written.filter((name) => typeof name === 'string')) : undefined;
};

const identities = [
  ['people', '*', 'slack'],
  ['people', '*', 'teams'],
  ['people', '*', 'email'],
];

/** Two people with one identity could fill two seats (L6). Case does not make two addresses. */
const sharedValues = (file: unknown, pattern: readonly string[]): readonly Finding[] => {
  const holders = new Map<string, string>();
  return select(file, pattern).flatMap(({ path, value }): readonly Finding[] => {
    if (typeof value !== 'string') return [];
    const holder = holders.get(value.toLowerCase());
    if (holder !== undefined) return [{ path, message: `${holder} has the same one` }];
    holders.set(value.toLowerCase(), String(path[1]));
    return [];
  });
};

const selfDependencies = (file: unknown): readonly Finding[] =>
  select(file, ['services', '*', 'dependsOn', '*'])
    .filter(({ path, value }) => value === path[1])
    .map(({ path }) => ({ path, message: 'a service cannot depend on itself' }));

/** A plan that claims more than there is would wait for ever. */
const excessiveClaims = (file: unknown): readonly Finding[] =>
  select(file, ['plans', '*', 'claims', '*']).flatMap(({ path, value }): readonly Finding[] => {
    const name = String(path[3]);
    const resource = get(file, ['resources', name]);
    if (!isMapping(resource) || typeof value !== 'number') return [];
    const capacity = get(file, ['resources', name, 'capacity']) ?? 1;
    if (typeof capacity !== 'number' || value <= capacity) return [];
    return [{ path, message: `is more than there is of ${name} (${capacity})` }];
  });

const productionRequirements = (file: unknown): readonly Finding[] => {
  const production = [...(environmentsOf(file) ?? [])].at(-1);
  return select(file, ['trains', '*', 'cutoffs', '*', 'requires', '*'])
    .filter(({ value }) => value === `deployed:${production}` || value === `verified:${production}`)
    .map(({ path }) => ({ path, message: `"${production}" is production: it comes after every cutoff` }));
};

const selfMirrors = (file: unknown): readonly Finding[] => {
  const production = [...(environmentsOf(file) ?? [])].at(-1);
  return [
    ...select(file, ['trains', '*', 'cutoffs', '*', 'requires', '*']),
    ...select(file, ['emergency', 'requires', '*']),
  ]
    .filter(({ value }) => value === `mirror:${production}`)
    .map(({ path }) => ({
      path,
      message: `"${production}" is production: it is what others are held against`,
    }));
};

const missingRequirements = (file: unknown): readonly Finding[] =>
  select(file, ['trains', '*', 'cutoffs', '*'])
    .filter(
      ({ path, value }) => isMapping(value) && !Object.hasOwn(value, 'requires') && !hasDefaults(path[3]),
    )
    .map(({ path }) => ({
      path: [...path, 'requires'],
      message: 'is missing; only in-test and ready-for-production have default requirements',
    }));

const hasDefaults = (cutoff: unknown): boolean => cutoff === 'in-test' || cutoff === 'ready-for-production';

const get = (value: unknown, path: readonly string[]): unknown => select(value, path)[0]?.value;
