import { type Kysely, sql } from 'kysely';

/** Phases that bake between their steps, and two sides of production of which one is live. */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const live = `('running', 'baking', 'baked', 'refreshing', 'undoing', 'asking')`;

const statements = [
  `alter table deployment
     add column promoted integer not null default 0,
     add column sides jsonb,
     add column kept_until timestamptz`,
  `alter table deployment drop constraint deployment_state_check`,
  `alter table deployment add constraint deployment_state_check check (state in
     ('queued', 'running', 'baking', 'baked', 'refreshing', 'undoing', 'asking', 'succeeded', 'rolled-back', 'failed',
      'cancelled'))`,
  // L1: one deployment holds a service; L8: one live deployment of a change. Between two phases too.
  `drop index deployment_holds_service`,
  `drop index deployment_once`,
  `create unique index deployment_holds_service on deployment (service) where state in ${live}`,
  `create unique index deployment_once on deployment (change) where state = 'queued' or state in ${live}`,
];
