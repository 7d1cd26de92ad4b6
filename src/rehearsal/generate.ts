import type { AuditKind } from '../domain/audit.ts';
import type { PersonId, Policy, Requirement } from '../domain/policy.ts';
import { day, hour, minute } from '../domain/time.ts';
import { type Train, trainEnds } from '../domain/train.ts';
import { castServices, type Fates, membersOf, requesterFor, requirementsOf, signersFor } from './cast.ts';
import { installs, wordOf } from './program.ts';
import { inOrder, type Moment, type Scenario, type SystemReport } from './scenario.ts';

interface Part {
  readonly service: string;
  readonly version: string;
  readonly type: 'normal' | 'content' | 'standard';
  readonly requester: PersonId;
  readonly signers: readonly PersonId[];
}

/** Colleagues and a week for any policy: who it names, what it requires, when it lets things happen. */
export const generateScenario = (policy: Policy, train: Train): Scenario => {
  const fates = castServices(policy);
  const times = timesOf(train);
  const missing: string[] = [];
  const part = (service: string | undefined, type: Part['type'] = 'normal'): Part | undefined => {
    if (service === undefined) return undefined;
    const requester = requesterFor(policy, train, service, type);
    if (requester === undefined) {
      missing.push(`a ${type} change of ${service}: its seats cannot be filled by different people`);
      return undefined;
    }
    const signers = signersFor(policy, type, requester) ?? [];
    return { service, version: '2.1.0', type, requester, signers };
  };
  const makesIt = part(fates.makesIt);
  // With few services the other types are played by those that have another fate besides.
  const spare = {
    content: policy.approvals.has('content') ? 'content' : 'normal',
    standard: policy.approvals.has('standard') ? 'standard' : 'normal',
  } as const;
  const parts = {
    makesIt,
    fails: part(fates.fails, fates.content === undefined ? spare.content : 'normal'),
    held: part(fates.held, fates.standard === undefined ? spare.standard : 'normal'),
    standard: part(fates.standard, 'standard'),
    content: part(fates.content, 'content'),
  };
  const misses = part(fates.misses);
  const late = part(fates.late);
  const complete = Object.values(parts).filter((p) => p !== undefined);
  missing.push(...notShown(policy, fates));

  const moments: Moment[] = [
    ...complete.flatMap((p, i) => [
      ...submission(p, times.early(0.02 + 0.02 * i)),
      ...papers(policy, train, p, times, 0.1 + 0.05 * i),
    ]),
    ...(misses === undefined ? [] : missing1stCutoff(train, misses, times)),
    ...(late === undefined ? [] : submission(late, times.cutoff(0))),
    ...(makesIt === undefined ? [] : trials(policy, train, makesIt, times)),
    ...decision(policy, train, complete),
    ...night(policy, train, parts.fails),
  ];
  return {
    title: `colleagues made up for ${policy.organization}`,
    ownPrograms: false,
    moments: inOrder(moments.map((moment) => ({ ...moment, at: wholeMinute(moment.at) }))),
    expects: expected(train, makesIt !== undefined),
    missing,
  };
};

const wholeMinute = (at: Date): Date => new Date(Math.floor(at.getTime() / minute) * minute);

interface Times {
  /** Between the first day and the first cutoff; 0 to 1. */
  early(fraction: number): Date;
  /** Within the time that leads to a cutoff. */
  before(cutoff: number, fraction: number): Date;
  cutoff(index: number): Date;
}

const timesOf = (train: Train): Times => {
  const cutoff = (index: number): Date => train.cutoffs[index]?.at ?? trainEnds(train);
  const begin = (index: number): number =>
    index === 0 ? cutoff(0).getTime() - 2 * day : cutoff(index - 1).getTime() + hour;
  const before = (index: number, fraction: number): Date =>
    new Date(begin(index) + fraction * Math.max(0, cutoff(index).getTime() - begin(index)));
  return { cutoff, before, early: (fraction) => before(0, fraction) };
};

