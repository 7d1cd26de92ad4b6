import { type Kysely, sql } from 'kysely';

/** The whole first schema. Constraints stand here, not only in code (DESIGN §6). */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `create table train (
     id text primary key,
     rule text not null,
     go text check (go in ('go', 'nogo')),
     go_reason text,
     paused boolean not null default false,
     ended_at timestamptz
   )`,
  `create table cutoff (
     train text not null references train,
     name text not null,
     at timestamptz not null,
     closed_at timestamptz,
     sheet jsonb,
     primary key (train, name),
     check ((closed_at is null) = (sheet is null))
   )`,
  `create table change (
     id integer primary key generated always as identity,
     service text not null,
     type text not null check (type in ('normal', 'content', 'standard', 'emergency')),
     version text not null,
     artifact text check (artifact ~ '^sha256:[0-9a-f]{64}$'),
     pinned boolean not null default false,
     train text not null references train,
     state text not null default 'boarded'
       check (state in ('boarded', 'deploying', 'deployed', 'rolled-back', 'failed', 'withdrawn')),
     requester text not null,
     records jsonb not null default '[]',
     note text not null default '',
     go text check (go in ('go', 'nogo')),
     go_reason text,
     submitted_at timestamptz not null
   )`,
  // L8: the same request twice, however it came, is one change. Only while it is aboard: one of the past whose version
  // was submitted again must still be able to roll back (L9).
  `create unique index change_once on change (service, version) where state = 'boarded'`,
  `create index change_by_train on change (train)`,
  `create index change_by_version on change (service, version) where state = 'boarded'`,
  `create table evidence (
     id integer primary key generated always as identity,
     kind text not null check (kind in ('build', 'deployed', 'verified', 'sign-off', 'records', 'date-approved')),
     service text not null,
     version text,
     artifact text check (artifact ~ '^sha256:[0-9a-f]{64}$'),
     change integer references change,
     environment text,
     platform text,
     role text,
     builder text,
     train text,
     outcome text not null check (outcome in ('pass', 'fail')),
     person text,
     source text not null,
     comment text,
     url text,
     details jsonb,
     observed_at timestamptz not null,
     received_at timestamptz not null,
     check (artifact is not null or change is not null or version is not null)
   )`,
  `create index evidence_by_artifact on evidence (artifact)`,
  `create index evidence_by_change on evidence (change) where change is not null`,
  `create index evidence_builds on evidence (service, version, observed_at) where kind = 'build'`,
  `create table decision (
     id integer primary key generated always as identity,
     change integer not null references change,
     person text not null,
     kind text not null check (kind in ('approve', 'reject', 'veto')),
     fingerprint jsonb not null,
     reason text,
     decided_at timestamptz not null,
     rescinded_at timestamptz
   )`,
  `create index decision_by_change on decision (change)`,
  // A person has at most one decision of a kind in force: a double click cannot make two.
  `create unique index decision_once on decision (change, person, kind) where rescinded_at is null`,
  `create table deployment (
     id integer primary key generated always as identity,
     change integer not null references change,
     train text not null references train,
     service text not null,
     artifact text not null,
     plan jsonb not null,
     wave integer not null,
     position integer not null,
     unit integer not null,
     state text not null default 'queued' check (state in
       ('queued', 'running', 'undoing', 'asking', 'succeeded', 'rolled-back', 'failed', 'cancelled')),
     hold jsonb,
     fence integer not null default 0,
     runner text,
     window_opens timestamptz,
     undo_attempt integer not null default 1,
     reason text,
     queued_at timestamptz not null,
     started_at timestamptz,
     finished_at timestamptz
   )`,
  // L1: one deployment holds a service; L8: one live deployment of a change.
  `create unique index deployment_holds_service on deployment (service) where state in ('running', 'undoing', 'asking')`,
  `create unique index deployment_once on deployment (change) where state in ('queued', 'running', 'undoing', 'asking')`,
  `create index deployment_by_train on deployment (train, position)`,
  `create table step_run (
     id integer primary key generated always as identity,
     deployment integer not null references deployment,
     step integer not null,
     direction text not null check (direction in ('do', 'undo')),
     attempt integer not null,
     fence integer not null,
     state text not null check (state in ('running', 'succeeded', 'failed', 'stopped', 'unknown')),
     handle jsonb not null,
     exit_code integer,
     tail text not null default '',
     reason text,
     started_at timestamptz not null,
     finished_at timestamptz,
     unique (deployment, step, direction, attempt)
   )`,
  // L2: at most one step of a deployment runs or is unknown at any moment.
  `create unique index step_run_single on step_run (deployment) where state in ('running', 'unknown')`,
  `create table deadline (
     id integer primary key generated always as identity,
     key text not null unique,
     kind text not null,
     subject jsonb not null,
     due_at timestamptz not null,
     done_at timestamptz
   )`,
  `create index deadline_open on deadline (due_at) where done_at is null`,
  `create table notice (
     id integer primary key generated always as identity,
     lane text not null,
     destination jsonb not null,
     content jsonb not null,
     state text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'dead')),
     attempts integer not null default 0,
     next_at timestamptz not null,
     claimed_until timestamptz,
     ref jsonb,
     created_at timestamptz not null
   )`,
  `create index notice_waiting on notice (lane, id) where state in ('waiting', 'sending')`,
  `create table card (
     subject text primary key,
     version integer not null default 1
   )`,
  `create table card_post (
     subject text not null references card,
     lane text not null,
     destination jsonb not null,
     drawn integer not null default 0,
     ref jsonb,
     next_at timestamptz,
     claimed_until timestamptz,
     primary key (subject, lane)
   )`,
  // A request or a hook that was acted on; its id never acts again (L8).
  `create table request (
     id text primary key,
     at timestamptz not null,
     facts jsonb
   )`,
  `create table audit (
     seq bigint primary key,
     at timestamptz not null,
     entry text not null,
     hash text not null
   )`,
  // The record is only ever added to; a person at a SQL prompt is stopped as well.
  `create function audit_is_append_only() returns trigger language plpgsql as
     $$ begin raise exception 'the audit record is append-only'; end $$`,
  `create trigger audit_append_only before update or delete on audit
     for each row execute function audit_is_append_only()`,
  `create trigger audit_is_not_emptied before truncate on audit
     for each statement execute function audit_is_append_only()`,
  // Two statements in the function: the snapshot of one that had waited for the lock would miss what was appended
  // meanwhile. The lock's number is any constant of our own: one chain, one writer at a time.
  `create function append_audit(instants timestamptz[], entries text[], genesis text) returns void language plpgsql as $$
     declare
       head bigint;
       link text;
     begin
       perform pg_advisory_xact_lock(1365724737);
       select seq, hash into head, link from audit order by seq desc limit 1;
       if not found then
         head := 0;
         link := genesis;
       end if;
       for n in 1 .. cardinality(entries) loop
         link := encode(sha256(convert_to(link || E'\\n' || entries[n], 'UTF8')), 'hex');
         insert into audit (seq, at, entry, hash) values (head + n, instants[n], entries[n], link);
       end loop;
     end $$`,
];
