import { code } from '../chat/card.ts';
import type { Policy } from '../domain/policy.ts';
import { deedText, deploymentStates } from './deed-words.ts';
import { exceptionRefusals } from './exception-refusals.ts';
import type { Facts } from './facts.ts';
import { pageRefusals } from './page-refusals.ts';
import { known, meant, reason, show, type Told } from './told.ts';
import {
  capital,
  clip,
  cutoffName,
  instant,
  list,
  people,
  personSpan,
  quoted,
  roleName,
  separationText,
} from './words.ts';

/** Every code of `src/operations` and `handlers`; the one place where codes become words. */
export const refusals: Readonly<Record<string, (f: Facts, policy: Policy) => Told>> = {
  ...exceptionRefusals,
  ...pageRefusals,
  // decisions
  'own-change': (f) => ({
    title: 'Not your own change',
    why: [`You asked for ${f.text('change')} yourself, so somebody else has to sign for it.`],
  }),
  separated: (f) => ({
    title: 'Somebody else has to do that',
    why: [
      `The policy keeps duties apart: whoever signs for, tests or releases ${f.text('change')} must not have another part in it, and you `,
      `${separationText(f.text('rule'))}.`,
    ],
    ...show(f),
    movers: 'who may',
  }),
  'already-signed': (f) => ({
    title: 'You have signed already',
    why: [
      `Your signature on ${f.text('change')} stands and fills one seat. The other seats are for other people.`,
    ],
    ...show(f),
  }),
  vetoed: (f, policy) => ({
    title: `${f.text('change')} is vetoed`,
    why: [
      personSpan(f.text('by', 'somebody'), policy),
      ' vetoed it',
      ...reason(f),
      '. Nobody can approve it until the veto is rescinded.',
    ],
    ...show(f),
    movers: 'nobody',
  }),
  'own-rejection': (f) => ({
    title: 'You rejected it',
    why: [`Your own rejection of ${f.text('change')} still stands. Take it back first, then approve.`],
    next: `change rescind ${f.text('change')}`,
    movers: 'nobody',
  }),
  'no-seats': (f) => ({
    title: 'No signature needed',
    why: [`Changes like ${f.text('change')} are pre-approved: no seat waits for a signature.`],
    movers: 'nobody',
  }),
  'not-your-seat': (f) => ({
    title: 'No seat for you here',
    why: [
      `${f.text('change')} needs signatures of ${list(f.list('roles').map(roleName))}; you have none of these roles.`,
    ],
    movers: 'who may',
  }),
  'seats-full': (f, policy) => ({
    title: 'That seat is taken',
    why: [
      ...people(f.list('by'), policy),
      ` signed ${f.text('change')} before you; no other seat of ${list(f.list('roles').map(roleName))} is empty.`,
    ],
    ...show(f),
    movers: 'nobody',
  }),
  'nothing-to-rescind': (f) => ({
    title: 'Nothing to rescind',
    why: [`You have decided nothing on ${f.text('change')} that still stands.`],
    ...show(f),
  }),
  'reason-missing': (f) => ({
    title: 'Please say why',
    why: [`${capital(deedText(f.text('what', 'this')))} needs a reason, for those who have to act on it.`],
  }),
  'not-your-role': (f) => ({
    title: 'Not yours to decide',
    why: [
      `${capital(deedText(f.text('what', 'this')))} needs the role ${list(f.list('roles').map(roleName), 'or')}, which you do not have.`,
    ],
    movers: 'who may',
  }),
  'too-early': (f) => ({
    title: 'Too early for a go',
    why: [
      `${f.text('train')} can get a go or a no-go once its cutoff ${cutoffName(f.text('cutoff'))} has closed.`,
    ],
    next: `train status ${f.text('train')}`,
  }),
  // names
  'unknown-person': (f) => ({
    title: 'Unknown person',
    why: [`The policy knows nobody called ${quoted(f.text('person'))}.`, ...meant(f)],
  }),
  'unknown-actor': (f) => ({
    title: 'I do not know you yet',
    why: [
      `The policy has nobody with your ${capital(f.text('platform', 'chat'))} account. Ask a release manager to add your id to it.`,
    ],
  }),
  'unknown-service': (f) => ({
    title: 'Unknown service',
    why: [`The policy has no service ${quoted(f.text('service'))}.`, ...meant(f)],
  }),
  'unknown-train': (f) => ({
    title: 'Unknown train',
    why: [f.has('train') ? `There is no train ${quoted(f.text('train'))}.` : 'No train is on the timetable.'],
    next: 'train calendar',
  }),
  'unknown-change': (f) => ({
    title: 'Unknown change',
    why: [`There is no change ${quoted(f.text('change'))}.`],
    next: 'change list',
  }),
  'unknown-deployment': (f) => ({
    title: 'Unknown deployment',
    why: [`There is no deployment ${quoted(f.text('deployment'))}.`],
    next: 'deploy status',
  }),
  'no-decision': (f) => ({
    title: 'No decision to replay',
    why: [`${f.text('deployment')} is no deployment that has started.`],
    next: 'deploy status',
  }),
  'unknown-environment': (f) => ({
    title: 'Unknown environment',
    why: [
      f.has('environment')
        ? `The policy has no environment ${quoted(f.text('environment'))}. `
        : 'The report does not say in which environment. ',
      known(f),
      ...meant(f),
    ],
  }),
  'unknown-platform': (f) => ({
    title: 'Which platform?',
    why: [
      f.has('platform')
        ? `${f.text('service')} is not built for ${quoted(f.text('platform'))}. `
        : `${f.text('service')} has several platforms; the report has to name one. `,
      known(f),
    ],
  }),
  'unknown-type': (f) => ({
    title: 'Unknown type of change',
    why: [`There is no type ${quoted(f.text('type'))}. `, known(f), ...meant(f)],
  }),
  'unknown-artifact': (f) => ({
    title: 'Unknown artifact',
    why: [
      f.has('version')
        ? `No build of ${f.text('service')} ${f.text('version')} has been reported, so this report belongs to no artifact.`
        : `The report on ${f.text('service')} names neither an artifact nor a version.`,
      ' Report the build first.',
    ],
  }),
  'service-unknown': (f) => ({
    title: 'No complete rules for it',
    why: [
      `The policy lacks the service ${f.text('service')}, its deployment plan, or the approvals of type ${f.text('type')}. Until it has them, nothing can be decided.`,
    ],
  }),
  // submitting
  'already-submitted': (f) => ({
    title: 'Already on its way',
    why: f.has('change')
      ? [
          `${f.text('change')} already brings ${f.text('service')} ${f.text('version')} to production, on ${f.text('train')}. Withdraw it first if yours is to take its place.`,
        ]
      : [`Somebody submitted ${f.text('service')} ${f.text('version')} at the same moment.`],
    ...(f.has('change') ? {} : { next: 'change list' }),
  }),
  'build-of-another': (f) => ({
    title: 'That build is of another service',
    why: [`It is a build of ${f.text('build')}; choose one of ${f.text('service')}, or name a version.`],
    movers: 'nobody',
  }),
  'bad-artifact': (f) => ({
    title: 'Not an artifact',
    why: [
      code(clip(f.text('artifact', '(empty)'), 80)),
      ' is no digest. It has to be ',
      code('sha256:'),
      ' and 64 hex digits.',
    ],
  }),
  'bad-version': (f) => ({
    title: 'Not a version',
    why: [
      code(clip(f.text('version', '(empty)'), 80)),
      ' cannot be a version: letters, digits and ',
      code('. _ + -'),
      ', at most 64, beginning with a letter or digit.',
    ],
  }),
  'version-missing': (f) => ({
    title: 'Which version?',
    why: [`No build of ${f.text('service')} has been reported, so please name the version.`],
    next: `change submit ${f.text('service')} <version>`,
  }),
  'cutoff-closed': (f) => ({
    title: 'That train has left',
    why: [
      `The cutoff ${cutoffName(f.text('cutoff'))} of ${f.text('train')} has closed; ${
        f.has('next') ? `the next train to board is ${f.text('next')}` : 'no later train is on the timetable'
      }.`,
    ],
    ...(f.has('at') ? { since: instant(f.text('at')) } : {}),
    next: 'train next',
  }),
  // the night
  'train-ended': (f) => ({
    title: 'That train has ended',
    why: [`${f.text('train')} has ended; nothing about it can be decided any more.`],
    next: 'train status',
  }),
  'nothing-to-roll-back': (f) => ({
    title: 'Nothing to roll back',
    why: [
      `${f.text('deployment')} ${deploymentStates[f.text('state')] ?? 'has changed nothing in production'}.`,
    ],
    next: `deploy status ${f.text('deployment')}`,
  }),
  'nothing-to-promote': (f) => ({
    title: 'Nothing to promote',
    why: [`${f.text('deployment')} ${deploymentStates[f.text('state')] ?? 'has no phase that waits'}.`],
    next: `deploy status ${f.text('deployment')}`,
  }),
  'promotion-held': (f) => ({
    title: 'Not now',
    why: [
      `The next phase of ${f.text('deployment')} cannot begin: `,
      ...(f.text('because') === 'paused'
        ? ['its train is paused']
        : f.text('because') === 'frozen'
          ? [`production is frozen (${f.text('freeze')}) until `, instant(f.text('until'))]
          : f.text('because') === 'does-not-fit'
            ? ['with a rollback it no longer fits before the window closes ', instant(f.text('closes'))]
            : f.has('opens')
              ? ['the window is shut; the next one opens ', instant(f.text('opens'))]
              : ['no window of its train is open']),
      '.',
    ],
    next:
      f.text('because') === 'paused'
        ? `deploy resume ${f.text('train')}`
        : `deploy status ${f.text('deployment')}`,
  }),
  'deployed-over': (f) => ({
    title: 'Something newer is on top',
    why: [
      `${f.text('by')} deployed the same service after ${f.text('deployment')}. Roll that one back first.`,
    ],
  }),
  'not-running': (f) => ({
    title: 'It does not run',
    why: [
      `${f.text('deployment')} ${deploymentStates[f.text('state')] ?? 'is not running'}, so there is nothing to abort.`,
    ],
    next: `deploy status ${f.text('deployment')}`,
  }),
  'rolled-back-before': (f) => ({
    title: 'Rolled back before',
    why: [
      `The same bytes of ${f.text('service')} ${f.text('version')} were rolled back as ${f.text('deployment')}. Say why they are tried again, or bring a new build.`,
    ],
    movers: 'nobody',
  }),
  'step-not-awaited': () => ({
    title: 'Nobody waits for it',
    why: ['The step has ended, was stopped, or was never asked for: its result changes nothing.'],
    movers: 'nobody',
  }),
  'nothing-to-resolve': (f) => ({
    title: 'No open question',
    why: [
      `${f.text('deployment')} ${deploymentStates[f.text('state')] ?? 'asks nothing'}; no step of it waits for an answer.`,
    ],
    next: `deploy status ${f.text('deployment')}`,
  }),
  'outcome-missing': (f) => ({
    title: 'Did it succeed or fail?',
    why: [
      `Please look at what the step of ${f.text('deployment')} did, and say ${list(f.list('known'), 'or')}.`,
    ],
  }),
  'already-paused': (f) => ({
    title: 'Already paused',
    why: [`${f.text('train')} is paused already; nothing more of it starts.`],
    next: `deploy resume ${f.text('train')}`,
  }),
  'unknown-milestone': (f) => ({
    title: 'Unknown milestone',
    why: [
      `The policy has no milestone called ${quoted(f.text('milestone'))}.`,
      ...meant(f),
      ...(f.list('known').length === 0 ? [] : [` ${known(f)}`]),
    ],
  }),
  'window-not-open': (f) => ({
    title: 'No window is open',
    why: [
      `No window of ${f.text('train', 'the train')} is open now, so there is no end of one to decide on.`,
    ],
    next: `train status ${f.text('train')}`,
  }),
  'choice-missing': (f) => ({
    title: 'Finish or roll back?',
    why: [`Say what becomes of what still runs when the window ends: ${list(f.list('known'), 'or')}.`],
  }),
  'not-paused': (f) => ({
    title: 'Not paused',
    why: [`${f.text('train')} is not paused.`],
    next: `train status ${f.text('train')}`,
  }),
  // asking
  'subject-missing': (f) => ({
    title: 'About what?',
    why: [code(f.text('verb')), ' needs the name of what it is about.'],
  }),
  'no-run-sheet': (f) => ({
    title: 'No run-sheet yet',
    why: [
      `A run-sheet is made when a cutoff closes; ${f.text('train', 'this train')} has not come that far.`,
    ],
    next: 'train status',
  }),
};
