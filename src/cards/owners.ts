import type { Button } from '../chat/card.ts';
import type { Excuse } from '../domain/excuse.ts';
import type { PersonId, Policy, RoleName } from '../domain/policy.ts';
import type { ChangeView } from '../domain/view.ts';
import { allExcuses } from './status.ts';
import { unique } from './words.ts';

/** The buttons of a change's card, each with those whose move it is; where that is nobody, it is everybody's. */
export const ownedBy = (buttons: readonly Button[], view: ChangeView): readonly Button[] =>
  buttons.map((button) => owned(button, ownersOf(button, view)));

/** Buttons that only people with one of these roles can use. */
export const ownedByRoles = (
  buttons: readonly Button[],
  roles: (button: Button) => readonly RoleName[] | undefined,
  policy: Policy,
): readonly Button[] =>
  buttons.map((button) => owned(button, roles(button)?.flatMap((role) => membersOf(role, policy)) ?? []));

const owned = (button: Button, people: readonly PersonId[]): Button =>
  people.length === 0 ? button : { ...button, for: unique(people) };

const membersOf = (role: RoleName, policy: Policy): readonly PersonId[] => policy.roles.get(role) ?? [];

const ownersOf = ({ verb, subject, args = [] }: Button, view: ChangeView): readonly PersonId[] => {
  const { policy, standing } = view;
  const signers = (standing?.seats ?? []).flatMap(({ role }) => membersOf(role, policy));
  switch (verb) {
    case 'change reject':
      return signers.filter((person) => person !== view.change.requester);
    case 'change veto':
      return policy.vetoes.flatMap((role) => membersOf(role, policy));
    case 'change rescind':
      return (standing?.seats ?? [])
        .flatMap(({ filledBy }) => filledBy ?? [])
        .concat(standing?.unseated ?? [])
        .concat([...(standing?.vetoes ?? []), ...(standing?.rejections ?? [])].map(({ person }) => person));
    case 'train go':
    case 'train nogo':
      return policy.releaseManagers.flatMap((role) => membersOf(role, policy));
    default: {
      if (verb.startsWith('deploy '))
        return ['operations', ...policy.releaseManagers].flatMap((role) => membersOf(role, policy));
      const same = ({ action }: Excuse): boolean =>
        action?.verb === verb &&
        action.subject === subject &&
        JSON.stringify(action.args ?? []) === JSON.stringify(args);
      return allExcuses(view)
        .filter(same)
        .flatMap(({ movers }) =>
          movers.flatMap((mover) =>
            mover.kind === 'person'
              ? [mover.person]
              : mover.kind === 'role'
                ? membersOf(mover.role, policy)
                : [],
          ),
        );
    }
  }
};
