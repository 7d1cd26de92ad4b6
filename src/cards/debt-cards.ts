import type { Block, Card, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import type { ExceptionReport } from '../domain/exception.ts';
import type { Notice } from '../domain/notice.ts';
import { isOverdue, type Obligation, obligationName } from '../domain/obligation.ts';
import type { Policy } from '../domain/policy.ts';
import { bullets, header, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { owedText } from './debt-words.ts';
import {
  count,
  dayTime,
  instant,
  list,
  personSpan,
  plain,
  quoted,
  requirementText,
  roleName,
  sentence,
} from './words.ts';

type NoticeOf<K extends Notice['kind']> = Extract<Notice, { kind: K }>;

/** To one person whose signature an exception needs. */
export const signatureWantedCard = (
  { why, change, service, train, reason, by, person, roles }: NoticeOf<'signature-wanted'>,
  policy: Policy,
): Card => {
  const summary =
    why === 'late'
      ? `${change} ${service} is late and is to go on ${train} all the same.`
      : `${change} ${service} is an emergency and is to go to production at once.`;
  return {
    title: `Your signature, please: ${change} ${service}`,
    tone: why === 'late' ? 'warning' : 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'fields',
        fields: [
          { label: 'To', value: [personSpan(person, policy, true)] },
          { label: 'Asked by', value: [personSpan(by, policy)] },
          { label: 'Why', value: [quoted(reason)] },
          { label: 'Sign as', value: [list(roles.map(roleName), 'or')] },
        ],
      },
      { kind: 'note', text: ['Nothing happens before all seats are filled; a no is an answer too.'] },
    ],
    buttons: [
      button('change show', change),
      button('change approve', change),
      button('change reject', change),
    ],
  };
};

/** To the releases channel, and to everybody whose word it did without. */
export const emergencyStartedCard = (
  { change, service, version, by, reason, skipped }: NoticeOf<'emergency-started'>,
  policy: Policy,
): Card => {
  const summary = `${change} ${service} ${version} is an emergency and is going to production now.`;
  return {
    title: `Emergency: ${change} ${service} ${version}`,
    tone: 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'fields',
        fields: [
          { label: 'Asked by', value: [personSpan(by, policy)] },
          { label: 'Why', value: [quoted(reason)] },
          ...(skipped.length === 0
            ? []
            : [{ label: 'Skipped', value: [list(skipped.map(requirementText)), '; it is owed now'] }]),
        ],
      },
    ],
    buttons: [button('change show', change)],
  };
};

const leads = {
  new: 'You owe this now',
  yours: 'This is yours from now on',
  soon: 'Still to be done',
  overdue: 'Overdue',
} as const;

/** To its owner, and later to those who can help. */
export const obligationCard = (notice: NoticeOf<'obligation'>, policy: Policy): Card => {
  const { obligation, owed, subject, service, requirement, owner, person, due, state } = notice;
  const what = plain(owedText(owed, subject, service, requirement), policy);
  const summary = sentence(`${obligation}: ${what}`);
  const helper: Text =
    owner === person
      ? []
      : policy.people.has(owner)
        ? ['It is owed by ', personSpan(owner, policy), '; you can take it over.']
        : ['Its owner has left the policy; please take it over.'];
  return {
    title: `${leads[state]}: ${obligation}`,
    tone: state === 'overdue' ? 'bad' : 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'fields',
        fields: [
          { label: 'To', value: [personSpan(person, policy, true)] },
          { label: state === 'overdue' ? 'Was due' : 'Due', value: [instant(due)] },
        ],
      },
      ...(helper.length === 0 ? [] : [{ kind: 'text' as const, text: helper }]),
      {
        kind: 'note',
        text: [
          'Done? ',
          code(`change settle ${obligation} <what was done, or a link>`),
          state === 'overdue' ? '. Until then the team boards no train.' : '.',
        ],
      },
    ],
    buttons: owner === person ? [] : [button('change take-over', obligation)],
  };
};

/** What is owed, and whether exceptions become rarer. */
export const debtsCard = (
  obligations: readonly Obligation[],
  exceptions: ExceptionReport,
  policy: Policy,
  now: Date,
): Card => {
  const overdue = obligations.filter((obligation) => isOverdue(obligation, now));
  const summary =
    obligations.length === 0
      ? 'Nothing is owed.'
      : `${count(obligations.length, 'thing')} ${obligations.length === 1 ? 'is' : 'are'} owed${
          overdue.length === 0 ? '' : `, ${overdue.length} overdue`
        }.`;
  const items = obligations.map((obligation): Item => {
    const { id, kind, subject, service, requirement, owner, dueAt } = obligation;
    const late = isOverdue(obligation, now);
    return {
      mark: late ? 'failed' : 'missing',
      text: [
        bold(obligationName(id)),
        ' ',
        ...owedText(kind, subject, service, requirement),
        ' — ',
        personSpan(owner, policy),
        late ? ', was due ' : ', due ',
        dayTime(dueAt),
      ],
    };
  });
  return {
    title: 'What is owed',
    tone: overdue.length > 0 ? 'bad' : 'neutral',
    summary,
    blocks: [{ kind: 'text', text: [summary] }, ...bullets(items), ...exceptionBlocks(exceptions)],
    buttons: [],
  };
};

/** Per team, so that they become rarer: `payments 3 (2 went to production): 0, 1, 2`. */
export const exceptionBlocks = ({ trains, teams }: ExceptionReport): readonly Block[] =>
  teams.length === 0
    ? []
    : [
        header('Exceptions by team', [`, train by train: ${list(trains)}`]),
        ...bullets(
          teams.map(({ team, asked, used, byTrain }) => ({
            mark: 'none' as const,
            text: [bold(team), ` ${asked} (${used} went to production): ${byTrain.join(', ')}`],
          })),
        ),
      ];