const say = (at: Date, person: PersonId, text: string): Moment => ({ at, kind: 'say', person, text });
const report = (
  at: Date,
  { service, version }: Part,
  more: Partial<SystemReport> & Pick<SystemReport, 'kind'>,
): Moment => ({
  at,
  kind: 'report',
  report: { service, version, outcome: 'pass', again: false, ...more },
});
const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

const submission = ({ requester, service, version, type }: Part, at: Date): readonly Moment[] => [
  say(
    at,
    requester,
    `change submit ${service} ${version}${type === 'normal' ? '' : ` --type ${type}`} --record ${service.toUpperCase()}-1`,
  ),
];

/** Everything that the train's cutoffs ask for, in the time before each of them. */
const papers = (policy: Policy, train: Train, part: Part, times: Times, from: number): readonly Moment[] =>
  train.cutoffs.flatMap((cutoff, k) => {
    const earlier = new Set(
      train.cutoffs.slice(0, k).flatMap((c) => c.requires.map((r) => JSON.stringify(r))),
    );
    const isLast = k === train.cutoffs.length - 1;
    // The gate asks for approvals where no cutoff does.
    const asked = isLast && !requirementsOf(train).some(({ kind }) => kind === 'approvals');
    return [...cutoff.requires, ...(asked ? [{ kind: 'approvals' as const }] : [])]
      .filter((requirement) => !earlier.has(JSON.stringify(requirement)))
      .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
      .flatMap((requirement, i) => paper(policy, part, requirement, times.before(k, from + 0.04 * i)));
  });

const order: readonly Requirement['kind'][] = [
  'build',
  'deployed',
  'verified',
  'records',
  'date-approved',
  'sign-off',
  'approvals',
  'milestones',
];

const paper = (policy: Policy, part: Part, requirement: Requirement, at: Date): readonly Moment[] => {
  const { requester, signers, service } = part;
  const by = (roles: readonly string[], text: string): readonly Moment[] => {
    const person = membersOf(policy, roles).find((candidate) => candidate !== requester);
    return person === undefined ? [] : [say(at, person, text)];
  };
  switch (requirement.kind) {
    case 'build':
      return [report(at, part, { kind: 'build' })];
    case 'deployed':
    case 'verified':
      return [report(at, part, { kind: requirement.kind, environment: requirement.environment })];
    case 'milestones':
      return [];
    case 'records':
      return [say(at, requester, `change records <${service}>`)];
    case 'date-approved': {
      const [manager] = membersOf(policy, policy.releaseManagers);
      return manager === undefined ? [] : [say(at, manager, `change approve-date <${service}>`)];
    }
    case 'sign-off':
      return by([requirement.role], `change sign-off <${service}> ${requirement.role}`);
    // What is read of the world is no paper that anybody hands in.
    case 'mirror':
    case 'reproduced':
      return [];
    case 'approvals':
      return signers.map((signer, i) => say(after(at, i * minute), signer, `change approve <${service}>`));
  }
};

/** Built, and its first deployment fails: it goes with the next train. */
const missing1stCutoff = (train: Train, part: Part, times: Times): readonly Moment[] => {
  const environment = train.cutoffs[0]?.requires.flatMap((r) =>
    r.kind === 'deployed' ? [r.environment] : [],
  )[0];
  return [
    ...submission(part, times.early(0.3)),
    report(times.early(0.35), part, { kind: 'build' }),
    ...(environment === undefined
      ? []
      : [
          report(times.early(0.5), part, {
            kind: 'deployed',
            environment,
            outcome: 'fail',
            comment: 'it does not start',
          }),
        ]),
    say(times.early(0.6), part.requester, `change why <${part.service}>`),
  ];
};

