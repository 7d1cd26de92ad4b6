import { assertNever } from '../domain/assert-never.ts';
import type { Reach } from '../domain/escalation.ts';
import type { Way } from '../domain/oncall.ts';
import type { Person, PersonId, Policy } from '../domain/policy.ts';
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
    : plannedSends(person.ways, (way) => addressOf(context, policy, person, way));
};

const addressOf = (context: Context, policy: Policy, person: Person, way: Way): Address | undefined => {
  const { phone, email, webhook, pagerduty } = person;
  switch (way) {
    case 'chat':
      return direct(context, policy, person.id)[0];
    case 'sms':
    case 'voice':
      return context.telephony === undefined || phone === undefined ? undefined : { phone };
    case 'email':
      return context.mailer === undefined || email === undefined ? undefined : { email };
    case 'webhook':
      return context.webhook === undefined ? undefined : webhook;
    case 'pagerduty':
      return context.pagerduty === undefined || pagerduty === undefined
        ? undefined
        : { routingKey: pagerduty };
    default:
      return assertNever(way);
  }
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
