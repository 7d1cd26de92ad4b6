import { type Kysely, sql } from 'kysely';

/** What went wrong, and what was done about it first and documented after. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `create table incident (
     id integer primary key generated always as identity,
     kind text not null check (kind in ('incident', 'fix')),
     what text not null,
     service text not null,
     severity text not null check (severity in ('minor', 'major', 'outage')),
     lead text not null,
     declared_by text not null,
     declared_at timestamptz not null,
     began_at timestamptz not null,
     ended_at timestamptz,
     closed_by text,
     analysis jsonb,
     check ((ended_at is null) = (closed_by is null))
   )`,
  `create index incident_open on incident (declared_at) where ended_at is null`,
  `create table incident_note (
     id integer primary key generated always as identity,
     incident integer not null references incident,
     person text not null,
     text text not null,
     at timestamptz not null
   )`,
  `create index incident_note_by_incident on incident_note (incident, at)`,
  `create index deployment_by_service on deployment (service, started_at) where started_at is not null`,
];
