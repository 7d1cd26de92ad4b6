import { type Kysely, sql } from 'kysely';

/** What was asked for past the rules, and what is owed for it (L11). */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `alter table change add column late jsonb`,
  `create table exception (
     id integer primary key generated always as identity,
     kind text not null check (kind in ('late', 'emergency', 'fix-first')),
     subject text not null,
     train text not null,
     service text not null,
     team text not null,
     person text not null,
     reason text not null,
     asked_at timestamptz not null,
     outcome text check (outcome in ('used', 'expired')),
     ended_at timestamptz,
     check ((outcome is null) = (ended_at is null))
   )`,
  `create unique index exception_open on exception (subject) where outcome is null`,
  `create index exception_by_age on exception (asked_at)`,
  `create table obligation (
     id integer primary key generated always as identity,
     kind text not null check (kind in ('review', 'paper', 'record', 'propagation', 'root-cause')),
     subject text not null,
     requirement text,
     service text not null,
     team text not null,
     owner text not null,
     contacts integer not null default 0,
     created_at timestamptz not null,
     due_at timestamptz not null,
     settled_at timestamptz,
     settled_by text,
     note text,
     check ((settled_at is null) = (settled_by is null))
   )`,
  // Owed once, however often the operation that owes it is repeated.
  `create unique index obligation_once on obligation (subject, kind, coalesce(requirement, ''))`,
  `create index obligation_open on obligation (team, due_at) where settled_at is null`,
  // Operations let a team board this one train in spite of what it owes.
  `create table boarding_pass (
     team text not null,
     train text not null,
     person text not null,
     reason text not null,
     at timestamptz not null,
     primary key (team, train)
   )`,
];
