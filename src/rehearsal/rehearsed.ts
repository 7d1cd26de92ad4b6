import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '../domain/audit.ts';
import type { Change } from '../domain/change.ts';
import type { Deployment, StepRun } from '../domain/deployment.ts';
import type { Policy } from '../domain/policy.ts';
import { type AuditVerdict, auditAfter, verifyAudit } from '../store/audit.ts';
import { listChanges } from '../store/changes.ts';
import { findDeployment } from '../store/deployments.ts';
import { stepRunsOfAll } from '../store/step-runs.ts';
import type { Acknowledged } from './director.ts';
import type { Stage } from './stage.ts';

/** Everything that is left of a rehearsal when it is over: what the laws are checked against. */
export interface Rehearsed {
  readonly policy: Policy;
  readonly train: string;
  /** In the order of the record. */
  readonly entries: readonly AuditEntry[];
  readonly verdict: AuditVerdict;
  readonly changes: readonly Change[];
  readonly deployments: readonly Deployment[];
  readonly runs: readonly (StepRun & { readonly deployment: number })[];
  /** Ids of requests and reports that were acted on. */
  readonly requests: ReadonlySet<string>;
  readonly acknowledged: Acknowledged;
  /** What the deployment programs wrote down, in order. */
  readonly ledger: readonly LedgerLine[];
  /** The artifact that each service runs. */
  readonly live: ReadonlyMap<string, string>;
}

export interface LedgerLine {
  readonly verb: string;
  readonly service: string;
  readonly artifact: string;
  /** `DEP-4` */
  readonly deployment: string;
}

export const auditSince = async (stage: Pick<Stage, 'store'>, seq: number) => {
  const rows: { readonly seq: number; readonly entry: AuditEntry }[] = [];
  for (;;) {
    const page = await auditAfter(stage.store.db, rows.at(-1)?.seq ?? seq);
    if (page.length === 0) return rows;
    rows.push(...page);
  }
};

export const readRehearsed = async (
  stage: Stage,
  policy: Policy,
  train: string,
  acknowledged: Acknowledged,
): Promise<Rehearsed> => {
  const { db } = stage.store;
  const ids = await db.selectFrom('deployment').select('id').orderBy('id').execute();
  const deployments: Deployment[] = [];
  for (const { id } of ids) {
    const deployment = await findDeployment(db, id);
    if (deployment) deployments.push(deployment);
  }
  const runs = await stepRunsOfAll(
    db,
    deployments.map(({ id }) => id),
  );
  const requests = await db.selectFrom('request').select('id').execute();
  return {
    policy,
    train,
    entries: (await auditSince(stage, 0)).map(({ entry }) => entry),
    verdict: await verifyAudit(db),
    changes: await listChanges(db, {}),
    deployments,
    runs: [...runs].flatMap(([deployment, list]) => list.map((run) => ({ ...run, deployment }))),
    requests: new Set(requests.map(({ id }) => id)),
    acknowledged,
    ledger: (await readFile(join(stage.target, 'ledger'), 'utf8')).split('\n').flatMap(ledgerLine),
    live: await liveArtifacts(stage.target),
  };
};

/** `time verb service artifact deployment pid` */
const ledgerLine = (text: string): readonly LedgerLine[] => {
  const [, verb, service, artifact, deployment] = text.split(' ');
  return verb === undefined || service === undefined || artifact === undefined || deployment === undefined
    ? []
    : [{ verb, service, artifact, deployment }];
};

const liveArtifacts = async (target: string): Promise<ReadonlyMap<string, string>> => {
  const live = new Map<string, string>();
  for (const service of await readdir(join(target, 'services')).catch(() => []))
    live.set(
      service,
      (
        await readFile(join(target, 'services', service, 'live', 'artifact'), 'utf8').catch(() => 'nothing')
      ).trim(),
    );
  return live;
};
