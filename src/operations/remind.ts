import { excusesFor } from '../domain/case.ts';
import { changeName } from '../domain/change.ts';
import type { Excuse } from '../domain/excuse.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import type { Mover } from '../domain/refusal.ts';
import { requiredAt, trainById } from '../domain/train.ts';
import { loadCases } from '../store/cases.ts';
import { listChanges } from '../store/changes.ts';
import { standInsAt } from '../store/roster.ts';
import type { Tx } from '../store/store.ts';
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

  const aboard = await listChanges(tx.db, { train: trainId, states: ['boarded'] });
  const cases = await loadCases(
    tx.db,
    aboard.filter(({ type }) => type !== 'emergency'),
  );
  const open = cases
    .map((subject) => ({
      change: subject.change,
      excuses: excusesFor(subject, requiredAt(train, cutoff), train, policy),
    }))
    .filter(({ excuses }) => excuses.length > 0);
  const standIns = await standInsAt(tx.db, tx.cause.at);
  const movesOf = (excuse: Excuse): readonly PersonId[] => {
    const movers = excuse.movers.flatMap((mover) => peopleOf(mover, policy));
    const others = isSigned(excuse) ? standIns.filter(({ insteadOf }) => movers.includes(insteadOf)) : [];
    return [...movers, ...others.map(({ person }) => person)];
  };
  const people = new Set(open.flatMap(({ excuses }) => excuses.flatMap(movesOf)));
  for (const person of people) {
    const items = open.flatMap(({ change, excuses }) => {
      const mine = excuses.filter((e) => movesOf(e).includes(person));
      return mine.length === 0
        ? []
        : [{ change: changeName(change.id), service: change.service, excuses: mine }];
    });
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
