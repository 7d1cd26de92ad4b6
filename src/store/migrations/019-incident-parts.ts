import { type Kysely, sql } from 'kysely';

/** Who does what in an incident, and the actions that are owed after it. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `create table incident_part (
     incident integer not null references incident,
     part text not null,
     person text not null,
     primary key (incident, part)
   )`,
  `alter table obligation
     drop constraint obligation_kind_check,
     add constraint obligation_kind_check check (kind in
       ('review', 'paper', 'record', 'propagation', 'root-cause', 'action'))`,
];
