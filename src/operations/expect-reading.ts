import { deploymentName } from '../domain/change.ts';
import type { Deployment } from '../domain/deployment.ts';
import { type Observed, reads, usualDelayMs } from '../domain/observation.ts';
import type { Policy } from '../domain/policy.ts';
import { findChange } from '../store/changes.ts';
import { deployedOver, lockDeployment, previousArtifact } from '../store/deployments.ts';
import { listObserved } from '../store/observations.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { arm, channel, direct, tell } from './outgoing.ts';

/** Where somebody looks at what runs, a deployment that has ended has to be seen there; in time, or it is said. */
export const expectReading = async (
  tx: Tx,
  context: Context,
  { id, service }: Deployment,
  as: 'succeeded' | 'rolled-back',
): Promise<void> => {
  const policy = context.policy();
  const declared = policy.services.get(service)?.observed;
  if (declared === undefined && (await inProduction(tx, policy, service)).length === 0) return;
  const dueAt = new Date(tx.cause.at.getTime() + (declared ?? usualDelayMs));
  await arm(tx, context, { kind: 'observation', deployment: id, as }, dueAt);
};

/** Its bell: nothing when production reads as it should, or when something else has come over it since. */
export const checkObservation = async (
  tx: Tx,
  context: Context,
  id: number,
  as: 'succeeded' | 'rolled-back',
): Promise<void> => {
  const deployment = await lockDeployment(tx.db, id);
  if (deployment?.state !== as || deployment.finishedAt === null) return;
  if ((await deployedOver(tx.db, deployment)) !== undefined) return;
  const policy = context.policy();
  const { service, finishedAt } = deployment;
  const readings = await inProduction(tx, policy, service);
  const isRight = await rightAfter(tx, deployment, as);
  const wrong = readings.find((reading) => reading.readAt < finishedAt || !isRight(reading));
  if (readings.length > 0 && wrong === undefined) return;
  const read = wrong === undefined || wrong.readAt < finishedAt ? null : wrong.value;
  const name = deploymentName(id);
  tx.record({ kind: 'not-observed', service, deployment: name, outcome: as, facts: { read } });
  const notice = {
    kind: 'not-observed',
    deployment: name,
    service,
    as,
    artifact: deployment.artifact,
    finished: finishedAt.toISOString(),
    read,
  } as const;
  const people = new Set([
    ...(policy.services.get(service)?.owners ?? []),
    ...(policy.roles.get('operations') ?? []),
  ]);
  await tell(tx, context, [
    { to: channel(context, policy, 'releases'), notice },
    ...[...people].map((person) => ({ to: direct(context, policy, person), notice })),
  ]);
};

const inProduction = async (tx: Tx, policy: Policy, service: string): Promise<readonly Observed[]> =>
  (await listObserved(tx.db, { service, environment: policy.environments.at(-1) ?? '' })).filter(
    ({ aspect }) => aspect === 'artifact',
  );

/** After a rollback that is what ran before; where that is not known, anything but the bytes that were taken back. */
const rightAfter = async (
  tx: Tx,
  deployment: Deployment,
  as: 'succeeded' | 'rolled-back',
): Promise<(reading: Observed) => boolean> => {
  const version = (await findChange(tx.db, deployment.change))?.version ?? '';
  const isOwn = ({ value }: Observed): boolean => reads(value, { artifact: deployment.artifact, version });
  if (as === 'succeeded') return isOwn;
  const before = await previousArtifact(tx.db, deployment.service, deployment.id);
  return (reading) => !isOwn(reading) || before === deployment.artifact;
};
