import { code } from '../chat/card.ts';
import type { Policy } from '../domain/policy.ts';
import { states } from './deed-words.ts';
import type { Facts } from './facts.ts';
import { known, meant, show, type Told } from './told.ts';
import { instant, list, personSpan, quoted, roleName } from './words.ts';

/** What is refused about late changes, debts, emergencies, incidents and proof. */
export const exceptionRefusals: Readonly<Record<string, (f: Facts, policy: Policy) => Told>> = {
  'unknown-policy': (f) => ({
    title: 'Unknown policy change',
    why: [`There is no policy change ${quoted(f.text('policy'))}.`],
  }),
  'policy-settled': (f) => ({
    title: 'That is settled',
    why: [
      f.text('state') === 'past'
        ? `${f.text('policy')} was rejected, or replaced by another one.`
        : `${f.text('policy')} has all its signatures.`,
    ],
    next: `change show ${f.text('policy')}`,
    movers: 'nobody',
  }),
  'policy-faulty': (f) => ({
    title: 'The proposed policy has faults',
    why: [`It cannot be read as a policy: ${list(f.list('faults'))}.`],
  }),
  'late-already': (f) => ({
    title: 'It is late already',
    why: [`${f.text('change')} is back on ${f.text('train')} and collects the signatures of a late change.`],
    ...show(f),
  }),
  'unknown-incident': (f) => ({
    title: 'Unknown incident',
    why: [f.has('incident') ? `There is no incident ${quoted(f.text('incident'))}.` : 'There is none yet.'],
    next: 'incident',
  }),
  'unknown-severity': (f) => ({
    title: 'How bad is it?',
    why: [`There is no severity ${quoted(f.text('severity'))}. `, known(f), ...meant(f)],
  }),
  'incident-lasts': (f) => ({
    title: 'It is not over',
    why: [`${f.text('incident')} lasts; when its impact ended can be said once it is closed.`],
  }),
  'unknown-part': (f) => ({
    title: 'Which part?',
    why: [`There is no part ${quoted(f.text('part'))}.`, ...meant(f), ` ${known(f)}`],
  }),
  'action-undated': (f) => ({
    title: 'Until when?',
    why: [
      `${quoted(f.text('action'))} is to be done until ${quoted(f.text('due'))}; that is no date such as 2026-12-04, nor a weekday.`,
    ],
  }),
  'bad-moment': (f) => ({
    title: 'When was that?',
    why: [`${quoted(f.text('text'))} is no time that has passed. ${known(f)}`],
  }),
  'incident-over': (f, policy) => ({
    title: 'It is over already',
    why: [`${f.text('incident')} was closed by `, personSpan(f.text('by', 'somebody'), policy), '.'],
    next: `incident show ${f.text('incident')}`,
  }),
  'not-your-incident': (f) => ({
    title: 'Not yours to decide',
    why: [
      `${f.text('incident')} is for those who lead or declared it, the owners of the service, operations and release managers.`,
    ],
    movers: 'who may',
  }),
  'unknown-observed': (f) => ({
    title: 'Unknown observation',
    why: [`There is no observed change ${quoted(f.text('observed'))}.`],
    next: 'incident observed',
  }),
  'claimed-already': (f, policy) => ({
    title: 'Claimed already',
    why: [
      personSpan(f.text('by', 'somebody'), policy),
      ` has claimed ${f.text('observed')}; it is written down as ${f.text('incident', 'fixed first')}.`,
    ],
    ...(f.has('at') ? { since: instant(f.text('at')) } : {}),
    ...(f.has('incident') ? { next: `incident show ${f.text('incident')}` } : {}),
    movers: 'nobody',
  }),
  'denied-already': (f, policy) => ({
    title: 'Denied already',
    why: [
      personSpan(f.text('by', 'somebody'), policy),
      ` has denied ${f.text('observed')}, so it is an incident. If you know more, add it there.`,
    ],
    ...(f.has('at') ? { since: instant(f.text('at')) } : {}),
    ...(f.has('incident') ? { next: `incident note ${f.text('incident')} <what you know>` } : {}),
    movers: 'nobody',
  }),
  'not-your-service': (f) => ({
    title: 'Not yours to answer',
    why: [
      `${f.text('observed')} is about ${f.text('service')}: its owners, operations and release managers answer.`,
    ],
    movers: 'who may',
  }),
  'nothing-read': (f) => ({
    title: 'Nothing was read',
    why: [
      `The reading of ${f.text('service')} names neither an artifact, nor a version, nor a configuration.`,
    ],
  }),
  'analysis-incomplete': (f) => ({
    title: 'The analysis is not complete',
    why: [`What is missing in the analysis of ${f.text('incident')}: ${list(f.list('lacks'))}.`],
  }),
  'actions-unreadable': (f) => ({
    title: 'Who does what until when?',
    why: [
      `Each action of ${f.text('incident')} is written `,
      code('what; who; until when'),
      ', one a line or with ',
      code('|'),
      ' between them.',
    ],
  }),
  'on-no-train': (f) => ({
    title: 'It is on no train',
    why: [`${f.text('change')} is an emergency: it starts as soon as its seats are filled.`],
    ...show(f),
  }),
  'no-train-to-catch': (f) => ({
    title: 'No train to catch',
    why: [`No train that ${f.text('change')} missed can still be caught; it is on ${f.text('train')}.`],
    ...show(f),
  }),
  'debts-overdue': (f) => ({
    title: 'Something is owed first',
    why: [
      `${f.text('team')} owes ${list(f.list('debts'))} and is overdue, so nothing more of it boards ${f.text('train', 'a train')}. Operations can let it board this once: `,
      code(`change let-board ${f.text('team')} <reason>`),
      '.',
    ],
  }),
  'unknown-obligation': (f) => ({
    title: 'Unknown debt',
    why: [`There is no debt ${quoted(f.text('obligation'))}.`],
    next: 'change debts',
  }),
  'settled-already': (f, policy) => ({
    title: 'Settled already',
    why: [`${f.text('obligation')} was settled by `, personSpan(f.text('by', 'somebody'), policy), '.'],
    next: 'change debts',
  }),
  'yours-already': (f, policy) => ({
    title: 'Theirs already',
    why: [`${f.text('obligation')} is owed by `, personSpan(f.text('person', 'them'), policy), ' already.'],
    next: 'change debts',
  }),
  'not-your-debt': (f, policy) => ({
    title: 'Not yours to settle',
    why: [
      `${f.text('obligation')} is owed by `,
      personSpan(f.text('owner', 'somebody'), policy),
      '; besides them only the team, release managers and operations may deal with it.',
    ],
    movers: 'who may',
  }),
  'may-board-already': (f) => ({
    title: 'It may board already',
    why: [`Operations have let ${f.text('team')} board ${f.text('train')} already.`],
    next: 'change debts',
  }),
  'unknown-team': (f) => ({
    title: 'Unknown team',
    why: [`The policy has no team and no service ${quoted(f.text('team'))}.`, ...meant(f)],
    next: 'change debts',
  }),
  'already-on-train': (f) => ({
    title: 'It is there already',
    why: [`${f.text('change')} is on ${f.text('train')} already.`],
    ...show(f),
  }),
  'change-not-open': (f) => ({
    title: 'Too late for that',
    why: [
      `${f.text('change')} ${states[f.text('state')] ?? 'is past that point'}, so its papers can no longer be changed.`,
    ],
    ...show(f),
  }),
  'nothing-built': (f) => ({
    title: 'Nothing to sign off yet',
    why: [
      `No build of ${f.text('version')} has been reported for ${f.text('change')}. A sign-off belongs to the bytes that were tested.`,
    ],
    ...show(f),
  }),
  'no-sign-off-asked': (f) => ({
    title: 'No sign-off needed',
    why: [`No cutoff of the train of ${f.text('change')} asks for a sign-off.`],
    ...show(f),
  }),
  'role-missing': (f) => ({
    title: 'As which role?',
    why: [
      `${f.text('change')} can be signed off as ${list(f.list('roles').map(roleName), 'or')}; please say which.`,
    ],
  }),
  'change-missing': (f) => ({
    title: 'Which change?',
    why: [`A report on records has to name its change (${f.text('service')}).`],
  }),
  'wrong-service': (f) => ({
    title: 'Another service',
    why: [`${f.text('change')} is a change of ${f.text('expected')}, not of ${f.text('service')}.`],
    ...show(f),
  }),
};
