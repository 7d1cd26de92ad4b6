import type { Reach } from '../domain/escalation.ts';
import type { Way } from '../domain/oncall.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { rosterOf } from '../domain/roster.ts';
import { onCallAt } from '../domain/schedule.ts';
import { type Address, type PlannedSend, plannedSends } from '../domain/send.ts';
import { arrangedAfter } from '../store/roster.ts';
import type { Store } from '../store/store.ts';
import type { Context } from './context.ts';
import { direct } from './outgoing.ts';

/** The ways on which this person can be paged, by what this company has set up; none: nobody waits for the person. */
export const waysTo = (context: Context, policy: Policy, id: PersonId): readonly PlannedSend[] => {
  const person = policy.people.get(id);
  return person === undefined
    ? []
    : plannedSends(person.ways, (way) => addressOf(context, policy, id, person.phone, way));
};

const addressOf = (
  context: Context,
  policy: Policy,
  id: PersonId,
  phone: string | undefined,
  way: Way,
): Address | undefined => {
  if (way === 'chat') return direct(context, policy, id)[0];
  return context.telephony === undefined || phone === undefined ? undefined : { phone };
};

/** Whom a target stands for at this moment, as far as they can be reached. */
export const reachAt = async (
  db: Store['db'],
  context: Context,
  policy: Policy,
  now: Date,
): Promise<Reach> => {
  const arranged = await arrangedAfter(db, now);
  const canBeReached = (id: PersonId): boolean => waysTo(context, policy, id).length > 0;
  return ({ kind, name }) => {
    switch (kind) {
      case 'person':
        return [name].filter(canBeReached);
      case 'role':
        return (policy.roles.get(name) ?? []).filter(canBeReached);
      case 'schedule': {
        const roster = rosterOf(policy, name, arranged);
        const person = roster && onCallAt(roster, now).person;
        return person === undefined ? [] : [person].filter(canBeReached);
      }
      case 'channel':
        return [];
    }
  };
};
