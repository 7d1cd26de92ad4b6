import { type Kysely, type Selectable, sql } from 'kysely';
import type { Observed, ObservedChange, Place, Shipped } from '../domain/observation.ts';
import type { Database } from './schema.ts';

const toObserved = (row: Selectable<Database['observed']>): Observed => ({
  service: row.service,
  environment: row.environment,
  platform: row.platform,
  aspect: row.aspect,
  value: row.value,
  since: row.since,
  candidate: row.candidate,
  candidateAt: row.candidate_at,
  readAt: row.read_at,
  accepted: row.accepted,
  acceptedAt: row.accepted_at,
});

const toRow = (observed: Observed) => {
  const { candidateAt, readAt, acceptedAt, ...columns } = observed;
  return { ...columns, candidate_at: candidateAt, read_at: readAt, accepted_at: acceptedAt };
};

/** A reading that says what is known already: one statement, and nothing else changes. False: it says something new. */
export const readAgain = async (
  db: Kysely<Database>,
  { service, environment, platform, aspect }: Place,
  value: string,
  at: Date,
): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable('observed')
    .set({ read_at: at })
    .where('service', '=', service)
    .where('environment', '=', environment)
    .where('platform', '=', platform)
    .where('aspect', '=', aspect)
    .where('value', '=', value)
    .where('candidate', 'is', null)
    .where('read_at', '<', at)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

/** Held until the transaction ends, also when nothing is known of the place: two first readings wait for each other. */
export const lockObserved = async (db: Kysely<Database>, place: Place): Promise<Observed | undefined> => {
  const { service, environment, platform, aspect } = place;
  const key = [service, environment, platform, aspect].join('\n');
  await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 1509))`.execute(db);
  const row = await db
    .selectFrom('observed')
    .selectAll()
    .where('service', '=', service)
    .where('environment', '=', environment)
    .where('platform', '=', platform)
    .where('aspect', '=', aspect)
    .forUpdate()
    .executeTakeFirst();
  return row && toObserved(row);
};

export const saveObserved = async (db: Kysely<Database>, observed: Observed): Promise<void> => {
  const row = toRow(observed);
  await db
    .insertInto('observed')
    .values(row)
    .onConflict((on) => on.columns(['service', 'environment', 'platform', 'aspect']).doUpdateSet(row))
    .execute();
};

/** Of one service, or of all; in order of names. */
export const listObserved = async (
  db: Kysely<Database>,
  filter: { readonly service?: string; readonly environment?: string } = {},
): Promise<readonly Observed[]> => {
  let query = db.selectFrom('observed').selectAll();
  if (filter.service !== undefined) query = query.where('service', '=', filter.service);
  if (filter.environment !== undefined) query = query.where('environment', '=', filter.environment);
  return (
    await query.orderBy('service').orderBy('environment').orderBy('platform').orderBy('aspect').execute()
  ).map(toObserved);
};

/** Deployments of the service that have started, in that order; the last hundred. */
export const shippedOf = async (db: Kysely<Database>, service: string): Promise<readonly Shipped[]> => {
  const { rows } = await sql<Shipped>`
    select d.artifact, c.version, d.state, d.started_at as "startedAt", d.finished_at as "finishedAt"
    from deployment d join change c on c.id = d.change
    where d.service = ${service} and d.started_at is not null
    order by d.started_at desc, d.id desc limit 100`.execute(db);
  return rows.toReversed();
};

const toChange = (row: Selectable<Database['observed_change']>): ObservedChange => ({
  id: row.id,
  service: row.service,
  environment: row.environment,
  platform: row.platform,
  aspect: row.aspect,
  value: row.value,
  was: row.was,
  since: row.since,
  foundAt: row.found_at,
  state: row.state,
  answeredBy: row.answered_by,
  answeredAt: row.answered_at,
  incident: row.incident,
  contacts: row.contacts,
});

/** Undefined when the same is asked already. */
export const insertObservedChange = async (
  db: Kysely<Database>,
  change: Pick<ObservedChange, keyof Place | 'value' | 'was' | 'since' | 'foundAt'>,
): Promise<ObservedChange | undefined> => {
  const { foundAt, ...columns } = change;
  const row = await db
    .insertInto('observed_change')
    .values({ ...columns, found_at: foundAt })
    .onConflict((on) => on.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toChange(row);
};

/** Held until the transaction ends. */
export const lockObservedChange = async (
  db: Kysely<Database>,
  id: number,
): Promise<ObservedChange | undefined> => {
  const row = await db
    .selectFrom('observed_change')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toChange(row);
};

export const findObservedChange = async (
  db: Kysely<Database>,
  id: number,
): Promise<ObservedChange | undefined> => {
  const row = await db.selectFrom('observed_change').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toChange(row);
};

/** Those that nobody has answered first, then the newest. */
export const recentObservedChanges = async (
  db: Kysely<Database>,
  limit = 15,
): Promise<readonly ObservedChange[]> =>
  (
    await db
      .selectFrom('observed_change')
      .selectAll()
      .orderBy(sql`state <> 'open'`)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
  ).map(toChange);

export const updateObservedChange = async (
  db: Kysely<Database>,
  id: number,
  to:
    | { readonly contacts: number }
    | {
        readonly state: 'claimed' | 'denied';
        readonly by: string;
        readonly at: Date;
        readonly incident: number;
      },
): Promise<void> => {
  await db
    .updateTable('observed_change')
    .set(
      'contacts' in to
        ? to
        : { state: to.state, answered_by: to.by, answered_at: to.at, incident: to.incident },
    )
    .where('id', '=', id)
    .execute();
};
