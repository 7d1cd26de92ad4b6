import type { Button } from '../chat/card.ts';
import type { Excuse } from '../domain/excuse.ts';
import { roleName, spaced } from './words.ts';

/** More than that nobody reads. */
export const mostButtons = 12;

interface Face {
  readonly label: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: (subject: string) => string;
}

const faces: Readonly<Record<string, Face>> = {
  'change submit': { label: 'Submit a change' },
  'change approve': { label: 'Approve', style: 'primary' },
  'change reject': { label: 'Reject' },
  'change veto': {
    label: 'Veto',
    style: 'danger',
    confirm: (subject) => `Veto ${subject}? It cannot go to production until you rescind the veto.`,
  },
  'change rescind': { label: 'Rescind' },
  'change why': { label: 'Why' },
  'change show': { label: 'Show' },
  'change sign-off': { label: 'Sign off' },
  'change milestone': { label: 'It is there' },
  'change records': { label: 'Records ready' },
  'incident claim': {
    label: 'Claimed: it was us',
    style: 'primary',
    confirm: (subject) =>
      `Did you, or somebody you know of, do what ${subject} is about? It is then written down as fixed first, and its record and its propagation are owed.`,
  },
  'incident deny': {
    label: 'Denied: it was not us',
    style: 'danger',
    confirm: (subject) => `Does nobody know of ${subject}? It becomes an incident at once.`,
  },
  'incident observed': { label: 'Unrecorded changes' },
  'incident note': { label: 'Note' },
  'incident close': { label: 'Close' },
  'incident rca': { label: 'Root cause' },
  'incident show': { label: 'Show' },
  'change take-over': { label: 'Take over' },
  'change approve-date': { label: 'Approve date' },
  'train go': { label: 'Go', style: 'primary' },
  'train nogo': {
    label: 'No-go',
    style: 'danger',
    confirm: (subject) => `No-go for ${subject}? It will not be deployed on this train.`,
  },
  'train status': { label: 'Train' },
  'train decide': { label: 'Change by change' },
  'page ack': { label: 'Acknowledge', style: 'primary' },
  'page resolve': { label: 'Resolve' },
  'page escalate': { label: 'Escalate' },
  'page snooze': { label: 'Snooze' },
  'page assign': { label: 'Assign' },
  'page add': { label: 'Add people' },
  'page merge': { label: 'Merge' },
  'page raise': { label: 'Page on-call' },
  'page show': { label: 'Show' },
  'page list': { label: 'Open pages' },
  'oncall agree': { label: 'Agree', style: 'primary' },
  'oncall decline': { label: 'Decline' },
  'deploy plan': { label: 'Plan' },
  'deploy pause': { label: 'Pause' },
  'deploy resume': { label: 'Resume', style: 'primary' },
  'deploy abort': {
    label: 'Abort',
    style: 'danger',
    confirm: (subject) =>
      `Abort ${subject}? The step that runs is stopped and everything done so far is undone.`,
  },
  'deploy stop': {
    label: 'Stop everything',
    style: 'danger',
    confirm: () =>
      'Stop everything? Every train is paused, and every deployment that runs is stopped and undone.',
  },
  'deploy promote': { label: 'Promote', style: 'primary' },
  'deploy rollback': {
    label: 'Roll back',
    style: 'danger',
    confirm: (subject) => `Roll back ${subject}? Everything it did in production is undone.`,
  },
};

/** `named`: the label says what it acts on, for cards about several things. */
export const button = (
  verb: string,
  subject: string,
  named = false,
  args: readonly string[] = [],
): Button => {
  const face = faces[verb] ?? { label: spaced(verb) };
  const as = verb === 'change sign-off' && args[0] !== undefined ? ` as ${roleName(args[0])}` : '';
  return {
    label: `${face.label}${as}${named ? ` ${subject}` : ''}`,
    verb,
    subject,
    ...(args.length === 0 ? {} : { args }),
    ...(face.style === undefined ? {} : { style: face.style }),
    ...(face.confirm === undefined ? {} : { confirm: face.confirm(subject) }),
  };
};

/** The buttons that resolve these excuses, each once. */
export const actionButtons = (excuses: readonly Excuse[], named = false): readonly Button[] =>
  distinct(
    excuses.flatMap(({ action }) =>
      action === undefined ? [] : [button(action.verb, action.subject, named, action.args)],
    ),
  );

/** What becomes of what still runs when the window of the train ends. */
export const atEndButtons = (train: string): readonly Button[] => [
  { label: 'Let it finish', verb: 'deploy end', subject: train, args: ['finish'], style: 'primary' },
  {
    label: 'Stop and roll back',
    verb: 'deploy end',
    subject: train,
    args: ['roll-back'],
    style: 'danger',
    confirm: 'At the end of the window, stop whatever of this train still runs, and undo it?',
  },
];

/** What a person who has looked says of a step that nobody could know about (L2). */
export const resolveButtons = (deployment: string, named = false): readonly Button[] => [
  {
    label: named ? `${deployment} succeeded` : 'It succeeded',
    verb: 'deploy resolve',
    subject: deployment,
    args: ['succeeded'],
    confirm: 'Have you looked, and the step did its work? The deployment goes on from there.',
  },
  {
    label: named ? `${deployment} failed` : 'It failed',
    verb: 'deploy resolve',
    subject: deployment,
    args: ['failed'],
    confirm: 'Have you looked, and the step did not do its work? What was done so far is undone.',
  },
];

export const distinct = (buttons: readonly Button[]): readonly Button[] => [
  ...new Map(buttons.map((b) => [JSON.stringify([b.verb, b.subject, b.args ?? []]), b])).values(),
];

export const few = (buttons: readonly Button[]): readonly Button[] => distinct(buttons).slice(0, mostButtons);
