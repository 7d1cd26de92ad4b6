import { assertNever } from './assert-never.ts';
import type { Change } from './change.ts';
import { changeName } from './change.ts';
import { type Evidence, inForce } from './evidence.ts';
import type { Excuse } from './excuse.ts';
import { compare } from './mirror.ts';
import type { ConfirmedReading } from './observation.ts';
import type { EnvironmentName, Policy, Requirement, Service } from './policy.ts';
import { asking, type Mover, person, role, system } from './refusal.ts';
import { differsIn } from './same-bytes.ts';
import { barredFrom } from './separation.ts';

/** As written in the policy: `deployed:test`. */
export const requirementName = (requirement: Requirement): string => {
  switch (requirement.kind) {
    case 'deployed':
    case 'verified':
    case 'mirror':
      return `${requirement.kind}:${requirement.environment}`;
    case 'sign-off':
      return `${requirement.kind}:${requirement.role}`;
    case 'build':
    case 'reproduced':
    case 'records':
    case 'date-approved':
    case 'approvals':
    case 'milestones':
      return requirement.kind;
    default:
      return assertNever(requirement);
  }
};

/** Everything a requirement is judged by, except approvals (see excuse.ts). */
export interface Papers {
  readonly change: Change;
  readonly service: Service;
  readonly evidence: readonly Evidence[];
  /** Of the service; absent: nobody reads anything. */
  readonly readings?: readonly ConfirmedReading[];
  /** Reports of other bytes of the same version. Absent: none. */
  readonly rivals?: readonly Evidence[];
}

type EvidenceRequirement = Exclude<Requirement, { kind: 'approvals' | 'milestones' }>;

/** The first thing that keeps a requirement from being met, or undefined when it is met. */
export const unmet = (
  requirement: EvidenceRequirement,
  papers: Papers,
  policy: Policy,
): Excuse | undefined => {
  const { change } = papers;
  const subject = changeName(change.id);
  const owners: readonly Mover[] =
    papers.service.owners.length > 0 ? papers.service.owners.map(person) : [person(change.requester)];
  const of = requirementName(requirement);
  switch (requirement.kind) {
    case 'build':
    case 'deployed':
    case 'verified': {
      const environment = requirement.kind === 'build' ? null : requirement.environment;
      if (change.artifact === null) {
        if (requirement.kind !== 'build')
          return excuse('nothing-built', of, { version: change.version }, owners);
        // A build that failed, or whose builder does not count, has given no bytes: it is then about the change.
        const known = inForce(papers.evidence, (e) => e.kind === 'build' && e.change === change.id);
        if (known?.outcome === 'pass') return unproven(of, known, {}, owners);
        const facts = { service: change.service, version: change.version, ...said(known) };
        return excuse(known ? 'build-failed' : 'no-build', of, facts, [...owners, system('ci')]);
      }
      const movers =
        requirement.kind === 'verified' && policy.roles.has('operations') ? [role('operations')] : owners;
      return (
        firstUnmetPlatform(requirement.kind, environment, papers, policy, of, movers) ??
        (environment === null ? undefined : differsIn(environment, papers, policy, movers, of))
      );
    }
    case 'reproduced': {
      const builders = papers.service.platforms.map((platform) => ({
        platform,
        by: trustedBuildersOf(papers, platform, policy),
      }));
      const short = builders.filter(({ by }) => by.length < 2);
      if (short.length === 0) return undefined;
      const facts = {
        version: change.version,
        platforms: short.map(({ platform }) => platform),
        builders: [...new Set(short.flatMap(({ by }) => by))],
      };
      return excuse('not-reproduced', of, facts, [...owners, system('ci')]);
    }
    case 'sign-off': {
      const signed = papers.evidence.filter(
        (e) =>
          e.kind === 'sign-off' &&
          e.role === requirement.role &&
          e.artifact === change.artifact &&
          change.artifact !== null,
      );
      const barred = barredFrom('tester', papers, policy);
      // A tester's no counts, whoever says it.
      const found = inForce(signed, (e) => e.outcome === 'fail' || !barred.has(e.person ?? ''));
      if (found?.outcome === 'pass') return undefined;
      const action = { verb: 'change sign-off', subject, args: [requirement.role] };
      const members = policy.roles.get(requirement.role) ?? [];
      const movers = asking(
        policy,
        requirement.role,
        members.filter((member) => member !== change.requester && !barred.has(member)),
      );
      const own = found === undefined ? inForce(signed, () => true) : undefined;
      if (own !== undefined) {
        const rule = barred.get(own.person ?? '') ?? '';
        return {
          ...excuse('sign-off-separated', of, { role: requirement.role, ...said(own), rule }, movers),
          action,
        };
      }
      const facts = { role: requirement.role, ...said(found) };
      return {
        ...excuse(found ? 'sign-off-failed' : 'no-sign-off', of, facts, movers),
        action,
      };
    }
    case 'mirror':
      return adrift(requirement.environment, of, papers, policy, owners);
    case 'records': {
      const found = inForce(papers.evidence, (e) => e.kind === 'records' && e.change === change.id);
      if (found?.outcome === 'pass') return undefined;
      const facts = { records: change.records, ...said(found) };
      return {
        ...excuse(found ? 'records-failed' : 'records-not-ready', of, facts, [person(change.requester)]),
        action: { verb: 'change records', subject },
      };
    }
    case 'date-approved': {
      const found = inForce(
        papers.evidence,
        (e) => e.kind === 'date-approved' && e.change === change.id && e.train === change.train,
      );
      if (found?.outcome === 'pass') return undefined;
      return {
        ...excuse(
          found ? 'date-refused' : 'date-not-approved',
          of,
          { train: change.train, ...said(found) },
          policy.releaseManagers.map(role),
        ),
        action: { verb: 'change approve-date', subject },
      };
    }
    default:
      return assertNever(requirement);
  }
};

