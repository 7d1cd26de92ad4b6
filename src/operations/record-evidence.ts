import { changeName, changeNumber, isDigest, isVersion } from '../domain/change.ts';
import type { EvidenceKind, Outcome } from '../domain/evidence.ts';
import type { Policy, Service } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { changesOfVersion, listChanges } from '../store/changes.ts';
import { artifactOf, insertEvidence, type NewEvidence } from '../store/evidence.ts';
import type { Cause, Tx } from '../store/store.ts';
import { buildDoubt } from './build-doubt.ts';
import type { Context } from './context.ts';
import { changeNamed, environmentNamed, platformNamed, requireBoarded, serviceNamed } from './find.ts';
import { redraw } from './outgoing.ts';
import { judgeRecords } from './record-tickets.ts';
import { takeArtifact } from './take-artifact.ts';
import { wake } from './wake.ts';

/** What a system reports. Signatures (`sign-off`, `date-approved`) are people's: see state-evidence. */
export interface Report {
  readonly kind: Exclude<EvidenceKind, 'sign-off' | 'date-approved' | 'milestone'>;
  readonly service: string;
  readonly version?: string;
  readonly artifact?: string;
  /** For `records`: the change they belong to. */
  readonly change?: string;
  readonly environment?: string;
  readonly platform?: string;
  readonly builder?: string;
  readonly outcome: Outcome;
  readonly source: string;
  readonly url?: string;
  readonly comment?: string;
  readonly observedAt?: Date;
  /** What was set there, for `deployed` and `verified`: values, or digests of them. */
  readonly configuration?: Readonly<Record<string, string>>;
  readonly details?: object;
  /** The builder whose own key the report is signed with. Absent: the key of all systems. */
  readonly signedBy?: string;
}

/** A repeated report throws `Repeated` (its id is the cause's request) and changes nothing. */
export const recordEvidence = (context: Context, cause: Cause, report: Report): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const service = serviceNamed(policy, report.service);
    if (report.artifact !== undefined && !isDigest(report.artifact))
      refuse({ code: 'bad-artifact', facts: { artifact: report.artifact } });
    if (report.version !== undefined && !isVersion(report.version))
      refuse({ code: 'bad-version', facts: { version: report.version } });
    const row = evidenceRow(context, policy, service, cause, report);
    const touched =
      report.kind === 'build'
        ? await recordBuild(tx, context, policy, row)
        : report.kind === 'records'
          ? await recordRecords(tx, service, report, row)
          : await recordArtifactReport(tx, policy, row);
    tx.record({
      kind: 'evidence',
      service: service.name,
      outcome: report.outcome,
      ...(touched.length === 1 && touched[0] !== undefined ? { change: touched[0] } : {}),
      facts: {
        kind: row.kind,
        ...(row.artifact === null ? {} : { artifact: row.artifact }),
        ...(row.version === null ? {} : { version: row.version }),
        ...(row.environment === null ? {} : { environment: row.environment }),
        ...(row.platform === null ? {} : { platform: row.platform }),
        ...(row.builder === null ? {} : { builder: row.builder }),
        ...(row.doubt === undefined ? {} : { doubt: row.doubt }),
        source: row.source,
      },
    });
    if (report.kind === 'records')
      await judgeRecords(
        tx,
        await listChanges(tx.db, { ids: touched.flatMap((name) => changeNumber(name) ?? []) }),
      );
    await redraw(tx, context, touched);
    await wake(tx, context, touched);
  });

type ServiceReport = NewEvidence & { readonly service: string };

