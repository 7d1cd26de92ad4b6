import type { EscalationRule, OncallRule, Target } from './oncall.ts';
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
}

/** How a target is asked: those of its people who can be reached now. */
export type Reach = (target: Target) => readonly PersonId[];

/**
 * The next move of a page that nobody has answered. A step that reaches nobody is not waited for; after the last one
 * the catch-all is paged, and then everything again: it ends only by a person (L10).
 */
export const escalate = (
  rule: EscalationRule | undefined,
  { catchAll, again }: Pick<OncallRule, 'catchAll' | 'again'>,
  progress: Progress,
  reach: Reach,
): Escalated => {
  const steps = rule?.steps ?? [];
  const over = progress.step >= steps.length;
  const round = over ? progress.round + 1 : progress.round;
  const channels = new Set<string>();
  const people = new Set<PersonId>();
  for (let step = over ? 0 : progress.step + 1; step < steps.length; step += 1) {
    for (const target of steps[step]?.targets ?? []) add(target, reach, people, channels);
    if (people.size === 0) continue;
    const next = steps[step + 1];
    const waitMs = next === undefined ? again : next.after - (steps[step]?.after ?? 0);
    // Steps of one moment are one.
    if (waitMs === 0 && next !== undefined) continue;
    return { step, round, people: [...people], channels: [...channels], catchAll: false, waitMs };
  }
  for (const target of catchAll) add(target, reach, people, channels);
  return {
    step: steps.length,
    round,
    people: [...people],
    channels: [...channels],
    catchAll: true,
    waitMs: again,
  };
};

const add = (target: Target, reach: Reach, people: Set<PersonId>, channels: Set<string>): void => {
  if (target.kind === 'channel') channels.add(target.name);
  else for (const person of reach(target)) people.add(person);
};