/** What is not known is not alike (L1). */
const adrift = (
  environment: EnvironmentName,
  of: string,
  { service, readings = [], change }: Papers,
  policy: Policy,
  owners: readonly Mover[],
): Excuse | undefined => {
  const production = policy.environments.at(-1) ?? '';
  const all = compare(service, readings, environment, production, [change]);
  const movers = policy.roles.has('operations') ? [role('operations')] : owners;
  const drift = all.filter(({ likeness }) => likeness === 'drift');
  if (drift.length > 0) {
    const [{ here, there } = {}] = drift;
    return excuse(
      'mirror-drift',
      of,
      {
        environment,
        aspects: [...new Set(drift.map(({ aspect }) => aspect))],
        platforms: [...new Set(drift.map(({ platform }) => platform))],
        here: here?.value ?? '',
        there: there?.value ?? '',
      },
      movers,
    );
  }
  const unread = all.filter(({ likeness }) => likeness === 'unread');
  if (unread.length === 0) return undefined;
  const where = unread.flatMap(({ here, there }) => [
    ...(here === undefined ? [environment] : []),
    ...(there === undefined ? [production] : []),
  ]);
  const facts = { environments: [...new Set(where)], platforms: unread.map(({ platform }) => platform) };
  return excuse('mirror-unread', of, facts, movers);
};

/** Whose builds of the very bytes count. */
const trustedBuildersOf = (
  { change, evidence }: Papers,
  platform: string,
  policy: Policy,
): readonly string[] => {
  const builds = evidence.filter(
    (e) =>
      e.kind === 'build' &&
      e.platform === platform &&
      e.artifact !== null &&
      e.artifact === change.artifact &&
      isTrusted(e, policy),
  );
  const builders = [...new Set(builds.flatMap(({ builder }) => builder ?? []))];
  return builders.filter((name) => inForce(builds, (e) => e.builder === name)?.outcome === 'pass');
};

const unnamedBuilder = 'an unnamed builder';

const codes = {
  build: { none: 'no-build', fail: 'build-failed' },
  deployed: { none: 'not-deployed', fail: 'deployment-failed' },
  verified: { none: 'not-verified', fail: 'verification-failed' },
} as const;

const firstUnmetPlatform = (
  kind: 'build' | 'deployed' | 'verified',
  environment: string | null,
  { change, service, evidence }: Papers,
  policy: Policy,
  of: string,
  movers: readonly Mover[],
): Excuse | undefined => {
  const states = service.platforms.map((platform) => {
    const mine = evidence.filter(
      (e) =>
        e.kind === kind &&
        e.artifact === change.artifact &&
        e.environment === environment &&
        e.platform === platform,
    );
    const counts = inForce(mine, (e) => kind !== 'build' || isTrusted(e, policy));
    return { platform, counts, shown: counts ?? inForce(mine, () => true) };
  });
  const failed = states.find((s) => s.counts?.outcome === 'fail');
  if (failed)
    return excuse(
      codes[kind].fail,
      of,
      { platform: failed.platform, ...where(environment), ...said(failed.counts) },
      movers,
    );
  const missing = states.filter((s) => s.counts === undefined);
  if (missing.length === 0) return undefined;
  const untrusted = missing.find((s) => s.shown !== undefined);
  return untrusted
    ? unproven(of, untrusted.shown, { platform: untrusted.platform }, movers)
    : excuse(
        codes[kind].none,
        of,
        { platforms: missing.map((s) => s.platform), version: change.version, ...where(environment) },
        movers,
      );
};

/** Somebody built it, but not in a way that counts. */
const unproven = (
  of: string,
  build: Evidence | undefined,
  facts: Excuse['facts'],
  movers: readonly Mover[],
): Excuse =>
  excuse(
    build?.doubt === undefined ? 'untrusted-builder' : 'build-unproven',
    of,
    {
      builder: build?.builder ?? unnamedBuilder,
      ...facts,
      ...(build?.doubt === undefined ? {} : { doubt: build.doubt }),
    },
    movers,
  );

const isTrusted = (build: Evidence, policy: Policy): boolean =>
  build.doubt === undefined &&
  (policy.trustedBuilders.length === 0 ||
    (build.builder !== null && policy.trustedBuilders.includes(build.builder)));

const where = (environment: string | null) => (environment === null ? {} : { environment });

const said = (found: Evidence | undefined): Readonly<Record<string, string>> =>
  found === undefined
    ? {}
    : { by: found.person ?? found.source, ...(found.comment === null ? {} : { comment: found.comment }) };

const excuse = (
  code: Excuse['code'],
  requirement: string,
  facts: Excuse['facts'],
  movers: readonly Mover[],
): Excuse => ({ code, requirement, facts, movers });
