import type { Block, Card, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { Notice } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import type { RunSheet } from '../domain/run-sheet.ts';
import { bullets, type Item } from './blocks.ts';
import { actionButtons, atEndButtons, button, few, resolveButtons } from './buttons.ts';
import { emergencyStartedCard, obligationCard, signatureWantedCard } from './debt-cards.ts';
import { manyLines, reasonWords } from './deployment-words.ts';
import { excuseLine, excuseMark, excuseText } from './excuse-words.ts';
import { incidentNoticeCard } from './incident-card.ts';
import { notObservedCard, unrecordedNoticeCard } from './observed-cards.ts';
import { oncallNoticeCard } from './oncall-card.ts';
import { policyWaitsCard } from './policy-card.ts';
import { runSheetCard } from './run-sheet-card.ts';
import { handoffCard, shiftCheckCard } from './shift-cards.ts';
import { oldSideFailedCard, promotionWantedCard } from './strategy-cards.ts';
import {
  capital,
  count,
  cutoffName,
  how,
  instant,
  list,
  moversText,
  partsText,
  personSpan,
  timeLeft,
} from './words.ts';

type NoticeOf<K extends Notice['kind']> = Extract<Notice, { kind: K }>;

/** `sheet` is that of a `run-sheet` notice; `now`, when given, lets a reminder say how long is left. */
export const noticeCard = (notice: Notice, policy: Policy, sheet: RunSheet | null, now?: Date): Card => {
  switch (notice.kind) {
    case 'reminder':
      return reminderCard(notice, policy, now);
    case 'run-sheet':
      return sheet === null ? sheetlessCard(notice) : runSheetCard(sheet, policy);
    case 'moved':
      return movedCard(notice, policy);
    case 'approval-void':
      return voidCard(notice, policy);
    case 'deployment-failed':
      return failedCard(notice, policy);
    case 'window-ending':
      return windowEndingCard(notice, policy);
    case 'step-unknown':
      return unknownCard(notice, policy);
    case 'promotion-wanted':
      return promotionWantedCard(notice, policy);
    case 'old-side-failed':
      return oldSideFailedCard(notice);
    case 'oncall':
      return oncallNoticeCard(notice, policy);
    case 'handoff':
      return handoffCard(notice, policy);
    case 'shift-check':
      return shiftCheckCard(notice, policy);
    case 'unreachable':
      return unreachableCard(notice);
    case 'signature-wanted':
      return signatureWantedCard(notice, policy);
    case 'emergency-started':
      return emergencyStartedCard(notice, policy);
    case 'incident':
      return incidentNoticeCard(notice, policy);
    case 'unrecorded':
      return unrecordedNoticeCard(notice, policy);
    case 'not-observed':
      return notObservedCard(notice);
    case 'policy-waits':
      return policyWaitsCard(notice);
    case 'checkpoint':
      return checkpointCard(notice);
    case 'obligation':
      return obligationCard(notice, policy);
    default:
      return assertNever(notice);
  }
};

/** To one person, of exactly what is that person's move. */
const reminderCard = (notice: NoticeOf<'reminder'>, policy: Policy, now: Date | undefined): Card => {
  const { train, cutoff, at, person, items } = notice;
  const due = new Date(at);
  const excuses = items.flatMap((item) => item.excuses);
  const left: Text =
    now === undefined || Number.isNaN(due.getTime()) ? [] : [' (', ...timeLeft(due, now), ')'];
  const lines = items.flatMap(({ change, service, excuses: missing }) =>
    missing.map(
      (excuse): Item => ({
        mark: excuseMark(excuse),
        text: [bold(change), ` ${service}: `, ...excuseText(excuse, policy), ...how(excuse.action)],
      }),
    ),
  );
  const things = count(excuses.length, 'thing');
  const summary = `${things} of yours ${excuses.length === 1 ? 'is' : 'are'} missing for ${cutoffName(cutoff)}: ${list(
    items.map((item) => `${item.change} ${item.service}`),
  )}.`;
  return {
    title: `Your move before ${cutoffName(cutoff)} closes`,
    tone: 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'text',
        text: [
          personSpan(person, policy, true),
          `: ${cutoffName(cutoff)} of ${train} closes `,
          instant(at),
          ...left,
          '. What is not ready by then moves to the next train.',
        ],
      },
      ...bullets(lines),
    ],
    buttons: few(actionButtons(excuses, true)),
  };
};

/** The cutoff has closed but its sheet cannot be read any more. */
const sheetlessCard = ({ train, cutoff }: NoticeOf<'run-sheet'>): Card => ({
  title: `${cutoffName(cutoff)} has closed · ${train}`,
  tone: 'neutral',
  summary: `${cutoffName(cutoff)} of ${train} has closed.`,
  blocks: [{ kind: 'text', text: ['The train’s card shows who is aboard.'] }],
  buttons: [button('train status', train)],
});

const movedCard = ({ change, service, from, to, excuses }: NoticeOf<'moved'>, policy: Policy): Card => {
  const summary = `${change} ${service} moved from ${from} to ${to}.`;
  const items = excuses.map((excuse) => ({ mark: excuseMark(excuse), text: excuseLine(excuse, policy) }));
  return {
    title: `${change} ${service} is on another train now`,
    tone: 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...bullets(items),
      {
        kind: 'note',
        text: ['Its builds and tests come along; the new date and the signatures for it are asked for anew.'],
      },
    ],
    buttons: [{ ...button('change show', change), label: `Show ${change}` }],
  };
};

