import { politeFrom } from '../domain/obligation.ts';
import { type Observed, type ObservedChange, observedName } from '../domain/observation.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { day } from '../domain/time.ts';
import { insertObservedChange, lockObservedChange, updateObservedChange } from '../store/observations.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { arm, channel, direct, tell } from './outgoing.ts';

/** Production is not what we made it: whoever did that is asked to say so. */
export const findUnrecorded = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  { service, environment, platform, aspect, value, since }: Observed,
  was: string | null,
): Promise<void> => {
  if (value === null) return;
  const { at } = tx.cause;
  const place = { service, environment, platform, aspect };
  const found = await insertObservedChange(tx.db, { ...place, value, was, since: since ?? at, foundAt: at });
  if (found === undefined) return;
  tx.record({
    kind: 'unrecorded',
    service,
    facts: { observed: observedName(found.id), environment, platform, aspect, value, was },
  });
  await ask(tx, context, policy, found);
};

/** Its bell: asked again every working day until somebody answers, later of the release managers too. */
export const askAgain = async (tx: Tx, context: Context, id: number, contact: number): Promise<void> => {
  const change = await lockObservedChange(tx.db, id);
  if (change?.state !== 'open' || change.contacts !== contact) return;
  await ask(tx, context, context.policy(), change);
};

const ask = async (tx: Tx, context: Context, policy: Policy, change: ObservedChange): Promise<void> => {
  const notice = {
    kind: 'unrecorded',
    observed: observedName(change.id),
    service: change.service,
    environment: change.environment,
    platform: change.platform,
    aspect: change.aspect,
    value: change.value,
    was: change.was,
    since: change.since.toISOString(),
    again: change.contacts > 0,
  } as const;
  const people = asked(policy, change);
  const reached = people.map((id) => direct(context, policy, id)).filter((to) => to.length > 0);
  // Nobody can be reached by name: the channel is better than silence.
  const to = reached.length > 0 ? reached : [channel(context, policy, 'releases')];
  await tell(
    tx,
    context,
    to.map((each) => ({ to: each, notice })),
  );
  const contacts = change.contacts + 1;
  await updateObservedChange(tx.db, change.id, { contacts });
  await arm(
    tx,
    context,
    { kind: 'claim', observed: change.id, contact: contacts },
    politeFrom(policy, new Date(tx.cause.at.getTime() + day)),
  );
};

/** The service's owners and operations; after a day without an answer the release managers too. */
const asked = (policy: Policy, { service, contacts }: ObservedChange): readonly PersonId[] => {
  const roles = ['operations', ...(contacts > 0 ? policy.releaseManagers : [])];
  return [
    ...new Set([
      ...(policy.services.get(service)?.owners ?? []),
      ...roles.flatMap((name) => policy.roles.get(name) ?? []),
    ]),
  ];
};
