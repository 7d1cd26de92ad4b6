import type { EscalationRule, EscalationStep, OncallRule, Target } from './oncall.ts';
import type { PersonId } from './policy.ts';

/** How far a page has come: the step that was paged last (-1: none), and how often it has begun again. */
export interface Progress {
  readonly step: number;
  readonly round: number;
}

export interface Escalated extends Progress {
  /** Whom to page; nobody only when nobody can be reached at all. */
  readonly people: readonly PersonId[];
  readonly channels: readonly string[];
  /** Nobody of the escalation is left to be asked: the catch-all is. */
  readonly catchAll: boolean;
  /** Milliseconds until the next move, unless somebody answers. */
  readonly waitMs: number;
  /** Whose turn it was in steps that ask one person at a time, by the step's index. */
  readonly turns: ReadonlyMap<number, PersonId>;
  /** The service asks for somebody else to be paged first, and no such person can be reached. */
  readonly unqualified: boolean;
}

/** How a target is asked: those of its people who can be reached now. */
export type Reach = (target: Target) => readonly PersonId[];

export interface Asked {
  readonly reach: Reach;
  /** Who had the last turn of each step. */
  readonly turns?: ReadonlyMap<number, PersonId>;
  /** Whether a person may be paged first; absent: everybody may. */
  readonly isQualified?: ((person: PersonId) => boolean) | undefined;
}

/**
 * The next move of a page that nobody has answered. A step that reaches nobody is not waited for; after the last one
 * the catch-all is paged, and then everything again: it ends only by a person (L10). Who is paged first is qualified for
 * the service; when nobody is, whoever there is.
 */
export const escalate = (
  rule: EscalationRule | undefined,
  oncall: Pick<OncallRule, 'catchAll' | 'again'>,
  progress: Progress,
  asked: Asked,
): Escalated => {
  const { reach, isQualified } = asked;
  const isFirst = progress.step < 0 && progress.round === 0;
  if (!isFirst || isQualified === undefined) return walk(rule, oncall, progress, asked);
  const strict = walk(rule, oncall, progress, {
    ...asked,
    reach: (target) => reach(target).filter(isQualified),
  });
  if (!strict.catchAll) return strict;
  const anybody = walk(rule, oncall, progress, asked);
  return { ...anybody, unqualified: anybody.people.length > 0 && !anybody.people.some(isQualified) };
};

const walk = (
  rule: EscalationRule | undefined,
  { catchAll, again }: Pick<OncallRule, 'catchAll' | 'again'>,
  progress: Progress,
  { reach, turns = new Map() }: Asked,
): Escalated => {
  const steps = rule?.steps ?? [];
  const over = progress.step >= steps.length;
  const round = over ? progress.round + 1 : progress.round;
  const channels = new Set<string>();
  const people = new Set<PersonId>();
  const taken = new Map<number, PersonId>();
  const moved = { round, turns: taken, unqualified: false };
  for (const [step, current] of steps.entries()) {
    if (!over && step <= progress.step) continue;
    for (const name of channelsOf(current.targets)) channels.add(name);
    const reached = peopleOf(current.targets, reach);
    const turn = current.inTurn === true ? nextInTurn(reached, turns.get(step)) : undefined;
    if (turn !== undefined) taken.set(step, turn);
    for (const person of turn === undefined ? reached : [turn]) people.add(person);
    if (people.size === 0) continue;
    const next: EscalationStep | undefined = steps[step + 1];
    const waitMs = next === undefined ? again : next.after - current.after;
    // Steps of one moment are one.
    if (waitMs === 0 && next !== undefined) continue;
    return { ...moved, step, people: [...people], channels: [...channels], catchAll: false, waitMs };
  }
  for (const name of channelsOf(catchAll)) channels.add(name);
  return {
    ...moved,
    step: steps.length,
    people: [...new Set([...people, ...peopleOf(catchAll, reach)])],
    channels: [...channels],
    catchAll: true,
    waitMs: again,
  };
};

/** The one after whoever had the last turn; undefined when there is nobody. */
export const nextInTurn = (people: readonly PersonId[], last: PersonId | undefined): PersonId | undefined =>
  people[(last === undefined ? 0 : people.indexOf(last) + 1) % Math.max(1, people.length)];

const channelsOf = (targets: readonly Target[]): readonly string[] =>
  targets.flatMap(({ kind, name }) => (kind === 'channel' ? [name] : []));

const peopleOf = (targets: readonly Target[], reach: Reach): readonly PersonId[] => [
  ...new Set(targets.flatMap((target) => (target.kind === 'channel' ? [] : reach(target)))),
];
