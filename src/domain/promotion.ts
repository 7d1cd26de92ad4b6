import type { Deployment } from './deployment.ts';
import type { Excuse } from './excuse.ts';
import { pausedExcuse, timeExcuses } from './gate.ts';
import { expectedDuration } from './phases.ts';
import type { PhaseRule, Policy } from './policy.ts';
import { nextTrain, type Train, trainById, trainEnds } from './train.ts';
import { lastSafeStart, type TrainWindow, windowState } from './window.ts';

type Phased = Pick<Deployment, 'plan' | 'promoted' | 'train' | 'windowOpens'>;

/** The phase that is in production last, and the one that would follow it. */
export const phaseReached = ({
  plan,
  promoted,
}: Phased): { readonly now: PhaseRule | undefined; readonly next: PhaseRule | undefined } => ({
  now: plan.phases?.[promoted],
  next: plan.phases?.[promoted + 1],
});

/** Why the next phase may not begin now; none: it may. What is left has to fit into the window, as at the start (L1). */
export const promotionExcuses = (
  policy: Policy,
  deployment: Phased,
  paused: boolean,
  now: Date,
): readonly Excuse[] => {
  // An emergency keeps to no window.
  if (deployment.windowOpens === null) return [];
  return [
    ...(paused ? [pausedExcuse(policy, deployment.train)] : []),
    ...timeExcuses(
      policy,
      { id: deployment.train, windows: windowsFrom(policy, deployment.train, now) },
      left(deployment),
      now,
    ),
  ];
};

/** The last instant at which what is left fits into the window that is open now; undefined: nothing keeps it to one. */
export const promoteBy = (policy: Policy, deployment: Phased, now: Date): Date | undefined => {
  if (deployment.windowOpens === null) return undefined;
  const state = windowState(policy, windowsFrom(policy, deployment.train, now), now);
  if (!state.open) return undefined;
  const { expected, reserve } = left(deployment);
  return lastSafeStart({ from: state.window.opens, until: state.closes }, expected, reserve);
};

const left = ({ plan, promoted }: Phased) => ({
  expected: expectedDuration(plan, promoted + 1),
  reserve: plan.reserve,
});

/** Trains after its own that a phase is kept for. */
const most = 60;

/** Of its train, and of those that came after it until now: what is kept goes on in their windows. */
const windowsFrom = (policy: Policy, id: string, now: Date): readonly TrainWindow[] => {
  const windows: TrainWindow[] = [];
  let train: Train | undefined = trainById(policy, id);
  for (let n = 0; train !== undefined && n <= most; n += 1) {
    windows.push(...train.windows);
    if (trainEnds(train) > now) break;
    train = nextTrain(policy, train.rule, train);
  }
  return windows;
};