const voidCard = (notice: NoticeOf<'approval-void'>, policy: Policy): Card => {
  const { change, service, changed } = notice;
  const summary = capital(`${partsText(changed)} of ${change} ${service} changed after it was signed.`);
  return {
    title: `${change} ${service}: please look again`,
    tone: 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'text',
        text: [
          ...mentions(notice.people, policy),
          ...(notice.people.length === 0 ? [] : [': ']),
          'your signature was for what it was before and no longer counts. Look at it as it is now, and sign again if you still agree.',
        ],
      },
    ],
    buttons: [
      button('change show', change),
      button('change approve', change),
      button('change reject', change),
    ],
  };
};

const failedCard = (notice: NoticeOf<'deployment-failed'>, policy: Policy): Card => {
  const { deployment, change, service, outcome, reason, tail, held, log } = notice;
  const undone = outcome === 'rolled-back';
  const summary = undone
    ? `${service} was rolled back.`
    : `${service} failed and could not be undone: somebody has to look now.`;
  const also: readonly Block[] =
    held.length === 0 ? [] : [{ kind: 'text', text: [`Held because of it: ${list(held)}.`] }];
  const output = manyLines(tail);
  return {
    title: `${deployment} ${service} (${change}) ${undone ? 'was rolled back' : 'failed'}`,
    tone: 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...(reason === ''
        ? []
        : [{ kind: 'fields' as const, fields: [{ label: 'Why', value: [reasonWords(reason)] }] }]),
      ...(output === '' ? [] : [{ kind: 'output' as const, text: output }]),
      ...(log === undefined
        ? []
        : [
            {
              kind: 'text' as const,
              text: [{ kind: 'link' as const, text: 'All that it printed', url: log }],
            },
          ]),
      ...also,
      ...(undone ? [] : [{ kind: 'text' as const, text: ['Your move: ', ...operations(policy)] }]),
    ],
    buttons: [
      { ...button('change show', change), label: `Show ${change}` },
      ...(undone ? [] : [button('deploy rollback', deployment)]),
    ],
  };
};

/** To those who decide it, while there is time. */
const windowEndingCard = (notice: NoticeOf<'window-ending'>, policy: Policy): Card => {
  const { train, window, closes, otherwise, people: asked, runs } = notice;
  const summary = `${list(runs.map(({ service }) => service))} will still run when the window ${window} of ${train} ends.`;
  return {
    title: `The window ${window} ends soon · ${train}`,
    tone: 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'text',
        text: [
          ...mentions(asked, policy),
          ...(asked.length === 0 ? [] : [': ']),
          'it ends ',
          instant(closes),
          `. If nobody says anything, what runs then ${otherwise === 'finish' ? 'may finish' : 'is stopped and rolled back'}.`,
        ],
      },
      ...bullets(
        runs.map(({ deployment, change, service }) => ({
          mark: 'running' as const,
          text: [bold(deployment), ` ${service} (${change})`],
        })),
      ),
    ],
    buttons: [...atEndButtons(train), button('train status', train)],
  };
};

const unknownCard = (
  { deployment, service, step, reason }: NoticeOf<'step-unknown'>,
  policy: Policy,
): Card => {
  const why = reason === '' ? '' : ` (${reasonWords(reason)})`;
  const summary = `Nobody knows whether step “${step}” of ${service} happened${why}.`;
  return {
    title: `${deployment} ${service}: did “${step}” happen?`,
    tone: 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'text',
        text: [
          ...operations(policy),
          ': please look at the system, then say what became of it. I do not run it again by myself, because that could do it twice.',
        ],
      },
    ],
    buttons: resolveButtons(deployment),
  };
};

const unreachableCard = ({ platform, place, reason }: NoticeOf<'unreachable'>): Card => {
  const summary = `I cannot reach ${place} on ${capital(platform)} any more.`;
  return {
    title: `${capital(platform)}: ${place} is out of reach`,
    tone: 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'note',
        text: [
          'What was to be posted there is lost. Was the app removed or blocked? Reason given: ',
          code(reason),
          '.',
        ],
      },
    ],
    buttons: [],
  };
};

const checkpointCard = ({ size, root, at }: NoticeOf<'checkpoint'>): Card => {
  const summary = `The record has ${size} entries; its root is ${root}.`;
  return {
    title: 'Checkpoint of the record',
    tone: 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      { kind: 'note', text: [instant(at), '; ', code('signalbox audit verify'), ' holds the record to it.'] },
    ],
    buttons: [],
  };
};

const mentions = (ids: readonly string[], policy: Policy): Text =>
  ids.flatMap((id, i) => [...(i === 0 ? [] : [', ']), personSpan(id, policy, true)]);

/** By name when they are few; a whole department is not pinged. */
const operations = (policy: Policy): Text => {
  const members = policy.roles.get('operations') ?? [];
  return members.length > 0 && members.length <= 3
    ? mentions(members, policy)
    : moversText([{ kind: 'role', role: 'operations' }], policy);
};
