import {
  type Change,
  changeName,
  changeNumber,
  deploymentName,
  isDigest,
  isVersion,
} from '../domain/change.ts';
import type { ChangeType, Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { firstCutoff, nextTrain, type Train, trainToBoard } from '../domain/train.ts';
import { insertChange, listChanges } from '../store/changes.ts';
import { rolledBackArtifacts } from '../store/deployments.ts';
import { artifactOf, recentBuilds } from '../store/evidence.ts';
import type { Cause, Tx } from '../store/store.ts';
import { cutoffsOf, lockTrain } from '../store/trains.ts';
import { armTrain } from './arm-timetable.ts';
import type { Context } from './context.ts';
import { changeNamed, personNamed, serviceNamed } from './find.ts';
import { redraw } from './outgoing.ts';
import { refuseDebtors } from './owe.ts';
import { milestoneNamed } from './record-milestone.ts';

export interface Submission {
  readonly service: string;
  /** Absent: that of the newest build. */
  readonly version?: string;
  /** `sha256:…`; absent: that of the version's newest build, now or when it is reported. */
  readonly artifact?: string;
  readonly type: Exclude<ChangeType, 'emergency'>;
  readonly records: readonly string[];
  readonly note: string;
  /** Names of changes that must be in production before it, and of milestones that must be there. */
  readonly after?: readonly string[];
  /** Why bytes that were rolled back are tried again. */
  readonly because?: string;
  /** Name of a train rule; absent: whichever train's first cutoff comes next. */
  readonly rule?: string;
}

/** The change boards the next train whose first cutoff was still open when the request arrived (L3). */
export const submitChange = (context: Context, cause: Cause, submission: Submission): Promise<Change> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const requester = personNamed(policy, cause.actor).id;
    const { name: service } = serviceNamed(policy, submission.service);
    const { artifact, version } = await whatToShip(tx, policy, service, submission);
    const train = await board(tx, context, policy, submission.rule);
    await refuseDebtors(tx, policy, service, train.id);
    await refuseRivals(tx, service, version, train);
    const [names, milestones] = waitsNamed(policy, submission.after ?? []);
    const after = await changesNamed(tx, names);
    if (artifact !== null && submission.because === undefined)
      await refuseRolledBack(tx, service, artifact, version);
    const { type, records, note, because } = submission;
    const change = await insertChange(tx.db, {
      service,
      type,
      version,
      artifact,
      pinned: submission.artifact !== undefined,
      train: train.id,
      requester,
      records,
      note,
      after,
      milestones,
      ...(because === undefined ? {} : { because }),
      submittedAt: cause.at,
    });
    // Two submissions of one version at the same moment: the index let one of them in.
    if (!change) {
      await refuseRivals(tx, service, version, train);
      return refuse({ code: 'already-submitted', facts: { service, version } });
    }
    const name = changeName(change.id);
    tx.record({
      kind: 'submitted',
      train: train.id,
      change: name,
      service,
      facts: {
        version,
        artifact,
        type,
        records,
        ...(after.length === 0 ? {} : { after: after.map(changeName) }),
        ...(milestones.length === 0 ? {} : { milestones }),
        ...(because === undefined ? {} : { because }),
      },
    });
    await redraw(tx, context, [name, train.id]);
    return change;
  });

/** Names of changes, and of milestones that the policy has. */
const waitsNamed = (
  policy: Policy,
  names: readonly string[],
): readonly [changes: readonly string[], milestones: readonly string[]] => {
  const changes = names.filter((name) => changeNumber(name) !== undefined);
  const others = names.filter((name) => changeNumber(name) === undefined);
  return [changes, [...new Set(others.map((name) => milestoneNamed(policy, name).name))]];
};

/** Numbers of changes that can still come to production, or have. */
const changesNamed = async (tx: Tx, names: readonly string[]): Promise<readonly number[]> => {
  const ids: number[] = [];
  for (const name of names) {
    const { id, state } = await changeNamed(tx, name, 'read');
    if (state !== 'boarded' && state !== 'deploying' && state !== 'deployed')
      refuse({ code: 'change-not-open', facts: { change: changeName(id), state } });
    if (!ids.includes(id)) ids.push(id);
  }
  return ids;
};

/** Bytes that were rolled back do not board again until somebody says why. */
const refuseRolledBack = async (
  tx: Tx,
  service: string,
  artifact: string,
  version: string,
): Promise<void> => {
  const deployment = (await rolledBackArtifacts(tx.db, [artifact])).get(`${service} ${artifact}`);
  if (deployment === undefined) return;
  refuse({
    code: 'rolled-back-before',
    facts: { service, version, deployment: deploymentName(deployment) },
    next: `change submit ${service} ${version} --because …`,
  });
};

/** A service has one open change on a train, and a version one on any. An emergency is on none. */
export const refuseRivals = async (
  tx: Tx,
  service: string,
  version: string,
  train?: Train,
  except?: number,
): Promise<void> => {
  const open = await listChanges(tx.db, { service, states: ['boarded', 'deploying'] });
  const rival = open.find(
    (other) =>
      other.id !== except &&
      ((other.train === train?.id && other.type !== 'emergency') || other.version === version),
  );
  if (rival === undefined) return;
  const change = changeName(rival.id);
  refuse({
    code: 'already-submitted',
    facts: { service, version: rival.version, change, train: rival.train },
    next: `change withdraw ${change}`,
  });
};

export const whatToShip = async (
  tx: Tx,
  policy: Policy,
  service: string,
  { version, artifact }: Pick<Submission, 'version' | 'artifact'>,
): Promise<{ readonly version: string; readonly artifact: string | null }> => {
  if (artifact !== undefined && !isDigest(artifact)) refuse({ code: 'bad-artifact', facts: { artifact } });
  if (version !== undefined && !isVersion(version)) refuse({ code: 'bad-version', facts: { version } });
  const builds = version !== undefined && artifact !== undefined ? [] : await recentBuilds(tx.db, service);
  if (artifact !== undefined) {
    const known = builds.find((build) => build.artifact === artifact)?.version;
    return { artifact, version: version ?? known ?? artifact.slice('sha256:'.length, 'sha256:'.length + 12) };
  }
  const chosen = version ?? builds[0]?.version ?? refuse({ code: 'version-missing', facts: { service } });
  return {
    version: chosen,
    artifact: (await artifactOf(tx.db, service, chosen, policy.trustedBuilders)) ?? null,
  };
};

/**
 * The next train whose first cutoff is open, kept from closing until the transaction ends. A cutoff that has closed
 * stands, also for a request that arrived before it and was overtaken.
 */
export const board = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  rule?: string,
  notBefore?: Train,
): Promise<Train> => {
  const known = notBefore ?? trainToBoard(policy, tx.cause.at, rule);
  if (known === undefined) return refuse({ code: 'unknown-train', facts: { train: rule ?? '' } });
  for (let train = known; ; ) {
    if ((await lockTrain(tx.db, train.id, 'share')) === undefined) {
      await armTrain(tx, context, train);
      await lockTrain(tx.db, train.id, 'share');
    }
    const [first] = await cutoffsOf(tx.db, train.id);
    if (first === undefined || (first.closedAt === null && tx.cause.at < first.at)) return train;
    train =
      nextTrain(policy, train.rule, train) ??
      refuse({ code: 'cutoff-closed', facts: { train: train.id, cutoff: firstCutoff(train).name } });
  }
};
