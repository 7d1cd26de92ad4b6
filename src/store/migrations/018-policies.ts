import { type Kysely, sql } from 'kysely';

/** What the policy was, is, and is proposed to be; who has signed what loosens it. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `create table policy_version (
     id integer primary key generated always as identity,
     digest text not null,
     text text not null,
     source text not null check (source in ('file', 'hook')),
     author text,
     url text,
     base integer references policy_version,
     loosened jsonb not null default '[]',
     differences jsonb not null default '[]',
     state text not null check (state in ('waiting', 'signed', 'active', 'past')),
     at timestamptz not null
   )`,
  `create unique index one_active_policy on policy_version ((true)) where state = 'active'`,
  `create unique index one_open_proposal on policy_version (digest) where state in ('waiting', 'signed')`,
  `create table policy_decision (
     id integer primary key generated always as identity,
     version integer not null references policy_version,
     person text not null,
     kind text not null check (kind in ('approve', 'reject')),
     reason text,
     at timestamptz not null,
     unique (version, person)
   )`,
];
