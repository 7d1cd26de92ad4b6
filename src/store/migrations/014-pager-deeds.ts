import { type Kysely, sql } from 'kysely';

/** Pages that were merged, that wait for polite hours, drills; who was asked to help; turns; jobs that must call. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `alter table page
     add column merged_into integer references page,
     -- What it is about besides its service: DEP-4, OBL-3.
     add column subject text,
     add column kind text not null default 'page' check (kind in ('page', 'quiet', 'drill')),
     add constraint page_merged_is_over check (merged_into is null or state = 'resolved')`,
  `create index page_merged on page (merged_into) where merged_into is not null`,
  `create index page_of_subject on page (subject) where state <> 'resolved'`,
  `alter table page_send
     drop constraint page_send_kind_check,
     add constraint page_send_kind_check check (kind in ('page', 'reminder', 'help', 'update'))`,
  // Asked besides whom the escalation names.
  `create table page_helper (
     page integer not null references page,
     person text not null,
     asked_by text not null,
     asked_at timestamptz not null,
     came_at timestamptz,
     primary key (page, person)
   )`,
  // Who was the last one of a step that asks one person at a time.
  `create table page_turn (
     escalation text not null,
     step integer not null,
     person text not null,
     primary key (escalation, step)
   )`,
  // A job that has to call: missed since then.
  `create table heartbeat (
     name text primary key,
     called_at timestamptz,
     due_at timestamptz not null,
     missed_at timestamptz
   )`,
];
