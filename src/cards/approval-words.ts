import type { Block } from '../chat/card.ts';
import type { Decision, Standing } from '../domain/approval.ts';
import type { Policy } from '../domain/policy.ts';
import type { ChangeView } from '../domain/view.ts';
import { bullets, header, type Item } from './blocks.ts';
import {
  joined,
  partsText,
  people,
  personSpan,
  quoted,
  roleName,
  roleText,
  separationText,
  unique,
} from './words.ts';

/** Who signed which seat, whose signature is missing, what is void and why. Nothing to sign, nothing to show. */
export const approvalBlocks = ({ change, standing, policy }: ChangeView): readonly Block[] =>
  standing === undefined ? [] : standingBlocks(standing, policy, change.artifact !== null);

/** `asked`: there is something to sign yet. */
export const standingBlocks = (standing: Standing, policy: Policy, asked = true): readonly Block[] => {
  const against = [
    ...standing.vetoes.map((decision) => decided('vetoed', decision, policy)),
    ...standing.rejections.map((decision) => decided('rejected', decision, policy)),
  ];
  const seats = asked ? seatItems(standing, policy) : [];
  const items = [...against, ...seats, ...lapsed(standing, policy), ...extra(standing, policy)];
  if (items.length === 0) return [];
  const signed = standing.seats.length - standing.missing.length;
  // Complete and uncontested: a line is enough.
  return items.length === 1 && standing.approved
    ? bullets(items)
    : [header('Approvals', [`: ${signed} of ${standing.seats.length} signed`]), ...bullets(items)];
};

/** There is something that somebody could take back. */
export const someoneDecided = (standing: Standing): boolean =>
  standing.vetoes.length + standing.rejections.length + standing.unseated.length > 0 ||
  standing.missing.length < standing.seats.length;

const seatItems = (standing: Standing, policy: Policy): readonly Item[] => {
  const filled = standing.seats.flatMap(({ role, filledBy, onBehalfOf }) =>
    filledBy === undefined
      ? []
      : [
          [
            personSpan(filledBy, policy),
            ...(onBehalfOf === undefined ? [] : [' standing in for ', personSpan(onBehalfOf, policy)]),
            ` for ${roleName(role)}`,
          ],
        ],
  );
  const missing = unique(standing.missing).map((role): Item => {
    const seats = standing.missing.filter((other) => other === role).length;
    return { mark: 'missing', text: [...(seats > 1 ? [`${seats} × `] : []), ...roleText(role, policy)] };
  });
  return [
    ...(filled.length === 0 ? [] : [{ mark: 'done' as const, text: ['signed by ', ...joined(filled)] }]),
    ...missing,
  ];
};

const decided = (what: string, { person, reason }: Decision, policy: Policy): Item => ({
  mark: 'failed',
  text: [
    `${what} by `,
    personSpan(person, policy),
    ...(reason === undefined || reason === '' ? [] : [`: ${quoted(reason)}`]),
  ],
});

const lapsed = (standing: Standing, policy: Policy): readonly Item[] =>
  standing.void.map(({ person, changed }) => ({
    mark: 'failed',
    text: [
      personSpan(person, policy),
      ` signed before ${partsText(changed)} changed: that signature is void`,
    ],
  }));

const extra = (standing: Standing, policy: Policy): readonly Item[] => [
  ...standing.barred.map(
    ({ person, rule }): Item => ({
      mark: 'failed',
      text: [personSpan(person, policy), ` signed, and ${separationText(rule)}: that does not count`],
    }),
  ),
  ...(standing.unseated.length === 0
    ? []
    : [
        {
          mark: 'none' as const,
          text: [...people(standing.unseated, policy), ' signed too; no seat asks for it'],
        },
      ]),
];
