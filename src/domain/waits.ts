import { type Change, changeName } from './change.ts';
import { planChanges } from './change-plan.ts';
import type { Excuse } from './excuse.ts';
import type { Policy } from './policy.ts';
import { person, role } from './refusal.ts';
import { type Train, trainById, trainEnds } from './train.ts';

export interface Verdict {
  readonly change: Change;
  readonly excuses: readonly Excuse[];
}

/** Changes that others come after, by number, on whatever train. */
export type Named = ReadonlyMap<number, Change>;

/**
 * The verdicts of a train's last cutoff, with what a change waits for that is not coming: another change that is not
 * ready itself, is on another train or is gone; and, where the policy refuses circles, those that need each other. One
 * that stays behind holds up those that come after it, over any number of steps.
 */
export const withWaits = (
  verdicts: readonly Verdict[],
  named: Named,
  train: Train,
  policy: Policy,
): readonly Verdict[] => {
  const judged = new Set(verdicts.map(({ change }) => change.id));
  let settled = verdicts;
  for (;;) {
    const ready = new Map(
      settled.filter(({ excuses }) => excuses.length === 0).map(({ change }) => [change.id, change]),
    );
    const circles = policy.cycles === 'refuse' ? circlesOf([...ready.values()], policy) : new Map();
    const next = settled.map((verdict): Verdict => {
      const circle = circles.get(verdict.change.id);
      if (verdict.excuses.length > 0 || (verdict.change.after === undefined && circle === undefined))
        return verdict;
      const isComing = (other: Change): boolean =>
        judged.has(other.id) ? ready.has(other.id) : comes(other, train, policy);
      return {
        change: verdict.change,
        excuses: [
          ...waitExcuse(verdict.change, named, isComing),
          ...(circle === undefined ? [] : [cycleRefused(circle, policy)]),
        ],
      };
    });
    if (next.every(({ excuses }, i) => excuses.length === settled[i]?.excuses.length)) return next;
    settled = next;
  }
};

/** In production, on its way there, or to be there before this train's last window is over. */
export const comes = (other: Change, train: Train, policy: Policy): boolean => {
  if (other.state === 'deployed' || other.state === 'deploying') return true;
  if (other.state !== 'boarded') return false;
  if (other.train === train.id || other.type === 'emergency') return true;
  const theirs = trainById(policy, other.train);
  return theirs !== undefined && theirs.windows.length > 0 && trainEnds(theirs) < trainEnds(train);
};

export const waitExcuse = (
  { after = [], requester }: Change,
  named: Named,
  isComing: (other: Change) => boolean,
): readonly Excuse[] => {
  const missing = after
    .map((id) => ({ id, other: named.get(id) }))
    .filter(({ other }) => !other || !isComing(other));
  if (missing.length === 0) return [];
  return [
    {
      code: 'waits-for-change',
      facts: {
        changes: missing.map(({ id }) => changeName(id)),
        states: missing.map(({ other }) => other?.state ?? 'unknown'),
        trains: missing.map(({ other }) => other?.train ?? ''),
      },
      movers: [person(requester)],
    },
  ];
};

export const cycleRefused = (services: readonly string[], policy: Policy): Excuse => ({
  code: 'cycle-refused',
  facts: { services },
  movers: policy.releaseManagers.map(role),
});

/** By change: the services of the circle that it is in. */
const circlesOf = (changes: readonly Change[], policy: Policy): ReadonlyMap<number, readonly string[]> => {
  const { planned } = planChanges(changes, policy, 'quick');
  const members = new Map<number, string[]>();
  for (const { unit, change } of planned) members.set(unit, [...(members.get(unit) ?? []), change.service]);
  return new Map(
    planned.flatMap(({ unit, change }) => {
      const circle = members.get(unit) ?? [];
      return circle.length > 1 ? [[change.id, circle] as const] : [];
    }),
  );
};
