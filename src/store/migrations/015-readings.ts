import { type Kysely, sql } from 'kysely';

/** What is read of the world: what runs where, and where tickets stand. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  // One row a place, however often it is read.
  `create table observed (
     service text not null,
     environment text not null,
     platform text not null,
     aspect text not null check (aspect in ('artifact', 'configuration')),
     value text,
     since timestamptz,
     candidate text,
     candidate_at timestamptz,
     read_at timestamptz not null,
     accepted text,
     accepted_at timestamptz,
     primary key (service, environment, platform, aspect),
     check ((value is null) = (since is null)),
     check ((candidate is null) = (candidate_at is null)),
     check ((accepted is null) = (accepted_at is null))
   )`,
  // What two readings agreed on; never edited.
  `create table reading (
     id integer primary key generated always as identity,
     service text not null,
     environment text not null,
     platform text not null,
     aspect text not null,
     value text not null,
     observed_at timestamptz not null,
     received_at timestamptz not null
   )`,
  `create index reading_by_service on reading (service, id)`,
  `create table observed_change (
     id integer primary key generated always as identity,
     service text not null,
     environment text not null,
     platform text not null,
     aspect text not null,
     value text not null,
     was text,
     since timestamptz not null,
     found_at timestamptz not null,
     state text not null default 'open' check (state in ('open', 'claimed', 'denied')),
     answered_by text,
     answered_at timestamptz,
     incident integer references incident,
     contacts integer not null default 0,
     check ((state = 'open') = (answered_by is null)),
     check ((state = 'open') = (incident is null))
   )`,
  // The same is asked once, as long as nobody has answered.
  `create unique index observed_change_open on observed_change (service, environment, platform, aspect, value)
     where state = 'open'`,
  // Where a ticket stands, as its tracker last told. Unready also when it could not be asked; \`fault\` says why.
  `create table ticket (
     record text primary key,
     tracker text not null,
     state text,
     ready boolean not null,
     fault text,
     asked_at timestamptz not null
   )`,
];
