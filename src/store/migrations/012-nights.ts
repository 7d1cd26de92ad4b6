import { type Kysely, sql } from 'kysely';

/** What people decide while a window is open, and what a change waits for outside of software. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  // Asked for by anybody, done by the instance that holds the run.
  `alter table step_run add column stop_asked_at timestamptz`,
  `create table window_end (
     train text not null references train,
     name text not null,
     closes timestamptz not null,
     choice text not null check (choice in ('finish', 'roll-back')),
     person text not null,
     at timestamptz not null,
     primary key (train, name, closes)
   )`,
  `alter table change add column milestones jsonb not null default '[]'`,
  `alter table evidence
     alter column service drop not null,
     add column milestone text,
     add column configuration jsonb,
     drop constraint evidence_kind_check,
     drop constraint evidence_check,
     add constraint evidence_kind_check check (kind in
       ('build', 'deployed', 'verified', 'sign-off', 'records', 'date-approved', 'milestone')),
     add constraint evidence_about check (
       case when kind = 'milestone' then milestone is not null and service is null
       else service is not null and (artifact is not null or change is not null or version is not null) end)`,
  `create index evidence_by_milestone on evidence (milestone) where milestone is not null`,
];
