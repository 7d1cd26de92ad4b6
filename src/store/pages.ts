import { type Kysely, type Selectable, sql } from 'kysely';
import type { Alert, Page, PageState } from '../domain/page.ts';
import type { Database } from './schema.ts';

const toPage = (row: Selectable<Database['page']>): Page => ({
  id: row.id,
  state: row.state,
  severity: row.severity,
  summary: row.summary,
  service: row.service,
  escalation: row.escalation,
  bundle: row.bundle,
  step: row.step,
  round: row.round,
  level: row.level,
  owner: row.owner,
  raisedBy: row.raised_by,
  raisedAt: row.raised_at,
  acknowledgedAt: row.acknowledged_at,
  resolvedAt: row.resolved_at,
  resolvedBy: row.resolved_by,
  dueAt: row.due_at,
  mergedInto: row.merged_into,
  subject: row.subject,
  kind: row.kind,
});

const toAlert = (row: Selectable<Database['alert']>): Alert => ({
  id: row.id,
  page: row.page,
  source: row.source,
  key: row.key,
  severity: row.severity,
  summary: row.summary,
  url: row.url,
  details: row.details,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  endedBy: row.ended_by,
});

/** Held until the transaction ends: alerts of a bundle look for their page one after another. Locked in one order. */
export const lockBundles = async (db: Kysely<Database>, bundles: readonly string[]): Promise<void> => {
  if (bundles.length === 0) return;
  await sql`select pg_advisory_xact_lock(hashtextextended('page ' || bundle, 0))
    from (select distinct bundle from unnest(${[...bundles]}::text[]) as b (bundle) order by bundle) as sorted`.execute(
    db,
  );
};

