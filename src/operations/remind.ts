import { excusesFor } from '../domain/case.ts';
import { changeName } from '../domain/change.ts';
import type { Excuse } from '../domain/excuse.ts';
import type { Notice } from '../domain/notice.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import type { Mover } from '../domain/refusal.ts';
import { requiredAt, type Train, trainById } from '../domain/train.ts';
import { loadCases } from '../store/cases.ts';
import { listChanges } from '../store/changes.ts';
import { standInsAt } from '../store/roster.ts';
import type { Store, Tx } from '../store/store.ts';
import { cutoffsOf } from '../store/trains.ts';
import type { Context } from './context.ts';
import { direct, tell } from './outgoing.ts';

/** Tells exactly the people whose move it is exactly what is missing for the cutoff; nobody when nothing is. */
export const remind = async (
  tx: Tx,
  context: Context,
  trainId: string,
  cutoff: string,
  lead: number,
): Promise<void> => {
  const policy = context.policy();
  const train = trainById(policy, trainId);
  const rule = train?.cutoffs.find((c) => c.name === cutoff);
  const state = (await cutoffsOf(tx.db, trainId)).find((c) => c.name === cutoff);
  if (!train || !rule || !state || state.closedAt !== null || context.clock.now() >= state.at) return;
  // Late by more than the time to the next reminder of this cutoff: that one says it all.
  const next = rule.reminders.filter((r) => r.lead < lead).map((r) => r.at);
  if (next.some((at) => context.clock.now() >= at)) return;

  for (const [person, items] of await movesBefore(tx.db, policy, train, cutoff, tx.cause.at)) {
    tx.record({
      kind: 'reminder',
      train: trainId,
      facts: { cutoff, lead, person, changes: items.map((i) => i.change) },
    });
    await tell(tx, context, [
      {
        to: direct(context, policy, person),
        notice: { kind: 'reminder', train: trainId, cutoff, at: state.at.toISOString(), person, items },
      },
    ]);
  }
};

/** A reminder that could not be sent at once, with what is left of it; undefined when there is nothing to be done any more. */
export const presentReminder = async (
  context: Context,
  reminder: Reminder,
): Promise<Reminder | undefined> => {
  const { db } = context.store;
  const policy = context.policy();
  const train = trainById(policy, reminder.train);
  const state = (await cutoffsOf(db, reminder.train)).find(({ name }) => name === reminder.cutoff);
  const now = context.clock.now();
  if (!train || !state || state.closedAt !== null || now >= state.at) return undefined;
  const items = (await movesBefore(db, policy, train, reminder.cutoff, now)).get(reminder.person);
  return items && { ...reminder, items };
};

type Reminder = Extract<Notice, { kind: 'reminder' }>;

/** What is missing by person whose move it is. */
const movesBefore = async (
  db: Store['db'],
  policy: Policy,
  train: Train,
  cutoff: string,
  at: Date,
): Promise<ReadonlyMap<PersonId, Reminder['items']>> => {
  const aboard = await listChanges(db, { train: train.id, states: ['boarded'] });
  const cases = await loadCases(
    db,
    aboard.filter(({ type }) => type !== 'emergency'),
  );
  const open = cases
    .map((subject) => ({
      change: subject.change,
      excuses: excusesFor(subject, requiredAt(train, cutoff), train, policy),
    }))
    .filter(({ excuses }) => excuses.length > 0);
  const standIns = await standInsAt(db, at);
  const movesOf = (excuse: Excuse): readonly PersonId[] => {
    const movers = excuse.movers.flatMap((mover) => peopleOf(mover, policy));
    const others = isSigned(excuse) ? standIns.filter(({ insteadOf }) => movers.includes(insteadOf)) : [];
    return [...movers, ...others.map(({ person }) => person)];
  };
  const people = new Set(open.flatMap(({ excuses }) => excuses.flatMap(movesOf)));
  return new Map(
    [...people].map((person) => [
      person,
      open.flatMap(({ change, excuses }) => {
        const mine = excuses.filter((e) => movesOf(e).includes(person));
        return mine.length === 0
          ? []
          : [{ change: changeName(change.id), service: change.service, excuses: mine }];
      }),
    ]),
  );
};

/** Met by a signature, which a stand-in can give too. */
const isSigned = ({ code }: Excuse): boolean =>
  code === 'seat-empty' ||
  code === 'no-sign-off' ||
  code === 'sign-off-separated' ||
  code === 'date-not-approved';

export const peopleOf = (mover: Mover, policy: Policy): readonly PersonId[] => {
  switch (mover.kind) {
    case 'person':
      return [mover.person];
    case 'role':
      return policy.roles.get(mover.role) ?? [];
    case 'system':
      return [];
  }
};
