import { type Kysely, sql } from 'kysely';

/**
 * How often a copy of a card was tried since it was last drawn: only what may have been posted is looked for. And names
 * for messages that nobody can make up, by which they are recognized when somebody shows them to us.
 */
export const up = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
};

const statements = [
  `alter table card_post add column tries integer not null default 0,
     add column token uuid not null default gen_random_uuid()`,
  `create unique index card_post_by_token on card_post (token)`,
  `alter table notice add column token uuid not null default gen_random_uuid()`,
  `create unique index notice_by_token on notice (token)`,
];
