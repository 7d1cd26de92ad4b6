import { type Kysely, type Selectable, sql } from 'kysely';
import type { Change } from '../domain/change.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Database } from './schema.ts';

const toEvidence = (row: Selectable<Database['evidence']>): Evidence => ({
  id: row.id,
  kind: row.kind,
  service: row.service,
  artifact: row.artifact,
  change: row.change,
  environment: row.environment,
  platform: row.platform,
  role: row.role,
  builder: row.builder,
  train: row.train,
  outcome: row.outcome,
  person: row.person,
  source: row.source,
  comment: row.comment,
  url: row.url,
  observedAt: row.observed_at,
  receivedAt: row.received_at,
  ...(row.doubt === null ? {} : { doubt: row.doubt }),
  ...(row.milestone === null ? {} : { milestone: row.milestone }),
  ...(row.configuration === null ? {} : { configuration: row.configuration }),
  ...authorsIn(row.details),
});

/** Whatever else a report says in its details, this much of them is judged. */
const authorsIn = (details: object | null): Pick<Evidence, 'authors'> =>
  details !== null && 'authors' in details && Array.isArray(details.authors)
    ? { authors: details.authors.filter((author) => typeof author === 'string') }
    : {};

export type NewEvidence = Omit<Evidence, 'id'> & {
  readonly version: string | null;
  readonly details: object | null;
};

