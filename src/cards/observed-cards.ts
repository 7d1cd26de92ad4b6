import type { Block, Card, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import type { Aspect } from '../domain/aspect.ts';
import { isDigest } from '../domain/change.ts';
import type { Notice } from '../domain/notice.ts';
import { type ObservedChange, observedName } from '../domain/observation.ts';
import type { Policy } from '../domain/policy.ts';
import { bullets } from './blocks.ts';
import { button, few } from './buttons.ts';
import { valueText } from './value-text.ts';
import { count, dayTime, instant, moversText, personSpan } from './words.ts';

type NoticeOf<K extends Notice['kind']> = Extract<Notice, { kind: K }>;

export const aspectText = (aspect: Aspect): string =>
  aspect === 'artifact' ? 'what runs' : 'its configuration';

const where = ({
  environment,
  platform,
}: {
  readonly environment: string;
  readonly platform: string;
}): string => `${environment}${platform === 'default' ? '' : ` (${platform})`}`;

const seen = (
  change: Pick<ObservedChange, 'aspect' | 'value' | 'was' | 'platform' | 'environment'>,
): Text => [
  change.aspect === 'artifact' ? `In ${where(change)} runs ` : `The configuration in ${where(change)} is `,
  code(valueText(change.value)),
  ...(change.was === null ? [] : [' instead of ', code(valueText(change.was))]),
];

/** To the service's owners and operations. */
export const unrecordedNoticeCard = (notice: NoticeOf<'unrecorded'>, policy: Policy): Card => {
  const { observed, service, aspect, value, since, again } = notice;
  const summary = `${observed}: ${aspect === 'artifact' ? 'what runs' : 'the configuration'} of ${service} in ${where(notice)} was changed, and no deployment of ours did that.`;
  return {
    title: `${again ? 'Still nobody’s:' : 'Whose change is this?'} ${observed} ${service}`,
    tone: 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      { kind: 'text', text: [...seen(notice), '; two readings agree, the first was ', instant(since), '.'] },
      ...(isDigest(value) ? [{ kind: 'output' as const, text: value }] : []),
      {
        kind: 'text',
        text: [
          ...moversText(
            [
              ...(policy.services.get(service)?.owners ?? []).map(
                (id) => ({ kind: 'person', person: id }) as const,
              ),
              { kind: 'role', role: 'operations' },
            ],
            policy,
          ),
          ': whoever did it claims it, with what it was: ',
          code(`incident claim ${observed} <what was done>`),
          '. It is then fixed first and documented after. What nobody did is an incident.',
        ],
      },
    ],
    buttons: [button('incident claim', observed), button('incident deny', observed)],
  };
};

export const notObservedCard = (notice: NoticeOf<'not-observed'>): Card => {
  const { deployment, service, as, artifact, finished, read } = notice;
  const did = as === 'succeeded' ? 'has gone to production' : 'was rolled back';
  const summary = `${deployment} of ${service} ${did}, and production does not show it.`;
  return {
    title: `Not seen in production: ${deployment} ${service}`,
    tone: 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'fields',
        fields: [
          { label: as === 'succeeded' ? 'Deployed' : 'Rolled back', value: [instant(finished)] },
          { label: as === 'succeeded' ? 'Should run' : 'Should not run', value: [code(valueText(artifact))] },
          {
            label: 'Is read',
            value:
              read === null ? ['nothing since; does whatever reads it still work?'] : [code(valueText(read))],
          },
        ],
      },
    ],
    buttons: [button('deploy status', deployment)],
  };
};

/** One that was seen, with who answered for it. */
export const unrecordedCard = (change: ObservedChange, policy: Policy): Card => {
  const name = observedName(change.id);
  const answer = answered(change, policy);
  const summary = `${name} ${change.service}: ${change.state === 'open' ? 'nobody has answered for it yet' : change.state}.`;
  return {
    title: `Unrecorded change · ${name} ${change.service}`,
    tone: change.state === 'open' ? 'bad' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      { kind: 'text', text: [...seen(change), ', since ', dayTime(change.since), '.'] },
      ...answer,
    ],
    buttons: few(
      change.state === 'open'
        ? [button('incident claim', name), button('incident deny', name)]
        : change.incident === null
          ? []
          : [button('incident show', `INC-${change.incident}`)],
    ),
  };
};

const answered = (change: ObservedChange, policy: Policy): readonly Block[] =>
  change.answeredBy === null || change.answeredAt === null
    ? []
    : [
        {
          kind: 'text',
          text: [
            `${change.state === 'claimed' ? 'Claimed' : 'Denied'} by `,
            personSpan(change.answeredBy, policy),
            ', ',
            dayTime(change.answeredAt),
            ...(change.incident === null ? [] : [': ', code(`INC-${change.incident}`)]),
            '.',
          ],
        },
      ];

export const unrecordedListCard = (changes: readonly ObservedChange[], policy: Policy): Card => {
  const open = changes.filter(({ state }) => state === 'open');
  const summary =
    open.length === 0
      ? 'Everything that was seen in production is accounted for.'
      : `${count(open.length, 'change')} in production that nobody has recorded.`;
  return {
    title: 'Unrecorded changes',
    tone: open.length === 0 ? 'good' : 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...bullets(
        changes.map((change) => ({
          mark: change.state === 'open' ? ('failed' as const) : ('done' as const),
          text: [
            bold(observedName(change.id)),
            ` ${change.service}, ${aspectText(change.aspect)}: `,
            code(valueText(change.value)),
            ', since ',
            dayTime(change.since),
            ...(change.answeredBy === null
              ? []
              : [` — ${change.state} by `, personSpan(change.answeredBy, policy)]),
          ],
        })),
      ),
    ],
    buttons: few(open.flatMap(({ id }) => [button('incident claim', observedName(id), true)])),
  };
};
