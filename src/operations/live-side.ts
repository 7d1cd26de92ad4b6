import type { Deployment, Direction } from '../domain/deployment.ts';
import { type LiveSide, mustBeLive } from '../domain/live-side.ts';
import type { Part } from '../domain/policy.ts';
import type { Context } from './context.ts';
import { executorOf } from './executor-of.ts';
import { specOf } from './step-spec.ts';

/** By deployment: what was answered in this look at a train, and whose side has to be asked for another one. */
export interface LiveSides {
  readonly answers: Map<number, LiveSide>;
  readonly unasked: Map<number, Deployment>;
}

/** Asks whoever the plan says which side is live. What cannot be known is said, and counts as shut (L1). */
export const askLiveSide = async (context: Context, deployment: Deployment): Promise<LiveSide> => {
  const { sides } = deployment.plan;
  if (sides === undefined) return { known: false, reason: 'the plan has no sides' };
  try {
    const { executor } = sides.live;
    const asked = executorOf(context.executors, { executor });
    const { run, ...spec } = await specOf(context, deployment, { name: 'live-side' }, sides.live, {
      direction: 'do',
      attempt: 1,
    });
    const answer = await asked.liveSide?.(run, sides.names, spec);
    return answer ?? { known: false, reason: `this instance cannot ask ${executor}` };
  } catch (error) {
    return { known: false, reason: error instanceof Error ? error.message : String(error) };
  }
};

/** Why a step must not be done now: it would alter the side that is live, or nobody knows which one that is. */
export const barredFrom = async (
  context: Context,
  deployment: Deployment,
  part: Part | undefined,
  direction: Direction,
): Promise<string | undefined> => {
  const { plan, sides } = deployment;
  if (plan.sides === undefined || sides === null) return undefined;
  const expected = mustBeLive(part, direction, sides);
  if (expected === undefined) return undefined;
  const live = await askLiveSide(context, deployment);
  if (!live.known) return `which side is live is not known (${live.reason})`;
  return live.side === expected ? undefined : `${live.side} is live and must not be altered`;
};
