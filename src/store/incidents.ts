import { type Kysely, type Selectable, sql } from 'kysely';
import type { Analysis, Incident, IncidentDeed } from '../domain/incident.ts';
import type { Database } from './schema.ts';

const toIncident = (row: Selectable<Database['incident']>): Incident => ({
  id: row.id,
  kind: row.kind,
  what: row.what,
  service: row.service,
  severity: row.severity,
  lead: row.lead,
  declaredBy: row.declared_by,
  declaredAt: row.declared_at,
  beganAt: row.began_at,
  endedAt: row.ended_at,
  closedBy: row.closed_by,
  analysis: row.analysis,
});

export const insertIncident = async (
  db: Kysely<Database>,
  incident: Omit<Incident, 'id' | 'analysis'>,
): Promise<Incident> => {
  const row = await db
    .insertInto('incident')
    .values({
      kind: incident.kind,
      what: incident.what,
      service: incident.service,
      severity: incident.severity,
      lead: incident.lead,
      declared_by: incident.declaredBy,
      declared_at: incident.declaredAt,
      began_at: incident.beganAt,
      ended_at: incident.endedAt,
      closed_by: incident.closedBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toIncident(row);
};

export const findIncident = async (db: Kysely<Database>, id: number): Promise<Incident | undefined> => {
  const row = await db.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toIncident(row);
};

/** Held until the transaction ends. */
export const lockIncident = async (db: Kysely<Database>, id: number): Promise<Incident | undefined> => {
  const row = await db.selectFrom('incident').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row && toIncident(row);
};

/** Those that last first, then the newest. */
export const recentIncidents = async (db: Kysely<Database>, limit = 15): Promise<readonly Incident[]> =>
  (
    await db
      .selectFrom('incident')
      .selectAll()
      .orderBy(sql`ended_at is not null`)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
  ).map(toIncident);

export const updateIncident = async (
  db: Kysely<Database>,
  id: number,
  to: {
    readonly lead?: string;
    readonly beganAt?: Date;
    readonly endedAt?: Date;
    readonly closedBy?: string;
    readonly analysis?: Analysis;
  },
): Promise<void> => {
  const { beganAt, endedAt, closedBy, analysis, ...columns } = to;
  await db
    .updateTable('incident')
    .set({
      ...columns,
      ...(beganAt === undefined ? {} : { began_at: beganAt }),
      ...(endedAt === undefined ? {} : { ended_at: endedAt }),
      ...(closedBy === undefined ? {} : { closed_by: closedBy }),
      ...(analysis === undefined ? {} : { analysis: JSON.stringify(analysis) }),
    })
    .where('id', '=', id)
    .execute();
};

export interface IncidentNote {
  readonly person: string;
  readonly text: string;
  readonly at: Date;
}

export const insertNote = async (
  db: Kysely<Database>,
  incident: number,
  note: IncidentNote,
): Promise<void> => {
  await db
    .insertInto('incident_note')
    .values({ incident, ...note })
    .execute();
};

export const notesOf = (db: Kysely<Database>, incident: number): Promise<readonly IncidentNote[]> =>
  db
    .selectFrom('incident_note')
    .select(['person', 'text', 'at'])
    .where('incident', '=', incident)
    .orderBy('at')
    .orderBy('id')
    .execute();

export const assignPart = async (
  db: Kysely<Database>,
  incident: number,
  part: string,
  person: string,
): Promise<void> => {
  await db
    .insertInto('incident_part')
    .values({ incident, part, person })
    .onConflict((on) => on.columns(['incident', 'part']).doUpdateSet({ person }))
    .execute();
};

export const partsOf = (
  db: Kysely<Database>,
  incident: number,
): Promise<readonly { readonly part: string; readonly person: string }[]> =>
  db
    .selectFrom('incident_part')
    .select(['part', 'person'])
    .where('incident', '=', incident)
    .orderBy('part')
    .execute();

export interface ProductionEvent {
  readonly kind: IncidentDeed;
  readonly at: Date;
  readonly deployment: number | null;
  readonly change: number | null;
  readonly page: number | null;
  readonly service: string;
  /** The change's version, or what the page says. */
  readonly text: string;
  readonly person: string | null;
}

/** What was done to these services from one instant to another: deployments, their undoings, signatures and noes, pages. */
export const productionEvents = async (
  db: Kysely<Database>,
  services: readonly string[],
  from: Date,
  until: Date,
): Promise<readonly ProductionEvent[]> => {
  const { rows } = await sql<ProductionEvent>`
    with event as (
      select 'deployed' as kind, d.started_at as at, d.id as deployment, d.change, null::int as page, d.service,
          c.version as text, null::text as person
        from deployment d join change c on c.id = d.change
      union all
      select 'rolled-back', d.finished_at, d.id, d.change, null, d.service, c.version, null
        from deployment d join change c on c.id = d.change where d.state = 'rolled-back'
      union all
      select case s.kind when 'approve' then 'approved' when 'reject' then 'rejected' else 'vetoed' end,
          s.decided_at, null, c.id, null, c.service, c.version, s.person
        from decision s join change c on c.id = s.change
      union all
      select 'paged', p.raised_at, null, null, p.id, p.service, p.summary, null from page p where p.kind <> 'drill'
      union all
      select 'acknowledged', p.acknowledged_at, null, null, p.id, p.service, '', p.owner from page p
      union all
      select 'resolved', p.resolved_at, null, null, p.id, p.service, '', p.resolved_by from page p)
    select * from event
    where service = any(${services}::text[]) and at >= ${from} and at <= ${until}
    order by at, kind limit 200`.execute(db);
  return rows;
};
