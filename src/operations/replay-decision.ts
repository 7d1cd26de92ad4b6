import { deploymentName, deploymentNumber } from '../domain/change.ts';
import type { Excuse } from '../domain/excuse.ts';
import { digestOf, type Grounds, groundsOf, judgementIn, replay } from '../domain/judgement.ts';
import { refuse } from '../domain/refusal.ts';
import { auditOf } from '../store/audit.ts';
import { findJudgement } from '../store/judgements.ts';
import type { Store } from '../store/store.ts';

export interface ReplayedDecision {
  readonly deployment: string;
  readonly at: Date;
  readonly gate: 'window' | 'emergency';
  /** Whether the inputs are those whose digest is on the record. */
  readonly genuine: boolean;
  /** What the gate says of them now; none: it would let the deployment start again. */
  readonly excuses: readonly Excuse[];
  readonly because: Grounds;
}

/** Asks the gate again by what it decided by then, and holds those inputs to the record. */
export const replayDecision = async ({ db }: Pick<Store, 'db'>, name: string): Promise<ReplayedDecision> => {
  const id = deploymentNumber(name);
  const stored = id === undefined ? undefined : await findJudgement(db, id);
  if (id === undefined || stored === undefined)
    return refuse({
      code: 'no-decision',
      facts: { deployment: id === undefined ? name : deploymentName(id) },
    });
  const deployment = deploymentName(id);
  const recorded = (await auditOf(db, { deployment })).find(({ kind }) => kind === 'deployment-started');
  const judgement = judgementIn(stored.inputs);
  return {
    deployment,
    at: stored.at,
    gate: judgement.gate,
    genuine: recorded?.facts?.['judgement'] === digestOf(stored.inputs),
    excuses: replay(judgement),
    because: groundsOf(judgement),
  };
};
