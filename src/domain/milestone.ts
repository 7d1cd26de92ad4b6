import type { Change } from './change.ts';
import { type Evidence, inForce } from './evidence.ts';
import type { Excuse } from './excuse.ts';
import type { Policy } from './policy.ts';
import { person, role } from './refusal.ts';

/** What is said of a milestone last; undefined while nobody has said anything. */
export const milestoneState = (name: string, evidence: readonly Evidence[]): Evidence | undefined =>
  inForce(evidence, (e) => e.kind === 'milestone' && e.milestone === name);

/** The milestones that the change waits for and that are not there. One that the policy has no more is not there (L1). */
export const openMilestones = (
  { milestones = [] }: Change,
  evidence: readonly Evidence[],
  policy: Policy,
): readonly Excuse[] =>
  milestones.flatMap((name): readonly Excuse[] => {
    const said = milestoneState(name, evidence);
    const rule = policy.milestones?.get(name);
    if (rule !== undefined && said?.outcome === 'pass') return [];
    return [
      {
        code: 'milestone-open',
        requirement: 'milestones',
        facts: {
          milestone: name,
          ...(rule === undefined ? {} : { what: rule.what, due: rule.due }),
          ...(said === undefined ? {} : { by: said.person ?? said.source }),
          ...(said?.comment ? { comment: said.comment } : {}),
        },
        movers: rule && rule.owners.length > 0 ? rule.owners.map(person) : policy.releaseManagers.map(role),
        action: { verb: 'change milestone', subject: name, args: ['pass'] },
      },
    ];
  });