const evidenceRow = (
  context: Context,
  policy: Policy,
  service: Service,
  cause: Cause,
  report: Report,
): ServiceReport => {
  const observed = report.observedAt ?? cause.at;
  return {
    kind: report.kind,
    service: service.name,
    version: report.version ?? null,
    artifact: report.artifact ?? null,
    change: null,
    environment: environmentOf(policy, report),
    platform: report.kind === 'records' ? null : platformNamed(service, report.platform),
    role: null,
    builder: report.builder ?? null,
    ...(report.kind === 'build' ? buildDoubt(context, policy, service, report) : {}),
    train: null,
    outcome: report.outcome,
    person: null,
    source: report.source,
    comment: report.comment ?? null,
    url: report.url ?? null,
    details: report.details ?? null,
    ...(report.configuration === undefined ? {} : { configuration: report.configuration }),
    // A report cannot speak of the future: it would hide every later one.
    observedAt: new Date(Math.min(observed.getTime(), cause.at.getTime())),
    receivedAt: cause.at,
  };
};

const environmentOf = (policy: Policy, { kind, environment = '' }: Report): string | null =>
  kind === 'deployed' || kind === 'verified' ? environmentNamed(policy, environment) : null;

/** A build also gives its bytes to the changes that wait for this version. Returns the names of those. */
const recordBuild = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  row: ServiceReport,
): Promise<readonly string[]> => {
  const { service, version, artifact } = row;
  const waiting = version === null ? [] : await changesOfVersion(tx.db, service, version);
  if (artifact === null) {
    if (row.outcome === 'pass' || version === null)
      refuse({ code: 'unknown-artifact', facts: { service, version: version ?? '' } });
    // A build that failed has no bytes; it is then about the changes that wait for them.
    const about = waiting.filter((change) => change.artifact === null);
    for (const change of about) await insertEvidence(tx.db, { ...row, change: change.id });
    if (about.length === 0) await insertEvidence(tx.db, row);
    return about.map((change) => changeName(change.id));
  }
  await insertEvidence(tx.db, row);
  const newest =
    version === null ? undefined : await artifactOf(tx.db, service, version, policy.trustedBuilders);
  for (const change of waiting)
    if (newest !== undefined && change.artifact !== newest)
      await takeArtifact(tx, context, policy, change, newest);
  // Bytes of a builder that does not count are not taken; those who wait for bytes see why they still do.
  for (const change of waiting)
    if (newest === undefined && change.artifact === null)
      await insertEvidence(tx.db, { ...row, change: change.id });
  // Locked: a deployment that starts now has been judged before this report, or is judged with it.
  const carrying = await listChanges(tx.db, { artifact, service, states: ['boarded'], lock: true });
  return [...new Set([...waiting, ...carrying].map((change) => changeName(change.id)))];
};

const recordRecords = async (
  tx: Tx,
  service: Service,
  report: Report,
  row: ServiceReport,
): Promise<readonly string[]> => {
  if (report.change === undefined) refuse({ code: 'change-missing', facts: { service: service.name } });
  const change = requireBoarded(await changeNamed(tx, report.change ?? ''));
  if (change.service !== service.name)
    refuse({
      code: 'wrong-service',
      facts: { change: changeName(change.id), service: service.name, expected: change.service },
    });
  await insertEvidence(tx.db, { ...row, artifact: null, change: change.id });
  return [changeName(change.id)];
};

/** By version only: it is about the bytes of the version's newest build (L4). */
const recordArtifactReport = async (
  tx: Tx,
  policy: Policy,
  row: ServiceReport,
): Promise<readonly string[]> => {
  const { service, version } = row;
  const artifact =
    row.artifact ??
    (version === null ? undefined : await artifactOf(tx.db, service, version, policy.trustedBuilders)) ??
    null;
  if (artifact === null)
    return refuse({ code: 'unknown-artifact', facts: { service, version: version ?? '' } });
  // Locked first: a deployment that starts now sees this report, or starts before it.
  const carrying = await listChanges(tx.db, {
    artifact,
    service,
    states: ['boarded', 'deploying', 'deployed'],
    lock: true,
  });
  await insertEvidence(tx.db, { ...row, artifact });
  return carrying.map((change) => changeName(change.id));
};
