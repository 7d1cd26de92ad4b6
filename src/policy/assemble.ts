import type {
  BuilderIdentity,
  CutoffRule,
  ObligationRules,
  Policy,
  Requirement,
  RoleName,
  SeatRule,
  Service,
  TrainRule,
  WindowRule,
} from '../domain/policy.ts';
import { oncallOf } from './assemble-oncall.ts';
import { plansOf } from './assemble-plans.ts';
import { mapValues } from './map-values.ts';
import { beginning, ending } from './scalars.ts';
import type { PolicyFile } from './schema.ts';
import { trackerOfFile } from './schema-trackers.ts';

/** The file in the domain's terms, with the defaults that depend on other parts of the file. */
export const assemble = (file: PolicyFile): Policy => {
  const services = mapValues(file.services, (service, name): Service => {
    const { plan = defaultPlanOf(file), ...rest } = service;
    return { name, ...rest, plan };
  });
  return {
    organization: file.organization,
    timezone: file.timezone,
    environments: file.environments,
    people: mapValues(file.people, ({ pages, ...person }, id) => ({
      id,
      ...person,
      name: person.name ?? id,
      ...(pages === undefined ? {} : { ways: pages.map(({ by, after }) => ({ way: by, after })) }),
    })),
    roles: rolesOf(file),
    ...groupsOf(file),
    businessOwners: 'business-owner' in file.roles ? 'listed' : 'own',
    services,
    trustedBuilders: trustedOf(file),
    builderKeys: keysOf(file),
    ...proofsOf(file),
    trains: mapValues(file.trains, (train, name) => trainOf(train, name, file.environments)),
    freezes: file.freezes.map(({ name, from, to }) => ({ name, from: beginning(from), until: ending(to) })),
    approvals: mapValues(file.approvals, seatsOf),
    emergencyRequires: file.emergency.requires,
    vetoes: file.vetoes,
    separation: file.separation,
    releaseManagers: file.releaseManagers,
    plans: plansOf(file, services),
    resources: mapValues(file.resources, ({ capacity }) => capacity),
    concurrency: file.concurrency,
    cycles: file.cycles,
    ...(file.milestones === undefined
      ? {}
      : { milestones: mapValues(file.milestones, (milestone, name) => ({ name, ...milestone })) }),
    obligations: obligationsOf(file),
    events: file.events,
    trackers: Object.entries(file.trackers).map(([name, tracker]) => trackerOfFile(name, tracker)),
    oncall: oncallOf(file),
    channels: mapValues(file.channels, (channel, name) => ({ name, ...channel })),
    ...(file.quietHours === undefined
      ? {}
      : { quietHours: { from: file.quietHours.from, until: file.quietHours.to } }),
  };
};

const obligationsOf = ({ obligations }: PolicyFile): ObligationRules => {
  const { hours, rootCause, ...terms } = obligations;
  return { from: hours.from, until: hours.to, terms: { ...terms, 'root-cause': rootCause } };
};

/** Something to prove itself by makes a builder a trusted one. */
const trustedOf = ({ builders }: PolicyFile): readonly string[] => [
  ...new Set([
    ...builders.trusted,
    ...[...builders.keys, ...builders.secrets, ...builders.identities].map(({ builder }) => builder),
  ]),
];

const proofsOf = ({
  builders,
}: PolicyFile): Pick<Policy, 'builderSecrets' | 'builderIdentities' | 'trustedRoot'> => {
  const identities = new Map<string, readonly BuilderIdentity[]>();
  for (const { builder, ...identity } of builders.identities)
    identities.set(builder, [...(identities.get(builder) ?? []), identity]);
  return {
    builderSecrets: new Map(builders.secrets.map(({ builder, secret }) => [builder, secret])),
    builderIdentities: identities,
    ...(builders.trustedRoot === undefined ? {} : { trustedRoot: builders.trustedRoot }),
  };
};

const keysOf = ({ builders }: PolicyFile): Policy['builderKeys'] => {
  const keys = new Map<string, readonly string[]>();
  for (const { builder, publicKey } of builders.keys)
    keys.set(builder, [...(keys.get(builder) ?? []), publicKey]);
  return keys;
};

type Train = PolicyFile['trains'][string];

const trainOf = (train: Train, name: string, environments: readonly string[]): TrainRule => ({
  name,
  cutoffs: Object.entries(train.cutoffs).map(
    ([cutoff, { at, meeting, reminders, requires }]): CutoffRule => ({
      name: cutoff,
      at,
      ...(meeting === undefined ? {} : { meeting }),
      reminders: reminders.toSorted((a, b) => b - a),
      requires: requires ?? defaultRequirements(cutoff, environments),
    }),
  ),
  windows: train.windows.map(windowOf),
});

/** Of the two cutoffs that have a default; references.ts has seen to it that others say what they require. */
const defaultRequirements = (cutoff: string, environments: readonly string[]): readonly Requirement[] => {
  const before = environments.slice(0, -1);
  const first = before.slice(0, 1).map((environment) => ({ kind: 'deployed', environment }) as const);
  const last = before.slice(-1).map((environment) => ({ kind: 'verified', environment }) as const);
  return cutoff === 'in-test'
    ? [{ kind: 'build' }, ...first, { kind: 'records' }, { kind: 'date-approved' }]
    : [{ kind: 'sign-off', role: 'qa' }, ...last, { kind: 'records' }, { kind: 'approvals' }];
};

const windowOf = ({
  name,
  lasts,
  capacity,
  opens,
  cancelled,
  atEnd,
}: Train['windows'][number]): WindowRule => {
  const common = {
    name,
    lasts,
    ...(capacity === undefined ? {} : { capacity }),
    ...(atEnd === 'roll-back' ? { atEnd } : {}),
  };
  return opens.kind === 'once'
    ? { ...common, kind: 'once', opens: opens.opens }
    : { ...common, kind: 'weekly', opens: opens.opens, cancelled };
};

const rolesOf = (file: PolicyFile): ReadonlyMap<RoleName, readonly string[]> => {
  const roles = mapValues(file.roles, (members): readonly string[] =>
    members.filter((member) => typeof member === 'string'),
  );
  const businessOwners = Object.values(file.services).flatMap(({ businessOwner }) => businessOwner ?? []);
  if (!roles.has('business-owner') && businessOwners.length > 0)
    roles.set('business-owner', [...new Set(businessOwners)]);
  return roles;
};

const groupsOf = (file: PolicyFile): Pick<Policy, 'slackGroups'> => {
  const groups = Object.entries(file.roles).flatMap(([role, members]) =>
    members.flatMap((member) => (typeof member === 'string' ? [] : [{ role, group: member.slackGroup }])),
  );
  return groups.length === 0 ? {} : { slackGroups: groups };
};

const seatsOf = (seats: readonly Readonly<Record<string, number>>[]): readonly SeatRule[] =>
  seats.flatMap((seat) => Object.entries(seat).map(([role, count]) => ({ role, count })));

/** The built-in plan has the name `default` too, so a file that defines one replaces it. */
const defaultPlanOf = (file: PolicyFile): string => {
  const names = Object.keys(file.plans);
  const [only] = names;
  return names.length === 1 && only !== undefined ? only : 'default';
};
