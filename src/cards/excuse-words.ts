import type { Mark, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import type { Excuse, ExcuseCode } from '../domain/excuse.ts';
import type { Policy } from '../domain/policy.ts';
import { second } from '../domain/time.ts';
import { type Facts, facts } from './facts.ts';
import { valueText } from './value-text.ts';
import {
  count,
  cutoffName,
  duration,
  instant,
  list,
  move,
  partsText,
  people,
  personSpan,
  quoted,
  requirementText,
  roleName,
  separationText,
} from './words.ts';

/** One excuse as a phrase: what is missing or wrong, without whose move it is. */
export const excuseText = (excuse: Excuse, policy: Policy): Text =>
  words[excuse.code]({ ...facts(excuse.facts), requirement: excuse.requirement ?? '', policy });

/** The phrase and whose move it is: `no build of 2.4.1 yet — Dana or CI`. */
export const excuseLine = (excuse: Excuse, policy: Policy): Text => [
  ...excuseText(excuse, policy),
  ...move(excuse.movers, policy),
];

/** What went wrong, as against what has not happened yet. */
export const isFailure = (excuse: Excuse): boolean => failures.has(excuse.code);

/** Passes by itself: a time comes, or a deployment ends. */
export const isWaiting = (excuse: Excuse): boolean => waits.has(excuse.code);

export const excuseMark = (excuse: Excuse): Mark =>
  isFailure(excuse) ? 'failed' : isWaiting(excuse) ? 'waiting' : 'missing';

const failures: ReadonlySet<ExcuseCode> = new Set<ExcuseCode>([
  'build-failed',
  'untrusted-builder',
  'build-unproven',
  'deployment-failed',
  'verification-failed',
  'sign-off-failed',
  'records-failed',
  'date-refused',
  'mirror-drift',
  'rejected',
  'vetoed',
  'service-unknown',
  'nogo',
  'sign-off-separated',
  'go-separated',
  'does-not-fit',
  'dependency-failed',
  'resource-short',
  'live-side-unknown',
  'rolled-back-before',
  'cycle-refused',
  'other-bytes',
  'configuration-differs',
]);

const waits: ReadonlySet<ExcuseCode> = new Set<ExcuseCode>([
  'nothing-built',
  'records-unasked',
  'cutoff-open',
  'window-shut',
  'frozen',
  'waits-for',
  'service-busy',
  'slots-busy',
  'resource-busy',
]);

interface Told extends Facts {
  readonly requirement: string;
  readonly policy: Policy;
}

const words: Readonly<Record<ExcuseCode, (told: Told) => Text>> = {
  'no-build': (f) => [`no build of ${f.text('version', 'this version')} yet`, ...platforms(f)],
  'nothing-built': (f) => [`${requirementText(f.requirement)}: waits for the build`],
  'build-failed': (f) => ['the build failed', ...platforms(f), ...reported(f)],
  'untrusted-builder': (f) => [
    'built by ',
    code(f.text('builder', 'an unnamed builder')),
    ', which the policy does not trust',
    ...platforms(f),
  ],
  'build-unproven': (f) => [
    'said to be built by ',
    code(f.text('builder', 'an unnamed builder')),
    `, but ${doubtWords[f.text('doubt')] ?? 'that is not proven'}`,
    ...platforms(f),
  ],
  'not-reproduced': (f) => [
    `no second builder has made the same bytes of ${f.text('version', 'this version')} yet`,
    ...platforms(f),
  ],
  'not-deployed': (f) => [`not deployed to ${f.text('environment', 'test')} yet`, ...platforms(f)],
  'deployment-failed': (f) => [
    `the deployment to ${f.text('environment', 'test')} failed`,
    ...platforms(f),
    ...reported(f),
  ],
  'not-verified': (f) => [`not verified in ${f.text('environment', 'preproduction')} yet`, ...platforms(f)],
  'verification-failed': (f) => [
    `verification in ${f.text('environment', 'preproduction')} failed`,
    ...platforms(f),
    ...reported(f),
  ],
  'no-sign-off': (f) => [`no sign-off by ${roleName(f.text('role', 'a tester'))} yet`],
  'sign-off-failed': (f) => [`${roleName(f.text('role', 'a tester'))} did not sign off`, ...reported(f)],
  'sign-off-separated': (f) => [
    'signed off by ',
    personSpan(f.text('by'), f.policy),
    `, who ${separationText(f.text('rule'))}; somebody else has to`,
  ],
  'records-not-ready': (f) => [
    f.list('records').length === 0
      ? 'nobody has said that the records are ready'
      : `records not ready (${list(f.list('records'))})`,
  ],
  'records-failed': (f) => ['the records are in the wrong state', ...reported(f)],
  'records-unasked': (f) => [
    `nobody could be asked where ${list(f.list('records')) || 'the records'} ${f.list('records').length === 1 ? 'stands' : 'stand'} now`,
  ],
  'mirror-drift': (f) => [
    `${f.text('environment', 'preproduction')} is not like production: ${list(f.list('aspects')) || 'something'} differs`,
    ...platforms(f),
    ...(f.has('here') && f.has('there')
      ? [
          ' (',
          code(valueText(f.text('here'))),
          ' there, ',
          code(valueText(f.text('there'))),
          ' in production)',
        ]
      : []),
  ],
  'mirror-unread': (f) => [
    `nobody has told what runs in ${list(f.list('environments')) || 'its environments'}`,
    ...platforms(f),
  ],
  'date-not-approved': () => ['the deployment date is not approved yet'],
  'date-refused': (f) => ['the deployment date was refused', ...said(f)],
  'seat-empty': (f) => [
    f.number('seats') > 1
      ? `${f.number('seats')} signatures of ${roleName(f.text('role'))} are missing`
      : `the signature of ${roleName(f.text('role'))} is missing`,
  ],
  'approval-void': (f) => [
    ...people(f.list('by'), f.policy),
    ` signed before ${partsText(f.list('changed'))} changed: a new signature of ${roleName(f.text('role'))} is needed`,
  ],
  rejected: (f) => ['rejected', ...said(f)],
  vetoed: (f) => ['vetoed', ...said(f)],
  'service-unknown': (f) => [
    `the policy has no complete rules for ${f.text('service', 'the service')}: its service, its plan or its approvals are missing`,
  ],
  'cutoff-open': (f) => [`${cutoffName(f.text('cutoff'))} has not closed yet`],
  'not-ready': () => ['its papers are not complete'],
  'go-missing': () => ['no go yet'],
  nogo: (f) => ['no-go', ...because(f)],
  'go-separated': (f) => [
    'go was given by ',
    personSpan(f.text('by'), f.policy),
    `, who ${separationText(f.text('rule'))}; it needs the go of somebody else`,
  ],
  'window-shut': (f) =>
    f.has('opens')
      ? ['waits for the window, which opens ', instant(f.text('opens'))]
      : ['no window of its train opens again'],
  frozen: (f) => [
    `production is frozen (${f.text('freeze')}) until `,
    instant(f.text('until')),
    ...(f.has('opens') ? ['; the window opens ', instant(f.text('opens'))] : []),
  ],
  'does-not-fit': (f) => [
    `takes ${duration(f.number('expectedSeconds') * second)}, with ${duration(f.number('reserveSeconds') * second)} kept for a rollback, and no longer fits before the window closes `,
    instant(f.text('closes')),
    '; it had to start by ',
    instant(f.text('lastSafeStart')),
  ],
  'window-full': (f) => [
    `the window ${f.text('window')} takes ${count(f.number('capacity'), 'deployment')} and has no room left for it`,
  ],
  'live-side-unknown': (f) => [
    `which side of production is live is not known (${f.text('reason', 'nobody says')})`,
  ],
  paused: () => ['deployments of this train are paused'],
  'waits-for': (f) => [`waits for ${list(f.list('services'))}`],
  'dependency-held': (f) => [
    `${list(f.list('services'))} must go first and ${f.list('services').length === 1 ? 'is' : 'are'} held`,
  ],
  'dependency-failed': (f) => [`${list(f.list('services'))} had to go first and did not make it`],
  'service-busy': (f) => [`${f.text('deployment', 'another deployment')} is deploying the same service`],
  'slots-busy': (f) => [
    `${count(f.number('concurrency'), 'deployment')} at a time is the most, and so many run now`,
  ],
  'waits-for-change': (f) => [
    `comes after ${list(
      f.list('changes').map((change, i) => {
        const train = f.list('trains')[i] ?? '';
        return `${change} (${f.list('states')[i] ?? 'unknown'}${train === '' ? '' : `, ${train}`})`;
      }),
    )}, which ${f.list('changes').length === 1 ? 'is' : 'are'} neither in production nor on tonight’s plan`,
  ],
  'milestone-open': (f) => [
    'waits for ',
    bold(f.text('milestone', 'a milestone')),
    f.has('what')
      ? ` (${f.text('what')}), due ${f.text('due')}`
      : ', which the policy does not have any more',
    ...(f.has('by') ? [', which is not there', ...reported(f)] : []),
  ],
  'other-bytes': (f) => [
    `${f.text('environment', 'another environment')} has other bytes of ${f.text('version', 'this version')} now: `,
    code(f.text('artifact')),
    ...platforms(f),
  ],
  'configuration-differs': (f) => [
    `configured otherwise in ${f.list('environments')[1] ?? 'one environment'} than in ${f.list('environments')[0] ?? 'another'}: ${list(f.list('settings'), 'and', 6)}`,
    ...platforms(f),
  ],
  'cycle-refused': (f) => [
    `${list(f.list('services'))} need each other, and the policy deploys no such circle`,
  ],
  'rolled-back-before': (f) => [
    `the same bytes were rolled back as ${f.text('deployment')}; withdraw it and submit it again with --because and a reason`,
  ],
  'resource-busy': (f) =>
    f.number('capacity') === 1
      ? [`${f.text('resource')} is held by ${list(f.list('deployments'))}`]
      : [
          `needs ${f.number('needs')} of ${f.text('resource')}; ${list(f.list('deployments'))} hold ${f.number('used')} of ${f.number('capacity')}`,
        ],
  'resource-short': (f) => [
    `needs ${f.number('needs')} of ${f.text('resource')}, of which the policy has ${f.number('capacity')} in all`,
  ],
  'moved-by-hand': (f) => ['moved', ...said(f)],
};

/** Of a provenance. */
const doubtWords: Readonly<Record<string, string>> = {
  'no-provenance': 'there is no provenance',
  unreadable: 'its provenance cannot be read',
  'bad-signature': 'its provenance is not signed by that builder',
  'wrong-bytes': 'its provenance is of other bytes',
  'wrong-builder': 'its provenance names another builder',
  'wrong-repository': 'its provenance names another repository',
  'wrong-identity': 'somebody else has signed its provenance',
  'no-trusted-root': 'there is no trusted root here to verify its provenance by',
  'not-its-key': 'the report is not signed with that builder’s own key',
};

/** `default` stands for a service with nothing to tell apart. */
const platforms = (f: Facts): Text => {
  const named = [...f.list('platforms'), ...f.list('platform')].filter((name) => name !== 'default');
  return named.length === 0 ? [] : [` on ${list(named)}`];
};

/** ` (CI: “the pod restarts”)`; `hook` is how the evidence came, which tells people nothing. */
const reported = (f: Told): Text => {
  const comment = f.text('comment');
  if (!f.has('by')) return comment === '' ? [] : [` (${quoted(comment)})`];
  const by = f.text('by') === 'hook' ? 'CI' : personSpan(f.text('by'), f.policy);
  return [' (', by, comment === '' ? ' says so)' : `: ${quoted(comment)})`];
};

/** ` by Quinn: “the basket is empty”` */
const said = (f: Told): Text => {
  const comment = f.text('comment') || f.text('reason');
  return [
    ...(f.has('by') ? [' by ', personSpan(f.text('by'), f.policy)] : []),
    ...(comment === '' ? [] : [`: ${quoted(comment)}`]),
  ];
};

const because = (f: Facts): Text => (f.text('reason') === '' ? [] : [`: ${quoted(f.text('reason'))}`]);