/** The last alert of each name, by its key. */
export const lastAlerts = async (
  db: Kysely<Database>,
  source: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Alert>> => {
  const rows = await sql<Selectable<Database['alert']>>`
    select distinct on (key) * from alert where source = ${source} and key = any(${[...keys]}::text[])
    order by key, id desc`.execute(db);
  return new Map(rows.rows.map((row) => [row.key, toAlert(row)]));
};

export type NewAlert = Omit<Alert, 'id' | 'endedAt' | 'endedBy'> & { readonly receivedAt: Date };

export const insertAlerts = async (db: Kysely<Database>, alerts: readonly NewAlert[]): Promise<void> => {
  // In portions: a statement has at most 65,535 parameters.
  for (let start = 0; start < alerts.length; start += 5_000)
    await db
      .insertInto('alert')
      .values(
        alerts.slice(start, start + 5_000).map((alert) => ({
          page: alert.page,
          source: alert.source,
          key: alert.key,
          severity: alert.severity,
          summary: alert.summary,
          url: alert.url,
          details: JSON.stringify(alert.details),
          started_at: alert.startedAt,
          received_at: alert.receivedAt,
        })),
      )
      .execute();
};

/** Ends what is active of these; the pages that they belong to. */
export const endAlerts = async (
  db: Kysely<Database>,
  which: { readonly source: string; readonly keys: readonly string[] } | { readonly page: number },
  by: string,
  at: Date,
): Promise<readonly number[]> => {
  const ended = db.updateTable('alert').set({ ended_at: at, ended_by: by }).where('ended_at', 'is', null);
  const rows = await ('page' in which
    ? ended.where('page', '=', which.page)
    : ended.where('source', '=', which.source).where(sql<boolean>`key = any(${[...which.keys]}::text[])`)
  )
    .returning('page')
    .execute();
  return [...new Set(rows.map(({ page }) => page))].sort((a, b) => a - b);
};

/** The first ones, and how many there are. */
export const alertsOf = async (
  db: Kysely<Database>,
  page: number,
  limit: number,
): Promise<{ readonly alerts: readonly Alert[]; readonly total: number; readonly active: number }> => {
  const [rows, counts] = await Promise.all([
    db
      .selectFrom('alert')
      .selectAll()
      .where('page', '=', page)
      .orderBy(sql`ended_at is not null`)
      .orderBy('id')
      .limit(limit)
      .execute(),
    sql<{ total: number; active: number }>`
      select count(*)::int as total, (count(*) filter (where ended_at is null))::int as active
      from alert where page = ${page}`.execute(db),
  ]);
  const { total = 0, active = 0 } = counts.rows[0] ?? {};
  return { alerts: rows.map(toAlert), total, active };
};

export type NewPage = Pick<
  Page,
  | 'kind'
  | 'state'
  | 'severity'
  | 'summary'
  | 'service'
  | 'escalation'
  | 'bundle'
  | 'raisedBy'
  | 'raisedAt'
  | 'subject'
> & {
  readonly dueAt: Date;
  /** Now, by the clock that `dueAt` is meant on. */
  readonly armedAt?: Date;
};

export const insertPage = async (db: Kysely<Database>, page: NewPage): Promise<Page> =>
  toPage(
    await db
      .insertInto('page')
      .values({
        state: page.state,
        severity: page.severity,
        summary: page.summary,
        service: page.service,
        escalation: page.escalation,
        bundle: page.bundle,
        raised_by: page.raisedBy,
        raised_at: page.raisedAt,
        due_at: page.dueAt,
        subject: page.subject,
        kind: page.kind,
        armed_at: page.armedAt ?? null,
      })
      .returningAll()
      .executeTakeFirstOrThrow(),
  );

export const findPage = async (db: Kysely<Database>, id: number): Promise<Page | undefined> => {
  const row = await db.selectFrom('page').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toPage(row);
};

export const lockPage = async (db: Kysely<Database>, id: number): Promise<Page | undefined> => {
  const row = await db.selectFrom('page').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row && toPage(row);
};

/** The latest page of the bundle that is not over, or the one that it was merged into; kept until the transaction ends. */
export const lockPageOfBundle = async (db: Kysely<Database>, bundle: string): Promise<Page | undefined> => {
  const row = await db
    .selectFrom('page')
    .selectAll()
    .where('state', '<>', 'resolved')
    .where(sql<boolean>`bundle = ${bundle} or id in (select merged_into from page where bundle = ${bundle})`)
    .orderBy(sql`state in ('held', 'open')`, 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
  return row && toPage(row);
};

/** Also moves its timer; `dueAt` null only with `resolved`. */
export const updatePage = async (
  db: Kysely<Database>,
  id: number,
  to: Partial<
    Pick<
      Page,
      | 'state'
      | 'severity'
      | 'step'
      | 'round'
      | 'level'
      | 'owner'
      | 'acknowledgedAt'
      | 'resolvedAt'
      | 'resolvedBy'
      | 'mergedInto'
    >
  > & { readonly dueAt: Date | null; readonly armedAt?: Date },
): Promise<Page> => {
  const set = {
    ...(to.state === undefined ? {} : { state: to.state }),
    ...(to.severity === undefined ? {} : { severity: to.severity }),
    ...(to.step === undefined ? {} : { step: to.step }),
    ...(to.round === undefined ? {} : { round: to.round }),
    ...(to.level === undefined ? {} : { level: to.level }),
    ...(to.owner === undefined ? {} : { owner: to.owner }),
    ...(to.acknowledgedAt === undefined ? {} : { acknowledged_at: to.acknowledgedAt }),
    ...(to.resolvedAt === undefined ? {} : { resolved_at: to.resolvedAt }),
    ...(to.resolvedBy === undefined ? {} : { resolved_by: to.resolvedBy }),
    ...(to.mergedInto === undefined ? {} : { merged_into: to.mergedInto }),
    ...(to.armedAt === undefined ? {} : { armed_at: to.armedAt }),
    due_at: to.dueAt,
  };
  const row = await db
    .updateTable('page')
    .set(set)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toPage(row);
};

/** Its source has said what it is about. */
export const nameService = async (
  db: Kysely<Database>,
  id: number,
  { service, summary }: Pick<Page, 'service' | 'summary'>,
): Promise<Page> =>
  toPage(
    await db
      .updateTable('page')
      .set({ service, summary })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  );

/** Adds to what is known of an alert; false when the address is known. */
export const addToAlert = async (
  db: Kysely<Database>,
  { source, key }: Pick<Alert, 'source' | 'key'>,
  { url, details }: { readonly url: string; readonly details: Alert['details'] },
): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    update alert set url = ${url}, details = details || ${JSON.stringify(details)}::jsonb
    where source = ${source} and key = ${key} and url is distinct from ${url}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
};

/** Another one that is not over: the first of the same service, or else the latest before it. */
export const pageBeside = async (db: Kysely<Database>, id: number): Promise<Page | undefined> => {
  const rows = await sql<Selectable<Database['page']>>`
    select o.* from page p join page o on o.id <> p.id and (o.service = p.service or o.id < p.id)
    where p.id = ${id} and o.state <> 'resolved' and o.kind = 'page'
    order by coalesce(o.service = p.service, false) desc, case when o.service = p.service then o.id else -o.id end
    limit 1`.execute(db);
  const row = rows.rows[0];
  return row && toPage(row);
};

/** Not over, the oldest first. */
export const livePages = async (
  db: Kysely<Database>,
  filter: {
    readonly states?: readonly PageState[];
    readonly dueBefore?: Date;
    readonly service?: string;
    readonly subject?: string;
  } = {},
): Promise<readonly Page[]> => {
  let query = db.selectFrom('page').selectAll().where('state', '<>', 'resolved');
  if (filter.states !== undefined) query = query.where('state', 'in', [...filter.states]);
  if (filter.dueBefore !== undefined) query = query.where('due_at', '<=', filter.dueBefore);
  if (filter.service !== undefined) query = query.where('service', '=', filter.service);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  return (await query.orderBy('id').execute()).map(toPage);
};

/** Its alerts, and whatever was merged into it before, are the other one's from now on. */
export const moveAlerts = async (db: Kysely<Database>, from: number, to: number): Promise<void> => {
  await db.updateTable('alert').set({ page: to }).where('page', '=', from).execute();
  await db.updateTable('page').set({ merged_into: to }).where('merged_into', '=', from).execute();
};