export const insertEvidence = async (db: Kysely<Database>, evidence: NewEvidence): Promise<Evidence> => {
  const { observedAt, receivedAt, details, doubt, milestone, configuration, ...columns } = evidence;
  const row = await db
    .insertInto('evidence')
    .values({
      ...columns,
      doubt: doubt ?? null,
      milestone: milestone ?? null,
      configuration: configuration === undefined ? null : JSON.stringify(configuration),
      details: details === null ? null : JSON.stringify(details),
      observed_at: observedAt,
      received_at: receivedAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toEvidence(row);
};

/** Everything that bears on these changes: about their artifacts, about themselves, or about what they wait for. */
export const evidenceFor = async (
  db: Kysely<Database>,
  changes: readonly Pick<Change, 'id' | 'artifact' | 'milestones'>[],
): Promise<readonly Evidence[]> => {
  if (changes.length === 0) return [];
  const artifacts = [...new Set(changes.flatMap((c) => (c.artifact === null ? [] : [c.artifact])))];
  const milestones = [...new Set(changes.flatMap((c) => c.milestones ?? []))];
  const rows = await db
    .selectFrom('evidence')
    .selectAll()
    .where((where) =>
      where.or([
        ...(milestones.length === 0 ? [] : [sql<boolean>`milestone = any(${milestones}::text[])`]),
        sql<boolean>`artifact = any(${artifacts}::text[])`,
        sql<boolean>`change = any(${changes.map((c) => c.id)}::int[])`,
      ]),
    )
    .orderBy('id')
    .execute();
  return rows.map(toEvidence);
};

/** Everything that was said of these milestones. */
export const milestoneReports = async (
  db: Kysely<Database>,
  milestones: readonly string[],
): Promise<readonly Evidence[]> => {
  const rows = await db
    .selectFrom('evidence')
    .selectAll()
    .where(sql<boolean>`milestone = any(${milestones}::text[])`)
    .orderBy('id')
    .execute();
  return rows.map(toEvidence);
};

/** What was reported of other bytes that were built as the versions of these changes, by `service version`. */
export const rivalReports = async (
  db: Kysely<Database>,
  changes: readonly Pick<Change, 'service' | 'version'>[],
): Promise<ReadonlyMap<string, readonly Evidence[]>> => {
  const versions = new Map(changes.map((c) => [`${c.service} ${c.version}`, c]));
  if (versions.size === 0) return new Map();
  const wanted = [...versions.values()];
  const { rows } = await sql<Selectable<Database['evidence']> & { of_version: string }>`
    select e.*, b.version as of_version from evidence e join (
      select distinct service, version, artifact from evidence
      where kind = 'build' and artifact is not null and (service, version) in (
        select * from unnest(${wanted.map((c) => c.service)}::text[], ${wanted.map((c) => c.version)}::text[]))
    ) b on b.artifact = e.artifact and b.service = e.service
    where e.kind in ('deployed', 'verified') order by e.id`.execute(db);
  const found = new Map<string, Evidence[]>();
  for (const row of rows) {
    const key = `${row.service} ${row.of_version}`;
    found.set(key, [...(found.get(key) ?? []), toEvidence(row)]);
  }
  return found;
};

/**
 * The artifact of the version's newest build; undefined while none was reported. `trusted` builders only, or any when
 * the list is empty.
 */
export const artifactOf = async (
  db: Kysely<Database>,
  service: string,
  version: string,
  trusted: readonly string[],
): Promise<string | undefined> => {
  const query = db
    .selectFrom('evidence')
    .select('artifact')
    .where('kind', '=', 'build')
    .where('service', '=', service)
    .where('version', '=', version)
    .where('artifact', 'is not', null)
    .where('doubt', 'is', null)
    .orderBy('observed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1);
  const row = await (trusted.length === 0 ? query : query.where('builder', 'in', trusted)).executeTakeFirst();
  return row?.artifact ?? undefined;
};

/**
 * What these changes carried before the instant, for those whose version was built again at it or later; null when
 * nothing was built by then. Changes that named their bytes are left out.
 */
export const artifactsBefore = async (
  db: Kysely<Database>,
  changes: readonly number[],
  before: Date,
  trusted: readonly string[],
): Promise<ReadonlyMap<number, string | null>> => {
  const { rows } = await sql<{ id: number; artifact: string | null }>`
    select c.id, (
      select e.artifact from evidence e
      where e.kind = 'build' and e.service = c.service and e.version = c.version and e.artifact is not null
        and e.doubt is null and e.received_at < ${before} and (${trusted.length === 0} or e.builder = any(${trusted}::text[]))
      order by e.observed_at desc, e.id desc limit 1) as artifact
    from change c
    where c.id = any(${changes}::int[]) and not c.pinned and exists (
      select from evidence e
      where e.kind = 'build' and e.service = c.service and e.version = c.version and e.artifact is not null
        and e.received_at >= ${before})`.execute(db);
  return new Map(rows.map(({ id, artifact }) => [id, artifact]));
};

/** The newest reported builds of a service, one a version. */
export const recentBuilds = async (
  db: Kysely<Database>,
  service: string,
  limit = 20,
): Promise<readonly { readonly version: string; readonly artifact: string }[]> => {
  const rows = await sql<{ version: string; artifact: string }>`
    select version, artifact from (
      select distinct on (version) version, artifact, observed_at from evidence
      where kind = 'build' and service = ${service} and version is not null order by version, observed_at desc, id desc
    ) newest order by observed_at desc limit ${limit}`.execute(db);
  return rows.rows;
};

/** The newest reported builds of all services, or of one, one a version, newest first. */
export const newestBuilds = async (
  db: Kysely<Database>,
  limit: number,
  service: string | null = null,
): Promise<readonly { readonly service: string; readonly version: string; readonly artifact: string }[]> => {
  // Of the last ones only: what was built long ago is typed by whoever wants it.
  const { rows } = await sql<{ service: string; version: string; artifact: string }>`
    select service, version, artifact from (
      select distinct on (service, version) service, version, artifact, id from (
        select service, version, artifact, id from evidence
        where kind = 'build' and version is not null and artifact is not null and outcome = 'pass'
          and (${service}::text is null or service = ${service})
        order by id desc limit 1000
      ) last order by service, version, id desc
    ) newest order by id desc limit ${limit}`.execute(db);
  return rows;
};
