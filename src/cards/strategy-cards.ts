import type { Card, Text } from '../chat/card.ts';
import type { Notice } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import { button } from './buttons.ts';
import { lastLines, reasonWords } from './deployment-words.ts';
import { instant, moversText } from './words.ts';

type NoticeOf<K extends Notice['kind']> = Extract<Notice, { kind: K }>;

/** A phase has baked; whose move it is, and by when. */
export const promotionWantedCard = (notice: NoticeOf<'promotion-wanted'>, policy: Policy): Card => {
  const { deployment, change, service, phase, next, by, otherwise, movers } = notice;
  const summary = `${service} is healthy in ${phase} and has baked. Shall it go on to ${next}?`;
  const limit: Text =
    by === null
      ? []
      : [
          ', by ',
          instant(by),
          otherwise === 'keep'
            ? '; after that in the next window'
            : '; after that it is rolled back, while there is time for it',
        ];
  return {
    title: `${deployment} ${service}: promote to ${next}?`,
    tone: 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      { kind: 'text', text: ['Your move: ', ...moversText(movers, policy), ...limit, '.'] },
    ],
    buttons: [
      { ...button('deploy promote', deployment), label: `Promote to ${next}` },
      button('deploy rollback', deployment),
      { ...button('change show', change), label: `Show ${change}` },
    ],
  };
};

/** Customers notice nothing; whoever rolls back from now on should know. */
export const oldSideFailedCard = (notice: NoticeOf<'old-side-failed'>): Card => {
  const { deployment, change, service, side, reason, tail } = notice;
  const old = side === '' ? 'the old side' : side;
  const summary = `${service} is in production, but ${old} could not be brought up to date.`;
  const output = lastLines(tail);
  return {
    title: `${deployment} ${service}: ${old} is not up to date`,
    tone: 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      { kind: 'fields', fields: [{ label: 'Why', value: [reasonWords(reason)] }] },
      ...(output === '' ? [] : [{ kind: 'output' as const, text: output }]),
    ],
    buttons: [{ ...button('change show', change), label: `Show ${change}` }],
  };
};
