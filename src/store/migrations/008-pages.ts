import { type Kysely, sql } from 'kysely';

/** Pages, what they are about, what leaves because of them, and what people arrange about who is on call. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `create table page (
     id integer primary key generated always as identity,
     state text not null check (state in ('held', 'open', 'acknowledged', 'resolved')),
     severity text not null check (severity in ('critical', 'error', 'warning', 'info')),
     summary text not null,
     service text,
     escalation text,
     bundle text not null,
     step integer not null default -1,
     round integer not null default 0,
     level integer not null default 0,
     owner text,
     raised_by text not null,
     raised_at timestamptz not null,
     acknowledged_at timestamptz,
     resolved_at timestamptz,
     resolved_by text,
     due_at timestamptz,
     check ((state = 'resolved') = (resolved_at is not null)),
     check ((state = 'resolved') = (resolved_by is not null)),
     -- L10: no page without a future timer.
     check ((state = 'resolved') = (due_at is null)),
     check (state <> 'open' or owner is null)
   )`,
  // A storm is one page: alerts of a bundle meet on the page that nobody has yet.
  `create unique index page_of_bundle on page (bundle) where state in ('held', 'open')`,
  `create index page_unresolved on page (id) where state <> 'resolved'`,
  `create table alert (
     id integer primary key generated always as identity,
     page integer not null references page,
     source text not null,
     key text not null,
     severity text not null check (severity in ('critical', 'error', 'warning', 'info')),
     summary text not null,
     url text,
     details jsonb not null default '{}',
     started_at timestamptz not null,
     received_at timestamptz not null,
     ended_at timestamptz,
     ended_by text,
     check ((ended_at is null) = (ended_by is null))
   )`,
  // L8: the same alert twice, however it came, is one.
  `create unique index alert_once on alert (source, key) where ended_at is null`,
  `create index alert_by_key on alert (source, key, id)`,
  `create index alert_by_page on alert (page)`,
  `create table page_send (
     id integer primary key generated always as identity,
     page integer not null references page,
     level integer not null,
     kind text not null check (kind in ('page', 'reminder')),
     person text not null,
     way text not null check (way in ('chat', 'sms', 'voice')),
     address jsonb not null,
     state text not null default 'waiting'
       check (state in ('waiting', 'sending', 'sent', 'failed', 'cancelled')),
     attempts integer not null default 0,
     due_at timestamptz not null,
     claimed_until timestamptz,
     sent_at timestamptz,
     ref jsonb,
     reason text,
     unique (page, level, person, way)
   )`,
  `create index page_send_waiting on page_send (due_at) where state in ('waiting', 'sending')`,
  `create table roster_change (
     id integer primary key generated always as identity,
     kind text not null check (kind in ('override', 'absence', 'swap')),
     schedule text,
     person text not null,
     instead_of text,
     begins_at timestamptz not null,
     ends_at timestamptz not null,
     -- A swap holds once the other one has agreed; its way back is a second row of the same swap.
     state text not null check (state in ('asked', 'agreed', 'declined', 'cancelled')),
     swap integer,
     made_by text not null,
     made_at timestamptz not null,
     check (begins_at < ends_at),
     check ((kind = 'absence') = (schedule is null))
   )`,
  `create index roster_change_ahead on roster_change (ends_at) where state in ('asked', 'agreed')`,
];