/** What the change that makes it has to go through: refusals, a veto, other bytes, a check that fails later. */
const trials = (policy: Policy, train: Train, part: Part, times: Times): readonly Moment[] => {
  const { service, requester, signers } = part;
  const last = train.cutoffs.length - 1;
  const [signer] = signers;
  const vetoer = membersOf(policy, policy.vetoes).find((person) => person !== requester);
  const renewed = requirementsOf(train)
    .filter(({ kind }) => kind === 'deployed' || kind === 'verified' || kind === 'sign-off')
    .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  const verified = renewed.find((requirement) => requirement.kind === 'verified');
  const at = (fraction: number): Date => times.before(last, fraction);
  return [
    say(at(0.5), requester, `change approve <${service}>`),
    ...(signer === undefined ? [] : [say(at(0.51), signer, `change approve <${service}>`)]),
    ...(vetoer === undefined
      ? []
      : [say(at(0.55), vetoer, `change veto <${service}> a supplier works on its systems that night`)]),
    ...(vetoer === undefined
      ? []
      : [say(at(0.6), vetoer, `change rescind <${service}> the supplier has moved its work`)]),
    report(at(0.7), part, { kind: 'build', again: true }),
    ...renewed.flatMap((requirement, i) => paper(policy, part, requirement, at(0.72 + 0.01 * i))),
    ...paper(policy, part, { kind: 'approvals' }, at(0.8)),
    ...(verified === undefined
      ? []
      : [
          report(at(0.85), part, {
            kind: 'verified',
            environment: verified.environment,
            outcome: 'fail',
            comment: 'the nightly run failed',
          }),
          report(at(0.9), part, {
            kind: 'verified',
            environment: verified.environment,
            comment: 'the test data were at fault',
          }),
        ]),
  ];
};

const decision = (policy: Policy, train: Train, parts: readonly Part[]): readonly Moment[] => {
  const last = train.cutoffs.at(-1);
  const at = after(last?.meeting ?? last?.at ?? trainEnds(train), 10 * minute);
  const managers = membersOf(policy, policy.releaseManagers);
  const [manager] = managers;
  const other = parts.map(({ requester }) => requester).find((person) => !managers.includes(person));
  return manager === undefined
    ? []
    : [
        ...(other === undefined ? [] : [say(at, other, 'train go <train>')]),
        say(after(at, 10 * minute), manager, 'train go <train>'),
        say(after(at, 12 * minute), manager, 'deploy plan <train>'),
      ];
};

const night = (policy: Policy, train: Train, fails: Part | undefined): readonly Moment[] => {
  const [opening] = train.windows.flatMap(({ open }) => open);
  const [someone] = membersOf(policy, policy.releaseManagers);
  const [operator] = membersOf(policy, ['operations']);
  if (opening === undefined) return [];
  const plan = fails && policy.plans.get(policy.services.get(fails.service)?.plan ?? '');
  const breaks = plan && installs(plan);
  const verb = breaks && wordOf(breaks);
  return [
    ...(fails === undefined || verb === undefined
      ? []
      : [
          {
            at: after(opening.from, -10 * minute),
            kind: 'break' as const,
            service: fails.service,
            verb,
            reason: 'a disk is full',
          },
        ]),
    { at: opening.from, kind: 'kill', running: 1 },
    ...(fails === undefined || operator === undefined
      ? []
      : [
          say(after(opening.from, 30 * minute), operator, 'page ack PAGE-1'),
          say(after(opening.from, 45 * minute), operator, 'page resolve PAGE-1'),
        ]),
    ...(someone === undefined ? [] : [say(after(trainEnds(train), 9 * hour), someone, 'train <train>')]),
  ];
};

const notShown = (policy: Policy, fates: Fates): readonly string[] => [
  ...(fates.held === undefined
    ? ['a dependent that is held (it takes three services, one of which depends on another)']
    : []),
  ...(fates.misses === undefined ? ['a change that misses the first cutoff (it takes four services)'] : []),
  ...(['standard', 'content'] as const)
    .filter((type) => !policy.approvals.has(type))
    .map((type) => `a ${type} change (the policy has no approvals for it)`),
  ...(membersOf(policy, policy.vetoes).length === 0 ? ['a veto (nobody may)'] : []),
];

const expected = (train: Train, hasChange: boolean): readonly AuditKind[] => [
  'submitted',
  'evidence',
  'cutoff-closed',
  'run-sheet',
  ...(hasChange ? (['refused', 'go'] as const) : []),
  ...(hasChange && train.windows.some(({ open }) => open.length > 0)
    ? ([
        'window-opened',
        'deployment-started',
        'step-finished',
        'deployment-finished',
        'window-closed',
      ] as const)
    : []),
];
